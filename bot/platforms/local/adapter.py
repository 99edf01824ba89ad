"""The feed that is built in: its adapter, and the port behind which its posts are stored.

Posts reach the bot as signed webhooks, like those of any other platform; what a crash interrupts is read
again from the feed itself by ``poll``. Publishing is idempotent by the delivery's key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, Protocol, Self
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.platforms.base import Clock
from bot.platforms.local.traits import TRAITS
from bot.platforms.wire.signing import Signer
from bot.posts import (
    Author,
    KnownPost,
    Lookup,
    Malformed,
    Mention,
    Outgoing,
    Page,
    PlatformName,
    Post,
    PostEvent,
    Published,
    Refusal,
    Rejected,
    Retry,
    Visibility,
)
from bot.text.lengths import Measure, PlainLength
from routing.model import entities
from routing.model.phrases import phrase

LONGEST_POST = 500
PAGE = 100
_NAME = re.compile(r"\w[\w.-]{0,62}")
_EventType = Literal["post.created", "post.edited", "post.deleted"]


@dataclass(frozen=True, slots=True)
class FeedPost:
    """One post on the local feed; ``author`` is a name as typed, whoever typed it."""

    id: str
    author: str
    text: str
    posted_at: datetime
    in_reply_to: str | None = None
    repost_of: str | None = None
    edited_at: datetime | None = None


class LocalFeed(Protocol):
    """Where the local feed's posts are kept. Ids are strings that grow in the order of posting.

    Every method may raise Retry when the storage does not answer.
    """

    def append(
        self,
        author: str,
        text: str,
        *,
        in_reply_to: str | None = None,
        repost_of: str | None = None,
        key: str | None = None,
    ) -> FeedPost:
        """Store a post; with a ``key`` that is there already, return that post instead, changed or not.

        Raises LookupError when the post replied to or reposted is not there.
        """

    def read(self, after: str | None, limit: int) -> Sequence[FeedPost]:
        """Posts after ``after`` (exclusive; None: from the first), oldest first."""

    def find(self, key: str) -> FeedPost | None:
        """The post stored under ``key``, if it is there."""

    def get(self, ids: Sequence[str]) -> Sequence[FeedPost]:
        """The posts of these ids that are there."""

    def edit(self, post_id: str, text: str) -> FeedPost | None:
        """Replace a post's text; None when it is not there."""

    def remove(self, post_id: str) -> bool:
        """Take a post away; False when it was not there."""


class _EventPost(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    author: str = Field(min_length=1, max_length=64)
    text: str = Field(max_length=10_000)
    posted_at: AwareDatetime
    in_reply_to: str | None = None
    repost_of: str | None = None
    edited_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _storable(self) -> Self:
        if "\0" in self.id or "\0" in self.author or "\0" in self.text:
            raise ValueError("must not hold NUL characters")
        return self


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: _EventType
    post: _EventPost


_EVENTS: dict[_EventType, PostEvent] = {
    "post.created": PostEvent.CREATED,
    "post.edited": PostEvent.EDITED,
    "post.deleted": PostEvent.DELETED,
}
_TYPES = {event: name for name, event in _EVENTS.items()}


def local_url(base_url: str, post_id: str) -> str:
    """Where people see a post of the local feed."""
    return f"{base_url.rstrip('/')}/local#post-{post_id}"


class Local:
    """The adapter over the built-in feed; keeps ``bot.platforms.base.Platform``."""

    name = PlatformName.LOCAL.value
    traits = TRAITS

    def __init__(
        self, feed: LocalFeed, handle: str, secrets: Sequence[str | bytes], base_url: str, clock: Clock
    ) -> None:
        """Adapt ``feed`` for the brand ``handle``; ``secrets`` sign its webhooks."""
        self._feed = feed
        self._handle = handle.lstrip("@")
        self._signer = Signer(secrets)
        self._base_url = base_url
        self._clock = clock

    @property
    def measure(self) -> Measure:
        """500 characters as a reader counts them."""
        return PlainLength(LONGEST_POST)

    def new_key(self, now: datetime) -> str:
        """A random key; the time plays no part in it."""
        del now
        return uuid4().hex

    def brand(self) -> Author:
        """The brand's account: its name."""
        return self.identify(self._handle)

    def webhook(self, event: PostEvent, post: FeedPost) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the signed webhook with which the feed tells what happened to a post."""
        event_post = _EventPost.model_validate(asdict(post))
        raw = _Event(type=_TYPES[event], post=event_post).model_dump_json().encode()
        headers = self._signer.sign(raw, f"local-{uuid4()}", self._clock())
        return raw, {"content-type": "application/json", **headers}

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check the feed's signature. Raises Forged."""
        self._signer.verify(body, headers, self._clock())

    def parse(self, body: bytes) -> list[Post]:
        """The one post of a webhook. Raises Malformed."""
        try:
            event = _Event.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"]) or "body"
            raise Malformed(f"The local feed's webhook: {place}: {first['msg']}") from error
        return [self._post(event.post, _EVENTS[event.type])]

    def poll(self, cursor: str | None) -> Page:
        """Everybody's posts after ``cursor``, the brand's own left out (None: from the first post)."""
        found = self._feed.read(cursor, PAGE)
        own = self.brand().id
        posts = tuple(self._post(post) for post in found if post.author.casefold() != own)
        return Page(posts, found[-1].id if found else cursor, more=len(found) == PAGE)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Nothing further: ``poll`` brings everybody's posts, the employees' among them."""
        del handles
        return Page((), cursor)

    def stream(self) -> Iterator[Post]:
        """No stream: the feed's webhooks come at once."""
        return iter(())

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Store the brand's post; the same key again gives the same post.

        Raises Retry when ``timeout`` leaves no time, Rejected("gone" | "too_long" | "not_public").
        """
        if timeout <= 0:
            raise Retry("There was no time left to publish on the local feed.")
        self._check_length(outgoing)
        if not outgoing.visibility.is_public:
            raise Rejected(
                "Everything on the local feed is public, and this is not to be.", Refusal.NOT_PUBLIC
            )
        try:
            post = self._feed.append(
                self._handle,
                outgoing.text,
                in_reply_to=outgoing.in_reply_to if outgoing.repost_of is None else None,
                repost_of=outgoing.repost_of,
                key=outgoing.key,
            )
        except LookupError as error:
            raise Rejected("The post to reply to is no longer on the local feed.", Refusal.GONE) from error
        return self._published(post)

    def find(self, outgoing: Outgoing) -> Published | None:
        """The post that was stored under the delivery's key."""
        post = self._feed.find(outgoing.key)
        return self._published(post) if post else None

    def delete(self, published: Published) -> None:
        """Take a post down; one that is gone already is fine."""
        self._feed.remove(published.external_id)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """Replace a post's text. Raises Retry as ``publish`` does, Rejected("gone" | "too_long")."""
        if timeout <= 0:
            raise Retry("There was no time left to edit on the local feed.")
        self._check_length(outgoing)
        post = self._feed.edit(published.external_id, outgoing.text)
        if post is None:
            raise Rejected("The post to edit is no longer on the local feed.", Refusal.GONE)
        return self._published(post)

    def fetch(
        self,
        external_ids: Sequence[str],
        known: Mapping[str, KnownPost] | None = None,  # noqa: ARG002
    ) -> list[Lookup]:
        """Which of these posts are still there."""
        there = {post.id: post for post in self._feed.get(external_ids)}
        return [
            Lookup(
                post_id,
                gone=post_id not in there,
                post=self._post(there[post_id]) if post_id in there else None,
            )
            for post_id in external_ids
        ]

    def identify(self, handle: str) -> Author:
        """The account of a name: on this feed anybody is who they say. Raises Rejected("unknown_account")."""
        name = handle.strip().lstrip("@")
        if not _NAME.fullmatch(name):
            raise Rejected(
                phrase("“%(name)s” is no name on the local feed.", name=handle), Refusal.UNKNOWN_ACCOUNT
            )
        return Author(id=name.casefold(), handle=name, name=name)

    def close(self) -> None:
        """Nothing to close: the feed's storage is not ours."""

    def _check_length(self, outgoing: Outgoing) -> None:
        if outgoing.repost_of is None and not self.measure.fits(outgoing.text):
            raise Rejected(f"A post on the local feed has 1 to {LONGEST_POST} characters.", Refusal.TOO_LONG)

    def _published(self, post: FeedPost) -> Published:
        return Published(post.id, local_url(self._base_url, post.id))

    def _post(self, post: FeedPost | _EventPost, event: PostEvent | None = None) -> Post:
        kind = event or (PostEvent.EDITED if post.edited_at else PostEvent.CREATED)
        author = Author(id=post.author.casefold(), handle=post.author, name=post.author)
        if kind is PostEvent.DELETED:
            return Post(self.name, post.id, author, event=kind)
        return Post(
            platform=self.name,
            external_id=post.id,
            author=author,
            text=post.text,
            event=kind,
            posted_at=post.posted_at,
            edited_at=post.edited_at,
            in_reply_to=post.in_reply_to,
            mentions=tuple(Mention(name, name.casefold()) for name in entities.mentions(post.text)),
            tags=entities.hashtags(post.text),
            visibility=Visibility.PUBLIC,
            url=local_url(self._base_url, post.id),
            is_repost=post.repost_of is not None,
        )
