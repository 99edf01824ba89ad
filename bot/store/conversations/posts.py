"""Posts as they came in."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from bot.posts import KnownPost
from bot.store.tables.conversations import PostRow

WITHOUT_WORDS: dict[str, Any] = {
    "author_name": "",
    "text": "",
    "mentions": [],
    "tags": [],
    "warning": "",
    "choices": [],
    "pictures": [],
}
"""The columns of a post that is not kept, be it gone or none of our business: what it said is empty."""


def empty(post: PostRow) -> None:
    """Keep of a post that it was there, and nothing of what it said."""
    for name, value in WITHOUT_WORDS.items():
        setattr(post, name, value)


def by_external_id(session: Session, platform: str, external_id: str) -> PostRow | None:
    """The post with this identity, or its tombstone."""
    return session.exec(
        select(PostRow).where(PostRow.platform == platform, PostRow.external_id == external_id)
    ).first()


def known(session: Session, platform: str, external_ids: Iterable[str]) -> dict[str, KnownPost]:
    """What we have of these posts, by id, for a platform that is asked about them."""
    rows = session.exec(
        select(PostRow.external_id, PostRow.author_id, PostRow.refs).where(
            PostRow.platform == platform, col(PostRow.external_id).in_(list(external_ids))
        )
    ).all()
    return {name: KnownPost(author_id, refs) for name, author_id, refs in rows}
