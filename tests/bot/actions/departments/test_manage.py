"""Departments: what they are called, what they answer for, and who is in them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.departments import manage
from bot.actions.matters import decisions
from bot.actions.people import employees, topics
from bot.actions.people.details import Invalid, details_of
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.store.departments import directory
from bot.store.engine import Database, Session, open_engine
from bot.store.privacy import personal_record
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow, MatterRow
from bot.store.tables.people import EmployeeRow
from bot.store.topics import named as stored_topics
from tests.bot.steps.racing import Meanwhile
from tests.conftest import FakeClock
from tests.house import House


class Company(House):
    """A house with topics, two departments, and people."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.topic("tv", "TV")
        self.topic("remote", "Remotes")
        self.topic("wifi", "Wi-Fi")
        self.do(
            lambda session: topics.edit_topic(
                session,
                stored_topics.by_slug(session, "remote"),
                name="Remotes",
                keywords=(),
                description="",
                parent="tv",
                now=clock(),
            )
        )
        self.lea = self.employee("Lea Lind", role=Role.LEAD).id
        self.jane = self.employee("Jane Doe").id
        self.boss = self.employee("Mei Tan", role=Role.ADMIN).id
        self.screens, self.networks = self.made("Screens"), self.made("Networks")

    def do(self, act: Callable[[Session], object]) -> None:
        with self.database.write() as session:
            act(session)

    def made(self, name: str) -> int:
        with self.database.write() as session:
            return manage.make(session, name, "", "", self.clock()).id

    def edit(self, number: int, *slugs: str, name: str = "Screens", email: str = "") -> None:
        with self.database.write() as session:
            row = session.get_one(DepartmentRow, number)
            manage.edit(session, row, name, "", email, slugs, self.clock())

    def put_in(self, number: int, who: str, *, leads: bool) -> None:
        with self.database.write() as session:
            row = session.get_one(DepartmentRow, number)
            manage.put_in(session, row, f"{who}@example.com", leads=leads, now=self.clock())

    def matter(self, number: int, topic: str | None) -> None:
        at = self.clock()
        self.do(
            lambda session: session.add(
                MatterRow(id=number, title="It flickers", topic=topic, first_at=at, last_at=at)
            )
        )

    def whose(self, number: int) -> str | None:
        with self.database.read() as session:
            row = directory.of_matter(session, session.get_one(MatterRow, number))
            return row.name if row is not None else None


@pytest.fixture
def company(database: Database, clock: FakeClock) -> Company:
    return Company(database, clock)


def test_a_matter_is_the_department_of_its_topic_and_of_what_is_above_that(company: Company) -> None:
    company.matter(1, "tv")
    company.matter(2, "remote")
    company.matter(3, None)
    assert company.whose(1) is None
    company.edit(company.screens, "tv")
    assert [company.whose(one) for one in (1, 2, 3)] == ["Screens", "Screens", None]
    company.edit(company.networks, "remote", name="Networks")
    assert company.whose(2) == "Networks"
    with company.database.read() as session:
        of_screens = session.exec(
            select(MatterRow).where(directory.answers_for(session, company.screens))
        ).all()
    assert [one.id for one in of_screens] == [1]


def test_a_topic_is_one_departments(company: Company) -> None:
    company.edit(company.screens, "tv")
    with pytest.raises(Invalid, match="belongs to Screens"):
        company.edit(company.networks, "tv", name="Networks")
    with pytest.raises(Invalid, match="no topic"):
        company.edit(company.networks, "gone", name="Networks")


def test_a_persons_choice_wins_and_is_kept(company: Company) -> None:
    company.matter(1, "tv")
    company.edit(company.screens, "tv")
    assign = decisions.assign
    company.do(
        lambda session: assign(
            session, session.get_one(MatterRow, 1), company.networks, "mei", company.clock()
        )
    )
    assert company.whose(1) == "Networks"
    (kept,) = company.rows(MatterDecisionRow)
    assert (kept.kind, kept.matter, kept.other, kept.decided_by) == (
        MatterDecisionKind.ASSIGN,
        1,
        company.networks,
        "mei",
    )
    company.steps.gather.run()  # whoever gathers takes note of it, and leaves it as it is
    assert company.whose(1) == "Networks"
    company.do(lambda session: assign(session, session.get_one(MatterRow, 1), None, "mei", company.clock()))
    assert company.whose(1) == "Screens"
    with pytest.raises(Undecidable, match="Choose a department"):
        company.do(
            lambda session: assign(session, session.get_one(MatterRow, 1), 424242, "mei", company.clock())
        )


def test_a_persons_choice_goes_along_when_matters_are_joined(company: Company) -> None:
    company.matter(1, "tv")
    company.matter(2, "tv")
    company.do(
        lambda session: decisions.assign(
            session, session.get_one(MatterRow, 2), company.networks, "mei", company.clock()
        )
    )
    company.do(lambda session: decisions.merge(session, 1, 2, "mei", company.clock()))
    assert company.whose(1) == "Networks"


def test_a_retired_department_answers_for_nothing_and_can_come_back(company: Company) -> None:
    company.matter(1, "tv")
    company.matter(2, "wifi")
    company.edit(company.screens, "tv")
    company.put_in(company.screens, "lea", leads=True)
    company.do(
        lambda session: decisions.assign(
            session, session.get_one(MatterRow, 2), company.screens, "mei", company.clock()
        )
    )
    company.do(
        lambda session: manage.retire(
            session, session.get_one(DepartmentRow, company.screens), company.clock()
        )
    )
    assert [company.whose(one) for one in (1, 2)] == [None, None]
    with company.database.read() as session:
        assert directory.led_by(session, company.lea) == []
        assert company.screens not in directory.names(session)
    with pytest.raises(Undecidable, match="retired"):
        company.edit(company.screens, "tv")
    company.edit(company.networks, "tv", name="Networks")
    company.do(
        lambda session: manage.reopen(
            session, session.get_one(DepartmentRow, company.screens), company.clock()
        )
    )
    with company.database.read() as session:
        assert directory.led_by(session, company.lea) == [company.screens]
    assert company.whose(1) == "Networks"


def test_two_departments_have_two_names(company: Company) -> None:
    with pytest.raises(Invalid, match="already"):
        company.edit(company.networks, name="screens")
    company.do(
        lambda session: manage.retire(
            session, session.get_one(DepartmentRow, company.screens), company.clock()
        )
    )
    company.edit(company.networks, name="Screens")
    with pytest.raises(Undecidable, match="rename"):
        company.do(
            lambda session: manage.reopen(
                session, session.get_one(DepartmentRow, company.screens), company.clock()
            )
        )


@pytest.mark.parametrize(
    ("name", "email", "field"), [("", "", "name"), ("x" * 81, "", "name"), ("Screens", "nowhere", "email")]
)
def test_what_cannot_be_a_department_is_refused_in_words(
    company: Company, name: str, email: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        company.edit(company.screens, name=name, email=email)
    assert refused.value.field == field


def test_only_who_may_see_departments_is_in_charge_of_one(company: Company) -> None:
    with pytest.raises(Invalid, match="role lead"):
        company.put_in(company.screens, "jane", leads=True)
    company.put_in(company.screens, "jane", leads=False)
    company.put_in(company.screens, "lea", leads=True)
    with pytest.raises(Invalid, match="Nobody"):
        company.put_in(company.screens, "nobody", leads=False)
    with company.database.read() as session:
        assert [one.name for one in directory.leads_of(session, company.screens)] == ["Lea Lind"]
        record = personal_record.of_employee(session, session.get_one(EmployeeRow, company.lea))
        assert record["departments"] == [{"department": "Screens", "is_in_charge": True}]
    company.put_in(company.screens, "lea", leads=False)
    with company.database.read() as session:
        assert directory.leads_of(session, company.screens) == []


def test_who_loses_the_role_is_in_charge_of_nothing_and_stays_in_it(company: Company) -> None:
    for number in (company.screens, company.networks):
        company.put_in(number, "lea", leads=True)
    mei = company.browser(company.boss)
    form = {"name": "Lea Lind", "email": "lea@example.com", "role": "lead", "daily_cap": "5", "open_cap": "5"}
    assert mei.post(f"/admin/employees/{company.lea}", form).status_code == 303
    with company.database.read() as session:
        assert directory.led_by(session, company.lea) == [company.screens, company.networks]
    assert mei.post(f"/admin/employees/{company.lea}", form | {"role": "employee"}).status_code == 303
    with company.database.read() as session:
        assert directory.led_by(session, company.lea) == []
        assert [leads for _, leads in directory.departments_of(session, company.lea)] == [False, False]
    assert mei.post(f"/admin/employees/{company.lea}", form).status_code == 303
    with company.database.read() as session:
        assert directory.led_by(session, company.lea) == []  # a person says that anew


def test_putting_somebody_in_charge_waits_for_whoever_changes_their_role(
    fresh_postgresql_url: str, clock: FakeClock
) -> None:
    database = Database(open_engine(fresh_postgresql_url), clock)
    company = Company(database, clock)
    with database.write() as session:
        lea = session.get_one(EmployeeRow, company.lea)
        lowered = replace(details_of(session, lea), role=Role.EMPLOYEE)
        employees.edit_employee(session, lea, lowered, clock())
        meanwhile = Meanwhile(database, lambda: company.put_in(company.screens, "lea", leads=True))
    assert isinstance(meanwhile.ends(), Invalid)
    with database.read() as session:
        assert directory.led_by(session, company.lea) == []
    company.close()


@pytest.mark.parametrize("what", ["name", "topic"])
def test_of_two_who_give_the_same_at_once_the_second_reads_that_it_is_taken(
    fresh_postgresql_url: str, clock: FakeClock, what: str
) -> None:
    database = Database(open_engine(fresh_postgresql_url), clock)
    company = Company(database, clock)
    topic = ["tv"] if what == "topic" else []
    names = ("Screens", "Networks") if what == "topic" else ("Support", "support")
    with database.write() as session:
        screens = session.get_one(DepartmentRow, company.screens)
        manage.edit(session, screens, names[0], "", "", topic, clock())
        meanwhile = Meanwhile(database, lambda: company.edit(company.networks, *topic, name=names[1]))
    assert isinstance(meanwhile.ends(), Invalid)
    assert [one.name for one in company.rows(DepartmentRow)] == [names[0], "Networks"]
    company.close()


def test_who_leaves_is_in_no_department_any_more(company: Company) -> None:
    company.put_in(company.screens, "lea", leads=True)
    company.do(
        lambda session: leaving.leave(session, session.get_one(EmployeeRow, company.lea), company.clock())
    )
    with company.database.read() as session:
        assert directory.departments_of(session, company.lea) == []
        assert directory.listed(session)[0].people == 0


def test_who_has_left_is_put_in_no_department(company: Company) -> None:
    company.do(
        lambda session: leaving.leave(session, session.get_one(EmployeeRow, company.jane), company.clock())
    )
    with pytest.raises(Invalid, match="Nobody here has this address"):
        company.put_in(company.screens, "jane", leads=False)


def test_a_removed_topic_is_nobodys(company: Company) -> None:
    company.edit(company.screens, "tv", "wifi")
    company.do(
        lambda session: topics.remove_topic(session, stored_topics.by_slug(session, "wifi"), company.clock())
    )
    with company.database.read() as session:
        assert directory.of_topics(session) == {"tv": company.screens, "remote": company.screens}


def test_whoever_is_not_in_it_cannot_be_taken_out(company: Company) -> None:
    with pytest.raises(Undecidable, match="not in this department"):
        company.do(
            lambda session: manage.take_out(
                session, session.get_one(DepartmentRow, company.screens), company.jane, company.clock()
            )
        )
