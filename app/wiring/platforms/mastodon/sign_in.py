"""Signing in at a server that speaks Mastodon's API, whichever it is."""

import secrets
from contextlib import suppress
from urllib.parse import urlsplit

from app.wiring.platforms.front import House, NotOffered, Purpose, Ticket
from app.wiring.platforms.mastodon.settings import MastodonSettings
from app.wiring.setting_values import server_address
from bot.platforms.accounts import Account
from bot.platforms.base import Clock, Platform
from bot.platforms.mastodon.auth import (
    ASKED_SCOPES,
    EMPLOYEE_SCOPES,
    App,
    authorize_url,
    exchange_code,
    handle_of,
    register_app,
    revoke,
)
from bot.platforms.mastodon.home_server import check_home
from bot.platforms.wire.http import Caller
from bot.posts import PlatformError
from bot.store.sealing import Tokens
from routing.model.phrases import phrase


class MastodonSignIn:
    """Keeps ``app.wiring.platforms.front.SignIn``; ``adapter`` is the brand's own."""

    asks_server = True

    def __init__(self, group: MastodonSettings, house: House, adapter: Platform, clock: Clock) -> None:
        self._group = group
        self._house = house
        self._adapter = adapter
        self._clock = clock

    def begin(self, purpose: Purpose, redirect_uri: str, server: str) -> tuple[str, Ticket]:
        """Register Chorus there; without a server it is the brand's. Raises NotOffered or PlatformError."""
        address = self._server_of(server or self._group.base_url or "")
        caller = self._caller(address)
        try:
            app = register_app(
                caller,
                address,
                redirect_uri,
                _scopes(purpose),
                name=f"Chorus of {self._house.brand_name}",
                website=self._house.base_url,
            )
        finally:
            caller.close()
        ticket = Ticket(
            purpose, secrets.token_urlsafe(24), redirect_uri,
            server=address, client_id=app.client_id, client_secret=app.client_secret,
        )  # fmt: skip
        return authorize_url(app, ticket.state), ticket

    def finish(self, ticket: Ticket, code: str) -> dict[str, str]:
        """The token for a code. Raises PlatformError."""
        caller = self._caller(ticket.server)
        try:
            return exchange_code(caller, _app(ticket), code)
        finally:
            caller.close()

    def whose(self, ticket: Ticket, tokens: Tokens) -> Account:
        """The account as the brand's server knows it: that one's id is what its posts carry there."""
        caller, app = self._caller(ticket.server), _app(ticket)
        try:
            handle = handle_of(caller, app, tokens["access_token"])
            if ticket.server != (self._group.base_url or "").rstrip("/").lower():
                check_home(caller, handle, ticket.server)
            with suppress(PlatformError):  # a token that cannot be given back only says who somebody is
                revoke(caller, app, tokens["access_token"])
        finally:
            caller.close()
        author = self._adapter.identify(handle)
        return Account(self._adapter.name, author.id, author.handle or handle)

    def _caller(self, server: str) -> Caller:
        """Calls to a server somebody named: public addresses only, no redirects, bounded."""
        host = urlsplit(server).netloc
        return Caller(server, host, self._clock, allow_loopback=self._group.allow_loopback)

    def _server_of(self, text: str) -> str:
        """The address of the server in ``example.social``, ``https://...`` or ``@jane@example.social``."""
        text = text.strip()
        address = server_address(text if "://" in text else text.rpartition("@")[2])
        plain_http = address is not None and address.startswith("http:")
        if address is None or (plain_http and not self._group.allow_loopback):
            raise NotOffered(
                phrase("Give your server's address, like https://mastodon.example, or your whole handle.")
            )
        return address


def _app(ticket: Ticket) -> App:
    """Chorus as the server of this ticket knows it."""
    return App(
        ticket.server, ticket.client_id, ticket.client_secret, ticket.redirect_uri, _scopes(ticket.purpose)
    )


def _scopes(purpose: Purpose) -> tuple[str, ...]:
    return ASKED_SCOPES if purpose is Purpose.BRAND else EMPLOYEE_SCOPES
