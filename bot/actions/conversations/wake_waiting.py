"""Capacity that has become free, and the questions to look at because of it.

An offer ends (answered, passed, run out, withdrawn), a cap is raised, a pause ends, somebody is new or knows
more: the change log tells of each, in the order of commits, so that none is missed. Every process follows it
by itself and looks before it routes; whoever has a question in hand just then looks again afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.states import ChangeKind
from bot.store import changes
from bot.store.conversations import offers
from bot.store.engine import Database, Session
from bot.store.queries import routing as reads
from routing.ladder.roster import Roster, Workload
from routing.ladder.waking import to_wake
from routing.model.domain import Employee, Load
from routing.model.topics import Taxonomy

_NEWS = (ChangeKind.HAND, ChangeKind.ROSTER)
_MOST_LINES = 10_000
_LOOKED_AT = 500
"""Of the questions that wait, so many are looked at for free capacity: the longest waiting."""


@dataclass
class FreedCapacity:
    """How far one process has followed the capacity that becomes free."""

    _seen: int = -1
    _known: Mapping[int, Employee] = field(default_factory=dict)
    _known_as: tuple[Employee, ...] | None = None

    def has_news(self, session: Session, now: datetime) -> bool:
        """Whether somebody may have become free since the last look."""
        return self.newest(session) > self._seen or offers.any_expired(session, now)

    def newest(self, session: Session) -> int:
        """How far a look may come that reads the roster and the loads from now on."""
        return changes.head(session, _NEWS)

    def end_expired(self, database: Database) -> None:
        """Offers whose time has run out end here at the latest, before anybody counts as free."""
        with database.read() as session:
            if not offers.any_expired(session, database.now(session)):
                return
        with database.write() as session:
            offers.expire(session, database.now(session))

    def look(
        self,
        session: Session,
        roster: Roster,
        loads: Mapping[int, Load],
        taxonomy: Taxonomy,
        now: datetime,
        limit: int,
        newest: int,
    ) -> list[int]:
        """The questions to wake for whoever has become free since the last look.

        ``roster`` and ``loads`` were read before, in the same session: what they show as free has its line
        by now. ``newest`` was asked before them: what they may not show yet is looked at once more.
        """
        lines = changes.after(session, self._seen, (ChangeKind.HAND,), _MOST_LINES) if self._seen >= 0 else []
        freed = {line.row_id for line in lines}
        if roster.employees is not self._known_as:
            known = {one.id: one for one in roster.employees}
            freed |= {number for number, one in known.items() if self._known.get(number) != one}
            self._known, self._known_as = known, roster.employees
        self._seen = newest
        if not freed:
            return []
        waiting = reads.waiting_for_capacity(session, freed, now, _LOOKED_AT)
        if not waiting:
            return []
        return to_wake(waiting, freed, roster, Workload.of(roster, loads), taxonomy, now, limit)
