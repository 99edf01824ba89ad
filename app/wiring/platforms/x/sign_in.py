"""Signing in at X, by OAuth 2.0 with the brand's own app: from a page, or from a terminal."""

import secrets
from urllib.parse import parse_qs, urlsplit

from app.wiring.platforms.front import NotConnected, Purpose, Terminal, Ticket
from bot.platforms.accounts import Account
from bot.platforms.base import Clock
from bot.platforms.wire.http import Caller
from bot.platforms.x.access.auth import BRAND_SCOPES, SIGN_IN_SCOPES, begin, finish, whose
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.store.sealing import Tokens


class XSignIn:
    """Keeps ``app.wiring.platforms.front.SignIn``."""

    asks_server = False

    def __init__(self, adapter: X, clock: Clock) -> None:
        self._calls = adapter.calls
        self._clock = clock

    def begin(self, purpose: Purpose, redirect_uri: str, server: str) -> tuple[str, Ticket]:
        """Where X asks for the permission."""
        del server
        scopes = BRAND_SCOPES if purpose is Purpose.BRAND else SIGN_IN_SCOPES
        going = begin(self._calls.account, redirect_uri, scopes)
        return going.url, Ticket(purpose, going.state, redirect_uri, verifier=going.verifier)

    def finish(self, ticket: Ticket, code: str) -> dict[str, str]:
        """The tokens for a code. Raises PlatformError."""
        return finish(
            self._calls.caller,
            self._calls.account,
            code=code,
            verifier=ticket.verifier,
            redirect_uri=ticket.redirect_uri,
            now=self._clock(),
        )

    def whose(self, ticket: Ticket, tokens: Tokens) -> Account:
        """The account by X's own word."""
        del ticket
        author = whose(self._calls.caller, tokens["access_token"])
        return Account(X.name, author.id, author.handle)


def signed_in_at(account: XAccount, redirect_uri: str, terminal: Terminal, clock: Clock) -> dict[str, str]:
    """The brand's tokens, by an address that is opened in a browser. Raises NotConnected or PlatformError."""
    going = begin(account, redirect_uri)
    terminal.say(f"The app's callback address in X's developer console has to be {redirect_uri}")
    terminal.say("1. Open this address in a browser in which you are signed in as the brand, and allow it:")
    terminal.say(f"\n   {going.url}\n")
    answer = terminal.ask("2. Paste the whole address at which you are then")
    told = {name: values[0] for name, values in parse_qs(urlsplit(answer.strip()).query).items()}
    if not secrets.compare_digest(told.get("state", "").encode(), going.state.encode()):
        raise NotConnected("That address belongs to another sign-in. Run this again and paste the new one.")
    if "code" not in told:
        raise NotConnected("X did not give the permission. Run this again and allow it there.")
    caller = Caller(account.base_url, "X", clock, allow_loopback=account.allow_loopback)
    try:
        return finish(
            caller,
            account,
            code=told["code"],
            verifier=going.verifier,
            redirect_uri=redirect_uri,
            now=clock(),
        )
    finally:
        caller.close()
