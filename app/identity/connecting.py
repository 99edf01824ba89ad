"""Connecting the brand's account: check a permission before it is kept, and say what is missing.

The command line and the admin page both come here. Nothing is ever posted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.wiring.platforms import bluesky_account, mastodon_account, stored_tokens, webhook_address, x_account
from app.wiring.settings import Settings
from bot.platforms.base import Clock
from bot.posts import Author, PlatformError, PlatformName, Rejected
from bot.store.engine import Database

if TYPE_CHECKING:
    import httpx

    from bot.platforms.x.adapter import X

Tokens = Mapping[str, str]


class NotConnected(Exception):
    """The account cannot be used like this; ``str(error)`` tells the operator why and what to do."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Whose account it is now, and what else the operator should know."""

    account: Author
    notes: tuple[str, ...] = ()


class OnTrial:
    """Tokens that are tried before they are kept; keeps ``bot.platforms.base.TokenStore``."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = dict(tokens)

    def load(self) -> Tokens:
        """The tokens as they are now."""
        return self.tokens

    def refresh(self, seen: Tokens, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        """New tokens; only one caller tries them."""
        if dict(seen) == self.tokens:
            self.tokens = dict(exchange(self.tokens))
        return self.tokens


def connect_mastodon(settings: Settings, database: Database, clock: Clock, tokens: Tokens) -> Connected:
    """Try a token of the brand's account, set the bot flag, and keep it. Raises NotConnected."""
    from bot.platforms.mastodon.adapter import Mastodon
    from bot.platforms.mastodon.auth import BRAND_SCOPES

    trial = Mastodon(mastodon_account(settings), OnTrial(tokens), clock)
    try:
        account = trial.brand()
        granted = trial.permissions() or frozenset(tokens.get("scope", "").split())
        missing = [one for one in BRAND_SCOPES if granted and not _covers(granted, one)]
        if missing:
            raise NotConnected(
                f"The token lacks the permission {' and '.join(missing)}. Make one with "
                f"{', '.join(BRAND_SCOPES)}, or run chorus connect mastodon without --token."
            )
        notes = _marked_as_bot(trial.mark_as_bot)
    except PlatformError as error:
        raise NotConnected(str(error)) from error
    finally:
        trial.close()
    stored_tokens(settings, database, PlatformName.MASTODON).save(tokens)
    return Connected(account, notes)


def connect_bluesky(
    settings: Settings,
    database: Database,
    clock: Clock,
    identifier: str,
    app_password: str,
    *,
    transport: "httpx.BaseTransport | None" = None,
) -> Connected:
    """Sign in by app password and keep the session. Raises NotConnected."""
    from bot.platforms.bluesky.adapter import Bluesky
    from bot.platforms.bluesky.api import sign_in
    from bot.platforms.wire.http import Caller

    account = replace(bluesky_account(settings), identifier=identifier, app_password="")
    caller = Caller(
        account.service, "Bluesky", clock, allow_loopback=account.allow_loopback, transport=transport
    )
    try:
        session = sign_in(caller, identifier.strip().lstrip("@"), app_password.strip())
        trial = Bluesky(account, OnTrial(session), clock, transport)
        brand = trial.brand()
        trial.close()
    except PlatformError as error:
        raise NotConnected(
            f"{error} Is it an app password (Settings, Privacy and security, App passwords), and is "
            f"{account.service} the account's server?"
        ) from error
    finally:
        caller.close()
    stored_tokens(settings, database, PlatformName.BLUESKY).save(session)
    return Connected(brand)


def connect_x(
    settings: Settings,
    database: Database,
    clock: Clock,
    tokens: Tokens,
    *,
    transport: "httpx.BaseTransport | None" = None,
) -> Connected:
    """Try a permission of the brand's account, keep it, register webhook and subscriptions.

    Raises NotConnected.
    """
    from bot.platforms.x.adapter import X
    from bot.platforms.x.setup import XSetup

    wanted, trial_tokens = x_account(settings), OnTrial(tokens)
    trial = X(replace(wanted, user_id="", handle=""), trial_tokens, clock, transport=transport)
    try:
        account = trial.brand()
        _check_it_is(account, wanted.user_id, wanted.handle)
        missing = XSetup(trial.calls).missing_permissions()
        if missing:
            raise NotConnected(
                f"The permission lacks {' and '.join(missing)}. In X's developer console set the app's user "
                "authentication to “Read and write”, then sign in again."
            )
        # OAuth 1.0a tokens too: what is stored counts before what is set, so an older sign-in would win.
        stored_tokens(settings, database, PlatformName.X).save(trial_tokens.tokens)
        notes = _webhook_of(settings, trial, account)
    except PlatformError as error:
        raise NotConnected(str(error)) from error
    finally:
        trial.close()
    return Connected(account, notes)


def _covers(granted: frozenset[str], scope: str) -> bool:
    return scope in granted or scope.partition(":")[0] in granted


def _marked_as_bot(mark: Callable[[], None]) -> tuple[str, ...]:
    try:
        mark()
    except Rejected as error:
        return (f"The account could not be marked as a bot ({error}): please do it in its profile.",)
    return ("The account is marked as a bot now, as the network's rules ask.",)


def _check_it_is(account: Author, user_id: str, handle: str) -> None:
    other_id = user_id and account.id != user_id
    other_handle = handle and account.handle.casefold() != handle.lstrip("@").casefold()
    if other_id or other_handle:
        raise NotConnected(
            f"This permission is for @{account.handle} ({account.id}), but the settings name "
            f"@{handle or '?'} ({user_id or '?'}). Sign in as the brand, or change CHORUS_X__USER_ID and "
            "CHORUS_X__HANDLE."
        )


def _webhook_of(settings: Settings, x: "X", account: Author) -> tuple[str, ...]:
    from bot.platforms.x.setup import XSetup

    polled = f"Mentions are polled every {settings.x.poll_seconds:g} seconds."
    needs = {
        "CHORUS_X__BEARER_TOKEN": settings.x.bearer_token is not None,
        "CHORUS_X__CONSUMER_SECRETS": bool(settings.x.consumer_secrets),
        "CHORUS_BASE_URL with https": settings.base_url.startswith("https:"),
    }
    lacking = [name for name, there in needs.items() if not there]
    if lacking:
        return (f"{polled} For X's webhook set {', '.join(lacking)} and run this again.",)
    setup, address = XSetup(x.calls), webhook_address(settings, PlatformName.X)
    if urlsplit(address).port is not None:
        note = (
            f"{polled} X calls no webhook whose address has a port: for one, let a reverse proxy answer on "
            "port 443 and set CHORUS_BASE_URL without the port."
        )
        return (note,)
    try:
        webhook = setup.ensure_webhook(address)
        found = setup.ensure_subscriptions(account, webhook)
    except PlatformError as error:
        note = (
            f"{polled} The webhook {address} could not be registered: {error} X calls it at once, so "
            "chorus serve has to run behind that address. Then run this again."
        )
        return (note,)
    works = f"X calls the webhook {address}; mentions are polled as well."
    return (works, *(_refused(kind, error) for kind, error in found.refused.items()))


def _refused(kind: str, error: PlatformError) -> str:
    from bot.platforms.x.setup import EVENT_TYPES

    return f"X does not send {kind} ({EVENT_TYPES[kind]}): {error} To try it again, run this again."
