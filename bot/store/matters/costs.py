"""What matters cost: the time of the people who answered, and how long customers waited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, literal
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from bot.store.dialects import seconds_between
from bot.store.tables.columns import Utc, among
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from routing.model.domain import WITHOUT_ANSWER, OfferState, QuestionState

MINUTES_A_PASS = 1.0
"""What reading a question and passing it on is taken to cost somebody."""
_NO_WAIT = (QuestionState.WITHDRAWN, QuestionState.DISMISSED, QuestionState.JOINED)


@dataclass(frozen=True, slots=True)
class MatterCost:
    """What a matter has cost so far, or since a moment: nothing here is measured by a stopwatch.

    The time of people is what was done times what each is taken to cost; what customers waited is told by
    the clock, from a question to its first answer, and to now where there is none.
    """

    answers: int = 0
    """Answers that people wrote; what the brand said to everybody at once is none."""
    passes: int = 0
    """How often somebody who was asked read the question and passed it on."""
    minutes_an_answer: float = 0.0
    questions: int = 0
    """Questions whose customers waited for an answer, or wait."""
    waiting: int = 0
    """How many of those have none yet."""
    waited: timedelta = timedelta()
    """All of them together."""

    @property
    def work(self) -> timedelta:
        """The time of people: answers x the minutes of each + passes x ``MINUTES_A_PASS``."""
        minutes = self.answers * self.minutes_an_answer + self.passes * MINUTES_A_PASS
        return timedelta(minutes=minutes)

    @property
    def wait(self) -> timedelta:
        """How long one of them waited on average."""
        return self.waited / self.questions if self.questions else timedelta()


def costs(
    session: Session,
    matter_ids: Sequence[int],
    now: datetime,
    *,
    minutes_an_answer: float,
    since: datetime | None = None,
) -> dict[int, MatterCost]:
    """What each of these matters has cost; with ``since``, what was asked from then on."""
    if not matter_ids:
        return {}
    asked: list[ColumnElement[bool]] = [col(QuestionRow.matter_id).in_(matter_ids)]
    if since is not None:
        asked.append(col(QuestionRow.asked_at) >= since)
    answers = _per_matter(session, AnswerRow, [*asked, col(AnswerRow.employee_id).is_not(None)])
    passed = among(OfferRow.state, OfferState.PASSED, OfferState.REFERRED)
    passes = _per_matter(session, OfferRow, [*asked, passed])
    waits = _waits(session, asked, now)
    return {
        one: MatterCost(answers.get(one, 0), passes.get(one, 0), minutes_an_answer, *waits.get(one, ()))
        for one in matter_ids
    }


def _per_matter(
    session: Session, table: type[AnswerRow | OfferRow], which: list[ColumnElement[bool]]
) -> dict[int, int]:
    """How many rows of a table belong to the questions of each matter."""
    counted = (
        select_columns(col(QuestionRow.matter_id), func.count())
        .select_from(QuestionRow)
        .join(table, col(table.question_id) == col(QuestionRow.id))
        .where(*which)
        .group_by(col(QuestionRow.matter_id))
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def _waits(
    session: Session, which: list[ColumnElement[bool]], now: datetime
) -> dict[int, tuple[int, int, timedelta]]:
    """Of each matter: how many customers waited, how many still do, and how long all together."""
    ended = func.coalesce(
        col(QuestionRow.answered_at),
        col(QuestionRow.settled_at),
        col(QuestionRow.asked_back_at),
        literal(now, Utc),
    )
    seconds = seconds_between(col(QuestionRow.asked_at), ended)
    counted = (
        select_columns(
            col(QuestionRow.matter_id),
            func.count(),
            func.sum(case((col(QuestionRow.state).in_(WITHOUT_ANSWER), 1), else_=0)),
            func.sum(case((seconds > 0, seconds), else_=0.0)),
        )
        .where(*which, ~among(QuestionRow.state, *_NO_WAIT))
        .group_by(col(QuestionRow.matter_id))
    )
    return {
        number: (count, int(waiting), timedelta(seconds=float(waited)))
        for number, count, waiting, waited in session.execute(counted)
    }
