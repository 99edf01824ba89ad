"""Mastodon at the front: connected by signing in, or by a token made there."""

from collections.abc import Callable
from urllib.parse import urlsplit

from app.wiring.platforms.front import (
    Connected,
    Front,
    Given,
    House,
    Keeps,
    NotConnected,
    OnTrial,
    Ports,
    SignIn,
    Terminal,
)
from app.wiring.platforms.group import plain
from app.wiring.platforms.mastodon.settings import MastodonSettings
from app.wiring.platforms.mastodon.sign_in import MastodonSignIn
from app.wiring.platforms.servers import check_reachable, typed_address
from bot.platforms.base import Clock, Platform
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.mastodon.auth import BRAND_SCOPES, authorize_url, exchange_code, register_app
from bot.platforms.wire.http import Caller
from bot.posts import PlatformError, PlatformName, Rejected
from bot.store.sealing import Tokens


class MastodonFront(Front):
    """The brand's account on a server that speaks Mastodon's API."""

    name = PlatformName.MASTODON.value

    def __init__(self, group: MastodonSettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def account(self) -> MastodonAccount:
        """The brand's account."""
        group = self._group
        return MastodonAccount(
            base_url=group.base_url or "",
            tags=self.house.tags,
            webhook_secrets=tuple(map(plain, group.webhook_secrets)),
            allow_loopback=group.allow_loopback,
        )

    def adapter(self, ports: Ports) -> Platform:
        """The adapter of the brand's account."""
        return Mastodon(self.account(), ports.tokens(), ports.clock)

    def tokens(self) -> dict[str, str]:
        """The token of the settings."""
        token = plain(self._group.access_token)
        return {"access_token": token} if token else {}

    def sign_in(self, adapter: Platform, clock: Clock) -> SignIn:
        """At any server, for the brand at its own."""
        return MastodonSignIn(self._group, self.house, adapter, clock)

    def missing_settings(self, given: Given, terminal: Terminal) -> dict[str, str]:
        """The brand's server."""
        if not given.server and self._group.base_url:
            return {}
        server = given.server or terminal.ask("The brand's server, like https://mastodon.example")
        return {"CHORUS_MASTODON__BASE_URL": typed_address(server)}

    def connect(self, given: Given, terminal: Terminal, store: Keeps, clock: Clock) -> Connected:
        """By the token that was given, or by signing in."""
        check_reachable(self.name, self._group.base_url, allowed=self._group.allow_loopback)
        tokens = {"access_token": given.token} if given.token else self._signed_in(terminal, clock)
        return self.keep(tokens, store, clock)

    def keep(self, tokens: Tokens, store: Keeps, clock: Clock) -> Connected:
        """Try a token of the brand's account, set the bot flag, and keep it. Raises NotConnected."""
        trial = Mastodon(self.account(), OnTrial(tokens), clock)
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
        store.save(tokens)
        return Connected(account, notes)

    def _signed_in(self, terminal: Terminal, clock: Clock) -> dict[str, str]:
        server = self._group.base_url or ""
        host = urlsplit(server).netloc
        caller = Caller(server, host, clock, allow_loopback=self._group.allow_loopback)
        try:
            app = register_app(caller, server, name=f"Chorus of {self.house.brand_name}")
            terminal.say("1. Open this address in a browser, sign in as the brand, and allow it:")
            terminal.say(f"\n   {authorize_url(app)}\n")
            code = terminal.ask("2. Paste the code that is shown then")
            return exchange_code(caller, app, code)
        finally:
            caller.close()


def _covers(granted: frozenset[str], scope: str) -> bool:
    return scope in granted or scope.partition(":")[0] in granted


def _marked_as_bot(mark: Callable[[], None]) -> tuple[str, ...]:
    try:
        mark()
    except Rejected as error:
        return (f"The account could not be marked as a bot ({error}): please do it in its profile.",)
    return ("The account is marked as a bot now, as the network's rules ask.",)


front = MastodonFront
