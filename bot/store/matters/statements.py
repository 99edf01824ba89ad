"""Statements as rows, whom they still have to be told to, and who was told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, exists, func, literal, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.states import (
    OF_CUSTOMERS,
    AnswerKind,
    AnswerState,
    StatementAudience,
    StatementKind,
    StatementState,
)
from bot.store.dialects import insert_of
from bot.store.tables.columns import among, said, table_of
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.matters import StatementRow, ToldRow
from routing.campaigns.states import ENDS_CAMPAIGN
from routing.model.domain import WITHOUT_ANSWER, QuestionState

_WAITS = (*WITHOUT_ANSWER, QuestionState.ASKED_BACK, QuestionState.UNREPLIED)
"""Who has no answer is told; what a person has answered beats the statement."""
_NOT_ASKED = (
    QuestionState.WITHDRAWN,
    QuestionState.JOINED,
    QuestionState.DISMISSED,
    QuestionState.QUARANTINED,
)
"""Who wrote something that is no question, or is gone, is told nothing."""
_GONE = (QuestionState.WITHDRAWN, QuestionState.JOINED)
ENDS_FORMER = (StatementKind.STATEMENT, StatementKind.SETTLED, *ENDS_CAMPAIGN)
"""What takes the place of what was said on a matter before."""


def active(session: Session) -> list[StatementRow]:
    """The statements that are told now, the earliest first."""
    statement = select(StatementRow).where(StatementRow.state == StatementState.ACTIVE)
    return list(session.exec(statement.order_by(col(StatementRow.id))).all())


def of_matter(session: Session, matter_id: int) -> list[StatementRow]:
    """All statements on a matter, the latest first."""
    statement = select(StatementRow).where(StatementRow.matter_id == matter_id)
    return list(session.exec(statement.order_by(col(StatementRow.id).desc())).all())


@dataclass(frozen=True, slots=True)
class Telling:
    """How far a statement has come, in people.

    ``told`` are all for whom it went into the outbox; of them ``waiting`` have not got it yet, and to
    ``missed`` it could not be said: refused by the platform, withdrawn, or nobody there any more.
    """

    told: int = 0
    waiting: int = 0
    missed: int = 0
    left: tuple[tuple[str, str, int], ...] = ()
    """Who is still to be told, by platform and language (empty: not known), most in front."""

    @property
    def out(self) -> int:
        """How many have got it."""
        return self.told - self.waiting - self.missed

    @property
    def to_come(self) -> int:
        """How many are still to be told, as things stand."""
        return sum(people for _, _, people in self.left)


_GOT_IT = (AnswerState.PUBLISHED, AnswerState.CORRECTED)
_HAS_STILL_TO = (AnswerState.QUEUED, AnswerState.HELD)


def telling(session: Session, one: StatementRow) -> Telling:
    """How far it has come; of one that waits for a second person, whom it would be told to now."""
    rows = session.exec(
        select(AnswerRow.state, func.count())
        .select_from(ToldRow)
        .outerjoin(AnswerRow, col(AnswerRow.id) == col(ToldRow.answer_id))
        .where(col(ToldRow.statement_id) == one.id)
        .group_by(col(AnswerRow.state))
    ).all()
    told = sum(people for _, people in rows)
    out = sum(people for state, people in rows if state in _GOT_IT)
    waiting = sum(people for state, people in rows if state in _HAS_STILL_TO)
    is_told = one.state in (StatementState.PROPOSED, StatementState.ACTIVE)
    left = _left(session, one) if is_told and one.audience != StatementAudience.NONE else ()
    return Telling(told, waiting, told - out - waiting, left)


def _left(session: Session, one: StatementRow) -> tuple[tuple[str, str, int], ...]:
    """Of each person the language of their latest question that is to be answered counts."""
    latest = func.max(QuestionRow.id).label("question")
    asked = (
        select(latest).where(*_to_tell(one)).group_by(col(QuestionRow.platform), col(QuestionRow.customer_id))
    ).subquery()
    people = session.exec(
        select(QuestionRow.platform, QuestionRow.language, func.count())
        .join(asked, asked.c.question == col(QuestionRow.id))
        .group_by(col(QuestionRow.platform), col(QuestionRow.language))
    ).all()
    found = [(platform, language or "", count) for platform, language, count in people]
    return tuple(sorted(found, key=lambda group: (-group[2], group[:2])))


def told_counts(session: Session, statement_ids: list[int]) -> dict[int, int]:
    """How many people were told each of these statements."""
    rows = session.exec(
        select(ToldRow.statement_id, func.count())
        .where(col(ToldRow.statement_id).in_(statement_ids))
        .group_by(col(ToldRow.statement_id))
    ).all()
    return dict(rows)


def on_their_way(session: Session) -> Mapping[str, int]:
    """On each platform, how many of those who are told something have not got it yet."""
    waiting = (
        select(QuestionRow.platform, func.count())
        .join(AnswerRow, col(AnswerRow.question_id) == QuestionRow.id)
        .where(AnswerRow.kind == said(AnswerKind.STATEMENT), AnswerRow.state == said(AnswerState.QUEUED))
        .group_by(col(QuestionRow.platform))
    )
    return dict(session.exec(waiting).all())


def next_to_tell(
    session: Session, statement: StatementRow, limit: int, full: Collection[str] = ()
) -> list[int]:
    """The questions to which a statement is said next, the most urgent first; one of a customer at least.

    Nobody on the platforms that are ``full``: who is there comes later, and keeps nobody else waiting.
    """
    asked = select(QuestionRow.id).where(*_to_tell(statement))
    if full:
        asked = asked.where(col(QuestionRow.platform).not_in(sorted(full)))
    order = (col(QuestionRow.priority).desc(), col(QuestionRow.asked_at), col(QuestionRow.id))
    return list(session.exec(asked.order_by(*order).limit(limit)).all())


def _to_tell(statement: StatementRow) -> list[Any]:
    """What holds of the questions in reply to which it is still to be said."""
    left = [~_is_told(statement), ~col(QuestionRow.unasked), QuestionRow.customer_id != ""]
    if statement.kind == StatementKind.STATEMENT:
        return [*left, QuestionRow.matter_id == statement.matter_id, among(QuestionRow.state, *_WAITS)]
    if statement.audience == StatementAudience.ASKED:
        by_then = [col(QuestionRow.asked_at) <= statement.approved_at] if statement.approved_at else []
        return [
            *left,
            QuestionRow.matter_id == statement.matter_id,
            ~among(QuestionRow.state, *_NOT_ASKED),
            *by_then,
        ]
    if statement.kind in ENDS_CAMPAIGN:
        return [
            *left,
            QuestionRow.matter_id == statement.matter_id,
            or_(
                ~among(QuestionRow.state, *_NOT_ASKED),
                col(QuestionRow.joins) & ~among(QuestionRow.state, *_GONE),
            ),
        ]
    is_there = ~among(QuestionRow.state, *_GONE)
    return [*left, is_there, col(QuestionRow.id).in_(_told_before(statement))]


def _is_told(statement: StatementRow) -> ColumnElement[bool]:
    return exists().where(
        col(ToldRow.statement_id) == statement.id,
        col(ToldRow.platform) == col(QuestionRow.platform),
        col(ToldRow.customer_id) == col(QuestionRow.customer_id),
    )


def _told_before(statement: StatementRow) -> Any:
    """The questions in reply to which earlier statements on the matter were said, by this one's audience."""
    before = aliased(StatementRow)
    rows = (
        select(ToldRow.question_id)
        .join(before, col(before.id) == ToldRow.statement_id)
        .where(before.matter_id == statement.matter_id, col(before.id) < statement.id)
    )
    if statement.audience == StatementAudience.REPLIED:
        rows = rows.where(
            exists().where(
                col(PostRow.question_id) == col(ToldRow.question_id),
                col(PostRow.received_at) > col(ToldRow.told_at),
                among(PostRow.verdict, *OF_CUSTOMERS),
            )
        )
    return rows


def outdated(session: Session, said_in: Mapping[int, int]) -> set[int]:
    """Those of these answers (with the questions they are given to) whose statement is no news any more.

    A later word took its place, or it was stopped. An update that has been told to all is over, and still
    news until then.
    """
    later = aliased(StatementRow)
    is_followed = exists().where(
        col(later.matter_id) == col(StatementRow.matter_id),
        col(later.id) > col(StatementRow.id),
        col(later.kind).in_(ENDS_FORMER),
        col(later.approved_at).is_not(None),
    )
    is_stopped = and_(
        col(StatementRow.kind) == StatementKind.STATEMENT, col(StatementRow.state) == StatementState.ENDED
    )
    found = (
        select(ToldRow.answer_id)
        .join(StatementRow, col(StatementRow.id) == ToldRow.statement_id)
        .where(
            col(ToldRow.question_id).in_(sorted(set(said_in.values()))),
            col(ToldRow.answer_id).in_(sorted(said_in)),
            or_(is_stopped, is_followed),
        )
    )
    return {one for one in session.exec(found).all() if one is not None}


def note_told_all(
    session: Session, statement: StatementRow, asked: Sequence[QuestionRow], now: datetime
) -> dict[int, int]:
    """The customers of these questions are told now: the numbers of the notes, by question.

    Whoever was told before has none, and of several questions of one customer only the first has one. The
    database decides: of two who tell at once, one does.
    """
    if not asked:
        return {}
    kept = table_of(ToldRow)
    insert = insert_of(session.get_bind().dialect.name)(kept).values(
        [
            {
                "statement_id": statement.id,
                "platform": one.platform,
                "customer_id": one.customer_id,
                "question_id": one.id,
                "told_at": now,
            }
            for one in asked
        ]
    )
    fresh = insert.on_conflict_do_nothing(index_elements=["statement_id", "platform", "customer_id"])
    noted = session.execute(fresh.returning(kept.c.question_id, kept.c.id)).all()
    return {one.question_id: one.id for one in noted}


def told_all(session: Session, answers: Mapping[int, int]) -> None:
    """What was said to those who are told: the answers by the numbers of the notes."""
    kept = table_of(ToldRow)
    values = [{"number": number, "answer": answer} for number, answer in sorted(answers.items())]
    if values:
        statement = update(kept).where(kept.c.id == bindparam("number")).values(answer_id=bindparam("answer"))
        session.connection().execute(statement, values)


def move(session: Session, question_id: int, to: int) -> None:
    """What was said in reply to a question was said in reply to the one that it is part of now."""
    kept = table_of(ToldRow)
    session.execute(update(kept).where(kept.c.question_id == question_id).values(question_id=to))


def forget_customer(session: Session, platform: str, account_id: str) -> None:
    """Nobody can tell any more who was told; that somebody was stays, and is counted."""
    kept = table_of(ToldRow)
    session.execute(
        update(kept)
        .where(kept.c.platform == platform, kept.c.customer_id == account_id)
        .values(customer_id=literal("erased ").concat(cast(kept.c.id, String)))
    )


def told_to(session: Session, platform: str, account_id: str) -> Sequence[ToldRow]:
    """What an account was told, in order."""
    theirs = (ToldRow.platform == platform, ToldRow.customer_id == account_id)
    return session.exec(select(ToldRow).where(*theirs).order_by(col(ToldRow.id))).all()
