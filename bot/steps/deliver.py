"""Stop 4: publish what is in the outbox, exactly once, and archive it with the outcome.

``sending`` is committed before any byte goes out, and no transaction is open during IO. What the platform
may have accepted is never sent again blindly: it becomes ``unknown`` and is read back (see ``settle``).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog

from bot.actions.audience import Audience
from bot.actions.record import record_failed, record_sent, record_stopped
from bot.actions.rules import Rules
from bot.actions.tell import tell_author
from bot.actions.withdraw import OWN_DELETED, deleted_unheard, made_private_unheard
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import (
    Ambiguous,
    PlatformError,
    Post,
    Published,
    Reconnect,
    Rejected,
    Retry,
    Visibility,
)
from bot.states import ConnectionState, DeliveryCode, DeliveryState
from bot.steps.looks.last_look import Turn, look
from bot.steps.looks.outside import Concerned, look_outside
from bot.store.claim import LostLease, finish
from bot.store.conversations import deliveries
from bot.store.conversations.ingest import NotStored
from bot.store.engine import Database, Session
from bot.store.house import budgets, connections
from bot.store.house.budgets import Terms
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow, DeliveryRow
from bot.store.tables.values import Payload

log = structlog.get_logger(__name__)

Checkpoint = Callable[[str], None]
"""Called with the name of each point where a crash must lose and double nothing; tests die there."""

_LATER = timedelta(seconds=2)
_RECONNECT_PAUSE = timedelta(minutes=5)
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
                self._rejected(row, Rejected(f"{why} Raise the budget, or post it by hand.", "too_dear"))
        return rows

    def close(self) -> None:
        """Let what is being sent end, and stop."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, row: DeliveryRow, deadline: float) -> None:
        context = {"delivery_id": row.id, "question_id": row.question_id, "platform": row.platform}
        try:
            if not self._may_go(row) or self._is_otherwise(row):
                return
            self.checkpoint("before_send")
            published = self._publish(row, deadline)
            self.checkpoint("after_send")
            self._sent(row, published)
            log.info("delivered", external_id=published.external_id, attempt=row.attempts, **context)
        except LostLease:
            log.warning("delivery taken over by another worker", **context)
        except Rejected as error:
            log.warning("delivery rejected", code=error.code, error=str(error), **context)
            self._rejected(row, error)
        except Retry as error:
            log.info("delivery refused for now", error=str(error), **context)
            self._refused(row, error, error.at)
        except Reconnect as error:
            log.warning("delivery waits for a new connection", error=str(error), **context)
            self._reconnect(row, error)
        except Ambiguous as error:
            log.warning("delivery with unknown outcome", error=str(error), **context)
            self._unknown(row, str(error))
        except Exception as error:
            log.exception("delivery failed", **context)
            self._unknown(row, f"{type(error).__name__}: {error}")

    def _may_go(self, row: DeliveryRow) -> bool:
        """The last look before sending; what must stay in is put where it belongs."""
        with self.database.read() as session:
            paused = switches.is_paused(session)
            seen = look(session, row)
        if not paused and seen.turn is Turn.GO:
            return True
        with deliveries.outcome(self.database, row) as (session, now):
            if paused:
                self._put_back(session, row, row.due_at)
            elif seen.turn is Turn.LATER:
                self._put_back(session, row, now + _LATER)
            elif seen.turn is Turn.QUIETER:
                self._put_back(session, row, now, replace(row.sends, visibility=seen.visibility))
            else:
                finish(session, row, state=DeliveryState.WITHDRAWN, reason=seen.why, due_at=None)
                record_stopped(session, self.rules, row, seen.why, now, to_hold=seen.turn is Turn.HOLD)
        return False

    def _put_back(
        self,
        session: Session,
        row: DeliveryRow,
        due_at: datetime | None,
        sends: Payload | None = None,
    ) -> None:
        """Nothing of this attempt went out: it comes up again, sending something else where that is given."""
        finish(
            session,
            row,
            state=DeliveryState.READY,
            attempts=row.attempts - 1,
            first_sent_at=row.first_sent_at if row.attempts > 1 else None,
            due_at=due_at,
            payload=row.payload if sends is None else sends.stored(),
        )

    def _is_otherwise(self, row: DeliveryRow) -> bool:
        """Whether the platform shows what keeps a message in: posts deleted, edited or made private unheard.

        Raises what ``look_outside`` does.
        """
        if traits_of(row.platform).tells_deletions:
            return False
        with self.database.read() as session:
            concerned = Concerned.by(session, row)
        if concerned is None:
            return False
        seen = look_outside(self.platforms[row.platform], concerned)
        if seen.why_gone is not None:
            self._found_deleted(row, concerned.asked, seen.why_gone)
        elif seen.own is not None and seen.own.gone:
            self._found_deleted(row, seen.own.external_id, OWN_DELETED)
        elif seen.asked is not None and seen.asked.post and not seen.asked.post.visibility.is_public:
            self._found_private(row, concerned.asked, seen.asked.post.visibility)
        elif seen.edits:
            try:
                self.heard(seen.edits)
            except NotStored as error:
                raise Retry(str(error)) from error
            return not self._may_go(row)
        else:
            return False
        return True

    def _found_deleted(self, row: DeliveryRow, external_id: str, why: str) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            finish(session, row, state=DeliveryState.WITHDRAWN, reason=why, due_at=None)
            deleted_unheard(session, row.platform, external_id, now, why)
            record_stopped(session, self.rules, row, why, now)
        log.info("post found deleted before answering", delivery_id=row.id, platform=row.platform)

    def _found_private(self, row: DeliveryRow, target: str, visibility: Visibility) -> None:
        why = Audience(visibility).why_not or ""
        with deliveries.outcome(self.database, row) as (session, now):
            finish(session, row, state=DeliveryState.WITHDRAWN, reason=why, due_at=None)
            made_private_unheard(session, row.platform, target, visibility, now)
            record_stopped(session, self.rules, row, why, now, to_hold=True)
        log.info("question found private before answering", delivery_id=row.id, platform=row.platform)

    def _publish(self, row: DeliveryRow, deadline: float) -> Published:
        left = deadline - monotonic()
        if left < _SHORTEST_SEND:
            raise Retry("There was no time left to send it safely.")
        return self.platforms[row.platform].publish(deliveries.outgoing(row), timeout=left)

    def _sent(self, row: DeliveryRow, published: Published) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            following = deliveries.sent(session, row, published, now)
            self.checkpoint("while_archiving")
            if following is None:
                record_sent(session, row, now)
        self.checkpoint("after_record")

    def _rejected(self, row: DeliveryRow, error: Rejected) -> None:
        with deliveries.outcome(self.database, row) as (session, now):
            finish(
                session,
                row,
                state=DeliveryState.REJECTED,
                reason=str(error),
                code=error.code,
                link=error.link,
                cost_micros=0,
                last_error=str(error),
                due_at=None,
            )
            deliveries.stop_rest(session, row, "An earlier part was refused.")
            record_failed(session, row, str(error), now)
            self._tell(session, row, now)

    def _refused(self, row: DeliveryRow, error: PlatformError, at: datetime | None) -> None:
        """Certainly not accepted: due again later, not before the platform says, never all at once."""
        with deliveries.outcome(self.database, row) as (session, now):
            backoff = timedelta(seconds=min(2.0 ** min(row.attempts, 12), 900.0))
            due_at = max(at or now, now) + backoff * (0.5 + self.jitter() / 2)
            if at is None and row.attempts >= self.rules.attempts * 3:
                finish(session, row, state=DeliveryState.QUARANTINED, reason=str(error), due_at=None)
                record_failed(session, row, str(error), now)
                self._tell(session, row, now)
                return
            finish(session, row, state=DeliveryState.READY, due_at=due_at, last_error=str(error)[:2000])
            if at is not None:
                deliveries.postpone_platform(session, row.platform, at)

    def _tell(self, session: Session, row: DeliveryRow, now: datetime) -> None:
        """Let the author of what will not go out know why."""
        answer = session.get(AnswerRow, row.answer_id) if row.answer_id else None
        if answer is not None:
            tell_author(session, self.rules, answer, now)

    def _reconnect(self, row: DeliveryRow, error: Reconnect) -> None:
        waits: dict[str, Any] = {
            "code": DeliveryCode.NO_ACCOUNT,
            "reason": "The brand's account has to be connected again.",
        }
        with deliveries.outcome(self.database, row) as (session, now):
            finish(
                session,
                row,
                state=DeliveryState.READY,
                due_at=now + _RECONNECT_PAUSE,
                attempts=row.attempts - 1,
                last_error=str(error)[:2000],
                **waits,
            )
            deliveries.postpone_platform(session, row.platform, now + _RECONNECT_PAUSE, **waits)
            connections.mark(session, row.platform, ConnectionState.RECONNECT, str(error), now)

    def _unknown(self, row: DeliveryRow, why: str) -> None:
        values: dict[str, Any] = {
            "state": DeliveryState.UNKNOWN,
            "reason": "The platform may have it already: it is being looked up.",
            "last_error": why[:2000],
        }
        try:
            with deliveries.outcome(self.database, row) as (session, now):
                finish(session, row, due_at=now, **values)
        except LostLease:
            log.warning("delivery taken over by another worker", delivery_id=row.id)
