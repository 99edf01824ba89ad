"""One browser for the races of a module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.browsing import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched
