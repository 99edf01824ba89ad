"""What the columns can hold, as their tables say, and making what comes from outside fit them.

SQLite would take more than PostgreSQL does: the same bounds hold for both, so that what was let into one can
move to the other. Characters that neither can hold are seen to in ``bot.store.storable``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, String, Table
from sqlmodel import SQLModel

from bot.posts import Post, PostEvent
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import PostRow
from bot.text.times.timestamps import EARLIEST, LATEST, in_utc

_INDEXED_BYTES = 2_048
"""The longest text in an index: PostgreSQL refuses one from 2,704 bytes on."""
_ALWAYS_INDEXED = _INDEXED_BYTES // 4
"""So many characters fit into an index whatever they are."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A field of a post that cannot be stored, and why."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A post as it can be stored.

    ``lost`` are the fields that fitting it has cost; ``unusable`` says why nothing can be made of it and a
    person has to look (empty: it is a post like any other).
    """

    post: Post
    lost: tuple[Misfit, ...] = ()
    unusable: str = ""


def _length(column: Column[Any]) -> int | None:
    return column.type.length if isinstance(column.type, String) else None


def _largest(column: Column[Any]) -> int:
    return 2**63 - 1 if isinstance(column.type, BigInteger) else 2**31 - 1


def longest(model: type[SQLModel], name: str) -> int:
    """How many characters a text column holds. Raises ValueError where it has no limit."""
    length = _length(table_of(model).c[name])
    if length is None:
        raise ValueError(f"{name} has no limit")
    return length


def largest(model: type[SQLModel], name: str) -> int:
    """The largest number that a column holds."""
    return _largest(table_of(model).c[name])


_LANGUAGE = longest(PostRow, "language")
_FOLLOWERS = largest(PostRow, "followers")


def shortened(tag: str, most: int = _LANGUAGE) -> str | None:
    """A language tag of at most ``most`` characters: the subtags in front that fit (RFC 4647, 3.4)."""
    tag = tag.strip()
    while len(tag) > most:
        tag = tag.rpartition("-")[0]
        if tag[-2:-1] == "-":  # a single letter only announces what came behind it
            tag = tag[:-2]
    return tag or None


def key_of(identifier: str) -> str:
    """An id as it can be looked up by; one too long for that is cut, with a digest of the whole behind."""
    if _is_indexable(identifier):
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{identifier[: _ALWAYS_INDEXED - 65]}#{digest}"


def fit(post: Post) -> Fitted:
    """The post with every field as its column holds it."""
    if _fits(post):
        return Fitted(post)
    fitting = replace(
        post,
        external_id=key_of(post.external_id),
        author=replace(
            post.author,
            id=key_of(post.author.id),
            followers=_holdable(post.author.followers),
            since=post.author.since and in_utc(post.author.since),
        ),
        language=post.language and shortened(post.language),
        in_reply_to=post.in_reply_to and key_of(post.in_reply_to),
        posted_at=post.posted_at and in_utc(post.posted_at),
        edited_at=post.edited_at and in_utc(post.edited_at),
    )
    is_gone = post.event is PostEvent.DELETED
    return Fitted(fitting, _lost(post, fitting), "" if is_gone else post.problem or _why_unusable(post))


def fitter(table: Table, name: str) -> Callable[[Any], Any]:
    """What makes a value of a database that took more fit into this column.

    A text in an index is cut as ids are, another to its length, a language at a hyphen; a number too large
    and a moment too far out are unknown where that can be said, else the largest and the farthest.
    """
    column = table.c[name]
    length = _length(column)
    if isinstance(column.type, String) and name in _indexed(table):
        return lambda value: key_of(value) if isinstance(value, str) else value
    if name == "language" and length is not None:
        return lambda value: shortened(value, length) if isinstance(value, str) else value
    if length is not None:
        return lambda value: value[:length] if isinstance(value, str) else value
    if isinstance(column.type, Integer):
        most = _largest(column)
        return lambda value: (
            value if value is None or -most <= value <= most else None if column.nullable else most
        )
    if isinstance(column.type, DateTime):
        return lambda value: _fit_moment(value, nullable=bool(column.nullable))
    return lambda value: value


def _fit_moment(value: datetime | None, *, nullable: bool) -> datetime | None:
    """An aware moment that this house can reckon with."""
    at = None if value is None else in_utc(value)
    if at is not None or value is None or nullable:
        return at
    return EARLIEST if value.year <= EARLIEST.year else LATEST


def _fits(post: Post) -> bool:
    """Whether there is nothing to do, as for nearly every post."""
    author = post.author
    return (
        not post.problem
        and 0 < len(post.external_id) <= _ALWAYS_INDEXED
        and len(author.id) <= _ALWAYS_INDEXED
        and (post.in_reply_to is None or len(post.in_reply_to) <= _ALWAYS_INDEXED)
        and (post.language is None or len(post.language) <= _LANGUAGE)
        and (author.followers is None or 0 <= author.followers <= _FOLLOWERS)
        and _can_be_reckoned(post.posted_at)
        and _can_be_reckoned(post.edited_at)
        and _can_be_reckoned(author.since)
    )


def _can_be_reckoned(moment: datetime | None) -> bool:
    return moment is None or in_utc(moment) is not None


def _lost(post: Post, fitting: Post) -> tuple[Misfit, ...]:
    """The fields that have a value in ``post`` and none as it is stored."""
    pairs = (
        ("followers", post.author.followers, fitting.author.followers, "is no number that can be stored"),
        ("language", post.language, fitting.language, "is no code of a language"),
        ("posted_at", post.posted_at, fitting.posted_at, "is a date that nobody can reckon with"),
        ("edited_at", post.edited_at, fitting.edited_at, "is a date that nobody can reckon with"),
        ("author_since", post.author.since, fitting.author.since, "is a date that nobody can reckon with"),
    )
    return tuple(Misfit(name, why) for name, had, has, why in pairs if had is not None and has is None)


def _why_unusable(post: Post) -> str:
    if not post.external_id:
        return "It has no id, so nobody could reply to it."
    if not _is_indexable(post.external_id):
        return f"Its id has {len(post.external_id):,} characters, more than can be looked up."
    return ""


def _holdable(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= _FOLLOWERS else None


def _is_indexable(identifier: str) -> bool:
    if len(identifier) <= _ALWAYS_INDEXED:
        return True
    return len(identifier.encode("utf-8", "surrogatepass")) <= _INDEXED_BYTES


def _indexed(table: Table) -> frozenset[str]:
    """The columns that are in any index of the table."""
    keys = [table.primary_key, *table.indexes, *table.constraints]
    return frozenset(str(column.name) for key in keys for column in getattr(key, "columns", ()))
