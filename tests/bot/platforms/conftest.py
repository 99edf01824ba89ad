"""Every stage in turn, for the tests that play on all of them."""

import pytest

from bot.platforms import registry
from tests.bot.platforms.example.traits import TRAITS as EXAMPLE
from tests.bot.platforms.stages import STAGES, Stage


@pytest.fixture(params=STAGES.values(), ids=STAGES.keys())
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(registry, "TRAITS", {**registry.TRAITS, "board": EXAMPLE})
    made: Stage = request.param()
    return made
