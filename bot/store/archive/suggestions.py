"""What the archive suggested for a question, and whether it helped: the feedback that calibrates it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.archive.calibration import Feedback
from bot.store.dialects import insert_of
from bot.store.engine import Database
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.search import SuggestionOutcomeRow

_REMEMBERED = timedelta(days=180)
"""What is older no longer counts: entries get better, and nobody can judge what is no longer suggested."""


def judge(session: Session, question: QuestionRow, helped: Mapping[int, bool], now: datetime) -> None:
    """Record which suggested entries helped with a question; what has been judged before stays as it is."""
    values = [
        {
            "question_id": question.id,
            "entry_id": one.entry_id,
            "probability": one.uncalibrated,
            "helped": helped[one.entry_id],
            "at": now,
        }
        for one in question.suggested
        if one.entry_id in helped
    ]
    if not values:
        return
    insert = insert_of(session.get_bind().dialect.name)
    statement = insert(table_of(SuggestionOutcomeRow)).values(values)
    session.execute(statement.on_conflict_do_nothing(index_elements=["question_id", "entry_id"]))


class StoredOutcomes:
    """The recorded outcomes: the database behind ``bot.archive.calibrator.FeedbackSource``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> int:
        """The number of the latest outcome; 0 before the first."""
        with self._database.read() as session:
            return int(
                session.execute(select(func.coalesce(func.max(SuggestionOutcomeRow.id), 0))).scalar_one()
            )

    def newest(self, limit: int) -> list[Feedback]:
        """The newest outcomes that are not too old to count; at most ``limit``."""
        with self._database.read() as session:
            since = self._database.now(session) - _REMEMBERED
            rows = session.exec(
                select(SuggestionOutcomeRow.probability, SuggestionOutcomeRow.helped, SuggestionOutcomeRow.at)
                .order_by(col(SuggestionOutcomeRow.id).desc())
                .limit(limit)
            ).all()
        return [Feedback(probability, helped) for probability, helped, at in rows if at >= since]
