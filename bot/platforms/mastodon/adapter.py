"""Mastodon, GoToSocial and whatever else speaks Mastodon's client API: the brand's account on one server."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

import httpx

from bot.platforms.base import Clock, TokenStore
from bot.platforms.mastodon.api import Api, MastodonAccount
from bot.platforms.mastodon.content import author_from
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.mastodon.publishing import delete, edit, find, like, publish, unlike
from bot.platforms.mastodon.reading.answers import Answers
from bot.platforms.mastodon.reading.events import posts_from_webhook, verify_webhook
from bot.platforms.mastodon.reading.listening import Listening
from bot.platforms.mastodon.reading.lookups import identify, look_up
from bot.platforms.mastodon.reading.notifications import mentions_after
from bot.platforms.mastodon.reading.stream import Stream
from bot.platforms.mastodon.reading.token_bucket import (
    ANSWERS_BURST,
    ANSWERS_EVERY,
    MENTIONS_BURST,
    MENTIONS_EVERY,
    WORDS_BURST,
    WORDS_EVERY,
    TokenBucket,
)
from bot.platforms.mastodon.traits import TRAITS
from bot.posts import (
    Author,
    KnownPost,
    Lookup,
    Outgoing,
    Page,
    PlatformName,
    Post,
    Published,
    Reconnect,
    Rejected,
    Retry,
)
from bot.text.lengths import Measure
from routing.dialogue.brand_words import BrandWord


class Mastodon:
    """The brand's account on a Mastodon-API server; keeps ``bot.platforms.base.Platform``.

    Poll mentions every ``MENTIONS_EVERY`` at most and answers every ``ANSWERS_EVERY``; what comes faster,
    after a burst, is told to retry. A post's external id is the status id on the brand's server, an
    author's ``id@host``.
    """

    name = PlatformName.MASTODON.value
    traits = TRAITS

    def __init__(
        self,
        settings: MastodonAccount,
        tokens: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare the adapter; nothing is sent yet. ``tokens`` hold ``access_token``."""
        self._api = Api(settings, tokens, clock, transport)
        self._settings = settings
        self._mentions_pace = TokenBucket(clock, MENTIONS_EVERY, MENTIONS_BURST)
        self._answers = Answers(self._api, TokenBucket(clock, ANSWERS_EVERY, ANSWERS_BURST), settings.tags)
        self._listening = Listening(self._api, TokenBucket(clock, WORDS_EVERY, WORDS_BURST))
        self._stream = Stream(self._api, settings.tags)
        self._newest: str | None = None

    @property
    def measure(self) -> Measure:
        """The server's own limits; Mastodon's defaults while it has not told them."""
        try:
            instance = self._api.instance()
        except Retry:
            return MastodonLength()
        return MastodonLength(instance.max_characters, instance.url_characters)

    def brand(self) -> Author:
        """The brand's own account. Raises Retry or Reconnect."""
        return author_from(self._api.account(), self._api.server)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check an admin webhook's signature. Raises Forged."""
        verify_webhook(body, headers, self._settings.webhook_secrets)

    def parse(self, body: bytes) -> list[Post]:
        """The posts in an admin webhook that concern the brand. Raises Malformed."""
        return posts_from_webhook(body, self._api, self._settings.tags())

    def poll(self, cursor: str | None) -> Page:
        """Mentions after ``cursor`` (a notification's id); without one the newest page of them."""
        page = mentions_after(self._api, self._mentions_pace, cursor)
        self._newest = page.cursor
        return page

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of the next few of these employees, whom the brand then follows."""
        return self._answers.after(handles, cursor)

    def search(self, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
        """Posts with the next few of these words: by hashtag, and by the server's search where it has one."""
        return self._listening.after(words, cursor, most)

    def follow(self, employees: Sequence[Author]) -> None:
        """Let the brand follow these accounts, so that their posts reach its server. Raises Retry."""
        self._answers.follow(employees)

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        """Whose accounts admit followers by hand and have not admitted the brand. Raises Retry."""
        return self._answers.not_yet_let_in(employees)

    def stream(self) -> Iterator[Post]:
        """Mentions missed since the last call, then posts, edits and deletions as they happen."""
        return self._stream.posts(self._missed)

    def new_key(self, now: datetime) -> str:  # noqa: ARG002 - other platforms' keys carry the time
        return uuid4().hex

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Publish a status or a boost within ``timeout`` seconds; see ``publishing.publish``."""
        return publish(self._api, outgoing, timeout)

    def find(self, outgoing: Outgoing) -> Published | None:
        """The status that ``outgoing`` became, or None."""
        return find(self._api, outgoing)

    def delete(self, published: Published) -> None:
        """Take a status or a boost down."""
        delete(self._api, published)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """Replace a status's text; edits reach other servers."""
        return edit(self._api, published, outgoing, timeout)

    def like(self, external_id: str, refs: Mapping[str, str], key: str, at: datetime) -> None:  # noqa: ARG002
        """Favourite a status."""
        like(self._api, external_id)

    def unlike(self, external_id: str, key: str) -> None:  # noqa: ARG002
        """Take a favourite back."""
        unlike(self._api, external_id)

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        """Look statuses up: there, gone, or why they are not to be seen."""
        return look_up(self._api, external_ids, known or {})

    def identify(self, handle: str) -> Author:
        """The account behind ``user@host``. Raises Rejected."""
        return identify(self._api, handle)

    def instance(self) -> Instance:
        """What the server says of itself. Raises Retry."""
        return self._api.instance()

    def permissions(self) -> frozenset[str]:
        """The scopes of the brand's token, empty where the server does not tell. Raises Retry."""
        try:
            told = self._api.read("/api/v1/apps/verify_credentials").get("scopes") or ()
        except (Rejected, Reconnect):
            # Some servers do not answer this for every token; whether the token works, ``brand`` tells.
            return frozenset()
        return frozenset(told.split() if isinstance(told, str) else map(str, told))

    def mark_as_bot(self) -> None:
        """Set the account's ``bot`` flag, as the rules of the network ask of automated accounts."""
        self._api.write("PATCH", "/api/v1/accounts/update_credentials", {"bot": True})

    def close(self) -> None:
        """End the stream and every connection."""
        self._stream.close()
        self._api.caller.close()

    def _missed(self) -> Iterator[Post]:
        more = True
        while more:
            page = self.poll(self._newest)
            yield from page.posts
            more = page.more
