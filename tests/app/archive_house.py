"""A house for the public pages: an archive to fill, and a search that counts common words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.states import AnswerState, ChangeKind, EntryState
from bot.store import changes
from bot.store.engine import Database
from bot.store.queries.pages import archive as reads
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.tables.house import AnswerVersionRow
from bot.store.tables.people import TopicRow
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock
from tests.fake_live import FakeLive
from tests.fake_search import FakeSearch
from tests.house import House

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


class Shelf:
    """Fills an archive, entry by entry."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def topic(self, slug: str, name: str, description: str = "") -> None:
        with self.database.write() as session:
            session.add(TopicRow(slug=slug, name=name, description=description))

    def entry(
        self,
        title: str = "Why is there no picture?",
        answer: str = "Hold the power button for ten seconds.",
        *,
        state: EntryState = EntryState.PUBLIC,
        credit: str = "^JD",
        customer: str = "sam",
        minutes_ago: float = 60,
        **columns: Any,
    ) -> int:
        """Store a question with its published answer; the entry's id."""
        at = NOW - timedelta(minutes=minutes_ago)
        platform = columns.pop("platform", "local")
        with self.database.write() as session:
            question = QuestionRow(
                platform=platform,
                customer_handle=customer,
                text=title,
                state="answered",
                asked_at=at - timedelta(minutes=5),
            )
            session.add(question)
            session.flush()
            session.add(
                AnswerRow(
                    question_id=question.id,
                    text=answer,
                    credit=credit,
                    state=AnswerState.PUBLISHED,
                    lead=True,
                    written_at=at,
                    published_at=at,
                    url="http://127.0.0.1:8000/local#9",
                )
            )
            entry = EntryRow(
                question_id=question.id,
                title=title,
                state=state,
                platform=platform,
                published_at=at,
                updated_at=columns.pop("updated_at", at),
                **{"quotation": "@brand " + title, "source_url": "http://127.0.0.1:8000/local#8", **columns},
            )
            session.add(entry)
            session.flush()
            changes.append(session, ChangeKind.ENTRY, entry.id, NOW)
            return entry.id

    def answer(self, entry_id: int, text: str, *, kind: str = "answer", **columns: Any) -> int:
        """A further published answer to an entry's question; the answer's id."""
        with self.database.write() as session:
            entry = session.get_one(EntryRow, entry_id)
            answer = AnswerRow(
                question_id=entry.question_id,
                text=text,
                kind=kind,
                written_at=NOW,
                **{"credit": "^MK", "state": AnswerState.PUBLISHED, "published_at": NOW, **columns},
            )
            session.add(answer)
            session.flush()
            return answer.id

    def lead_of(self, entry_id: int) -> int:
        """The id of an entry's accepted answer."""
        with self.database.read() as session:
            record = reads.find(session, entry_id)
            assert record is not None
            return record.answer.id

    def former(self, answer_id: int, text: str, reason: str = "") -> None:
        """What an answer said before."""
        with self.database.write() as session:
            session.add(AnswerVersionRow(answer_id=answer_id, text=text, replaced_at=NOW, reason=reason))


class ArchiveHouse(House):
    """A house whose work is done elsewhere, with an archive to fill and a browser of somebody's.

    ``seconds`` is what the limits' clock says.
    """

    def __init__(self, database: Database, **given: Any) -> None:
        self.seconds = 0.0
        public = {"base_url": ADDRESS, "brand_name": "Acme", "works": False, "timer": lambda: self.seconds}
        super().__init__(database, FakeClock(NOW), **{**public, "engine": FakeSearch(database), **given})
        self.shelf = Shelf(database)
        self.give(live=FakeLive())

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What a browser gets."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """What a browser gets for a form it sends."""
        return self.request("POST", path, headers=headers, data=fields)

    def request(self, method: str, path: str, *, address: str = "192.0.2.1", **how: Any) -> httpx.Response:
        """One request of a browser without cookies."""
        return Browser(self.app, client=address).request(method, path, **how)
