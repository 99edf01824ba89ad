"""Questions: opening them, and moving them through their states."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, col, select

from bot.store.row_locks import lock_row, locked_row, supersede
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event, advance

LONGEST_WAITING = func.coalesce(col(QuestionRow.waits_since), col(QuestionRow.due_at))
"""In which order the router takes due questions: who waits for a free hand has waited since before."""
_NEW = insert(table_of(QuestionRow)).returning(table_of(QuestionRow).c.id)


def open_question(
    session: Session,
    post: PostRow,
    now: datetime,
    state: QuestionState,
    *,
    language: str | None = None,
    note: str = "",
) -> int:
    """A new question from a mention, due at once where it is open; its id is returned."""
    values: dict[str, Any] = {
        "platform": post.platform,
        "post_id": post.id,
        "reply_to": post.id,
        "customer_id": post.author_id,
        "customer_handle": post.author_handle,
        "text": post.text,
        "language": language,
        "state": state,
        "reach": post.followers,
        "note": note,
        "asked_at": post.posted_at or now,
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
    made: int = session.connection().execute(_NEW, values).scalar_one()
    return made


def move(session: Session, question: QuestionRow, event: Event, *, due_at: datetime | None = None) -> None:
    """Bring a question to where ``event`` leads from its present state. Raises lifecycle.Impossible.

    Whoever has the question under a lease loses it: what they decide is about a state that is past.
    """
    lock_row(session, question)
    state = advance(QuestionState(question.state), event)
    supersede(session, question, state=state, due_at=due_at, waits_since=None)


def held_one(session: Session, question_id: int) -> QuestionRow:
    """The question that another row refers to, as it is now, held until the transaction ends."""
    (question,) = held_all(session, [question_id])
    return question


def held_all(session: Session, question_ids: Iterable[int]) -> list[QuestionRow]:
    """These questions, held one after the other in the order that everybody keeps to."""
    found = [locked_row(session, QuestionRow, number) for number in sorted(set(question_ids))]
    return [question for question in found if question is not None]


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
