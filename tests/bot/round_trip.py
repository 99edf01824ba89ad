"""The whole composition over one remote platform: listeners, steps and archive, driven by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlmodel import select

from app.wiring.composition import Chorus, build
from app.wiring.settings import load_settings
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.platforms.base import Platform
from tests.conftest import FakeClock


class RoundTrip:
    """A house on one platform. ``turn`` listens once and works until nothing is left to do."""

    def __init__(self, chorus: Chorus, clock: FakeClock) -> None:
        self.chorus, self.clock = chorus, clock

    def turn(self) -> None:
        for listener in self.chorus.listeners:
            listener.look()
        self.work()

    def work(self) -> None:
        assert self.chorus.worker is not None
        self.chorus.worker.run_until_idle()

    def pass_time(self, seconds: float, steps: int = 1) -> None:
        """Time goes by in so many steps, with work after each."""
        for _ in range(steps):
            self.clock.advance(timedelta(seconds=seconds / steps))
            self.work()

    def hire(self, platform: str, account_id: str, handle: str) -> None:
        """Jane, who knows TVs."""
        with self.chorus.database.write() as session:
            topics.add_topic(session, "tv", "TV", keywords=["tv", "picture"], now=self.clock())
            details = Details("Jane Doe", "jane@example.com", topics={"tv": 3})
            account = Account(platform, account_id, handle)
            employees.add_employee(session, details, accounts=[account], now=self.clock())

    def rows(self, table: type[Any]) -> list[Any]:
        with self.chorus.database.read() as session:
            return list(session.exec(select(table).order_by(table.id)).all())


@contextmanager
def round_trip(
    url: str,
    directory: Path,
    clock: FakeClock,
    platform: Platform,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[RoundTrip]:
    """A house whose only platform is ``platform``; ``more`` are further settings."""
    settings = load_settings(
        {
            "CHORUS_DATABASE_URL": url,
            "CHORUS_SECRET_KEY": "k" * 40,
            "CHORUS_LOCAL__ENABLED": "false",
            "CHORUS_DATA_DIRECTORY": str(directory / "var"),
            "CHORUS_SEARCH__MEANING": "false",
            **more,
        },
        directory,
    )
    chorus = build(settings, clock=clock, platforms={platform.name: platform})
    try:
        yield RoundTrip(chorus, clock)
    finally:
        chorus.stop()
