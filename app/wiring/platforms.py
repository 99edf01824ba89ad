"""The adapters of the platforms that the settings turn on, with their tokens and storage.

An adapter is imported only where its platform is on: none of them costs the others' start anything.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from app.wiring.budgets import terms_of
from app.wiring.keys import derive, sealing_keys, secret_key
from app.wiring.settings import Settings
from bot.platforms.base import Clock, Platform
from bot.platforms.health import Checked
from bot.posts import PlatformName, Read
from bot.states import ConnectionState
from bot.store.engine import Database
from bot.store.house import connections, reading
from bot.store.house.tokens import Sealer, StoredTokens

if TYPE_CHECKING:
    from bot.platforms.bluesky.api import BlueskyAccount
    from bot.platforms.local.adapter import LocalFeed
    from bot.platforms.mastodon.api import MastodonAccount
    from bot.platforms.x.account import XAccount

log = structlog.get_logger(__name__)


def connect_platforms(
    settings: Settings, database: Database, feed: "LocalFeed | None", clock: Clock
) -> dict[str, Platform]:
    """One adapter for each platform that is on. Nothing is sent yet. Raises UnusableSettings."""
    adapters: dict[str, Platform] = {}
    if feed is not None:
        from bot.platforms.local.adapter import Local

        key = derive(secret_key(settings), "local webhooks")
        adapters["local"] = Local(feed, settings.local.handle, [key], settings.base_url, clock)
    if settings.generic.secrets:
        adapters["generic"] = _generic(settings, clock)
    if settings.x.on:
        from bot.platforms.x.adapter import X

        adapters["x"] = X(
            x_account(settings),
            stored_tokens(settings, database, PlatformName.X),
            clock,
            on_revoked=_revoked(database),
            on_read=_charged(settings, database, PlatformName.X),
        )
    if settings.mastodon.on:
        from bot.platforms.mastodon.adapter import Mastodon

        tokens = stored_tokens(settings, database, PlatformName.MASTODON)
        adapters["mastodon"] = Mastodon(mastodon_account(settings), tokens, clock)
    if settings.bluesky.on:
        from bot.platforms.bluesky.adapter import Bluesky

        tokens = stored_tokens(settings, database, PlatformName.BLUESKY)
        adapters["bluesky"] = Bluesky(bluesky_account(settings), tokens, clock)
    return adapters


def health_checks(settings: Settings, platforms: Mapping[str, Platform]) -> dict[str, Checked]:
    """What looks after the platforms' ways of receiving, where there is something to look after."""
    x = platforms.get(PlatformName.X)
    if x is None or settings.x.bearer_token is None:
        return {}
    from bot.platforms.x.adapter import X
    from bot.platforms.x.health import XHealth

    return {"x": XHealth(x.calls, webhook_address(settings, PlatformName.X))} if isinstance(x, X) else {}


def webhook_address(settings: Settings, platform: str) -> str:
    """Where a platform calls us."""
    return f"{settings.base_url}/webhooks/{platform}"


def stored_tokens(settings: Settings, database: Database, platform: str) -> StoredTokens:
    """Where a platform's tokens are kept, encrypted. Raises UnusableSettings without a secret key."""
    given: dict[str, str] = {}
    if platform == PlatformName.X:
        given = _x_tokens(settings)
    elif platform == PlatformName.MASTODON and settings.mastodon.access_token is not None:
        given = {"access_token": _plain(settings.mastodon.access_token)}
    return StoredTokens(database, platform, Sealer(sealing_keys(settings)), given)


def x_account(settings: Settings) -> "XAccount":
    """The brand's account and app on X."""
    from bot.platforms.x.account import XAccount

    group = settings.x
    return XAccount(
        tag=settings.tag,
        user_id=group.user_id or "",
        handle=group.handle or "",
        client_id=group.client_id or "",
        client_secret=_plain(group.client_secret),
        consumer_key=group.consumer_key or "",
        consumer_secrets=tuple(_plain(one) for one in group.consumer_secrets),
        bearer_token=_plain(group.bearer_token),
        query_length=group.query_length,
        base_url=group.base_url,
        allow_loopback=group.allow_loopback,
    )


def mastodon_account(settings: Settings) -> "MastodonAccount":
    """The brand's account on a server that speaks Mastodon's API."""
    from bot.platforms.mastodon.api import MastodonAccount

    group = settings.mastodon
    return MastodonAccount(
        base_url=group.base_url or "",
        tag=settings.tag,
        webhook_secrets=tuple(_plain(one) for one in group.webhook_secrets),
        allow_loopback=group.allow_loopback,
    )


def bluesky_account(settings: Settings) -> "BlueskyAccount":
    """The brand's account on Bluesky."""
    from bot.platforms.bluesky.api import BlueskyAccount

    group = settings.bluesky
    return BlueskyAccount(
        identifier=group.identifier or "",
        app_password=_plain(group.app_password),
        service=group.service,
        plc_directory=group.plc_directory,
        tag=settings.tag,
        allow_loopback=group.allow_loopback,
    )


def _generic(settings: Settings, clock: Clock) -> Platform:
    from bot.platforms.generic.adapter import Generic, GenericAccount

    group = settings.generic
    account = GenericAccount(
        secrets=tuple(_plain(one) for one in group.secrets),
        handle=group.handle,
        account_id=group.account_id,
        publish_url=group.publish_url,
        longest_post=group.longest_post,
    )
    return Generic(account, clock)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _x_tokens(settings: Settings) -> dict[str, str]:
    token, secret = _plain(settings.x.access_token), _plain(settings.x.access_token_secret)
    return {"oauth_token": token, "oauth_token_secret": secret} if token and secret else {}


def _charged(settings: Settings, database: Database, platform: str) -> Callable[[Mapping[Read, int]], None]:
    """Where what a platform charges for reading is noted."""
    prices = terms_of(settings)[platform].prices

    def note(reads: Mapping[Read, int]) -> None:
        if prices is not None:
            with database.write() as session:
                reading.note(session, platform, reads, prices, database.now(session))

    return note


def _revoked(database: Database) -> Callable[[], None]:
    """What happens when X tells that the brand account withdrew its permission."""

    def mark() -> None:
        log.error("the brand account withdrew its permission", platform="x")
        with database.write() as session:
            connections.mark(
                session,
                PlatformName.X,
                ConnectionState.RECONNECT,
                "The brand account withdrew its permission on X.",
                database.now(session),
            )

    return mark
