"""The one protocol that every platform's adapter keeps, and the ports it gets from outside.

Adapters are synchronous, own one ``httpx.Client`` each, know nothing of each other and touch no
database: tokens, clock and (for the local feed) storage are injected.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.platforms.traits import Traits
from bot.posts import Author, KnownPost, Lookup, Outgoing, Page, Post, Published
from bot.text.lengths import Measure
from routing.dialogue.brand_words import BrandWord

Clock = Callable[[], datetime]
AnswerTags = Callable[[], tuple[str, ...]]
"""Tells the tags that make an answer of an employee's post at this moment: the brand's, then former ones."""
"""Tells the time: timezone-aware, UTC."""


class TokenStore(Protocol):
    """Where an adapter keeps the brand account's tokens: a small mapping, encrypted at rest.

    ``refresh`` is single flight across threads and nodes: it calls ``exchange`` with the stored tokens
    under one lock, unless they changed since the caller read ``seen``, and stores what comes back in the
    same transaction. It returns the tokens to use.
    """

    def load(self) -> Mapping[str, str]:
        """The stored tokens; empty when the platform is not connected."""

    def refresh(
        self, seen: Mapping[str, str], exchange: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        """Replace the tokens by what ``exchange`` returns for the stored ones, once for all callers."""


class Platform(Protocol):
    """A feed we listen to and speak on."""

    name: str
    traits: Traits
    """What others must know of it."""

    @property
    def measure(self) -> Measure:
        """How long a post may be."""

    def new_key(self, now: datetime) -> str:
        """A fresh ``Outgoing.key``: what tells one message from another in every attempt to send it."""

    def brand(self) -> Author:
        """The brand's own account. Raises Retry or Reconnect when the platform does not tell."""

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check a webhook's signature over its raw body. Raises Forged. Header names are lower-case."""

    def parse(self, body: bytes) -> list[Post]:
        """The posts and deletions in a webhook's body. Raises Malformed."""

    def poll(self, cursor: str | None) -> Page:
        """What happened after ``cursor``, oldest first (None: from now on, or the recent past)."""

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Posts of these employees' accounts after ``cursor`` that may be tagged answers."""

    def stream(self) -> Iterator[Post]:
        """Posts as they happen, until the connection ends. Raises Retry; empty where there is no stream.

        May wait between posts for as long as the platform likes; ``close`` from another thread ends it.
        """

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Publish, within ``timeout`` seconds in all.

        Raises Retry (certainly not accepted), Rejected (for good), Ambiguous or Reconnect.
        """

    def find(self, outgoing: Outgoing) -> Published | None:
        """Read back whether ``outgoing`` was accepted after all; None means it is not there."""

    def delete(self, published: Published) -> None:
        """Take one of the brand's posts down; one that is gone already is fine."""

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """Replace the text of one of the brand's posts. Raises Rejected("unsupported") where it cannot."""

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        """Look posts up: there, gone, or not to be seen. Ids the platform says nothing about are left out.

        ``known`` tells what we have of them, by id, where we have them: some platforms need it to tell why
        a post is not to be seen, or that it was edited. One that charges for reading tells of known posts
        only that they are there, and reads those that have changed.
        """

    def identify(self, handle: str) -> Author:
        """The account behind a handle, checked both ways where handles can lie. Raises Rejected."""

    def close(self) -> None:
        """End a running stream and close every connection; the adapter is not used afterwards."""


@runtime_checkable
class Searchable(Protocol):
    """A platform that can be searched for words in posts that do not address the brand."""

    def search(self, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
        """At most ``most`` posts with one of these words after ``cursor``, oldest first.

        Without a cursor those of the last hour. They may be no more than guesses, or have come before:
        whoever takes them in looks at their words. Raises what ``poll`` does, and Rejected where the platform
        lets nobody search.
        """


@runtime_checkable
class LikesPosts(Protocol):
    """A platform on which the brand can like a post. Both may be done twice without harm."""

    def like(self, external_id: str, refs: Mapping[str, str], key: str, at: datetime) -> None:
        """Like a post with these ``refs``; ``key`` (see ``new_key``) and ``at`` are the same each time.

        Raises Retry, Rejected, Ambiguous or Reconnect.
        """

    def unlike(self, external_id: str, key: str) -> None:
        """Take a like back; one that is gone already is fine. Raises as ``like`` does."""


@runtime_checkable
class Challenged(Protocol):
    """A platform that now and then asks whether the webhook that it calls is ours."""

    def crc_response(self, crc_token: str) -> dict[str, str]:
        """What proves it. Raises Rejected."""
