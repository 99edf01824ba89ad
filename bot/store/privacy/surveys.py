"""Who was asked how it went, and what they said, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select, update

from bot.states import DeliveryKind
from bot.store import rows
from bot.store.dialects import overwrite_pages
from bot.store.privacy.erasure import Customer
from bot.store.running import cursors
from bot.store.tables.columns import said
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from routing.model.domain import QuestionState

_CURSOR = "survey"


@dataclass(frozen=True, slots=True)
class SettledUpTo:
    """How far settled questions have been looked at: by when they were settled, and by number."""

    at: datetime
    question_id: int = 0


def looked_up_to(session: Session) -> SettledUpTo | None:
    """Up to where settled questions were looked at last; None: never."""
    value = cursors.at(session, _CURSOR)
    if not value:
        return None
    at, _, number = value.partition(" ")
    return SettledUpTo(datetime.fromisoformat(at), int(number))


def note_looked(session: Session, to: SettledUpTo, now: datetime) -> None:
    """Note up to where settled questions have been looked at."""
    cursors.move(session, _CURSOR, f"{to.at.isoformat()} {to.question_id}", now)


def settled_after(session: Session, last: SettledUpTo, until: datetime, limit: int) -> Sequence[QuestionRow]:
    """The next questions that were settled, up to a moment and in that order."""
    at, number = col(QuestionRow.settled_at), col(QuestionRow.id)
    is_next = or_(at > last.at, (at == last.at) & (number > last.question_id))
    return session.exec(
        select(QuestionRow)
        .where(col(QuestionRow.state) == said(QuestionState.SETTLED), at >= last.at, at <= until, is_next)
        .order_by(at, number)
        .limit(limit)
    ).all()


def remove(session: Session, row: SurveyRow) -> None:
    """Nobody was asked after all."""
    session.delete(row)
    session.flush()


def of_question(session: Session, question_id: int) -> SurveyRow | None:
    """That a question's customer was asked, if they were."""
    return session.exec(select(SurveyRow).where(SurveyRow.question_id == question_id)).first()


def was_asked(session: Session, question: QuestionRow, since: datetime) -> bool:
    """Whether a question's customer was asked about it before, or about another one since a moment."""
    theirs = (SurveyRow.platform == question.platform) & (SurveyRow.customer_id == question.customer_id)
    lately = select(SurveyRow.id).where(theirs, col(SurveyRow.asked_at) > since).limit(1)
    if session.exec(lately).first() is not None:
        return True
    return of_question(session, question.id) is not None


def is_reply_to(session: Session, row: SurveyRow, post: PostRow) -> bool:
    """Whether a post replies to what the brand said to ask."""
    if row.answer_id is None or post.in_reply_to is None:
        return False
    asked = select(DeliveryRow.id).where(
        DeliveryRow.platform == post.platform,
        DeliveryRow.external_id == post.in_reply_to,
        DeliveryRow.kind == DeliveryKind.PUBLICATION,
        DeliveryRow.answer_id == row.answer_id,
    )
    return session.exec(asked).first() is not None


def of_post(session: Session, post_id: int) -> SurveyRow | None:
    """What a customer's post gave a score to."""
    return session.exec(select(SurveyRow).where(SurveyRow.post_id == post_id)).first()


def said_lately(
    session: Session, after: int | None, limit: int
) -> list[tuple[SurveyRow, QuestionRow, PostRow | None]]:
    """What customers said, the latest first, with their questions and the replies it stands in."""
    statement = (
        select(SurveyRow, QuestionRow, PostRow)
        .join(QuestionRow, col(QuestionRow.id) == SurveyRow.question_id)
        .outerjoin(PostRow, col(PostRow.id) == SurveyRow.post_id)
        .where(col(SurveyRow.said_at).is_not(None))
        .order_by(col(SurveyRow.said_at).desc(), col(SurveyRow.id).desc())
        .limit(limit)
    )
    last = rows.find(session, SurveyRow, after)
    if last is not None and last.said_at is not None:
        at, number = col(SurveyRow.said_at), col(SurveyRow.id)
        statement = statement.where(
            at <= last.said_at, or_(at < last.said_at, (at == last.said_at) & (number < last.id))
        )
    return [(survey, question, post) for survey, question, post in session.exec(statement).all()]


def of_customer(session: Session, person: Customer) -> Sequence[SurveyRow]:
    """All that a customer was asked and said."""
    return session.exec(
        select(SurveyRow)
        .where(SurveyRow.platform == person.platform, SurveyRow.customer_id == person.account_id)
        .order_by(col(SurveyRow.id))
    ).all()


def forget_customer(session: Session, person: Customer) -> None:
    """Nothing is left of what a customer was asked and said."""
    overwrite_pages(session)
    theirs = (col(SurveyRow.platform) == person.platform) & (col(SurveyRow.customer_id) == person.account_id)
    session.execute(delete(SurveyRow).where(theirs))


def forget_question(session: Session, question_id: int) -> None:
    """A question is gone: nothing can be said about it any more, and what was written goes."""
    session.flush()
    overwrite_pages(session)
    session.execute(
        update(SurveyRow)
        .where(col(SurveyRow.question_id) == question_id)
        .values(comment="", browser="", waits_since=None)
        .execution_options(synchronize_session="fetch")
    )


def move(session: Session, question_id: int, to: int) -> None:
    """What was said of a question is another one's from now on, unless something was said of that already."""
    row = of_question(session, question_id)
    if row is not None and of_question(session, to) is None:
        row.question_id = to
        rows.keep(session, row)
