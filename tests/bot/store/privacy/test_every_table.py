"""S13: no table is forgotten where somebody's data are handed out, or somebody is forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event
from sqlmodel import SQLModel

from bot.actions import board, leaving
from bot.actions.erase import erase_again, erase_customer, erase_employee
from bot.states import StatementAudience, StatementKind, StatementState
from bot.store.engine import Database
from bot.store.house import subscribers
from bot.store.matters import statements
from bot.store.people import staff
from bot.store.privacy import erasure_log, personal_record
from bot.store.privacy.erasure import Customer, customer
from bot.store.privacy.scrub import ERASED
from bot.store.sealing import Sealer
from bot.store.tables.house import KeptFilterRow
from bot.store.tables.matters import StatementRow, ToldRow
from tests.conftest import FakeClock
from tests.house import House
from tests.outage import Outage

OF_CUSTOMERS = ("customer_id", "author_id")
NOT_OF_CUSTOMERS = {
    "listened.author_id": "the post of a row on the tray is handed out, and takes the row along",
}
NOT_HANDED_OUT = {
    "announcement.approved_by": "a deed, in the audit log",
    "board_mark.assigned_by": "a deed, in the audit log",
    "delivery.employee_id": "tells of what is handed out: offers, answers, challenges",
    "department_answer.withdrawn_by": "a deed, in the audit log",
    "entry.owner_id": "follows from the answer",
    "link_code.employee_id": "a secret, for an hour",
    "load.employee_id": "a count of what is handed out: offers",
    "login_link.employee_id": "a secret, for a day",
    "statement.approved_by": "a deed, in the audit log",
}


@contextmanager
def asked_for(database: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(" ".join(statement.replace('"', "").split()))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def columns_naming_employees() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if any(one.column.table.name == "employee" for one in column.foreign_keys)
    }


def columns_naming_customers() -> set[str]:
    return {
        f"{table.name}.{name}"
        for table in SQLModel.metadata.sorted_tables
        for name in OF_CUSTOMERS
        if name in table.columns
    }


def test_s13_whatever_names_an_employee_is_handed_out(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    jane = house.employee("Jane Doe")
    with asked_for(database) as said, database.read() as session:
        personal_record.of_employee(session, session.get_one(type(jane), jane.id))
    missing = {one for one in columns_naming_employees() if not any(f"{one} = " in each for each in said)}
    assert missing == set(NOT_HANDED_OUT)


def test_s13_whatever_names_a_customer_is_handed_out_and_forgotten(
    database: Database, clock: FakeClock
) -> None:
    sam = Customer("x", "12345")
    with asked_for(database) as handed_out, database.read() as session:
        personal_record.of_customer(session, sam)
    with asked_for(database) as forgotten, database.write() as session:
        erase_customer(session, sam, clock())
    for said in (handed_out, forgotten):
        missing = {one for one in columns_naming_customers() if not any(f"{one} = " in each for each in said)}
        assert missing == set(NOT_OF_CUSTOMERS)


@pytest.mark.parametrize("names", [("sam", "kim"), ("sam_12345", "kim_12345")])
def test_s13_of_two_who_were_told_the_same_neither_is_known_any_more(
    database: Database, clock: FakeClock, names: tuple[str, str]
) -> None:
    outage = Outage(database, clock)
    for who in names:
        outage.asks(who)
    outage.says()
    with database.read() as session:
        record = personal_record.of_customer(session, customer(session, "local", names[0]))
    assert [one["statement_id"] for one in record["told_of_matters"]] == [1]
    for who in names:
        with database.write() as session:
            erase_customer(session, customer(session, "local", who), clock())
    told = outage.rows(ToldRow)
    assert not any(one.customer_id.startswith(("sam", "kim")) for one in told)
    with database.read() as session:
        assert statements.told_counts(session, [1]) == {1: 2}


def test_s13_what_is_said_later_on_the_matter_goes_to_nobody_who_is_forgotten(
    database: Database, clock: FakeClock
) -> None:
    outage = Outage(database, clock)
    for who in ("sam", "kim"):
        outage.asks(who)
    outage.says()
    with database.write() as session:
        erase_customer(session, customer(session, "local", "sam"), clock())
    before = len(outage.by_brand())
    clock.advance(timedelta(minutes=5))
    number = outage.writes(StatementKind.SETTLED, StatementAudience.ALL)
    outage.approves(number, outage.ravi)
    outage.all_work()
    assert len(outage.told("kim")) == 2
    assert len(outage.by_brand()) == before + 1
    assert outage.rows(StatementRow)[-1].state == StatementState.ENDED


def test_s13_a_name_goes_from_two_of_somebodys_filters(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.employee("Mei Ito")
    house.employee("Jane Doe")
    with database.write() as session:
        jane, mei = (staff.by_email(session, f"{one}@example.com") for one in ("jane", "mei"))
        assert jane is not None
        assert mei is not None
        for name in ("of Jane Doe", "of jane doe"):
            board.keep_filter(session, mei.id, name, "")
        leaving.leave(session, jane, clock())
        erase_employee(session, jane, clock())
    assert [one.name.startswith(f"of {ERASED}") for one in house.rows(KeptFilterRow)] == [True, True]


def test_s13_a_subscriber_is_handed_out_forgotten_and_does_not_come_back_with_a_backup(
    database: Database, clock: FakeClock
) -> None:
    sealer = Sealer([Fernet.generate_key()])
    for _ in range(2):
        with database.write() as session:
            subscribers.asked(session, "kim@example.com", "de", clock())
        with database.write() as session:
            record = personal_record.of_subscriber(session, "kim@example.com")
            assert record is not None
            assert record["subscription"]["address"] == "kim@example.com"
            assert "link_hash" not in record["subscription"]
            if erasure_log.lines(session):
                assert erase_again(session, sealer, clock()) == 1
            else:
                erasure_log.note(session, erasure_log.SUBSCRIBER, "", "kim@example.com", sealer, clock())
                subscribers.forget(session, record["subscription"]["id"])
            assert personal_record.of_subscriber(session, "kim@example.com") is None
