"""X as a platform: what comes in, what goes out, put together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

import httpx
import structlog

from bot.platforms.base import Clock, TokenStore
from bot.platforms.x.access.calls import XCalls
from bot.platforms.x.access.costs import OnRead
from bot.platforms.x.account import XAccount
from bot.platforms.x.content import events
from bot.platforms.x.length import XLength
from bot.platforms.x.listening import search
from bot.platforms.x.publishing import XPublishing
from bot.platforms.x.reading import XReading
from bot.platforms.x.signature import crc_response, verify
from bot.platforms.x.traits import TRAITS
from bot.posts import (
    Author,
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
)
from bot.text.lengths import Measure
from routing.dialogue.brand_words import BrandWord

_log = structlog.get_logger(__name__)

STREAM_SILENCE = 60.0
"""Seconds: X sends a line at least every 20."""


class X:
    """The adapter of X; keeps ``bot.platforms.base.Platform``."""

    name = PlatformName.X.value
    traits = TRAITS

    def __init__(
        self,
        account: XAccount,
        tokens: TokenStore,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
        on_revoked: Callable[[], None] | None = None,
        on_read: OnRead | None = None,
    ) -> None:
        """Adapt X for one brand account.

        Args:
            account: The settings.
            tokens: Where the brand's user tokens are kept.
            clock: Tells the time.
            transport: Stands in for the network in tests.
            on_revoked: Called when X tells that the brand account withdrew its permission.
            on_read: Called with what X charges for reading.
        """
        self._account = account
        self._on_revoked = on_revoked
        self.calls = XCalls(account, tokens, clock, transport, on_read)
        self._reading = XReading(self.calls)
        self._publishing = XPublishing(self.calls, self._reading)

    @property
    def measure(self) -> Measure:
        """280 units by X's own weights."""
        return XLength()

    def new_key(self, now: datetime) -> str:
        """A random key; the time plays no part in it."""
        del now
        return uuid4().hex

    def brand(self) -> Author:
        """The brand's own account. Raises Retry or Reconnect."""
        return self._reading.brand()

    def crc_response(self, crc_token: str) -> dict[str, str]:
        """The answer to X's check of the webhook. Raises Rejected without a consumer secret."""
        if not self._account.consumer_secrets:
            raise Rejected(
                "No consumer secret is set: X's webhook check cannot be answered.", Refusal.CANNOT_PROVE
            )
        return crc_response(crc_token, self._account.consumer_secrets[0])

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check a webhook's signature over its raw body. Raises Forged."""
        verify(body, headers, self._account.consumer_secrets)

    def parse(self, body: bytes) -> list[Post]:
        """The posts and deletions in a webhook's body. Raises Malformed."""
        found = events.read(body)
        for post_id in found.charged:
            self.calls.bill.event(post_id)
        if self._on_revoked is not None and self._reading.known_id in found.revoked:
            self._on_revoked()
        return found.posts

    def poll(self, cursor: str | None) -> Page:
        """Mentions after ``cursor``, oldest first (None: of the last hour, as the settings say)."""
        return self._reading.mentions(cursor)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of these employees, by recent search, some of them at a time."""
        return self._reading.answers(handles, cursor)

    def search(self, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
        """Posts with these words, by recent search, some queries at a time. Each post costs money."""
        account = self._account
        return search(self._reading, account.query_length, account.batches_per_poll, words, cursor, most)

    def stream(self) -> Iterator[Post]:
        """The events of the app's subscriptions as they happen; nothing without a bearer token.

        Raises Retry when the connection breaks, Reconnect when X refuses the app.
        """
        if not self._account.bearer_token:
            return
        for line in self.calls.lines("/2/activity/stream", idle=STREAM_SILENCE):
            if not line.strip():
                continue
            try:
                yield from self.parse(line.encode())
            except Malformed as error:
                _log.warning("x_stream_line_unreadable", reason=str(error))

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Publish as the brand. Raises Retry, Rejected, Ambiguous or Reconnect."""
        return self._publishing.publish(outgoing, timeout)

    def find(self, outgoing: Outgoing) -> Published | None:
        """Read the brand's own posts for one that says this to the same post."""
        return self._publishing.find(outgoing)

    def delete(self, published: Published) -> None:
        """Take one of the brand's posts down."""
        self._publishing.delete(published)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """X offers editing to no app: raises Rejected("unsupported")."""
        del published, outgoing, timeout
        raise Rejected("X does not let an app edit a post; delete it and answer anew.", Refusal.UNSUPPORTED)

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        """Look posts up, 100 at a time: known ones for a third of the price."""
        return self._reading.fetch(external_ids, known or {})

    def identify(self, handle: str) -> Author:
        """The account behind a handle. Raises Rejected("unknown")."""
        return self._reading.identify(handle)

    def close(self) -> None:
        """End the stream and close every connection."""
        self.calls.bill.hand_over()
        self.calls.caller.close()
