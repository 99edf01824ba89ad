"""One browser for the races of a module, and a house in it for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.store.engine import Database
from tests.app.admin.races.three_at_once import ThreeAtOnce, three_at_once
from tests.app.browsing import chromium
from tests.conftest import FakeClock


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def three(database: Database, clock: FakeClock, browser: Any) -> Iterator[ThreeAtOnce]:
    """With time to undo what is published."""
    with three_at_once(database, clock, browser, publish={"undo_window": 30}) as served:
        yield served
