"""The weekly digest: put into the outbox once for each reader and week, on Monday by their own clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.store.departments import digests
from bot.store.departments.digests import DigestReader
from bot.store.engine import Database

log = structlog.get_logger(__name__)

_BEGINS = time(8)
"""On Monday, by the reader's clock."""
_LATEST = timedelta(days=3)
"""A digest that could not be put in by then, for the house was down, is left out: the week is half over."""


@dataclass
class WriteDigests:
    """Puts the digests of the week into the outbox; they are composed when they go out.

    ``channels`` names those by which they go; ``timezone`` is the brand's.
    """

    database: Database
    channels: Sequence[str]
    timezone: Callable[[], str] = lambda: "UTC"

    def run(self) -> int:
        """Put in what is due and was not in yet; how many is returned."""
        with self.database.read() as session:
            now = self.database.now(session)
            due = [
                (channel, reader, week)
                for reader in digests.readers(session, self.timezone())
                if (week := _week(now, reader)) is not None
                for channel in self.channels
            ]
            known = digests.known(session, [digests.key_of(*one) for one in due])
        missing = [one for one in due if digests.key_of(*one) not in known]
        if not missing:
            return 0
        with self.database.write() as session:
            now = self.database.now(session)
            queued = sum(digests.queue(session, *one, now) for one in missing)
        log.info("digests put into the outbox", digests=queued)
        return queued


def _week(now: datetime, reader: DigestReader) -> date | None:
    """The Monday with which the reader's week begins; None where it is too early or too late for a digest."""
    zone = ZoneInfo(reader.timezone)
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    begins = datetime.combine(monday, _BEGINS, zone)
    return monday if begins <= local < begins + _LATEST else None
