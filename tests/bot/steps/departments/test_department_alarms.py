"""Who is in charge of a department hears what is overdue there, once, and as long as they are in charge."""

from datetime import timedelta
from typing import Any

import pytest

from bot.actions.departments import manage
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.figures import GoalRow
from bot.store.tables.matters import CampaignRow, MatterRow
from bot.store.tables.people import EmployeeRow
from routing.campaigns.states import CampaignState
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import MailServer

LATER = 11 * 60.0
CAMPAIGN, GOAL = "Our word on a campaign is overdue", "A goal is missed"


class Overdue(House):
    """Screens answers for TV and is in Lea's and Mei's hands, Networks for Wi-Fi in Max's; Mei may decide."""

    def __init__(self, database: Database, clock: FakeClock, mails: MailServer) -> None:
        super().__init__(database, clock, brand_name="Acme", mail=mails.settings)
        self.mails = mails
        self.topic("tv", "TV")
        self.topic("wifi", "Wi-Fi")
        self.lea, self.max = (self.employee(one, role=Role.LEAD).id for one in ("Lea Lind", "Max Moor"))
        self.mei = self.employee("Mei Tan", role=Role.MODERATOR).id
        for name, slug, leads in (("Screens", "tv", ("lea", "mei")), ("Networks", "wifi", ("max",))):
            with database.write() as session:
                row = manage.make(session, name, "", "", clock())
                manage.edit(session, row, name, "", "", [slug], clock())
                for one in leads:
                    manage.put_in(session, row, f"{one}@example.com", leads=True, now=clock())

    def campaign(self, number: int, topic: str, department: int | None = None) -> None:
        """A campaign whose word is overdue."""
        now = self.clock()
        with self.database.write() as session:
            session.add(
                MatterRow(
                    id=number, title="Dark", topic=topic, department_id=department, first_at=now, last_at=now
                )
            )
            session.flush()
            session.add(
                CampaignRow(
                    matter_id=number,
                    demand="A dark theme",
                    state=CampaignState.HEARD,
                    made_by=self.mei,
                    made_at=now,
                    opened_at=now,
                    goal_days=14,
                    due_at=now - timedelta(hours=1),
                )
            )

    def goal(self, topic: str) -> int:
        """A goal that is missed."""
        with self.database.write() as session:
            row = GoalRow(
                topic=topic,
                percent=90,
                within_seconds=60,
                set_at=self.clock(),
                missed_since=self.clock(),
            )
            session.add(row)
            session.flush()
            return row.id

    def change(self, table: type[Any], key: int, **values: object) -> None:
        with self.database.write() as session:
            row = session.get_one(table, key)
            for name, value in values.items():
                setattr(row, name, value)

    def turn(self, seconds: float = LATER) -> dict[str, list[str]]:
        """Time passes; what has come by mail since, by who got it."""
        before, notify = len(self.mails.mails), self.steps.notify
        assert notify is not None
        self.clock.advance(seconds)
        while notify.look() + notify.run():
            pass
        found: dict[str, list[str]] = {}
        for mail in self.mails.mails[before:]:
            who = str(mail["To"]).partition("@")[0]
            found.setdefault(who, []).append(str(mail["Subject"]).removeprefix("Acme: "))
        return found


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock, mails: MailServer) -> Overdue:
    return Overdue(sqlite_database, clock, mails)


def test_it_is_told_to_the_departments_own_and_to_those_in_charge_of_all_each_once(house: Overdue) -> None:
    house.campaign(1, "tv")
    goal = house.goal("wifi")
    assert house.turn() == {
        "mei": ["Several things wait for you"],
        "lea": [CAMPAIGN],
        "max": [GOAL],
    }
    assert "http://127.0.0.1:8000/admin/departments/1" in house.mails.texts()[-2]
    assert house.turn() == house.turn() == {}
    house.change(GoalRow, goal, missed_since=None)
    house.turn()
    house.change(GoalRow, goal, missed_since=house.clock())
    assert house.turn() == {"mei": [GOAL], "max": [GOAL]}


def test_what_is_nobodys_or_the_houses_is_told_to_those_in_charge_of_all_alone(house: Overdue) -> None:
    house.campaign(1, "other")
    house.goal("")
    assert set(house.turn()) == {"mei"}


def test_what_another_department_is_to_answer_is_told_to_that_one(house: Overdue) -> None:
    house.campaign(1, "tv", department=2)
    assert set(house.turn()) == {"mei", "max"}
    house.change(MatterRow, 1, department_id=1)
    assert house.turn() == {"lea": [CAMPAIGN]}


def test_who_is_put_in_charge_hears_what_nobody_there_had_heard(house: Overdue) -> None:
    house.change(EmployeeRow, house.max, role=Role.EMPLOYEE)
    house.campaign(1, "wifi")
    assert set(house.turn()) == {"mei"}
    house.change(EmployeeRow, house.max, role=Role.LEAD)
    assert house.turn() == {"max": [CAMPAIGN]}


@pytest.mark.parametrize("lost", ["role", "department", "retired", "word"])
def test_a_mail_that_waits_goes_to_nobody_who_is_in_charge_no_more(house: Overdue, lost: str) -> None:
    house.campaign(1, "tv")
    notify = house.steps.notify
    assert notify is not None
    assert notify.look() == 2
    if lost == "role":
        house.change(EmployeeRow, house.lea, role=Role.EMPLOYEE)
    elif lost == "word":
        house.change(CampaignRow, 1, due_at=None)
    else:
        with house.database.write() as session:
            row = session.get_one(DepartmentRow, 1)
            if lost == "retired":
                manage.retire(session, row, house.clock())
            else:
                manage.take_out(session, row, house.lea, house.clock())
    assert "lea" not in house.turn()


def test_two_departments_of_one_person_are_two_messages_with_their_pages(house: Overdue) -> None:
    with house.database.write() as session:
        networks = session.get_one(DepartmentRow, 2)
        manage.put_in(session, networks, "lea@example.com", leads=True, now=house.clock())
    house.campaign(1, "tv")
    house.campaign(2, "wifi")
    assert house.turn()["lea"] == [CAMPAIGN, CAMPAIGN]
    texts = "".join(house.mails.texts())
    assert all(f"/admin/departments/{number}\n" in texts for number in (1, 2))


def test_the_departments_page_has_its_goals_and_which_are_missed(house: Overdue) -> None:
    house.goal("tv")
    house.goal("wifi")
    page = house.browser(house.lea).get("/admin/departments/1").text
    assert ("90 % within 1 min" in page, ">missed</span>" in page) == (True, True)
    assert page.count("90 % within") == 1
