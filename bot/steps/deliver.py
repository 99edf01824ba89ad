"""Stop 4: publish what is in the outbox, exactly once, and archive it with the outcome.

``sending`` is committed before any byte goes out, and no transaction is open during IO. What the platform
may have accepted is never sent again blindly: it becomes ``unknown`` and is read back (see ``settle``).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog

from bot.actions.deliveries.last_look import Look, Turn, Unheard, look
from bot.actions.deliveries.outcome import SendOutcome, note, sent_all
from bot.actions.deliveries.unasked import check_asked
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import Ambiguous, Post, Published, Reconnect, Refusal, Rejected, Retry
from bot.steps.looks.platform_check import check_platform
from bot.store.claim import LostLease
from bot.store.conversations import deliveries, publications
from bot.store.conversations.ingest import NotStored
from bot.store.conversations.publications import About
from bot.store.engine import Database
from bot.store.house import budgets
from bot.store.house.budgets import Terms
from bot.store.running import switches
from bot.store.tables.conversations import DeliveryRow

log = structlog.get_logger(__name__)

Checkpoint = Callable[[str], None]
"""Called with the name of each point where a crash must lose and double nothing; tests die there."""

_Seen = About | Look | Exception
"""What a message is about, that nothing goes out at all, or what kept it from being read."""

_SHORTEST_SEND = 1.0
_PARALLEL = 16
_GATHER_SECONDS = 0.05
"""How long, once one message is out, others are waited for, to be noted in one transaction with it."""


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
        failures = self._send_all(rows, started + self.rules.sending_time.total_seconds())
        if rows:
            self.wake()
        for failure in failures:
            raise failure
        return len(rows)

    def _send_all(self, rows: Sequence[DeliveryRow], deadline: float) -> list[Exception]:
        """Send messages, some at a time, and note what comes of them, of all that have come back together.

        What kept an outcome from being noted is returned, so that it stops none of the others: such a message
        stays ``sending`` until its lease is over, and is looked up then.
        """
        failures: list[Exception] = []
        left, under_way = list(rows), dict[Future[SendOutcome], DeliveryRow]()
        while left or under_way:
            free = _PARALLEL - len(under_way)
            some, left = left[:free], left[free:]
            under_way.update(self._begin(some, deadline))
            wait(under_way, return_when=FIRST_COMPLETED)
            back, _ = wait(under_way, timeout=_GATHER_SECONDS)
            failures += self._note_all([(under_way.pop(one), one.result()) for one in back])
        return failures

    def _begin(self, rows: Sequence[DeliveryRow], deadline: float) -> dict[Future[SendOutcome], DeliveryRow]:
        """Have a last look at these messages, and send them in threads of their own."""
        if not rows:
            return {}
        seen = self._seen(rows)
        return {
            self._pool.submit(self._attempt, row, about, deadline): row
            for row, about in zip(rows, seen, strict=True)
        }

    def _seen(self, rows: Sequence[DeliveryRow]) -> list[_Seen]:
        """What each message is about, all read together; one by one where that fails."""
        try:
            with self.database.read() as session:
                if switches.is_paused(session):
                    return [Look(Turn.PAUSED)] * len(rows)
                return list(publications.about_all(session, rows))
        except Exception as error:  # noqa: BLE001 - it is the outcome of the message that it concerns
            if len(rows) == 1:
                return [error]
        return [self._seen([row])[0] for row in rows]

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
                too_dear = Rejected(f"{why} Raise the budget, or post it by hand.", Refusal.TOO_DEAR)
                self._note([(row, too_dear)])
        return rows

    def close(self) -> None:
        """Let what is being sent end, and stop."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _attempt(self, row: DeliveryRow, seen: _Seen, deadline: float) -> SendOutcome:
        """What comes of one message; no transaction is open while the platform is asked."""
        try:
            kept_in = self._kept_in(row, seen)
            if kept_in is not None:
                return kept_in
            self.checkpoint("before_send")
            left = deadline - monotonic()
            if left < _SHORTEST_SEND:
                return Retry("There was no time left to send it safely.")
            published = _say_there(self.platforms[row.platform], row, left)
            self.checkpoint("after_send")
        except Exception as error:  # noqa: BLE001 - whatever it was, it is noted as the outcome
            return error
        return published

    def _kept_in(self, row: DeliveryRow, seen: _Seen) -> Look | Unheard | None:
        """Why a message does not go out now; None where it may.

        Posts are looked at as they are stored and, where the platform tells nobody what becomes of them, as
        it shows them. Raises what ``check_asked`` and ``check_platform`` do.
        """
        if isinstance(seen, Exception):
            raise seen
        if isinstance(seen, Look):
            return seen
        looked = look(row, seen)
        if looked.turn is Turn.GO:
            check_asked(row, seen, self.platforms[row.platform])
        if looked.turn is not Turn.GO or traits_of(row.platform).tells_deletions:
            return None if looked.turn is Turn.GO else looked
        outside = check_platform(self.platforms[row.platform], row, seen.posts)
        if outside.unheard is not None or not outside.edits:
            return outside.unheard
        try:
            self.heard(outside.edits)
        except NotStored as error:
            raise Retry(str(error)) from error
        with self.database.read() as session:
            looked = look(row, publications.about(session, row))
        return None if looked.turn is Turn.GO else looked

    def _note_all(self, outcomes: Sequence[tuple[DeliveryRow, SendOutcome]]) -> list[Exception]:
        """Note outcomes: those of messages that are out together, as far as they are of different questions.

        Where that fails, and all others, one by one. What kept any from being noted is returned.
        """
        for row, outcome in outcomes:
            _say(row, outcome)
        together, alone = _sorted_out(outcomes)
        if len(together) > 1:
            try:
                self._note(together)
            except Exception as error:  # noqa: BLE001 - whose fault it is shows when each is alone
                log.info("outcomes are noted one by one", error=str(error))
                alone = [*together, *alone]
        else:
            alone = [*together, *alone]
        failures = (self._note_alone(row, outcome) for row, outcome in alone)
        return [one for one in failures if one is not None]

    def _note_alone(self, row: DeliveryRow, outcome: SendOutcome) -> Exception | None:
        try:
            try:
                self._note([(row, outcome)])
            except LostLease:
                raise
            except Exception as error:
                if not isinstance(outcome, Published):
                    raise
                log.exception("what was sent could not be noted: it is looked up", delivery_id=row.id)
                self._note([(row, error)])
        except LostLease:
            log.warning("delivery taken over by another worker", delivery_id=row.id)
        except Exception as error:
            log.exception("the outcome of a delivery could not be noted", delivery_id=row.id)
            return error
        return None

    def _note(self, outcomes: Sequence[tuple[DeliveryRow, SendOutcome]]) -> None:
        """Note outcomes in one transaction."""
        out = [(row, outcome) for row, outcome in outcomes if isinstance(outcome, Published)]
        with deliveries.outcome(self.database, *(row for row, _ in outcomes)) as (session, now):
            for row, outcome in outcomes:
                if not isinstance(outcome, Published):
                    note(session, self.rules, row, outcome, now, jitter=self.jitter())
            sent_all(session, out, now)
            if out:
                self.checkpoint("while_archiving")
        if out:
            self.checkpoint("after_record")


def _say_there(platform: Platform, row: DeliveryRow, timeout: float) -> Published:
    """Publish a message, or give a post that is out its words."""
    outgoing, edited = deliveries.outgoing(row), row.sends.edits
    if edited is None:
        return platform.publish(outgoing, timeout=timeout)
    post = Published(edited.external_id, edited.url, edited.refs)
    return platform.edit(post, outgoing, timeout)


def _sorted_out(
    outcomes: Sequence[tuple[DeliveryRow, SendOutcome]],
) -> tuple[list[tuple[DeliveryRow, SendOutcome]], list[tuple[DeliveryRow, SendOutcome]]]:
    """Messages that are out and of different questions; and all others."""
    together, alone, questions = list[Any](), list[Any](), set[int | None]()
    for row, outcome in outcomes:
        fits = isinstance(outcome, Published) and (
            row.question_id is None or row.question_id not in questions
        )
        (together if fits else alone).append((row, outcome))
        questions.add(row.question_id)
    return together, alone


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
