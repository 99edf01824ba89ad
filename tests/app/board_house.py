"""A house with the person in charge at the board, and ways to make what waits for a person."""

import re
from typing import Any

from sqlmodel import SQLModel, select

from bot.roles import Role
from bot.states import AnswerState, DeliveryKind, EntryState, PostState
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.house import AuditRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


class BoardHouse:
    """A house with people in charge, and ways to make what waits for them."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.house = WorkHouse(database, clock)
        self.clock = clock
        self.house.topic("tv", "TV")
        self.house.topic("wifi", "Wi-Fi")
        self.mei = self.house.employee("Mei Tan", role=Role.ADMIN)
        self.jane = self.house.employee("Jane Doe", handle="jane")
        self.browser = self.house.browser(self.mei)
        self._posts = 0

    def add(self, row: SQLModel) -> int:
        with self.house.database.write() as session:
            session.add(row)
            session.flush()
            return int(getattr(row, "id", 0) or 0)

    def change(self, table: type[Any], number: int, **values: Any) -> None:
        with self.house.database.write() as session:
            row = session.get_one(table, number)
            for name, value in values.items():
                setattr(row, name, value)

    def question(self, words: str = "@brand no picture", **values: Any) -> int:
        number = self.house.question(words, state=QuestionState.ESCALATED)
        if values:
            self.change(QuestionRow, number, **values)
        return number

    def answer(self, **values: Any) -> int:
        question = self.question("@brand asked", state=QuestionState.OFFERED)
        kept = {"text": "Hold the button.", "state": AnswerState.HELD, "held_for": "A newcomer wrote it."}
        return self.add(
            AnswerRow(
                question_id=question, employee_id=self.jane, written_at=self.clock(), **{**kept, **values}
            )
        )

    def message(self, state: str, **values: Any) -> int:
        self._posts += 1
        question = self.question("@brand told", state=QuestionState.ANSWERING)
        answer = self.add(
            AnswerRow(question_id=question, text="Unplug it.", state="queued", written_at=self.clock())
        )
        return self.add(
            DeliveryRow(
                kind=DeliveryKind.PUBLICATION,
                platform="local",
                key=f"key{self._posts}",
                answer_id=answer,
                question_id=question,
                payload={"text": "Unplug it for two minutes."},
                state=state,
                created_at=self.clock(),
                **values,
            )
        )

    def post(self, **values: Any) -> int:
        self._posts += 1
        kept = {
            "visibility": "public",
            "state": PostState.DONE,
            "text": "Try the other cable #chorus",
            "author_handle": "jane",
        }
        return self.add(
            PostRow(
                platform="local",
                external_id=f"post{self._posts}",
                received_at=self.clock(),
                **{**kept, **values},
            )
        )

    def entry(self, **values: Any) -> int:
        question = self.question("@brand answered", state=QuestionState.ANSWERED)
        kept = {"title": "No picture after the update", "platform": "local", "state": EntryState.PUBLIC}
        return self.add(
            EntryRow(
                question_id=question,
                published_at=self.clock(),
                updated_at=self.clock(),
                **{**kept, **values},
            )
        )

    def board(self, query: str = "") -> str:
        answer = self.browser.get(f"/admin/board{'?' if query else ''}{query}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def standing(self, query: str = "") -> list[str]:
        """The keys of the lines of a page, in order."""
        return keys_in(self.board(query))

    def audited(self) -> list[tuple[str, str]]:
        with self.house.database.read() as session:
            return [(row.action, row.subject) for row in session.exec(select(AuditRow)).all()]


def keys_in(page: str) -> list[str]:
    return re.findall(r'data-key="([^"]+)" data-row', page)
