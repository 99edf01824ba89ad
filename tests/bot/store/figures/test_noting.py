"""The database itself notes of which questions something changed that is counted."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.store.engine import Database
from bot.store.figures import due
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock

COUNTED = {
    "question": {
        "platform": "'x'",
        "customer_id": "'kim'",
        "text": "'why?!'",
        "language": "'fr'",
        "state": "'settled'",
        "topics": "'[[\"tv\", 0.9]]'",
        "asked_at": "'2026-03-01 10:00:00.000000+00'",
        "settled_at": "'2026-03-01 10:00:00.000000+00'",
        "satisfied": "true",
    },
    "answer": {
        "question_id": "2",
        "employee_id": "2",
        "state": "'retracted'",
        "kind": "'correction'",
        "said": "'question_back'",
        "published_at": "'2026-03-01 10:00:00.000000+00'",
        "reuse_of": "7",
    },
    "offer": {"question_id": "2"},
}
"""What a question is counted by, with another value for each."""


@pytest.fixture
def asked(database: Database, clock: FakeClock) -> Database:
    """Two questions; the first has an answer and an offer."""
    with database.write() as session:
        session.add_all(
            EmployeeRow(name=name, email=f"{name}@example.com", created_at=clock()) for name in ("jo", "kay")
        )
        session.add_all(QuestionRow(platform="local", asked_at=clock()) for _ in range(2))
        session.flush()
        session.add(AnswerRow(question_id=1, employee_id=1, text="So.", written_at=clock()))
        session.add(OfferRow(question_id=1, employee_id=1, offered_at=clock(), expires_at=clock()))
    return database


def noted(session: Session) -> due.DueChanges:
    found = due.first(session, 100)
    due.put_away(session, found.lines)
    return found


def test_what_is_new_is_noted(asked: Database) -> None:
    with asked.write() as session:
        assert noted(session).questions == {1, 2}


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, some in COUNTED.items() for column in some]
)
def test_a_change_of_what_is_counted_is_noted(asked: Database, table: str, column: str) -> None:
    with asked.write() as session:
        noted(session)
        session.execute(text(f"UPDATE {table} SET {column} = {COUNTED[table][column]} WHERE id = 1"))
        assert noted(session).questions == ({1, 2} if column == "question_id" else {1})


def test_a_change_of_anything_else_is_not(asked: Database) -> None:
    with asked.write() as session:
        noted(session)
        session.execute(text("UPDATE question SET fence = fence + 1, note = 'x', round = 2, owner = 'me'"))
        session.execute(text("UPDATE answer SET text = 'x', lead = true, credit = 'J'"))
        session.execute(text("UPDATE offer SET state = 'passed', score = 2.0"))
        assert not noted(session).lines


def test_what_is_deleted_is_noted_with_the_day_it_belonged_to(asked: Database, clock: FakeClock) -> None:
    with asked.write() as session:
        noted(session)
        session.execute(text("DELETE FROM offer"))
        assert noted(session).questions == {1}
        session.execute(text("DELETE FROM answer"))
        assert noted(session).questions == {1}
        session.execute(text("DELETE FROM question WHERE id = 2"))
        found = noted(session)
        assert (found.questions, found.asked_before) == ({2}, (clock(),))


def test_a_question_that_was_asked_at_another_time_is_noted_with_both_days(
    asked: Database, clock: FakeClock
) -> None:
    with asked.write() as session:
        noted(session)
        question = session.get_one(QuestionRow, 1)
        question.asked_at = clock() - timedelta(days=3)
        session.flush()
        found = noted(session)
        assert (found.questions, found.asked_before) == ({1}, (clock(),))


def test_this_would_fail_without_the_notes(asked: Database) -> None:
    """The proof of these tests: where the database notes nothing, nothing is found."""
    sqlite = ("figures_question_changed",)
    with asked.write() as session:
        noted(session)
        for trigger in sqlite if asked.is_sqlite else ("figures_question ON question",):
            session.execute(text(f"DROP TRIGGER {trigger}"))
        session.execute(text("UPDATE question SET state = 'settled' WHERE id = 1"))
        assert not noted(session).lines
