"""The weekly digest: once a week for each reader, on Monday by their own clock, of what they lead."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.departments import answer, manage
from bot.actions.departments.answer import DepartmentWords
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.roles import Role
from bot.states import DeliveryKind, DeliveryState, DepartmentAnswerKind, TitleSource
from bot.steps.departments.digest import WriteDigests
from bot.store.departments import digests
from bot.store.departments.digests import DigestReader
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import MailServer

MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
"""Eight o'clock in Berlin."""
DAY = timedelta(days=1)


class Weekly(House):
    """Two departments, who is in charge of them and of the house, and questions of the week before."""

    def __init__(self, database: Database, clock: FakeClock, mails: MailServer) -> None:
        super().__init__(database, clock, brand_name="Acme", mail=mails.settings, timezone="Europe/Berlin")
        self.mails = mails
        self.topic("tv", "TV")
        self.topic("wifi", "Wi-Fi")
        self.lea = self.person("Lea Lind", Role.LEAD, "Europe/Berlin", "de")
        self.max = self.person("Max Moor", Role.LEAD, "America/New_York")
        self.mei = self.person("Mei Tan", Role.MODERATOR, "UTC")
        self.jane = self.person("Jane Doe", Role.EMPLOYEE, "UTC")
        for name, slug, lead in (("Screens", "tv", "lea"), ("Networks", "wifi", "max")):
            with database.write() as session:
                row = manage.make(session, name, "", "", clock())
                manage.edit(session, row, name, "", "", [slug], clock())
                manage.put_in(session, row, f"{lead}@example.com", leads=True, now=clock())
                manage.put_in(session, row, "jane@example.com", leads=False, now=clock())
        self.asked(3, "Long ago", "tv", 1, MONDAY - 60 * DAY)  # the house is that old
        self.asked(1, "It flickers", "tv", 5, MONDAY - 3 * DAY)
        self.asked(2, "It drops", "wifi", 2, MONDAY - 3 * DAY)

    def person(self, name: str, role: Role, zone: str, language: str = "") -> int:
        with self.database.write() as session:
            address = f"{name.split()[0].lower()}@example.com"
            details = Details(name, address, role=role, timezone=zone, language=language)
            return employees.add_employee(session, details, now=self.clock()).id

    def asked(self, number: int, title: str, topic: str, people: int, at: datetime) -> None:
        with self.database.write() as session:
            given = TitleSource.MODERATOR
            session.add(
                MatterRow(id=number, title=title, title_source=given, topic=topic, first_at=at, last_at=at)
            )
            session.flush()
            for person in range(people):
                session.add(
                    QuestionRow(
                        platform="local",
                        customer_id=f"{number}-{person}",
                        text=title,
                        asked_at=at,
                        matter_id=number,
                        gathered=True,
                    )
                )

    @property
    def writes(self) -> WriteDigests:
        assert self.steps.digests is not None
        return self.steps.digests

    def turn(self) -> int:
        """What the lane of the notices does for digests; how many mails went out."""
        before = len(self.mails.mails)
        self.writes.run()
        assert self.steps.notify is not None
        self.steps.notify.run()
        return len(self.mails.mails) - before

    def to(self, who: str) -> list[tuple[str, str]]:
        """Subject and words of the mails to somebody."""
        return [
            (str(mail["Subject"]), text)
            for mail, text in zip(self.mails.mails, self.mails.texts(), strict=True)
            if mail["To"] == f"{who}@example.com"
        ]

    def states(self) -> list[str]:
        return [row.state for row in self.deliveries() if row.kind == DeliveryKind.NOTICE]


@pytest.fixture
def house(database: Database, mails: MailServer) -> Weekly:
    return Weekly(database, FakeClock(MONDAY), mails)


def test_each_reader_gets_theirs_on_monday_morning_by_their_own_clock(house: Weekly) -> None:
    house.clock.at = MONDAY - timedelta(minutes=1)
    assert house.turn() == 0
    house.clock.at = MONDAY
    assert house.turn() == 1
    ((subject, text),) = house.to("lea")
    assert subject == "Acme: die Woche von Screens"
    assert (
        "2026-03-02 bis 2026-03-08 (Europe/Berlin): Menschen, die gefragt haben: 5. Üblich: 0 in der Woche."
        in text
    )
    assert "- 5: It flickers (danach fragte zuvor niemand)\n  http://127.0.0.1:8000/admin/matters/1" in text
    assert "Noch hat niemand gesagt, was dagegen getan wird:" in text
    assert "/admin/departments/1" in text
    assert "/desk/profile" in text
    assert "It drops" not in text
    house.clock.at = MONDAY + timedelta(hours=1)
    assert house.turn() == 1
    ((subject, text),) = house.to("mei")
    assert subject == "Acme: what people asked last week"
    assert "People who asked: 7." in text
    assert "- 5: It flickers" in text
    assert "- 2: It drops" in text
    assert "/admin/drivers" in text
    house.clock.at = MONDAY + timedelta(hours=4, minutes=59)
    assert house.turn() == 0
    house.clock.at = MONDAY + timedelta(hours=5)
    assert house.turn() == 1
    assert house.to("max")[0][0] == "Acme: the week of Networks"
    assert house.to("jane") == []


def test_it_has_the_figures_of_the_week_beside_those_before(house: Weekly) -> None:
    with house.database.write() as session:
        for number, at in enumerate((MONDAY - 3 * DAY, MONDAY - 4 * DAY, MONDAY - 10 * DAY)):
            question = QuestionRow(
                platform="local", customer_id=f"c{number}", asked_at=at, topics=[["tv", 0.9]], state="settled"
            )
            session.add(question)
            session.flush()
            session.add(
                AnswerRow(
                    question_id=question.id, employee_id=house.jane, text="Hold it.", state="published",
                    written_at=at, published_at=at + timedelta(minutes=7 * (number + 1)),
                )
            )  # fmt: skip
            session.add(
                SurveyRow(
                    question_id=question.id, platform="local", customer_id=f"c{number}", kind="csat",
                    score=5 - number, asked_at=at, expires_at=at, said_at=at,
                )
            )  # fmt: skip
        session.add(
            GoalRow(topic="tv", percent=90, within_seconds=60, days=28, set_at=MONDAY, missed_since=MONDAY)
        )
    while house.steps.roll_up.run():
        pass
    house.clock.at = MONDAY + timedelta(hours=6)
    assert house.turn() == 3
    (_, text) = house.to("lea")[0]
    page = next(one for one in house.mails.pages() if 'lang="de"' in one)
    assert "Kennzahlen (Letzte Woche, Die Woche davor):" in text
    assert "- Gestellte Fragen: 2 | 1\n" in text  # those of the department's topics alone
    assert "- Erste Antwort, Median (Stunden:Minuten): 0:10 | 0:21\n" in text
    assert "- Beantwortet, von den gestellten Fragen: 100 % | 100 %\n" in text
    assert "- Zufriedene Kundschaft (CSAT): zu wenige (2) | zu wenige (1)\n" in text
    assert "- Ziele, die jetzt verfehlt werden: 1 | –" in text
    assert "wert war" not in text
    assert '<html lang="de" dir="ltr">' in page
    assert '<th scope="row">Gestellte Fragen</th><td>2</td><td>1</td>' in page
    assert "It flickers" in page
    assert "<script" not in page
    of_house = house.to("mei")[0][1]
    assert "- Questions asked: 9 | 1\n" in of_house
    assert "- What it was worth, an estimate: $ 1 | $ 0\n" in of_house


def test_once_a_week_also_over_restarts_and_with_several_workers(house: Weekly) -> None:
    house.clock.at = MONDAY + timedelta(hours=6)
    assert house.turn() == 3
    other = WriteDigests(house.database, ["mail"], lambda: "Europe/Berlin")
    assert [other.run(), house.writes.run(), house.turn()] == [0, 0, 0]
    reader = DigestReader(1, house.lea, "Europe/Berlin")
    with house.database.write() as session:  # two who had both found it missing
        assert not digests.queue(session, "mail", reader, MONDAY.date(), house.clock())
    house.clock.at += 7 * DAY
    house.asked(4, "It hums", "tv", 3, house.clock() - 3 * DAY)
    assert house.turn() == 2  # nobody asked Max's department anything
    assert len(house.to("lea")) == 2
    assert len(house.to("max")) == 1


def test_a_digest_that_could_not_be_written_by_thursday_is_left_out(house: Weekly) -> None:
    house.clock.at = MONDAY + 3 * DAY
    house.writes.run()
    assert {row.employee_id for row in house.deliveries()} == {house.mei, house.max}


def test_when_nobody_can_tell_whether_it_went_out_it_is_not_sent_again(house: Weekly) -> None:
    house.mails.vanishes = True
    assert house.turn() == 1
    house.mails.vanishes = False
    house.clock.advance(3600)
    assert house.steps.notify is not None
    house.steps.notify.run()
    assert len(house.to("lea")) == 1
    assert house.states()[0] == DeliveryState.WITHDRAWN


def test_who_died_while_sending_does_not_send_it_again(house: Weekly) -> None:
    house.writes.run()
    with house.database.write() as session:  # as a worker leaves it that was killed after it had begun
        session.get_one(DeliveryRow, 1).attempts = 1
    assert house.steps.notify is not None
    house.steps.notify.run()
    assert house.mails.mails == []
    assert house.states() == [DeliveryState.WITHDRAWN]


def test_a_mail_server_that_is_down_is_asked_again(house: Weekly) -> None:
    house.mails.refuses = {"MAIL": "451 later"}
    assert house.turn() == 0
    house.mails.refuses = {}
    house.clock.advance(2 * DAY)
    assert house.turn() >= 1
    assert len(house.to("lea")) == 1


def test_who_stopped_it_or_is_in_charge_no_more_gets_none(house: Weekly) -> None:
    house.clock.at = MONDAY + timedelta(hours=6)
    lea = house.browser(house.lea)
    page = lea.get("/desk/profile").text
    assert 'name="digest@/desk/profile" value="yes" checked' in page
    fields = {"timezone": "Europe/Berlin", "daily_cap": "3", "open_cap": "3", "digest": "no"}
    assert lea.post("/desk/profile", fields).status_code == 303
    assert 'name="digest@/desk/profile" value="no" checked' in lea.get("/desk/profile").text
    assert 'name="digest@/desk/profile"' not in house.browser(house.jane).get("/desk/profile").text
    house.writes.run()
    with house.database.write() as session:  # taken out after it was put into the outbox
        manage.take_out(session, session.get_one(DepartmentRow, 2), house.max, house.clock())
        session.get_one(EmployeeRow, house.mei).role = Role.READER
    house.turn()
    assert house.mails.mails == []
    assert house.states() == [DeliveryState.WITHDRAWN] * 2


def test_a_departments_own_address_gets_it_too(house: Weekly) -> None:
    with house.database.write() as session:
        row = session.get_one(DepartmentRow, 1)
        manage.edit(session, row, "Screens", "", "screens@example.com", ["tv"], house.clock())
    house.turn()
    ((subject, text),) = house.to("screens")
    assert subject == "Acme: the week of Screens"
    assert "an administrator can change" in text
    assert "/desk/profile" not in text


def test_what_has_an_answer_does_not_wait_for_one(house: Weekly) -> None:
    with house.database.write() as session:
        words = DepartmentWords(DepartmentAnswerKind.SEEN)
        guard = house.chorus.rules.guard
        matter, department = session.get_one(MatterRow, 1), session.get_one(DepartmentRow, 1)
        today, now = house.clock().date(), house.clock()
        answer.say(session, matter, department, words, house.lea, guard, today, now)
    house.turn()
    assert "Noch hat niemand gesagt" not in house.to("lea")[0][1]


def test_a_title_of_what_a_customer_wrote_is_not_repeated(house: Weekly) -> None:
    with house.database.write() as session:
        session.get_one(MatterRow, 1).title_source = TitleSource.DERIVED
    house.turn()
    text = house.to("lea")[0][1]
    assert "It flickers" not in text
    assert "- 5: TV, Angelegenheit 1" in text


def test_without_a_mail_server_nobody_writes_digests(database: Database, clock: FakeClock) -> None:
    assert House(database, clock).steps.digests is None
