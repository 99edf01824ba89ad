"""Mentions, replies and quotes of the brand, read from the newest back to where the last reading ended.

The server's list has its traps (all seen): its cursor is a bare time, so that posts of one millisecond can
be lost at a page's border; it is sorted by the earlier of the author's time and the server's, so that a
backdated post appears in the past; ``isRead`` belongs to the person with the app. So a stretch that was
read before is read again, a short one always and a long one from time to time, and what was handed out
before is known by its address. A post is announced once, as the first of mention, quote and reply that it
is: a reply that quotes the brand as well comes as a quote.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import orjson

from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import carries_tag, listed, post_from_view, split_uri, uri_of
from bot.platforms.bluesky.embeds import Json, quoted_by
from bot.platforms.wire.listing import page_that_fits, readable
from bot.platforms.wire.timestamps import time_of
from bot.posts import Page, Post

PAGE_SIZE = 100
PAGES_A_CALL = 10
OVERLAP = timedelta(minutes=10)
LONG_OVERLAP = timedelta(days=2)
LONG_EVERY = timedelta(hours=1)
REMEMBERED = 2_000
REASONS = ("mention", "quote", "reply")
_NAME = "app.bsky.notification.listNotifications"


@dataclass(frozen=True, slots=True)
class ReadPosition:
    """How far the reading has come; all times are ISO 8601.

    ``until`` is the time of the newest post of the last complete reading, ``long_at`` when the long stretch
    was read last, ``seen`` short digests of the addresses handed out. While a reading is under way
    ``newest`` is its newest time, ``floor`` how far back it goes and ``resume`` the server's cursor to go
    on from.
    """

    until: str | None = None
    long_at: str | None = None
    seen: tuple[str, ...] = ()
    newest: str | None = None
    floor: str | None = None
    resume: str | None = None

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "ReadPosition":
        """The position a cursor stands for; the very first one when it cannot be read."""
        try:
            told = orjson.loads(cursor or "{}")
            return cls(**{**told, "seen": tuple(told.get("seen", ()))})
        except (orjson.JSONDecodeError, TypeError, AttributeError):
            return cls()

    def cursor(self) -> str:
        """The cursor that stands for this position."""
        return orjson.dumps(asdict(self)).decode()


def mentions_after(api: Api, tags: Sequence[str], cursor: str | None) -> Page:
    """Mentions, replies and quotes of the brand since ``cursor``; without one the newest page of them.

    Raises:
        Retry: when the server does not answer.
        Reconnect: when the brand's session has ended for good.
    """
    start = ReadPosition.from_cursor(cursor)
    position = start if start.resume else _begun(start, api.clock())
    views, position = _read_back(api, position)
    fresh = [view for view in views if _digest(str(view["uri"])) not in position.seen]
    brand = api.session()["did"]
    posts = tuple(readable("bluesky", fresh, lambda view: _post(view, brand, tags), uri_of))
    seen = (*position.seen, *(_digest(str(view["uri"])) for view in fresh))[-REMEMBERED:]
    position = replace(position, seen=seen)
    if position.resume:
        return Page(posts, position.cursor(), more=True)
    until = position.newest or position.until or api.clock().isoformat()
    done = replace(position, until=until, newest=None, floor=None)
    return Page(posts, done.cursor())


def _begun(position: ReadPosition, now: datetime) -> ReadPosition:
    """The position at the beginning of a reading, with the time it goes back to."""
    until = time_of(position.until)
    if until is None:
        return replace(position, floor=None, long_at=now.isoformat())
    read_long_at = time_of(position.long_at)
    if read_long_at is None or not timedelta() <= now - read_long_at < LONG_EVERY:
        return replace(position, floor=(until - LONG_OVERLAP).isoformat(), long_at=now.isoformat())
    return replace(position, floor=(until - OVERLAP).isoformat())


def _read_back(api: Api, position: ReadPosition) -> tuple[list[Json], ReadPosition]:
    """Some pages from the newest backwards, turned round; ``resume`` says whether there are more."""
    found: dict[str, Json] = {}
    floor, resume, newest = time_of(position.floor), position.resume, time_of(position.newest)
    for _ in range(PAGES_A_CALL):
        views, following = _page(api, resume)
        found.update((str(view["uri"]), view) for view in views)
        times = [time for view in views if (time := time_of(view.get("indexedAt")))]
        newest = max((time for time in (newest, *times) if time), default=None)
        resume = following if floor and times and min(times) >= floor else None
        if resume is None:
            break
    return list(reversed(found.values())), replace(
        position, newest=newest.isoformat() if newest else None, resume=resume
    )


def _page(api: Api, resume: str | None) -> tuple[Sequence[Json], str | None]:
    """One page, and the cursor of the next one, which repeats the last millisecond of this one."""
    params: dict[str, str | Sequence[str]] = {"reasons": REASONS}
    if resume:
        params["cursor"] = resume
    told = page_that_fits(lambda size: api.query(_NAME, {**params, "limit": str(size)}), PAGE_SIZE)
    views = [view for view in listed(told, "notifications") if view.get("uri")]
    following = str(told.get("cursor") or "")
    return views, _overlapping(views, following) if following and views else None


def _overlapping(views: Sequence[Json], following: str) -> str:
    """A cursor one millisecond after the server's, unless that would read the same page again."""
    last, first = time_of(following), time_of(views[0].get("indexedAt"))
    if last is None or first is None or first <= last + timedelta(milliseconds=1):
        return following
    return (last + timedelta(milliseconds=1)).astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _post(view: Json, brand: str, tags: Sequence[str]) -> Post | None:
    """The post a notification is about, if it is for the brand. Raises what ``post_from_view`` does.

    ``reply`` also arrives for replies among others far below a post of the brand's: those only count with
    the tag. A quote of the brand that replies to nobody is taken as an answer to what it quotes.
    """
    if view.get("reason") not in REASONS:
        return None
    post = as_reply_to_quoted(post_from_view(view), view, brand)
    return post if _is_for(post, brand, tags) else None


def as_reply_to_quoted(post: Post, view: Json, brand: str) -> Post:
    """A post that quotes one of the brand's and replies to nothing, as a reply to that one."""
    quoted = quoted_by(view["record"])
    if quoted and post.in_reply_to is None and _owner(quoted) == brand:
        return replace(post, in_reply_to=quoted)
    return post


def _is_for(post: Post, brand: str, tags: Sequence[str]) -> bool:
    addressed = any(mention.id == brand for mention in post.mentions)
    answers = post.in_reply_to is not None and _owner(post.in_reply_to) == brand
    return post.author.id != brand and (addressed or answers or carries_tag(post, tags))


def _owner(uri: str) -> str:
    try:
        return split_uri(uri)[0]
    except ValueError:
        return ""


def _digest(uri: str) -> str:
    return blake2b(uri.encode("utf-8", "replace"), digest_size=6).hexdigest()
