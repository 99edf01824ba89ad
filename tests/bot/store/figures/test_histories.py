"""What is read of a question to be counted does not depend on how the database goes about it."""

from bot.store.engine import Database
from bot.store.figures.histories import histories
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock


def test_answers_come_by_their_ids_wherever_their_rows_lie(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        people = [EmployeeRow(name=f"P{n}", email=f"p{n}@example.com", created_at=clock()) for n in range(3)]
        question = QuestionRow(platform="local", asked_at=clock())
        session.add_all((*people, question))
        session.flush()
        for person in people:
            session.add(
                AnswerRow(question_id=question.id, employee_id=person.id, text="Yes.", written_at=clock())
            )
            session.flush()
        ids, asked = [person.id for person in people], question.id
    for n in (2, 1, 0):  # the one that was written first goes out last, at the same moment
        with database.write() as session:
            answer = session.get_one(AnswerRow, n + 1)
            answer.state, answer.published_at = "published", clock()
    with database.read() as session:
        (found,) = histories(session, [asked])
    assert [answer.employee for answer in found.answers] == ids
