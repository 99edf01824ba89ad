"""The people: what can be stored of them, what is refused and why, and what ends when somebody leaves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.conversations import handover
from bot.actions.people import employees, topics
from bot.actions.people.details import Details, Invalid, details_of
from bot.platforms.accounts import Account, UnknownAccount, find_account
from bot.roles import Role
from bot.states import AnswerState, ChangeKind, DeliveryState
from bot.store import changes
from bot.store.conversations.answers import NOT_OUT
from bot.store.engine import Database
from bot.store.people import access, staff
from bot.store.tables.conversations import DeliveryRow, OfferRow, QuestionRow
from bot.store.tables.departments import DepartmentPersonRow, DepartmentRow
from bot.store.tables.house import BoardMarkRow, KeptFilterRow
from bot.store.tables.people import EmployeeRow, IdentityRow, LinkCodeRow, LoginLinkRow, SessionRow
from bot.store.topics import named as stored
from routing.model.domain import EmployeeState, OfferState, QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

JANE = Details("Jane Doe", "Jane@Example.com ", hours="mon-fri 9-17", topics={"tv": 3})


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV & picture")
    built.topic("wifi", "Wi-Fi")
    return built


@pytest.fixture
def small_house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    """For what is decided before any database is asked."""
    built = WorkHouse(sqlite_database, clock)
    built.topic("tv", "TV & picture")
    built.topic("wifi", "Wi-Fi")
    return built


def _add(house: WorkHouse, details: Details, *accounts: Account) -> int:
    with house.database.write() as session:
        return employees.add_employee(session, details, accounts=accounts, now=house.clock()).id


def test_an_employee_is_stored_tidily_and_the_router_hears_of_it(house: WorkHouse) -> None:
    with house.database.read() as session:
        before = changes.head(session)
    number = _add(house, JANE, Account("local", "jane", "jane"))

    with house.database.read() as session:
        employee = session.get_one(EmployeeRow, number)
        details = details_of(session, employee)
        news = changes.after(session, before, (ChangeKind.ROSTER,), 10)
    assert details.email == "jane@example.com"
    assert details.hours == "mon-fri 09:00-17:00"
    assert details.topics == {"tv": 3}
    assert employee.state == EmployeeState.ACTIVE
    assert employee.opted_in_at is not None
    assert {one.row_id for one in news} == {number}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "  "}, "name", "1 to 80"),
        ({"email": "jane"}, "email", "no e-mail"),
        ({"email": "sam@example.com"}, "email", "Sam has the address"),
        ({"role": "amdin"}, "role", "Did you mean admin"),
        ({"timezone": "Europe/Berln"}, "timezone", "Did you mean Europe/Berlin"),
        ({"timezone": "../etc/passwd"}, "timezone", "no time zone"),
        ({"hours": "nine to five"}, "hours", "mon-fri 09:00-17:30"),
        ({"languages": ("english",)}, "languages", "two letters"),
        ({"daily_cap": -1}, "daily_cap", "0"),
        ({"topics": {"wfi": 2}}, "topics", "Did you mean wifi"),
        ({"topics": {"tv": 7}}, "topics", "1, 2 or 3"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_what_to_do(
    small_house: WorkHouse, change: dict[str, Any], field: str, words: str
) -> None:
    _add(small_house, Details("Sam", "sam@example.com"))
    with pytest.raises(Invalid, match=words) as refused, small_house.database.write() as session:
        employees.add_employee(session, replace(JANE, **change), now=small_house.clock())
    assert refused.value.field == field
    with small_house.database.read() as session:
        assert staff.by_email(session, "jane@example.com") is None


def test_s2_an_account_belongs_to_one_person(house: WorkHouse) -> None:
    _add(house, JANE, Account("local", "jane", "jane"))
    with pytest.raises(Invalid, match="linked to Jane Doe already"):
        _add(house, Details("Eve", "eve@example.com"), Account("local", "jane", "Jane"))


def test_an_account_is_found_by_the_platforms_own_word(house: WorkHouse) -> None:
    assert find_account("local:@Jane", house.chorus.platforms) == Account("local", "jane", "Jane")
    for wrong in ("jane", "local:", "myspace:jane", "mastodon:jane"):
        with pytest.raises(UnknownAccount):
            find_account(wrong, house.chorus.platforms)


def test_s3_leaving_ends_everything_in_one_transaction(house: WorkHouse) -> None:
    jane = _add(house, JANE, Account("local", "jane", "jane"))
    answered, offered = house.question(), house.question("@brand no sound")
    house.offer(offered, jane)
    answer = house.answer(answered, jane, "Hold the power button for ten seconds.")
    house.browser(jane)
    with house.database.write() as session:
        employee = session.get_one(EmployeeRow, jane)
        access.new_login_link(session, employee, house.clock())
        access.new_link_code(session, jane, "local", "chorus-abcdefgh", house.clock(), house.clock())

    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, jane), house.clock())

    with house.database.read() as session:
        for table in (SessionRow, LoginLinkRow, LinkCodeRow, IdentityRow):
            assert not session.exec(select(table)).all()
        deliveries = session.exec(select(DeliveryRow)).all()
    assert {one.state for one in deliveries} == {DeliveryState.WITHDRAWN}
    assert house.answer_row(answer).state == AnswerState.WITHDRAWN
    assert house.offer_state(offered, jane) == OfferState.WITHDRAWN
    assert house.state_of(answered) == QuestionState.OPEN
    assert house.row(QuestionRow, offered).due_at == house.clock()
    house.deliver()
    assert not house.chorus.feed.page(author="brand")


OF_A_PERSON = {
    SessionRow: SessionRow.employee_id,
    LoginLinkRow: LoginLinkRow.employee_id,
    LinkCodeRow: LinkCodeRow.employee_id,
    IdentityRow: IdentityRow.employee_id,
    DepartmentPersonRow: DepartmentPersonRow.employee_id,
    KeptFilterRow: KeptFilterRow.employee_id,
    BoardMarkRow: BoardMarkRow.assigned_to,
}
"""What ends with somebody, and whose it is."""


def test_s3_leaving_ends_nothing_of_anybody_else(house: WorkHouse) -> None:
    people = [
        _add(house, Details(name, f"{name}@example.com"), Account("local", name, name))
        for name in ("jane", "kim")
    ]
    jane, kim = people
    answered, offered = house.question(), house.question("@brand no sound")
    words = ("Hold the power button for ten seconds.", "Is the cable in? Then it may be the box.")
    answers = [house.answer(answered, *given) for given in zip(people, words, strict=True)]
    now = house.clock()
    with house.database.write() as session:
        department = DepartmentRow(name="Screens", created_at=now)
        session.add(department)
        session.flush()
        for person in people:
            employee = session.get_one(EmployeeRow, person)
            access.start_session(session, employee, now)
            access.new_login_link(session, employee, now)
            ends = now + access.CODE_LASTS
            access.new_link_code(session, person, "local", f"chorus-{person}", ends, now)
            session.add(DepartmentPersonRow(department_id=department.id, employee_id=person))
            session.add(KeptFilterRow(employee_id=person, name="Mine"))
            session.add(BoardMarkRow(kind="question", row_id=person, assigned_to=person, touched_at=now))
    for person in people:
        house.offer(offered, person)
    waits = house.answer_row(answers[1]).state
    with house.database.read() as session:
        for table, whose in OF_A_PERSON.items():
            assert set(session.exec(select(whose))) == set(people), table

    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, jane), now)

    with house.database.read() as session:
        for table, whose in OF_A_PERSON.items():
            assert set(session.exec(select(whose))) - {None} == {kim}, table
    assert [house.answer_row(one).state for one in answers] == [AnswerState.WITHDRAWN, waits]
    assert waits in NOT_OUT
    assert house.offer_state(offered, kim) == OfferState.OPEN


def test_a_pause_hands_the_open_questions_on(house: WorkHouse) -> None:
    jane, kim = _add(house, JANE), _add(house, Details("Kim", "kim@example.com"))
    alone, shared = house.question(), house.question("@brand no sound")
    for question, person in ((alone, jane), (shared, jane), (shared, kim)):
        house.offer(question, person)
    later = house.row(QuestionRow, shared).due_at

    with house.database.write() as session:
        leaving.pause(
            session, session.get_one(EmployeeRow, jane), house.clock(), house.clock() + timedelta(1)
        )

    assert house.row(QuestionRow, alone).due_at == house.clock()
    assert house.row(QuestionRow, shared).due_at == later
    assert house.offer_state(shared, kim) == OfferState.OPEN


def test_a_reference_goes_to_the_colleague_and_ends_ones_own_offer(house: WorkHouse) -> None:
    jane, kim = _add(house, JANE), _add(house, Details("Kim", "kim@example.com"))
    question = house.question()
    house.offer(question, jane)

    with house.database.write() as session:
        handover.refer(
            session,
            house.chorus.rules,
            session.get_one(QuestionRow, question),
            session.get_one(EmployeeRow, jane),
            session.get_one(EmployeeRow, kim),
            house.clock(),
        )

    assert house.offer_state(question, jane) == OfferState.REFERRED
    with house.database.read() as session:
        taken = session.exec(select(OfferRow).where(OfferRow.employee_id == kim)).one()
    assert taken.state == OfferState.OPEN
    assert taken.reasons[0]["text"] == "Jane Doe thinks that you know this"
    assert house.row(QuestionRow, question).due_at >= taken.expires_at


def test_nobody_in_charge_is_no_state_of_affairs(house: WorkHouse) -> None:
    mei = _add(house, Details("Mei", "mei@example.com", role=Role.ADMIN))
    with house.database.write() as session:
        employee, now = session.get_one(EmployeeRow, mei), house.clock()
        demoted = replace(details_of(session, employee), role=Role.MODERATOR)
        for try_to in (
            lambda: leaving.leave(session, employee, now),
            lambda: employees.edit_employee(session, employee, demoted, now),
        ):
            with pytest.raises(Invalid, match="in charge"):
                try_to()
        employees.add_employee(session, Details("Ann", "ann@example.com", role=Role.ADMIN), now=now)
        employees.edit_employee(session, employee, demoted, now)
        leaving.leave(session, employee, now)
        assert employee.state == EmployeeState.LEFT


@pytest.mark.parametrize(
    ("slug", "name", "parent", "words"),
    [
        ("Smart Home", "Smart home", None, "no short name"),
        ("tv", "Television", None, "already"),
        ("oled", "", None, "1 to 80"),
        ("oled", "OLED", "tvv", "Did you mean tv"),
        ("oled", "OLED", "oled", "below itself"),
    ],
)
def test_topics_are_checked(
    small_house: WorkHouse, slug: str, name: str, parent: str | None, words: str
) -> None:
    with pytest.raises(Invalid, match=words), small_house.database.write() as session:
        topics.add_topic(session, slug, name, parent=parent, now=small_house.clock())


def test_a_removed_topic_leaves_no_trace_with_people(house: WorkHouse) -> None:
    jane = _add(house, JANE)
    with house.database.write() as session:
        topic = stored.by_slug(session, "tv")
        assert topic is not None
        topics.remove_topic(session, topic, house.clock())
    with house.database.read() as session:
        assert details_of(session, session.get_one(EmployeeRow, jane)).topics == {}


def test_somebody_who_is_here_does_not_come_back_as_less(house: WorkHouse) -> None:
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    jane = house.employee("Jane Doe", role=Role.MODERATOR)
    again = mei.post(f"/admin/employees/{jane}/return")
    assert (again.status_code, "has not left" in again.text) == (409, True)
    row = house.row(EmployeeRow, jane)
    assert (row.role, row.state, row.opted_in_at) == (Role.MODERATOR, EmployeeState.ACTIVE, house.clock())


def test_no_pause_ends_or_begins_for_somebody_who_has_left(house: WorkHouse) -> None:
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    jane = house.employee("Jane Doe")
    with house.database.write() as session:
        person = session.get_one(EmployeeRow, jane)
        leaving.pause(session, person, house.clock(), house.clock() + timedelta(days=3))
        leaving.leave(session, person, house.clock())
    for deed in ("resume", "pause"):
        late = mei.post(f"/admin/employees/{jane}/{deed}", {"days": "3"})
        assert (late.status_code, "has left" in late.text) == (409 if deed == "resume" else 422, True)
        assert house.row(EmployeeRow, jane).state == EmployeeState.LEFT
