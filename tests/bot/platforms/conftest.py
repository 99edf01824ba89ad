"""Every stage in turn, for the tests that play on all of them."""

import pytest

from tests.bot.platforms.stages import STAGES, Stage


@pytest.fixture(params=STAGES.values(), ids=STAGES.keys())
def stage(request: pytest.FixtureRequest) -> Stage:
    made: Stage = request.param()
    return made
