"""A house with the person in charge at the board, and ways to make what waits for a person."""

import re
from datetime import timedelta
from typing import Any

from sqlmodel import SQLModel, select

from bot.actions.departments import manage
from bot.roles import Role
from bot.states import AnswerState, DeliveryKind, EntryState, HookMessageState, PostState
from bot.store.departments import directory
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow, HookEventRow, HookMessageRow
from bot.store.tables.house import AuditRow, TextRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


class BoardHouse:
    """A house with people in charge, and ways to make what waits for them."""

    def __init__(self, database: Database, clock: FakeClock, **given: Any) -> None:
        self.house = WorkHouse(database, clock, **given)
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
                payload={"text": "Unplug it for two minutes.", "created_at": self.clock().isoformat()},
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

    def text(self, **values: Any) -> int:
        """A new version of the terms, which Jane proposed."""
        kept = {"name": "terms", "title": "Terms of use", "paragraphs": ["Be kind."], "proposed_by": "Jane"}
        by = {"proposed_at": self.clock(), "proposed_by_id": self.jane}
        return self.add(TextRow(**{**kept, **by, **values}))

    def endpoint(self, **values: Any) -> int:
        """Another program that has taken nothing for an hour."""
        kept = {
            "name": "The wall",
            "url": "https://wall.example/hook?key=secret",
            "problem": "It answered 500.",
            "failing_since": self.clock() - timedelta(hours=1),
            "failures": 9,
        }
        return self.add(HookEndpointRow(created_at=self.clock(), **{**kept, **values}))

    def given_up(self, endpoint: int) -> int:
        """A message that an endpoint did not take."""
        self._posts += 1
        event = self.add(HookEventRow(key=f"msg{self._posts}", kind="question.opened", at=self.clock()))
        return self.add(
            HookMessageRow(
                endpoint_id=endpoint, event_id=event, state=HookMessageState.DEAD, give_up_at=self.clock()
            )
        )

    def token(self, days: int = 6) -> int:
        """A program's token that ends so soon."""
        self._posts += 1
        ends = self.clock() + timedelta(days=days)
        return self.add(
            ApiTokenRow(
                name="The wall",
                secret_hash=f"hash{self._posts}",
                hint="wxyz",
                scopes=[],
                created_at=self.clock() - timedelta(days=90),
                expires_at=ends,
            )
        )

    def department(self, name: str, *topics: str, lead: int | None = None) -> int:
        """A department that answers for these topics, with somebody in charge of it."""
        with self.house.database.write() as session:
            row = manage.make(session, name, "", "", self.clock())
            manage.edit(session, row, name, "", "", topics, self.clock())
            if lead is not None:
                directory.put_in(session, row.id, lead, leads=True)
            return row.id

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
