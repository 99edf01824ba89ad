"""A PostgreSQL database that a test has used is another test's new one, and what was compiled is kept."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
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


def test_engines_of_one_kind_share_what_was_compiled(tmp_path: Path, postgresql_url: str) -> None:
    here, there = (f"sqlite:///{tmp_path / name}.db" for name in ("here", "there"))
    engines = [open_engine(here), open_engine(there), create_engine(there), open_engine(postgresql_url)]
    known = []
    for engine in engines:
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
            known.append((connection.dialect, connection.get_execution_options()["compiled_cache"]))
        engine.dispose()
    first, second, *others = known
    assert first[0] is second[0]
    assert first[1] is second[1]
    assert not any(dialect is first[0] or compiled is first[1] for dialect, compiled in others)
