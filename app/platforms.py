"""The adapters of the platforms that the settings turn on, with their tokens and storage."""

from pydantic import SecretStr

from app.keys import derive, sealing_keys, secret_key
from app.settings import Settings
from bot.platforms.base import Clock, Platform
from bot.platforms.bluesky import Bluesky, BlueskyAccount
from bot.platforms.generic import Generic, GenericAccount
from bot.platforms.local import Local, LocalFeed
from bot.platforms.mastodon import Mastodon, MastodonAccount
from bot.platforms.x import X, XAccount
from bot.store.engine import Database
from bot.store.tokens import Sealer, StoredTokens


def connect_platforms(
    settings: Settings, database: Database, feed: LocalFeed | None, clock: Clock
) -> dict[str, Platform]:
    """One adapter for each platform that is on. Nothing is sent yet. Raises UnusableSettings."""
    adapters: dict[str, Platform] = {}
    if feed is not None:
        key = derive(secret_key(settings), "local webhooks")
        adapters["local"] = Local(feed, settings.local.handle, [key], settings.base_url, clock)
    if settings.generic.secrets:
        adapters["generic"] = _generic(settings, clock)
    if settings.x.on or settings.mastodon.on or settings.bluesky.on:
        sealer = Sealer(sealing_keys(settings))
        if settings.x.on:
            adapters["x"] = _x(settings, StoredTokens(database, "x", sealer, _x_tokens(settings)), clock)
        if settings.mastodon.on:
            given = {"access_token": _plain(settings.mastodon.access_token)}
            tokens = StoredTokens(database, "mastodon", sealer, given if given["access_token"] else None)
            adapters["mastodon"] = _mastodon(settings, tokens, clock)
        if settings.bluesky.on:
            adapters["bluesky"] = _bluesky(settings, StoredTokens(database, "bluesky", sealer), clock)
    return adapters


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _generic(settings: Settings, clock: Clock) -> Generic:
    group = settings.generic
    return Generic(
        GenericAccount(
            secrets=tuple(_plain(one) for one in group.secrets),
            handle=group.handle,
            account_id=group.account_id,
            publish_url=group.publish_url,
        ),
        clock,
    )


def _x_tokens(settings: Settings) -> dict[str, str] | None:
    token, secret = _plain(settings.x.access_token), _plain(settings.x.access_token_secret)
    return {"oauth_token": token, "oauth_token_secret": secret} if token and secret else None


def _x(settings: Settings, tokens: StoredTokens, clock: Clock) -> X:
    group = settings.x
    return X(
        XAccount(
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
        ),
        tokens,
        clock,
    )


def _mastodon(settings: Settings, tokens: StoredTokens, clock: Clock) -> Mastodon:
    group = settings.mastodon
    return Mastodon(
        MastodonAccount(
            base_url=group.base_url or "",
            tag=settings.tag,
            webhook_secrets=tuple(_plain(one) for one in group.webhook_secrets),
            allow_loopback=group.allow_loopback,
        ),
        tokens,
        clock,
    )


def _bluesky(settings: Settings, tokens: StoredTokens, clock: Clock) -> Bluesky:
    group = settings.bluesky
    return Bluesky(
        BlueskyAccount(
            identifier=group.identifier or "",
            app_password=_plain(group.app_password),
            service=group.service,
            plc_directory=group.plc_directory,
            tag=settings.tag,
            allow_loopback=group.allow_loopback,
        ),
        tokens,
        clock,
    )
