"""Searching the platforms for the brand's words, within a bound a turn, a day and, where it costs, of money.

What a search brings goes the way of any post: intake says which of them come onto the tray.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog

from bot.actions.rules import Rules
from bot.platforms.base import Platform, Searchable
from bot.platforms.in_turn import in_turn
from bot.platforms.registry import traits_of
from bot.posts import PlatformError, Retry
from bot.states import ListeningCut
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database, Session
from bot.store.house import budgets
from bot.store.house.budgets import Terms
from bot.store.listening import days, tray, words
from bot.store.running import cursors, leases
from bot.store.tables.columns import LONGEST_REASON
from routing.dialogue.brand_words import BrandWord

log = structlog.get_logger(__name__)

MOST_A_TURN = 100
"""Posts that one search of a platform brings at the most."""
_LEASE = timedelta(minutes=3)
_FORGOTTEN_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a search of a platform begins with; ``bound`` is what sets ``most``."""

    words: tuple[BrandWord, ...]
    cursor: str | None
    most: int
    bound: ListeningCut


@dataclass
class SearchWords:
    """Searches each platform that lets itself be searched, one node at a time."""

    database: Database
    platforms: Mapping[str, Platform]
    ingest: Ingest
    owner: str
    rules: Rules = field(default_factory=Rules)
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """What platforms with a budget ask for reading."""
    timer: Callable[[], float] = monotonic
    _from: dict[str, float] = field(default_factory=dict)
    """From when on, by the timer, a platform is searched again."""

    def run(self) -> int:
        """Search what is due; how many posts were brought is returned."""
        return in_turn(self.platforms, self._search) if self.rules.listened_a_day else 0

    def forget(self) -> int:
        """Posts whose time on the tray is over go, wholly, and those that nobody could look at for too long.

        How many is returned.
        """
        with self.database.read() as session:
            names = tray.platforms(session)
        gone = self._forget(partial(_forget_old, self.rules.listened_kept))
        for name in names:
            unseen = tray.SHOWN_UNSEEN + traits_of(name).keeps_unseen
            gone += self._forget(partial(_forget_unseen, name, unseen))
        return gone

    def _forget(self, some: Callable[[Session, datetime, int], int]) -> int:
        gone = 0
        while True:
            with self.database.write() as session:
                went = some(session, self.database.now(session), _FORGOTTEN_AT_ONCE)
            gone += went
            if went < _FORGOTTEN_AT_ONCE:
                return gone

    def _search(self, name: str, platform: Platform) -> int:
        if not isinstance(platform, Searchable) or self.timer() < self._from.get(name, 0.0):
            return 0
        self._from[name] = self.timer() + platform.traits.search_interval
        with self.database.read() as session:
            turn = self._begun(session, name, self.database.now(session))
        if not turn.words or not self._is_ours(name):
            return 0
        if turn.most <= 0:
            self._note(name, cut=turn.bound)
            return 0
        try:
            page = platform.search(turn.words, turn.cursor, turn.most)
        except PlatformError as error:
            self._failed(name, error)
            return 0
        self.ingest.write(page.posts)
        with self.database.write() as session:
            now = self.database.now(session)
            if page.cursor is not None and page.cursor != turn.cursor:
                cursors.move(session, _cursor(name), page.cursor, now)
            days.note(
                session, name, now, searched=len(page.posts), cut=turn.bound if page.cut else None, problem=""
            )
        if page.more:
            self._from[name] = 0.0
        return len(page.posts)

    def _begun(self, session: Session, name: str, now: datetime) -> _Turn:
        today = days.of_today(session, now).get(name)
        bounds = {
            ListeningCut.TURN: MOST_A_TURN,
            ListeningCut.DAY: self.rules.listened_a_day - (today.searched if today is not None else 0),
        }
        terms = self.terms.get(name)
        money = budgets.listens(session, name, terms, now) if terms is not None else None
        if money is not None:
            bounds[ListeningCut.MONEY] = money
        bound = min(bounds, key=lambda one: bounds[one])
        wanted = words.active(session).on(name)
        return _Turn(wanted, cursors.at(session, _cursor(name)), bounds[bound], bound)

    def _is_ours(self, name: str) -> bool:
        with self.database.write() as session:
            now = self.database.now(session)
            return leases.take(session, f"listen for words:{name}", self.owner, now, _LEASE)

    def _failed(self, name: str, error: PlatformError) -> None:
        """Note what went wrong where people see it, and wait as long as the platform says."""
        log.info("a platform could not be searched", platform=name, error=str(error))
        if isinstance(error, Retry) and error.at is not None:
            with self.database.read() as session:
                wait = (error.at - self.database.now(session)).total_seconds()
            self._from[name] = max(self._from[name], self.timer() + wait)
        self._note(name, problem=str(error)[:LONGEST_REASON])

    def _note(self, name: str, *, cut: ListeningCut | None = None, problem: str | None = None) -> None:
        with self.database.write() as session:
            days.note(session, name, self.database.now(session), cut=cut, problem=problem)


def _forget_old(kept: timedelta, session: Session, now: datetime, most: int) -> int:
    return tray.forget_before(session, now - kept, most)


def _forget_unseen(name: str, unseen: timedelta, session: Session, now: datetime, most: int) -> int:
    return tray.forget_unseen(session, name, now - unseen, most)


def _cursor(name: str) -> str:
    return f"{name}:words"
