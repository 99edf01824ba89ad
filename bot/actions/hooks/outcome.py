"""What an attempt to tell an endpoint means: for the message, and for the endpoint."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from bot.channels.hook_client import HookOutcome
from bot.states import HookEndpointState, HookMessageState, HookTemplate
from bot.store import rows
from bot.store.claim import finish
from bot.store.engine import Session
from bot.store.hooks import endpoints, messages
from bot.store.row_locks import locked_row
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.hooks import HookEndpointRow, HookMessageRow

WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""After each attempt in vain, so long until the next one: a day in all."""
_LONGEST_REST = timedelta(minutes=5)
"""So often an endpoint that takes nothing is tried, at the least."""


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint as whoever sends to it knows it; the row may change meanwhile."""

    id: int
    url: str
    template: str
    from_settings: bool
    previous_until: datetime | None
    sealed: bytes = field(repr=False)

    @classmethod
    def of(cls, row: HookEndpointRow) -> Self:
        """The endpoint of a row."""
        return cls(row.id, row.url, row.template, row.from_settings, row.previous_until, row.sealed)

    @property
    def is_tracker(self) -> bool:
        """Whether it makes issues."""
        return self.template != HookTemplate.STANDARD

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.url).hostname or ""


def note(
    session: Session, row: HookMessageRow, outcome: HookOutcome, now: datetime, *, jitter: float
) -> None:
    """Note an attempt. ``jitter``, 0 to 1, spreads what is tried again. Raises LostLease."""
    endpoint = locked_row(session, HookEndpointRow, row.endpoint_id)
    messages.note_attempt(
        session, row, at=now, took=outcome.took, status=outcome.status, problem=outcome.problem
    )
    if outcome.problem is None:
        finish(
            session,
            row,
            state=HookMessageState.SENT,
            due_at=None,
            sent_at=now,
            status=outcome.status,
            url=outcome.url or row.url,
            last_error=None,
        )
        if endpoint is not None and endpoint.failures:
            endpoints.works(endpoint)
            rows.keep(session, endpoint)
        return
    finish(session, row, **_not_taken(row, outcome, now, jitter))
    if endpoint is not None:
        _rests(session, endpoint, outcome, now)


def _not_taken(row: HookMessageRow, outcome: HookOutcome, now: datetime, jitter: float) -> dict[str, object]:
    """The columns of a message that the endpoint did not take."""
    is_dead = row.attempts > len(WAITS) or now >= row.give_up_at
    wait = WAITS[min(row.attempts, len(WAITS)) - 1] * (1 + jitter / 10)
    earliest = min(outcome.not_before or now, now + WAITS[-1])
    return {
        "state": HookMessageState.DEAD if is_dead else HookMessageState.WAITING,
        "due_at": None if is_dead else max(now + wait, earliest),
        "status": outcome.status,
        "last_error": (outcome.problem or "")[:LONGEST_REASON],
    }


def _rests(session: Session, endpoint: HookEndpointRow, outcome: HookOutcome, now: datetime) -> None:
    """An endpoint that has not taken something is left alone for a while, or for good."""
    rest = min(timedelta(seconds=5 * 2.0 ** min(endpoint.failures, 10)), _LONGEST_REST)
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.failures = endpoint.failures + 1
    endpoint.rests_until = max(now + rest, min(outcome.not_before or now, now + WAITS[-1]))
    endpoint.problem = outcome.problem
    if outcome.gone:
        endpoint.state, endpoint.problem = HookEndpointState.OFF, endpoints.GONE
        endpoints.keep(session, endpoint)
    else:
        rows.keep(session, endpoint)
