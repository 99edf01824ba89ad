"""What waits for a person is said in one place, so that nobody who asks hears anything else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import SQLModel

from app.cli.checkup.examined import Examined
from app.cli.checkup.people import waiting_findings
from app.web.waits import PLACES
from app.wiring.findings import Level
from bot.channels.alarms import Alarm
from bot.roles import Role
from bot.states import (
    AnnouncementState,
    AnswerState,
    ConnectionState,
    DeliveryCode,
    DeliveryState,
    EntryState,
    JoinRequestState,
    PostKind,
    PostState,
)
from bot.store.conversations import notices
from bot.store.engine import Database
from bot.store.hooks.endpoints import GONE
from bot.store.queries.waits import SETTLES_ALONE, Waits, what_waits, which_wait
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow
from bot.store.tables.house import ChallengeRow, ConnectionRow, ReportRow, TextRow
from bot.store.tables.matters import CampaignRow, MatterRow
from bot.store.tables.people import EmployeeRow, JoinRequestRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

NOTHING = dict.fromkeys(Waits, 0)


class Rows:
    """Rows of every kind, numbered so that they never meet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._number = 0

    def add(self, row: SQLModel) -> int:
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return int(getattr(row, "id", 0) or 0)

    def question(self, state: str = QuestionState.SETTLED) -> int:
        return self.add(QuestionRow(platform="local", state=state, asked_at=self._now()))

    def answer(self, state: str) -> int:
        question = self.question()
        return self.add(AnswerRow(question_id=question, text="Hold it.", state=state, written_at=self._now()))

    def post(self, **values: object) -> int:
        self._number += 1
        given = {"state": PostState.DONE, **values}
        return self.add(
            PostRow(platform="local", external_id=str(self._number), received_at=self._now(), **given)
        )

    def delivery(self, state: str, **values: object) -> int:
        self._number += 1
        return self.add(
            DeliveryRow(
                kind="publication", platform="local", key=str(self._number), state=state,
                created_at=self._now(), payload={"text": "Hold it."}, **values,
            )
        )  # fmt: skip

    def entry(self, state: str = EntryState.PUBLIC, review: str | None = "A link is dead.") -> int:
        now = self._now()
        return self.add(
            EntryRow(
                question_id=self.question(), title="How?", platform="local", state=state, review=review,
                published_at=now, updated_at=now,
            )
        )  # fmt: skip

    def reported(self, **values: object) -> int:
        entry = self.entry()
        return self.add(ReportRow(entry_id=entry, reason="wrong", reported_at=self._now(), **values))

    def announcement(self, state: str) -> int:
        now = self._now()
        return self.add(AnnouncementRow(text="Hello.", state=state, created_at=now, changed_at=now))

    def connection(self, state: str, platform: str = "local") -> int:
        return self.add(ConnectionRow(platform=platform, state=state, changed_at=self._now()))

    def matter(self, surge: str, number: int = 7) -> int:
        now = self._now()
        seen = {"surge_at": now, "first_at": now, "last_at": now}
        return self.add(MatterRow(id=number, title="Lamps", surge=surge, **seen))

    def campaign(self, due: timedelta) -> int:
        now, matter = self._now(), self.matter("", 8)
        asked = {"demand": "A dark theme", "goal_days": 14, "made_at": now, "opened_at": now}
        made_by = self.add(EmployeeRow(name="Mei", email="m@example.com", created_at=now))
        self.add(CampaignRow(matter_id=matter, made_by=made_by, due_at=now + due, **asked))
        return matter

    def goal(self, *, is_missed: bool) -> int:
        now = self._now()
        return self.add(
            GoalRow(percent=90, within_seconds=60, set_at=now, missed_since=now if is_missed else None)
        )

    def text(self) -> int:
        return self.add(TextRow(name="terms", title="Terms", paragraphs=["x"], proposed_at=self._now()))

    def endpoint(self, **values: object) -> int:
        return self.add(
            HookEndpointRow(name="wall", url="https://x.example/", created_at=self._now(), **values)
        )

    def token(self, days: int) -> int:
        self._number += 1
        now = self._now()
        return self.add(
            ApiTokenRow(
                name="wall", secret_hash=str(self._number), hint="abcd", created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )  # fmt: skip

    def score(self, *, waits: bool) -> int:
        now = self._now()
        return self.add(
            SurveyRow(
                question_id=self.question(), platform="local", customer_id="sam", kind="csat", score=1,
                asked_at=now, expires_at=now, said_at=now, waits_since=now if waits else None,
            )
        )  # fmt: skip

    def challenge(self) -> int:
        self._number += 1
        now, answer = self._now(), self.answer(AnswerState.PUBLISHED)
        challenger = self.add(EmployeeRow(name="Ann", email=f"{self._number}@example.com", created_at=now))
        return self.add(
            ChallengeRow(answer_id=answer, challenger_id=challenger, wrong="No such key.", made_at=now)
        )

    def newcomer(self, **values: object) -> int:
        self._number += 1
        row = JoinRequestRow(email=f"n{self._number}@example.com", name="Ann", asked_at=self._now(), **values)
        return self.add(row)

    def _now(self):  # type: ignore[no-untyped-def]
        with self._database.read() as session:
            return self._database.now(session)


@pytest.fixture
def rows(database: Database) -> Rows:
    return Rows(database)


ONE_OF: dict[Waits, Callable[[Rows], int]] = {
    Waits.GOAL: lambda rows: rows.goal(is_missed=True),
    Waits.SCORE: lambda rows: rows.score(waits=True),
    Waits.CAMPAIGN: lambda rows: rows.campaign(timedelta(0)),
    Waits.QUESTION: lambda rows: rows.question(QuestionState.ESCALATED),
    Waits.ANSWER: lambda rows: rows.answer(AnswerState.HELD),
    Waits.UNMATCHED: lambda rows: rows.post(verdict=PostKind.UNMATCHED),
    Waits.UNKNOWN: lambda rows: rows.delivery(DeliveryState.UNKNOWN, code=DeliveryCode.BY_HAND),
    Waits.REFUSED: lambda rows: rows.delivery(DeliveryState.REJECTED),
    Waits.FAILED_MESSAGE: lambda rows: rows.delivery(DeliveryState.QUARANTINED),
    Waits.RESTORED: lambda rows: rows.delivery(DeliveryState.HELD, code=DeliveryCode.RESTORED),
    Waits.REPORT: lambda rows: rows.reported(),
    Waits.REVIEW: lambda rows: rows.entry(),
    Waits.FAILED_QUESTION: lambda rows: rows.question(QuestionState.QUARANTINED),
    Waits.POST: lambda rows: rows.post(state=PostState.QUARANTINED),
    Waits.ANNOUNCEMENT: lambda rows: rows.announcement(AnnouncementState.PROPOSED),
    Waits.CONNECTION: lambda rows: rows.connection(ConnectionState.RECONNECT),
    Waits.SURGE: lambda rows: rows.matter("9 people in 20 minutes, usually 2"),
    Waits.TEXT: lambda rows: rows.text(),
    Waits.ENDPOINT: lambda rows: rows.endpoint(state="off", problem=GONE),
    Waits.TOKEN: lambda rows: rows.token(days=6),
    Waits.CHALLENGE: lambda rows: rows.challenge(),
    Waits.NEWCOMER: lambda rows: rows.newcomer(),
}


def counted(database: Database) -> dict[Waits, int]:
    with database.read() as session:
        return what_waits(session, database.now(session))


def test_each_kind_is_counted_as_itself_and_named(database: Database, rows: Rows) -> None:
    assert counted(database) == NOTHING
    expected = dict(NOTHING)
    for kind in Waits:
        number = ONE_OF[kind](rows)
        expected[kind] += 1
        assert counted(database) == expected, kind
        with database.read() as session:
            named = which_wait(session, [kind], database.now(session), 10)
        assert len(named) == 1
        assert kind in (Waits.REPORT, Waits.CONNECTION) or named == [str(number)]


def test_what_is_decided_on_its_way_or_out_of_sight_waits_for_nobody(database: Database, rows: Rows) -> None:
    rows.question(QuestionState.OFFERED)
    rows.goal(is_missed=False)
    rows.campaign(timedelta(seconds=1))
    rows.answer(AnswerState.PUBLISHED)
    rows.post(verdict=PostKind.ANSWER)
    for state in (DeliveryState.READY, DeliveryState.HELD, DeliveryState.SENT, DeliveryState.WITHDRAWN):
        rows.delivery(state)
    for state in (EntryState.GONE, EntryState.HIDDEN):
        rows.entry(state)
    rows.entry(review=None)
    rows.connection(ConnectionState.CONNECTED)
    rows.announcement(AnnouncementState.APPROVED)
    rows.newcomer(state=JoinRequestState.DECLINED)
    assert counted(database) == NOTHING


def test_an_entry_whose_reports_are_closed_is_told_as_one_to_review(database: Database, rows: Rows) -> None:
    with database.read() as session:
        now = database.now(session)
    rows.reported(closed_at=now)
    assert counted(database) == {**NOTHING, Waits.REVIEW: 1}


def test_an_unknown_outcome_waits_once_looking_has_had_its_time(
    database: Database, rows: Rows, clock: FakeClock
) -> None:
    rows.delivery(DeliveryState.UNKNOWN, deadline_at=clock())
    assert counted(database) == NOTHING
    clock.advance(SETTLES_ALONE)
    assert counted(database) == {**NOTHING, Waits.UNKNOWN: 1}


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def waiting_by_the_doctor(house: WorkHouse) -> list[str]:
    found = waiting_findings(Examined(house.chorus.settings, house.database))
    return [one.message for one in found if one.level is not Level.OK]


@pytest.mark.parametrize("state", [EntryState.GONE, EntryState.HIDDEN])
def test_overview_list_and_doctor_agree_about_an_entry_that_nobody_can_see(
    house: WorkHouse, state: EntryState
) -> None:
    Rows(house.database).entry(state)
    mei = house.browser(house.employee("Mei", role=Role.MODERATOR))
    assert "Nothing waits for a person" in mei.get("/admin").text
    assert "Nothing is to be reviewed" in mei.get("/admin/review").text
    assert waiting_by_the_doctor(house) == []


@pytest.mark.parametrize("kind", list(Waits))
def test_overview_doctor_and_notices_tell_of_the_same(house: WorkHouse, kind: Waits) -> None:
    ONE_OF[kind](Rows(house.database))
    mei = house.browser(house.employee("Mei", role=Role.ADMIN))
    overview, place = mei.get("/admin").text, PLACES[kind]
    assert "1 thing waits for a person" in overview
    assert f"<strong>1</strong>{place.one}" in overview
    assert mei.get(place.page.partition("#")[0]).status_code == 200
    told = [f"1 {place.one}."] if kind is not Waits.CONNECTION else []  # that one is told with its platform
    assert waiting_by_the_doctor(house) == told
    with house.database.read() as session:
        standing = notices.standing(session, house.clock())
    assert sum(map(len, standing.values())) == (kind not in SEEN_AT_THE_OVERVIEW)


SEEN_AT_THE_OVERVIEW = {
    Waits.UNMATCHED,
    Waits.RESTORED,
    Waits.REPORT,
    Waits.REVIEW,
}
"""Of these nobody is told: they keep until somebody looks."""


def test_a_notice_is_about_what_still_waits(house: WorkHouse) -> None:
    rows = Rows(house.database)
    rows.delivery(DeliveryState.UNKNOWN, deadline_at=house.clock() - timedelta(seconds=1))
    refused = rows.delivery(DeliveryState.REJECTED)
    with house.database.read() as session:
        assert notices.standing(session, house.clock())[Alarm.DELIVERIES] == [str(refused)]
