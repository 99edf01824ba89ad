"""Stop 4: publish what is in the outbox, exactly once, and archive it with the outcome.

``sending`` is committed before any byte goes out, and no transaction is open during IO. What the platform
may have accepted is never sent again blindly: it becomes ``unknown`` and is read back (see ``settle``).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

import structlog

from bot.actions.deliveries.last_look import Look, Turn, Unheard, look
from bot.actions.deliveries.outcome import SendOutcome, note
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import Ambiguous, Post, Published, Reconnect, Refusal, Rejected, Retry
from bot.steps.looks.platform_check import check_platform
from bot.store.claim import LostLease
from bot.store.conversations import deliveries, publications
from bot.store.conversations.ingest import NotStored
from bot.store.engine import Database
from bot.store.house import budgets
from bot.store.house.budgets import Terms
from bot.store.running import switches
from bot.store.tables.conversations import DeliveryRow

log = structlog.get_logger(__name__)

Checkpoint = Callable[[str], None]
"""Called with the name of each point where a crash must lose and double nothing; tests die there."""

_SHORTEST_SEND = 1.0
_PARALLEL = 8


@dataclass
class Deliver:
    """Sends due messages of the platforms that are connected."""

    database: Database
    platforms: Mapping[str, Platform]
    rules: Rules
    owner: str
    wake: Callable[[], None] = lambda: None
    checkpoint: Checkpoint = lambda _name: None
    jitter: Callable[[], float] = random.random
    heard: Callable[[Sequence[Post]], None] = lambda _posts: None
    """Takes in what a look at the platform shows of posts, as any news of them."""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """What the platforms with a budget may be sent; the others have no bounds."""
    _has_reopened: bool = False
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_PARALLEL, thread_name_prefix="deliver")
    )

    def run(self, limit: int = 32) -> int:
        """Send up to ``limit`` messages; the number handled is returned."""
        if self.terms and not self._has_reopened:
            budgets.reopen(self.database, list(self.terms))
            self._has_reopened = True
        with self.database.read() as session:
            if switches.is_paused(session):
                return 0
            now = self.database.now(session)
            if not deliveries.any_ready(session, now):
                return 0
            bounded = budgets.waits(session, list(self.terms), now) if self.terms else []
        started = monotonic()
        rows = self._claimed(limit, bounded)
        deadline = started + self.rules.sending_time.total_seconds()
        if len(rows) == 1:
            failures = [self._try(rows[0], deadline)]
        else:
            failures = list(self._pool.map(lambda row: self._try(row, deadline), rows))
        if rows:
            self.wake()
        for failure in filter(None, failures):
            raise failure
        return len(rows)

    def _try(self, row: DeliveryRow, deadline: float) -> Exception | None:
        """Send one; what kept its outcome from being noted is returned, so that it stops none of the others.

        Such a message stays ``sending`` until its lease is over, and is looked up then.
        """
        try:
            self._send(row, deadline)
        except Exception as error:
            log.exception("the outcome of a delivery could not be noted", delivery_id=row.id)
            return error
        return None

    def _claimed(self, limit: int, bounded: Sequence[str]) -> list[DeliveryRow]:
        """Due messages, now ``sending``: all of platforms without bounds, as many as fit of the others."""
        free = [name for name in self.platforms if name not in self.terms]
        rows: list[DeliveryRow] = []
        if free:
            rows += deliveries.claim_ready(
                self.database,
                owner=self.owner,
                lease=self.rules.lease,
                sending_time=self.rules.sending_time,
                limit=limit,
                platforms=free,
            )
        for name in bounded:
            going, never = budgets.claim_planned(
                self.database,
                name,
                self.terms[name],
                owner=self.owner,
                lease=self.rules.lease,
                sending_time=self.rules.sending_time,
                limit=limit,
            )
            rows += going
            for row, why in never:
                self._note(row, Rejected(f"{why} Raise the budget, or post it by hand.", Refusal.TOO_DEAR))
        return rows

    def close(self) -> None:
        """Let what is being sent end, and stop."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, row: DeliveryRow, deadline: float) -> None:
        """Send one message and note what came of it."""
        outcome = self._attempt(row, deadline)
        _say(row, outcome)
        try:
            self._note(row, outcome)
        except LostLease:
            log.warning("delivery taken over by another worker", delivery_id=row.id)
        except Exception as error:
            if not isinstance(outcome, Published):
                raise
            log.exception("what was sent could not be noted: it is looked up", delivery_id=row.id)
            self._note(row, error)
        if isinstance(outcome, Published):
            self.checkpoint("after_record")

    def _attempt(self, row: DeliveryRow, deadline: float) -> SendOutcome:
        """What comes of one message; no transaction is open while the platform is asked."""
        try:
            kept_in = self._kept_in(row)
            if kept_in is not None:
                return kept_in
            self.checkpoint("before_send")
            left = deadline - monotonic()
            if left < _SHORTEST_SEND:
                return Retry("There was no time left to send it safely.")
            published = self.platforms[row.platform].publish(deliveries.outgoing(row), timeout=left)
            self.checkpoint("after_send")
        except Exception as error:  # noqa: BLE001 - whatever it was, it is noted as the outcome
            return error
        return published

    def _kept_in(self, row: DeliveryRow) -> Look | Unheard | None:
        """Why a message does not go out now; None where it may.

        Posts are looked at as they are stored and, where the platform tells nobody what becomes of them, as
        it shows them. Raises what ``check_platform`` does.
        """
        with self.database.read() as session:
            if switches.is_paused(session):
                return Look(Turn.PAUSED)
            about = publications.about(session, row)
        seen = look(row, about)
        if seen.turn is not Turn.GO or traits_of(row.platform).tells_deletions:
            return None if seen.turn is Turn.GO else seen
        outside = check_platform(self.platforms[row.platform], row, about.posts)
        if outside.unheard is not None or not outside.edits:
            return outside.unheard
        try:
            self.heard(outside.edits)
        except NotStored as error:
            raise Retry(str(error)) from error
        with self.database.read() as session:
            seen = look(row, publications.about(session, row))
        return None if seen.turn is Turn.GO else seen

    def _note(self, row: DeliveryRow, outcome: SendOutcome) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            note(session, self.rules, row, outcome, now, jitter=self.jitter())
            if isinstance(outcome, Published):
                self.checkpoint("while_archiving")


def _say(row: DeliveryRow, outcome: SendOutcome) -> None:
    """A line in the log for whoever operates this."""
    line = log.bind(delivery_id=row.id, question_id=row.question_id, platform=row.platform)
    match outcome:
        case Published():
            line.info("delivered", external_id=outcome.external_id, attempt=row.attempts)
        case Look():
            line.info("delivery kept in", turn=outcome.turn, why=outcome.why)
        case Unheard():
            line.info("delivery kept in: its post is not as we were told", why=outcome.why)
        case Rejected():
            line.warning("delivery rejected", code=outcome.code, error=str(outcome))
        case Retry():
            line.info("delivery refused for now", error=str(outcome))
        case Reconnect():
            line.warning("delivery waits for a new connection", error=str(outcome))
        case Ambiguous():
            line.warning("delivery with unknown outcome", error=str(outcome))
        case _:
            line.error("delivery failed", exc_info=outcome)
