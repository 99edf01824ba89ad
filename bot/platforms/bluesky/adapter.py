"""Bluesky: the brand's account on a server of the AT Protocol."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

import httpx

from bot.platforms.base import Clock, TokenStore
from bot.platforms.bluesky.api import Api, BlueskyAccount
from bot.platforms.bluesky.content import author_from
from bot.platforms.bluesky.identity import Directory, identify
from bot.platforms.bluesky.length import BlueskyLength
from bot.platforms.bluesky.publishing import delete, find, like, publish, unlike
from bot.platforms.bluesky.reading.answers import Answers
from bot.platforms.bluesky.reading.listening import search
from bot.platforms.bluesky.reading.lookups import look_up
from bot.platforms.bluesky.reading.notifications import mentions_after
from bot.platforms.bluesky.tid import CLOCKS, Tids
from bot.platforms.bluesky.traits import TRAITS
from bot.posts import (
    Author,
    Forged,
    KnownPost,
    Lookup,
    Malformed,
    Outgoing,
    Page,
    PlatformName,
    Post,
    Published,
    Refusal,
    Rejected,
    Retry,
)
from bot.text.lengths import Measure
from routing.dialogue.brand_words import BrandWord


class Bluesky:
    """The brand's account on Bluesky; keeps ``bot.platforms.base.Platform``.

    A post's external id is its ``at://`` address, an author's the DID. ``Outgoing.key`` is the record key,
    a TID.
    """

    name = PlatformName.BLUESKY.value
    traits = TRAITS

    def __init__(
        self,
        settings: BlueskyAccount,
        tokens: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        clock_id: int | None = None,
    ) -> None:
        """Prepare the adapter; nothing is sent yet. ``tokens`` hold what ``sign_in`` returned.

        ``clock_id`` (0 to 1023) tells processes apart that make keys in the same microsecond.
        """
        self._api = Api(settings, tokens, clock, transport)
        self._settings = settings
        self._directory = Directory(self._api, transport)
        self._answers = Answers(self._api, self._directory, settings.tags)
        self._tids = Tids(secrets.randbelow(CLOCKS) if clock_id is None else clock_id)
        self._tids_lock = Lock()
        self._brand: Author | None = None

    @property
    def measure(self) -> Measure:
        """300 grapheme clusters and 3,000 bytes."""
        return BlueskyLength()

    def brand(self) -> Author:
        """The brand's own account. Raises Retry or Reconnect."""
        if self._brand is None:
            session = self._api.session()
            try:
                self._brand = author_from(
                    self._api.query("app.bsky.actor.getProfile", {"actor": session["did"]})
                )
            except (Rejected, Retry):
                return Author(session["did"], session.get("handle", ""))
        return self._brand

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        """Bluesky sends no webhooks, so there are no genuine ones. Raises Forged."""
        raise Forged("Bluesky sends no webhooks.")

    def parse(self, body: bytes) -> list[Post]:  # noqa: ARG002
        """Bluesky sends no webhooks. Raises Malformed."""
        raise Malformed("Bluesky sends no webhooks.")

    def poll(self, cursor: str | None) -> Page:
        """Mentions and replies after ``cursor``; without one the newest page of them."""
        return mentions_after(self._api, self._settings.tags(), cursor)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of the next few of these employees."""
        return self._answers.after(handles, cursor)

    def search(self, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
        """Posts with the next few of these words, by the network's own search."""
        return search(self._api, words, cursor, most)

    def stream(self) -> Iterator[Post]:
        """Nothing: mentions are polled."""
        return iter(())

    def new_key(self, now: datetime) -> str:
        """A fresh record key: a TID that no other call of this process has made."""
        with self._tids_lock:
            return self._tids.next(now)

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Put the record of ``outgoing`` under its key; see ``publishing.publish``."""
        return publish(self._api, outgoing, timeout)

    def find(self, outgoing: Outgoing) -> Published | None:
        """The post under the key of ``outgoing``, if it is that one."""
        return find(self._api, outgoing)

    def delete(self, published: Published) -> None:
        """Take a post or a repost down."""
        delete(self._api, published)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:  # noqa: ARG002
        """Not offered: the network ignores changes to posts. Raises Rejected."""
        raise Rejected("Bluesky has no edits: delete the post and publish another one.", Refusal.UNSUPPORTED)

    def like(self, external_id: str, refs: Mapping[str, str], key: str, at: datetime) -> None:
        """Like a post: a record under ``key``."""
        like(self._api, external_id, refs, key, at)

    def unlike(self, external_id: str, key: str) -> None:  # noqa: ARG002 - the key alone tells which
        """Take a like back."""
        unlike(self._api, key)

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        """Look posts up: there (edited since, where ``known`` tells the version), gone, or why not seen."""
        return look_up(self._api, self._directory, external_ids, known or {})

    def identify(self, handle: str) -> Author:
        """The account behind a handle, proved both ways. Raises Rejected."""
        return identify(self._api, self._directory, handle)

    def close(self) -> None:
        self._api.caller.close()
        self._directory.close()
