"""What the front of the house does for a platform: each platform's folder has a ``front.py`` of its own.

Nothing here is imported before the platform is on or somebody connects it: adapters are imported where used.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.wiring.findings import Finding
from bot.platforms.accounts import Account
from bot.platforms.base import AnswerTags, Clock, Platform, TokenStore
from bot.platforms.health import Checked
from bot.platforms.local.adapter import LocalFeed
from bot.posts import Author, Read
from bot.store.sealing import Tokens


class NotConnected(Exception):
    """The account cannot be used like this; ``str(error)`` tells the operator why and what to do."""


class NotOffered(Exception):
    """A sign-in cannot begin like this; ``str(error)`` says what to do instead."""


@dataclass(frozen=True, slots=True)
class House:
    """What a front has to know of the house."""

    brand_name: str
    tags: AnswerTags
    base_url: str
    key: Callable[[str], bytes]
    """32 bytes for a purpose, from the secret key. Raises UnusableSettings when there is none."""

    def webhook(self, platform: str) -> str:
        """Where a platform calls us."""
        return f"{self.base_url}/webhooks/{platform}"


class Keeps(TokenStore, Protocol):
    """Where tokens are kept once they have been tried."""

    def save(self, tokens: Tokens) -> None:
        """Keep these, instead of what was kept before."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What an adapter gets from outside; ``feed`` is where the built-in feed's posts are."""

    tokens: Callable[[], Keeps]
    """Where the platform's tokens are. Raises UnusableSettings without a secret key."""
    clock: Clock
    feed: LocalFeed | None
    on_revoked: Callable[[], None]
    """Called when the platform tells that the brand account withdrew its permission."""
    on_read: Callable[[Mapping[Read, int]], None]
    """Called with what it charges for reading."""


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


class Purpose(StrEnum):
    """What somebody signs in at a platform for."""

    EMPLOYEE = "employee"
    """To show whose account it is."""
    BRAND = "brand"
    """To let Chorus use it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What has to be remembered of a sign-in until somebody is back from it."""

    purpose: Purpose
    state: str
    redirect_uri: str
    verifier: str = ""
    server: str = ""
    client_id: str = ""
    client_secret: str = ""


class SignIn(Protocol):
    """Signing in at a platform from a page: sent there with a secret in the browser, back with a code."""

    asks_server: bool
    """Whether an employee has to say at which server."""

    def begin(self, purpose: Purpose, redirect_uri: str, server: str) -> tuple[str, Ticket]:
        """Where to send somebody, and what to remember. Raises NotOffered or PlatformError."""

    def finish(self, ticket: Ticket, code: str) -> dict[str, str]:
        """The tokens for a code. Raises PlatformError."""

    def whose(self, ticket: Ticket, tokens: Tokens) -> Account:
        """The employee's account; the token that proves it is given back. Raises PlatformError."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given to ``chorus connect``; empty where it was not. ``-`` has been read already."""

    server: str = ""
    token: str = ""
    handle: str = ""
    app_password: str = ""


class Terminal(Protocol):
    """Whoever connects the brand's account."""

    def say(self, text: str) -> None:
        """Tell them something."""

    def ask(self, question: str) -> str:
        """Their answer."""

    def ask_secret(self, question: str) -> str:
        """Their answer, unseen."""


class Front(ABC):
    """What the front does for one platform; what a platform does not have is empty here."""

    name: str

    def __init__(self, house: House) -> None:
        self.house = house

    @abstractmethod
    def adapter(self, ports: Ports) -> Platform:
        """The adapter. Nothing is sent yet. Raises UnusableSettings."""

    def tokens(self) -> dict[str, str]:
        """Tokens that the settings hold, for as long as none are stored."""
        return {}

    def health(self, adapter: Platform) -> Checked | None:
        """What looks after its way of receiving, where there is something to look after."""
        del adapter
        return None

    def sign_in(self, adapter: Platform, clock: Clock) -> SignIn | None:
        """How to sign in there from a page, where it offers that."""
        del adapter, clock
        return None

    def missing_settings(self, given: Given, terminal: Terminal) -> dict[str, str]:
        """Settings that are new, by their environment names: what was given, and what has to be asked."""
        del given, terminal
        return {}

    def connect(self, given: Given, terminal: Terminal, store: Keeps, clock: Clock) -> Connected:
        """Connect the brand's account from a terminal.

        Raises NotConnected, UnusableSettings or PlatformError.
        """
        del given, terminal, store, clock
        raise NotConnected("There is no account to connect on this platform.")

    def keep(self, tokens: Tokens, store: Keeps, clock: Clock) -> Connected:
        """Try a permission of the brand's account and keep it if it works. Raises NotConnected."""
        del tokens, store, clock
        raise NotConnected("There is no account to connect on this platform.")

    def to_do(self, state: str) -> tuple[str, ...]:
        """What a person should do where it is ``off``, ``not connected`` or to ``reconnect``."""
        del state
        return (f"Run chorus connect {self.name} on the server; chorus doctor explains what is missing.",)

    def findings(self) -> list[Finding]:
        """What the settings leave out, or put in the platform's place."""
        return []

    def missing_permissions(self, adapter: Platform) -> list[str]:
        """What the brand's account may not do and has to. Raises PlatformError."""
        del adapter
        return []

    def unheard(self, adapter: Platform) -> list[Finding]:
        """What the platform does not send us, though it could. Raises PlatformError."""
        del adapter
        return []
