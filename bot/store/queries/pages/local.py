"""What the local feed's page shows: conversations, with what Chorus made of each post."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.posts import PlatformName
from bot.states import DeliveryKind, EntryState, PostKind
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import LocalPostRow
from bot.store.tables.people import EmployeeRow, IdentityRow
from bot.store.topics import named as topics
from routing.model.domain import EmployeeState, OfferState

_MOST_REPLIES = 400
_DEPTH = 2
"""Levels of replies that are indented; what replies to the last one stands on the same level."""


class Speaker(StrEnum):
    """Who wrote a post, as far as the house knows."""

    BRAND = "brand"
    EMPLOYEE = "employee"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question: its state, how many people have it in front of them, its main topic."""

    state: str
    people: int
    satisfied: bool | None
    joins: bool
    topic: str | None


@dataclass(slots=True)
class FeedView:
    """A post with its replies, oldest first. ``asked`` is set for posts that opened a question."""

    id: str
    author: str
    text: str
    posted_at: datetime
    deleted: bool
    edited: bool
    speaker: Speaker = Speaker.CUSTOMER
    verdict: str | None = None
    asked: Asked | None = None
    reply_to: str = ""
    entry_id: int | None = None
    entry_title: str = ""
    replies: "list[FeedView]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LocalPersona:
    """Somebody one can post as."""

    handle: str
    name: str
    title: str = ""


def conversations(
    session: Session, brand: str, *, limit: int, before: int | None = None
) -> tuple[list[FeedView], int | None]:
    """The latest conversations, newest first, and from where to page on (None: that was all)."""
    statement = select(LocalPostRow).where(col(LocalPostRow.in_reply_to).is_(None))
    if before is not None:
        statement = statement.where(col(LocalPostRow.id) < before)
    found = session.exec(statement.order_by(col(LocalPostRow.id).desc()).limit(limit + 1)).all()
    roots, more = list(found[:limit]), len(found) > limit
    replies = _replies(session, roots)
    views = {row.id: _view(row) for row in [*roots, *replies]}
    _annotate(session, views, brand)
    for row in replies:
        parent = views.get(row.in_reply_to or 0)
        if parent is not None:
            views[row.id].reply_to = parent.author
            parent.replies.append(views[row.id])
    shown = [one for row in roots if (one := _without_traces(views[row.id])) is not None]
    for view in shown:
        _flatten(view, _DEPTH)
    return shown, (roots[-1].id if more else None)


def employees_here(session: Session) -> list[LocalPersona]:
    """The employees with an account on the local feed."""
    rows = session.exec(
        select(IdentityRow.handle, EmployeeRow.name, EmployeeRow.title)
        .join(EmployeeRow, col(EmployeeRow.id) == IdentityRow.employee_id)
        .where(IdentityRow.platform == PlatformName.LOCAL, EmployeeRow.state != EmployeeState.LEFT)
        .order_by(col(EmployeeRow.name))
        .limit(200)
    ).all()
    return [LocalPersona(handle, name, title) for handle, name, title in rows]


_LATELY = 500
"""So many posts back somebody counts as having posted lately."""


def recent_customers(session: Session, but: Iterable[str], limit: int) -> list[str]:
    """The names that posted lately, without these."""
    left_out = {name.casefold() for name in but}
    rows = session.exec(
        select(LocalPostRow.author)
        .where(col(LocalPostRow.deleted_at).is_(None))
        .order_by(col(LocalPostRow.id).desc())
        .limit(_LATELY)
    ).all()
    authors = dict.fromkeys(author for author in rows if author.casefold() not in left_out)
    return list(authors)[:limit]


def topic_names(session: Session) -> dict[str, str]:
    """What the topics are called, by their slugs."""
    return topics.all_names(session)


def _replies(session: Session, roots: Sequence[LocalPostRow]) -> list[LocalPostRow]:
    """Everything below these posts, in the order of posting, up to a sane number."""
    found: list[LocalPostRow] = []
    level = [row.id for row in roots]
    while level and len(found) < _MOST_REPLIES:
        rows = session.exec(
            select(LocalPostRow)
            .where(col(LocalPostRow.in_reply_to).in_(level))
            .order_by(col(LocalPostRow.id))
            .limit(_MOST_REPLIES - len(found))
        ).all()
        found.extend(rows)
        level = [row.id for row in rows]
    return sorted(found, key=lambda row: row.id)


def _view(row: LocalPostRow) -> FeedView:
    return FeedView(
        id=str(row.id),
        author=row.author,
        text=row.text,
        posted_at=row.posted_at,
        deleted=row.deleted_at is not None,
        edited=row.edited_at is not None,
    )


def _without_traces(view: FeedView) -> FeedView | None:
    """Deleted posts stay only as the place that others reply to."""
    view.replies = [one for reply in view.replies if (one := _without_traces(reply)) is not None]
    return None if view.deleted and not view.replies else view


def _flatten(view: FeedView, depth: int) -> None:
    """Put what would be indented more than ``depth`` times on the last level, in the order of posting."""
    if depth > 1:
        for reply in view.replies:
            _flatten(reply, depth - 1)
        return
    below: list[FeedView] = []
    rest = list(view.replies)
    while rest:
        reply = rest.pop(0)
        rest.extend(reply.replies)
        reply.replies = []
        below.append(reply)
    view.replies = sorted(below, key=lambda one: int(one.id))


def _annotate(session: Session, views: dict[int, FeedView], brand: str) -> None:
    ids = [view.id for view in views.values()]
    employees = {one.handle.casefold() for one in employees_here(session)}
    posts = session.exec(
        select(PostRow).where(PostRow.platform == PlatformName.LOCAL, col(PostRow.external_id).in_(ids))
    ).all()
    known = {post.external_id: post for post in posts}
    asked = _asked(session, [post.question_id for post in posts if post.verdict == PostKind.QUESTION])
    entries = _entries(session, ids)
    for view in views.values():
        name = view.author.casefold()
        if name == brand.casefold():
            view.speaker = Speaker.BRAND
        elif name in employees:
            view.speaker = Speaker.EMPLOYEE
        post = known.get(view.id)
        if post is not None:
            view.verdict = post.verdict
            view.asked = asked.get(post.question_id or 0) if post.verdict == PostKind.QUESTION else None
        view.entry_id, view.entry_title = entries.get(view.id, (None, ""))


def _asked(session: Session, question_ids: Sequence[int | None]) -> dict[int, Asked]:
    people: dict[int, int] = defaultdict(int)
    counted = select(OfferRow.question_id, func.count()).where(
        col(OfferRow.question_id).in_(question_ids), among(OfferRow.state, OfferState.OPEN)
    )
    people.update(session.exec(counted.group_by(col(OfferRow.question_id))).all())
    rows = session.exec(select(QuestionRow).where(col(QuestionRow.id).in_(question_ids))).all()
    return {
        row.id: Asked(row.state, people[row.id], row.satisfied, row.joins, row.main_topic) for row in rows
    }


def _entries(session: Session, ids: Sequence[str]) -> dict[str, tuple[int | None, str]]:
    """The public entries that the brand's posts became: by the post's id."""
    rows = session.exec(
        select(DeliveryRow.external_id, EntryRow.id, EntryRow.title)
        .join(AnswerRow, col(AnswerRow.id) == DeliveryRow.answer_id)
        .join(EntryRow, col(EntryRow.question_id) == AnswerRow.question_id)
        .where(
            among(DeliveryRow.platform, PlatformName.LOCAL),
            among(DeliveryRow.kind, DeliveryKind.PUBLICATION),
            among(EntryRow.state, EntryState.PUBLIC),
            col(DeliveryRow.external_id).in_(ids),
        )
    ).all()
    return {str(external_id): (entry_id, title) for external_id, entry_id, title in rows}
