"""Posts as they came in."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.posts import KnownPost
from bot.states import ADDED, PostState
from bot.store.tables.columns import among
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

_WITH_IDS = select(PostRow).where(
    PostRow.platform == bindparam("platform"),
    col(PostRow.external_id).in_(bindparam("ids", expanding=True)),
)
_DUE = (
    select(PostRow.id)
    .where(
        col(PostRow.state).in_((PostState.NEW, PostState.WAITING)),
        col(PostRow.due_at) <= bindparam("now"),
    )
    .limit(1)
)


def empty(post: PostRow) -> None:
    """Keep of a post that it was there, and nothing of what it said."""
    for name, value in WITHOUT_WORDS.items():
        setattr(post, name, value)


def by_external_id(session: Session, platform: str, external_id: str) -> PostRow | None:
    """The post with this identity, or its tombstone."""
    return by_external_ids(session, [(platform, external_id)]).get((platform, external_id))


def added(session: Session, question_ids: Collection[int]) -> dict[int, list[PostRow]]:
    """What the customers of these questions added to them, by question, in the order it came in."""
    found: dict[int, list[PostRow]] = defaultdict(list)
    if question_ids:
        rows = session.exec(
            select(PostRow)
            .where(
                col(PostRow.question_id).in_(question_ids),
                among(PostRow.verdict, *ADDED),
                col(PostRow.deleted_at).is_(None),
            )
            .order_by(col(PostRow.id))
        ).all()
        for row in rows:
            found[row.question_id or 0].append(row)
    return found


def any_due(session: Session, now: datetime) -> bool:
    """Whether intake has to look at a post: asked before claiming, for that is a write, due or not."""
    return session.exec(_DUE, params={"now": now}).first() is not None


def by_external_ids(
    session: Session, identities: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], PostRow]:
    """The posts with these identities (platform, external id), or their tombstones, where there are any."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for platform, external_id in identities:
        wanted[platform].add(external_id)
    found = {}
    for platform, ids in wanted.items():
        rows = session.exec(_WITH_IDS, params={"platform": platform, "ids": sorted(ids)}).all()
        found.update({(platform, row.external_id): row for row in rows})
    return found


def known(session: Session, platform: str, external_ids: Iterable[str]) -> dict[str, KnownPost]:
    """What we have of these posts, by id, for a platform that is asked about them."""
    rows = session.exec(
        select(PostRow.external_id, PostRow.author_id, PostRow.refs).where(
            PostRow.platform == platform, col(PostRow.external_id).in_(list(external_ids))
        )
    ).all()
    return {name: KnownPost(author_id, refs) for name, author_id, refs in rows}
