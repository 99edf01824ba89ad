"""A small house for the public pages: a filled archive, and a search that counts common words."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI
from markupsafe import Markup, escape

from app.public import api, archive, feeds
from app.web import events, problems
from app.web.guard.security import install_security
from app.wiring.settings import Settings
from bot.archive.lexical.query import Filters, parse
from bot.states import AnswerState, ChangeKind, EntryState
from bot.store import changes
from bot.store.engine import Database
from bot.store.queries import archive as reads
from bot.store.queries.archive import EntryFilter
from bot.store.tables.conversations import AnswerRow, AnswerVersionRow, EntryRow, QuestionRow
from bot.store.tables.people import TopicRow

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FakeHit:
    entry_id: int
    score: float


@dataclass(frozen=True)
class FakeSuggestion:
    entry_id: int
    probability: float


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class FakeHighlighter:
    def __init__(self, words: set[str]) -> None:
        self.words = words

    def whole(self, text: str) -> Markup:
        pieces = re.split(r"(\w+)", text)
        return Markup("").join(
            Markup("<mark>{}</mark>").format(one) if one.lower() in self.words else escape(one)
            for one in pieces
        )

    excerpt = whole


@dataclass
class FakeSearch:
    """Ranks by common words; everything it is asked for is kept in ``asked``."""

    database: Database
    asked: list[tuple[str, Filters]] = field(default_factory=list)

    def search(
        self, query: str, filters: Filters, *, limit: int = 20, offset: int = 0, typing: bool = False
    ) -> Any:
        parse(query)  # raises QueryTooLong, as the real one
        self.asked.append((query, filters))
        words = _words(query)
        wanted = EntryFilter(filters.topic, filters.language, filters.platform)
        with self.database.read() as session:
            everything = reads.latest(session, wanted, 10_000)
        scored = [
            FakeHit(one.id, float(len(words & _words(f"{one.title} {one.answer.text}"))))
            for one in everything
        ]
        hits = sorted((hit for hit in scored if hit.score), key=lambda hit: (-hit.score, hit.entry_id))
        following = offset + limit if len(hits) > offset + limit else None
        return SimpleNamespace(
            hits=tuple(hits[offset : offset + limit]),
            total=len(hits),
            total_is_exact=True,
            next_offset=following,
            corrected=(),
            highlighter=FakeHighlighter(words),
            complete=True,
        )

    def suggest(self, query: str, *, limit: int = 5) -> list[FakeSuggestion]:
        hits = self.search(query, Filters(), limit=limit).hits
        return [FakeSuggestion(hit.entry_id, min(0.99, hit.score / 5)) for hit in hits]

    def related(self, entry_id: int, *, limit: int = 5) -> list[int]:
        with self.database.read() as session:
            return [one.id for one in reads.latest(session, EntryFilter(), limit + 1) if one.id != entry_id][
                :limit
            ]


class FakeLive:
    """Says once that something changed, and ends."""

    async def changes(self, channels: frozenset[str]) -> Any:
        for channel in sorted(channels):
            yield channel
        yield ""


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


@dataclass
class House:
    """A running application over an archive."""

    app: FastAPI
    shelf: Shelf
    search: FakeSearch
    database: Database

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What a browser gets."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """What a browser gets for a form it sends."""
        return self.request("POST", path, headers=headers, data=fields)

    def request(
        self, method: str, path: str, *, address: str = "192.0.2.1", headers: Any = None, **body: Any
    ) -> httpx.Response:
        """One request. Underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1234))
            async with httpx.AsyncClient(transport=transport, base_url="http://answers.test") as client:
                return await client.request(method, path, headers={"accept": "text/html", **named}, **body)

        return asyncio.run(send())


def house(
    database: Database, seconds: Sequence[float] = (0.0,), engine: Any = None, **settings: Any
) -> House:
    """The public part of the application. ``seconds`` is what the limits' clock says (the last one stays)."""
    given = {"base_url": "http://answers.test", "brand_name": "Acme", **settings}
    search = FakeSearch(database)
    app = FastAPI()
    app.state.chorus = SimpleNamespace(
        settings=Settings.model_validate(given),
        database=database,
        clock=lambda: NOW,
        platforms={"local": object()},
        search=engine or search,
        live=FakeLive(),
    )
    times: Iterator[float] = iter(seconds)
    now = [0.0]

    def clock() -> float:
        now[0] = next(times, now[0])
        return now[0]

    for router in (archive.router, api.router, feeds.router, events.router):
        app.include_router(router)
    problems.install(app)
    install_security(app, app.state.chorus.settings, clock)
    return House(app, Shelf(database), search, database)
