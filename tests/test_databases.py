"""A PostgreSQL database that a test has used is another test's new one."""

from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.store.engine import open_engine
from tests.conftest import FakeClock
from tests.databases import Databases
from tests.house import House

_NUMBERS = (
    "SELECT (SELECT MAX(id) FROM topic), (SELECT MAX(id) FROM employee), (SELECT MAX(id) FROM question),"
    " (SELECT MAX(id) FROM offer), (SELECT MAX(seq) FROM change)"
)


def work_in(databases: Databases, name: str) -> tuple[int, ...]:
    """A question comes in and is offered; the numbers that the rows got."""
    with closing(House(databases.url_of(name), FakeClock())) as house:
        house.employee("Jane Doe", house.topic("tv", "TV", "tv"))
        house.post("customer", "@brand My tv is dark.")
        house.worker.run_until_idle("intake", "route")
        with house.database.engine.connect() as connection:
            return tuple(connection.execute(text(_NUMBERS)).one())


def test_what_was_used_comes_back_empty_and_numbers_begin_anew(postgresql_databases: Databases) -> None:
    name = postgresql_databases.take()
    first = work_in(postgresql_databases, name)
    assert all(first)
    postgresql_databases.give_back(name)
    assert postgresql_databases.take() == name
    assert work_in(postgresql_databases, name) == first
    postgresql_databases.give_back(name)


def test_whoever_still_holds_something_is_cut_off(postgresql_databases: Databases) -> None:
    name = postgresql_databases.take()
    work_in(postgresql_databases, name)
    engine = open_engine(postgresql_databases.url_of(name))
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE topic"))
        postgresql_databases.give_back(name)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
        connection.invalidate()
    engine.dispose()
    assert postgresql_databases.take() == name
    postgresql_databases.give_back(name)


@pytest.mark.parametrize(
    "change", ["ALTER TABLE topic ADD COLUMN x TEXT", "DROP TABLE switch", "ANALYZE topic"]
)
def test_one_whose_tables_were_changed_or_measured_is_not_used_again(
    postgresql_databases: Databases, change: str
) -> None:
    name = postgresql_databases.take()
    work_in(postgresql_databases, name)
    engine = open_engine(postgresql_databases.url_of(name))
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    postgresql_databases.give_back(name)
    another = postgresql_databases.take()
    assert another != name
    postgresql_databases.give_back(another)
