"""A house on one remote platform: its listeners look, and its steps work, when a test says so."""

from datetime import timedelta
from typing import Any

from bot.platforms.base import Platform
from tests.conftest import FakeClock
from tests.house import House


class RoundTrip(House):
    """``turn`` listens once and works until nothing is left to do."""

    def __init__(self, url: str, clock: FakeClock, platform: Platform, **settings: Any) -> None:
        super().__init__(url, clock, platforms={platform.name: platform}, **settings)

    def turn(self) -> None:
        for listener in self.chorus.listeners:
            listener.look()
        self.work()

    def work(self) -> int:
        return self.worker.run_until_idle()

    def pass_time(self, seconds: float, steps: int = 1) -> None:
        """Time goes by in so many steps, with work after each."""
        for _ in range(steps):
            self.clock.advance(timedelta(seconds=seconds / steps))
            self.work()
