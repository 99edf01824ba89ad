"""What comes in, as rows: new posts, edits, tombstones of deleted posts, and what is set aside for a person.

Inserts ignore what is there already: a post that comes twice has no second effect.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, and_, cast, or_

from bot.posts import Author, Post, PostEvent, Visibility
from bot.states import PostState
from bot.store.conversations.posts import WITHOUT_WORDS
from bot.store.dialects import insert_of
from bot.store.fitting import Fitted, key_of, longest
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import PostRow
from bot.store.tables.values import stored_mentions
from bot.text.times.timestamps import in_utc

_NEW = PostState.NEW.value
_SAID = ("text", "visibility", "warning", "choices", "pictures")
"""An edit that changes none of these is none."""
_PLATFORM = longest(PostRow, "platform")


class Arrivals:
    """Writes what came in, on a connection of one kind of database."""

    def __init__(self, dialect: str) -> None:
        self._insert = insert_of(dialect)
        self._new = self._insert(PostRow).on_conflict_do_nothing(index_elements=["platform", "external_id"])

    def put(self, connection: Connection, came: Sequence[Fitted], now: datetime) -> None:
        """Store posts of whatever kind, in the caller's transaction."""
        usable = [one.post for one in came if not one.unusable]
        self._put_new(connection, [_row(post, now) for post in usable if post.event is PostEvent.CREATED])
        for event, put in ((PostEvent.EDITED, self._put_edited), (PostEvent.DELETED, self._put_deleted)):
            rows = [_changed(post, now) for post in usable if post.event is event]
            if rows:
                put(connection, rows)
        self._put_new(
            connection, [_set_aside_row(one.post, one.unusable, now) for one in came if one.unusable]
        )

    def put_aside(self, connection: Connection, post: Post, why: str, now: datetime) -> None:
        """Store a post of which nothing can be made, for a person to look at."""
        self._put_new(connection, [_set_aside_row(post, why, now)])

    def _put_new(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(self._new, rows)

    def _put_edited(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        insert, old = self._insert(PostRow), _columns()
        new = insert.excluded
        changes = {
            name: new[name]
            for name in (
                "text",
                "language",
                "visibility",
                "mentions",
                "tags",
                "warning",
                "choices",
                "pictures",
                "edited_at",
                "followers",
                "refs",
                "url",
            )
        }
        statement = insert.on_conflict_do_update(
            index_elements=["platform", "external_id"],
            set_={**changes, **_afresh(new)},
            where=and_(
                old.deleted_at.is_(None),
                or_(old.edited_at.is_(None), old.edited_at < new.edited_at),
                or_(*[cast(getattr(old, name), String) != cast(new[name], String) for name in _SAID]),
            ),
        )
        connection.execute(statement, rows)

    def _put_deleted(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        insert, old = self._insert(PostRow), _columns()
        new = insert.excluded
        gone = {name: new[name] for name in (*WITHOUT_WORDS, "deleted_at")}
        statement = insert.on_conflict_do_update(
            index_elements=["platform", "external_id"],
            set_={**gone, **_afresh(new)},
            where=old.deleted_at.is_(None),
        )
        connection.execute(statement, rows)


def _columns() -> Any:
    return PostRow


def _afresh(new: Any) -> dict[str, Any]:
    """Intake looks again, and whoever has the row under a lease right now loses it."""
    return {
        "state": new["state"],
        "due_at": new["due_at"],
        "lease_until": None,
        "attempts": 0,
        "fence": _columns().fence + 1,
    }


def _row(post: Post, now: datetime) -> dict[str, Any]:
    """What is stored of every post; the other columns begin as the table says."""
    author = post.author
    return {
        "platform": post.platform,
        "external_id": post.external_id,
        "author_id": author.id,
        "author_handle": author.handle,
        "author_name": author.name,
        "followers": author.followers,
        "author_since": author.since,
        "indexable": author.indexable,
        "text": post.text,
        "language": post.language,
        "visibility": post.visibility.value,
        "in_reply_to": post.in_reply_to,
        "thread": post.thread,
        "url": post.url,
        "mentions": stored_mentions(post.mentions),
        "tags": list(post.tags),
        "refs": dict(post.refs),
        "is_repost": post.is_repost,
        "warning": post.warning,
        "choices": list(post.choices),
        "pictures": list(post.pictures),
        "posted_at": post.posted_at,
        "received_at": now,
        "state": _NEW,
        "due_at": now,
    }


def _changed(post: Post, now: datetime) -> dict[str, Any]:
    """The row of an edited post, or of a deleted one: its tombstone."""
    row = _row(post, now)
    if post.event is PostEvent.DELETED:
        return {**row, **WITHOUT_WORDS, "deleted_at": now}
    return {**row, "edited_at": post.edited_at or now}


def _set_aside_row(post: Post, why: str, now: datetime) -> dict[str, Any]:
    """The row of a post of which nothing can be made: as much of it as a person can read, and the reason.

    Takes nothing for granted, for it is also the row of a post that could not be stored in any other way.
    """
    author = Author(
        id=key_of(_text(post.author.id)), handle=_text(post.author.handle), name=_text(post.author.name)
    )
    readable = Post(
        platform=_text(post.platform)[:_PLATFORM],
        external_id=key_of(_text(post.external_id)) or _made_up_id(post),
        author=author,
        text=_text(post.text),
        visibility=Visibility.least(_text(post.visibility)),
        url=_text(post.url) or None,
        posted_at=in_utc(post.posted_at) if isinstance(post.posted_at, datetime) else None,
    )
    return {
        **_row(readable, now),
        "state": PostState.QUARANTINED,
        "due_at": None,
        "last_error": why[:LONGEST_REASON],
    }


def _made_up_id(post: Post) -> str:
    """The same for the same post each time it is read."""
    said = repr((post.author, post.text, post.posted_at, post.problem))
    return f"unread-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
