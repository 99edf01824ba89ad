"""Whose account is whose: accounts as people write them, and the one-time codes that prove them."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.platforms.base import Platform
from bot.platforms.registry import TRAITS, traits_of
from bot.posts import PlatformError, PlatformName

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 8


class UnknownAccount(ValueError):
    """There is no such account; ``str(error)`` says what to write instead."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a platform: ``account_id`` is immutable and counts, ``handle`` is for display."""

    platform: str
    account_id: str
    handle: str


def example_account(platforms: Collection[str]) -> str:
    """How somebody's account is written on one of these platforms."""
    known = [one.example for name, one in TRAITS.items() if name in platforms]
    return (known or [traits_of(PlatformName.LOCAL).example])[0]


def parse_account(text: str, platforms: Collection[str] = (PlatformName.LOCAL,)) -> tuple[str, str]:
    """Platform and handle of ``local:jane`` or ``mastodon:@jane@example.social``. Raises UnknownAccount.

    ``platforms`` are those that are on here: what is wrong is explained by an example from one of them.
    """
    platform, colon, handle = text.strip().partition(":")
    platform, handle = platform.strip().lower(), handle.strip().lstrip("@")
    if not colon or not handle or platform not in set(PlatformName):
        known = ", ".join(PlatformName)
        raise UnknownAccount(
            f"“{text}” is no account: write platform:handle, like {example_account(platforms)}. "
            f"The platforms are {known}."
        )
    return platform, handle


def accounts_meant(text: str, platforms: Collection[str]) -> dict[str, str]:
    """Platform -> handle, as its traits spell it, of every account on these platforms that this may be.

    ``x:jane`` is one account, ``@jane`` may be one on each feed whose handles look like that; what is no
    account anywhere gives nothing.
    """
    named, colon, rest = text.strip().partition(":")
    if colon and named.strip().lower() in set(PlatformName):
        platforms, text = {named.strip().lower()} & set(platforms), rest
    found = {platform: traits_of(platform).handle_of(text.strip()) for platform in platforms}
    return {platform: handle for platform, handle in found.items() if handle}


def find_account(text: str, platforms: Mapping[str, Platform]) -> Account:
    """The account behind ``platform:handle``, by the platform's own word. Raises UnknownAccount."""
    platform, handle = parse_account(text, platforms)
    adapter = platforms.get(platform)
    if adapter is None:
        if traits_of(platform).own_record:
            return Account(platform, handle.casefold(), handle)
        raise UnknownAccount(
            f"Chorus is not connected to {platform} here: connect it first, then add {handle}."
        )
    try:
        author = adapter.identify(handle)
    except PlatformError as error:
        raise UnknownAccount(f"{platform}:{handle} was not found: {error}") from error
    return Account(platform, author.id, author.handle or handle)


def new_code() -> str:
    """A one-time code to post from the account that is to be linked: ``chorus-`` and 8 characters.

    31 letters and digits that nobody confuses, so about 39 bits; a code lives for an hour.
    """
    return "chorus-" + "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
