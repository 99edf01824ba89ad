"""Upkeep of the archive: what has become old, has expired or has dead links goes to the review queue."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.actions.archive import review
from bot.steps.looks.links_check import LinkChecker, host_of, links_of
from bot.store.archive import care
from bot.store.backup import restored
from bot.store.engine import Database, Session
from bot.store.house import subscribers
from bot.store.people import joining
from bot.store.privacy import handoffs
from bot.store.running import leases

log = structlog.get_logger(__name__)

EVERY = timedelta(days=30)
"""How long a link that works is left alone."""
AGAIN = timedelta(days=1)
"""How long after a failure it is tried once more."""
_LEASE = timedelta(minutes=5)
_HOST_PAUSE_SECONDS = 20.0
_BATCH = 100
_LINKS_BATCH = 500
_MOST_HOSTS = 10_000


@dataclass
class Upkeep:
    """Looks after entries on one node at a time. ``review_after=None`` never asks because of age alone.

    ``links`` is None where links are not to be checked. Needs a lane of its own: a link may take its time.
    """

    database: Database
    owner: str
    links: LinkChecker | None = field(default_factory=LinkChecker)
    review_after: timedelta | None = timedelta(days=365)
    private_kept: timedelta = timedelta(days=14)
    """How long what customers left privately is kept."""
    wake: Callable[[], None] = lambda: None
    timer: Callable[[], float] = monotonic
    _asked: dict[str, float] = field(default_factory=dict)

    def run(self) -> int:
        """Look up restored messages, and ask at most one link; what there was to do is returned."""
        with self.database.write() as session:
            now = self.database.now(session)
            found = restored.look_up(session, now)
            is_ours = self._is_ours(session, now)
        if found:
            self.wake()
        if not is_ours or self.links is None:
            return found
        return found + self._check_links(self.links)

    def forget_private(self) -> int:
        """Delete what customers left privately when its time is over; how many private pages are over now.

        Who wanted to take part, and was declined long ago, is forgotten, too, and who asked for mails and
        never proved their mailbox.
        """
        with self.database.write() as session:
            now = self.database.now(session)
            joining.forget_old(session, now)
            subscribers.forget_old(session, now)
            return handoffs.forget_over(session, now, now - self.private_kept)

    def put_up(self) -> int:
        """Put up what has expired or become old, a batch in each transaction; how many is returned."""
        found = 0
        while some := self._put_up_some():
            found += some
        return found

    def _put_up_some(self) -> int:
        with self.database.write() as session:
            now = self.database.now(session)
            if not self._is_ours(session, now):
                return 0
            found = review.put_up_expired(session, now, _BATCH)
            if self.review_after is not None:
                found += review.put_up_old(session, now, self.review_after, _BATCH)
        return found

    def _is_ours(self, session: Session, now: datetime) -> bool:
        return leases.take(session, "upkeep", self.owner, now, _LEASE)

    def _check_links(self, checker: LinkChecker) -> int:
        """Go through due entries until one link had to be asked."""
        self._take_in_changed()
        with self.database.read() as session:
            now = self.database.now(session)
            due = [
                (entry.entry_id, _links_in(entry.texts))
                for entry in care.due_for_links(session, now, _LINKS_BATCH)
            ]
        without = [entry_id for entry_id, urls in due if not urls]
        if without:
            with self.database.write() as session:
                care.forget_links(session, without)
        done = 0
        for entry_id, urls in due:
            if not urls:
                continue
            asked = self._ask_one(checker, urls, now)
            if asked is None:  # everything is known
                self._conclude(entry_id, urls, now)
                done += 1
            elif asked:
                return done + 1
        return done

    def _take_in_changed(self) -> None:
        """Put entries that are new or changed among those whose links are due, if they have any.

        A batch at each turn, which does not count as work: after an import there may be a hundred thousand
        of them, and nothing about them is urgent.
        """
        with self.database.read() as session:
            changed = care.changed(session, _LINKS_BATCH)
        if changed is None:
            return
        linked = [entry.entry_id for entry in changed.entries if _links_in(entry.texts)]
        with self.database.write() as session:
            care.take_in(session, changed, linked, self.database.now(session))

    def _ask_one(self, checker: LinkChecker, urls: list[str], now: datetime) -> bool | None:
        """Ask the first link that is due: True. False: its host has to be spared. None: none is due."""
        with self.database.read() as session:
            known = care.known_links(session, urls)
        waits: bool | None = None
        for url in urls:
            if (seen := known.get(url)) is not None and now < seen.checked_at + (
                AGAIN if seen.problem else EVERY
            ):
                continue
            if not self._may_ask(host_of(url)):
                waits = False
                continue
            self._ask(checker, url)
            return True
        return waits

    def _ask(self, checker: LinkChecker, url: str) -> None:
        finding = checker.check(url)
        with self.database.write() as session:
            failures = care.note_link(session, url, finding.problem, self.database.now(session))
        if finding.problem:
            log.info("a link does not work", url=url, problem=finding.problem, failures=failures)

    def _may_ask(self, host: str) -> bool:
        """Whether this host has had its rest."""
        last = self._asked.get(host)
        if last is not None and self.timer() - last < _HOST_PAUSE_SECONDS:
            return False
        if len(self._asked) >= _MOST_HOSTS:
            self._asked.clear()
        self._asked[host] = self.timer()
        return True

    def _conclude(self, entry_id: int, urls: list[str], now: datetime) -> None:
        """Everything about an entry's links is known: note the dead ones, and when to look again."""
        with self.database.write() as session:
            known = care.known_links(session, urls)
            dead = {
                url: seen.problem
                for url, seen in known.items()
                if seen.problem and seen.failures >= care.DEAD_FROM
            }
            if dead:
                review.report_dead(session, entry_id, dead, now)
            failing = any(seen.problem and url not in dead for url, seen in known.items())
            care.look_again(session, [entry_id], now + (AGAIN if failing else EVERY))


def _links_in(texts: Iterable[str]) -> list[str]:
    return [url for text in texts for url in links_of(text)]
