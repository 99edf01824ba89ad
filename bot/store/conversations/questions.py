"""Questions: opening them, and moving them through their states."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, col, select

from bot.states import HookEvent
from bot.store import rows
from bot.store.hooks.outbox import tell
from bot.store.row_locks import locked_rows, supersede, supersede_all
from bot.store.tables.columns import among, table_of
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event, advance

LONGEST_WAITING = func.coalesce(col(QuestionRow.waits_since), col(QuestionRow.due_at))
"""In which order the router takes due questions: who waits for a free hand has waited since before."""
_TOLD = {
    QuestionState.SETTLED: HookEvent.QUESTION_SETTLED,
    QuestionState.ESCALATED: HookEvent.QUESTION_ESCALATED,
}
_NEW = insert(table_of(QuestionRow)).returning(table_of(QuestionRow).c.post_id, table_of(QuestionRow).c.id)


@dataclass(frozen=True, slots=True)
class Opening:
    """A mention that opens a question, in the state in which it begins."""

    post: PostRow
    state: QuestionState
    language: str | None = None
    note: str = ""
    follows_id: int | None = None
    """The question in whose thread it came up."""
    announcement_id: int | None = None
    """The announcement that it replies to."""
    unasked: bool = False
    """Whether its customer has not addressed the brand."""
    joins_matter: int | None = None
    """The matter whose campaign it joins, where it does nothing else."""


def open_all(session: Session, openings: Sequence[Opening], now: datetime) -> list[int]:
    """New questions from mentions, due at once where they are open; their ids are returned, in order."""
    if not openings:
        return []
    made = session.connection().execute(_NEW, [_new(one, now) for one in openings])
    numbers: dict[int, int] = dict(made.all())
    for one in openings:
        if one.state is QuestionState.OPEN:
            tell(session, HookEvent.QUESTION_OPENED, numbers[one.post.id])
    return [numbers[one.post.id] for one in openings]


def _new(opening: Opening, now: datetime) -> dict[str, Any]:
    post, state = opening.post, opening.state
    return {
        "platform": post.platform,
        "post_id": post.id,
        "reply_to": post.id,
        "customer_id": post.author_id,
        "customer_handle": post.author_handle,
        "text": post.text,
        "language": opening.language,
        "state": state,
        "reach": post.followers,
        "note": opening.note,
        "follows_id": opening.follows_id,
        "announcement_id": opening.announcement_id,
        "unasked": opening.unasked,
        "matter_id": opening.joins_matter,
        "gathered": opening.joins_matter is not None,
        "joins": opening.joins_matter is not None,
        "asked_at": (post.posted_at or now) if not opening.unasked else now,  # nobody has waited before
        "due_at": now if state is QuestionState.OPEN else None,
        "round": 0,
        "rung": 0,
        "priority": 0,
        "topics": [],
        "topics_by": "",
        "title": "",
        "suggestions": [],
        "fence": 0,
        "attempts": 0,
    }


def move(session: Session, question: QuestionRow, event: Event, *, due_at: datetime | None = None) -> None:
    """Bring a question to where ``event`` leads from its present state. Raises lifecycle.Impossible.

    Whoever has the question under a lease loses it: what they decide is about a state that is past.
    """
    move_all(session, [(question, due_at)], event)


def move_all(
    session: Session, moves: Sequence[tuple[QuestionRow, datetime | None]], event: Event, **values: Any
) -> None:
    """As ``move``, of questions with the moment at which each is due next; all are given ``values``, too."""
    held_all(session, [question.id for question, _ in moves])
    alike: dict[tuple[QuestionState, datetime | None], list[QuestionRow]] = defaultdict(list)
    for question, due_at in moves:
        state = QuestionState(question.state)
        following = advance(state, event)
        alike[following, due_at].append(question)
        if (told := told_of(state, event, following)) is not None:
            tell(session, told, question.id)
    for (state, due_at), some in alike.items():
        left = {} if state is QuestionState.ASKED_BACK else {"asked_back_by": None}
        supersede_all(session, some, state=state, due_at=due_at, waits_since=None, **left, **values)


def told_of(before: QuestionState, event: Event, after: QuestionState) -> HookEvent | None:
    """What others are told when ``event`` brings a question from one state to another; None: nothing."""
    if event is Event.PUBLISHED and after is not QuestionState.WITHDRAWN:
        return HookEvent.QUESTION_ANSWERED
    if event is Event.OFFERED:
        return HookEvent.QUESTION_OFFERED
    return _TOLD.get(after) if after is not before else None


def answered_all(
    session: Session, moves: Sequence[tuple[QuestionRow, datetime | None]], now: datetime
) -> None:
    """The customers of these questions have an answer; of those who had one before, the first one counts."""
    first = [one for one in moves if one[0].answered_at is None]
    again = [one for one in moves if one[0].answered_at is not None]
    move_all(session, first, Event.PUBLISHED, answered_at=now)
    move_all(session, again, Event.PUBLISHED)


def ask_back(
    session: Session,
    question: QuestionRow,
    employee_id: int | None,
    now: datetime,
    *,
    event: Event = Event.ASKED_BACK,
    due_at: datetime | None = None,
) -> None:
    """Somebody has asked the customer something back: how long we wait for them counts from now on.

    Where that changes nothing any more, it is looked at as it would have been, at ``due_at``.
    """
    waits = advance(QuestionState(question.state), event) is QuestionState.ASKED_BACK
    values = {"asked_back_at": now, "asked_back_by": employee_id} if waits else {}
    move_all(session, [(question, now if waits else due_at)], event, **values)


def any_asked_back(session: Session, platform: str, customer_id: str) -> bool:
    """Whether a question waits for this customer's reply to what was asked back."""
    statement = select(QuestionRow.id).where(
        QuestionRow.platform == platform,
        QuestionRow.customer_id == customer_id,
        among(QuestionRow.state, QuestionState.ASKED_BACK),
    )
    return session.exec(statement).first() is not None


def asked_back_due(session: Session, now: datetime, limit: int) -> list[int]:
    """Questions that wait for their customer and are to be looked at, the longest due first."""
    due = (QuestionRow.state == QuestionState.ASKED_BACK, col(QuestionRow.due_at) <= now)
    statement = select(QuestionRow.id).where(*due).order_by(col(QuestionRow.due_at)).limit(limit)
    return list(session.exec(statement).all())


def held_one(session: Session, question_id: int) -> QuestionRow:
    """The question that another row refers to, as it is now, held until the transaction ends."""
    (question,) = held_all(session, [question_id])
    return question


def whole(session: Session, question: QuestionRow) -> QuestionRow:
    """The question that this one is part of; itself where it is one of its own."""
    while question.joined_to is not None:
        question = rows.one(session, QuestionRow, question.joined_to)
    return question


def held_all(session: Session, question_ids: Iterable[int]) -> list[QuestionRow]:
    """These questions, held in the order that everybody keeps to."""
    return locked_rows(session, QuestionRow, question_ids)


def look_at_once(session: Session, question: QuestionRow, now: datetime) -> None:
    """The ladder moves on now, where it would move on later; the question is held.

    What a router has in hand by then was decided without knowing that.
    """
    if question.due_at is not None:
        supersede(session, question, due_at=now)


def wake(session: Session, question_ids: Sequence[int], now: datetime) -> int:
    """Questions that wait for a free hand are looked at once; how many is returned.

    One that somebody has right now, or is changing, is left alone: they see to it.
    """
    free = or_(col(QuestionRow.lease_until).is_(None), col(QuestionRow.lease_until) <= now)
    waiting = (
        select(QuestionRow.id)
        .where(
            col(QuestionRow.id).in_(question_ids),
            col(QuestionRow.waits_since).is_not(None),
            col(QuestionRow.due_at) > now,
            free,
        )
        .with_for_update(skip_locked=True)
    )
    done = session.execute(
        update(QuestionRow)
        .where(col(QuestionRow.id).in_(waiting))
        .values(due_at=now)
        .returning(col(QuestionRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
