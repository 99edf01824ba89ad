"""A house and its deeds, for the tests of what happens to one row at once."""

from collections.abc import Iterator

import pytest

from bot.store.engine import Database, open_engine
from tests.bot.steps.racing import Stage, house_on
from tests.conftest import FakeClock


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Iterator[Stage]:
    with house_on(database, clock) as house:
        yield Stage(house)


@pytest.fixture
def shared(fresh_postgresql_url: str, clock: FakeClock) -> Iterator[Stage]:
    """On PostgreSQL, where two transactions can be open at once."""
    engine = open_engine(fresh_postgresql_url)
    with house_on(Database(engine, clock), clock) as house:
        yield Stage(house)
    engine.dispose()
