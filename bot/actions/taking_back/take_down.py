"""A post of the brand's is taken down: what follows an attempt, a look at the platform, or a person's word.

A post that is gone is gone, whoever deleted it. What nobody can tell is looked up, and taken down again where
it is still there; what a platform refuses is left to a person, and the rest of its thread goes all the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from bot.actions.rules import Rules
from bot.posts import Ambiguous, PlatformError, Reconnect, Rejected, Retry
from bot.states import ConnectionState, DeliveryCode, DeliveryState
from bot.store.claim import finish
from bot.store.conversations import deliveries
from bot.store.engine import Session
from bot.store.house import connections
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import DeliveryRow
from bot.store.taking_back import retractions

RECONNECT_PAUSE = timedelta(minutes=5)
_LONGEST_BACKOFF = 900.0
_LOOK_AGAIN = timedelta(seconds=15)


def take_down(session: Session, messages: Sequence[DeliveryRow], now: datetime) -> None:
    """Take down what these messages, which are out, have become: of each thread the last part first."""
    ordered = sorted(messages, key=lambda one: (one.answer_id or 0, one.announcement_id or 0, one.platform))
    for _, parts in groupby(ordered, key=lambda one: one.thread):
        retractions.queue(session, list(parts), now)


def note(
    session: Session, rules: Rules, row: DeliveryRow, error: Exception | None, now: datetime, *, jitter: float
) -> None:
    """Note what came of an attempt: it is gone (None), or what was raised. ``jitter`` as of a publication.

    Raises LostLease where the message is somebody else's by now.
    """
    columns = gone(now) if error is None else _not_gone(row, rules, error, now, jitter)
    finish(session, row, **columns)
    if isinstance(error, Retry) and error.at is not None:
        retractions.postpone(session, row.platform, error.at)
    if isinstance(error, Reconnect):
        why = {"code": columns["code"], "reason": columns["reason"]}
        deliveries.postpone_platform(session, row.platform, columns["due_at"], **why)
        connections.mark(session, row.platform, ConnectionState.RECONNECT, str(error), now)
    if columns["state"] not in (DeliveryState.READY, DeliveryState.UNKNOWN):
        retractions.release_next(session, row, now)


def note_look(
    session: Session, rules: Rules, row: DeliveryRow, found: bool | Exception, now: datetime
) -> None:
    """Note whether a post that was to go is still there, or why nobody could look.

    Raises LostLease where the message is somebody else's by now.
    """
    if found is False:
        finish(session, row, **gone(now))
        retractions.release_next(session, row, now)
    elif isinstance(found, PlatformError) and not isinstance(found, Rejected):
        at = found.at if isinstance(found, Retry) else None
        due_at = max(at or now, now + _LOOK_AGAIN)
        finish(session, row, due_at=due_at, last_error=str(found)[:LONGEST_REASON])
    elif row.attempts >= rules.attempts:
        finish(session, row, **_to_person(row, f"It was tried {row.attempts} times, and is still there."))
        retractions.release_next(session, row, now)
    else:  # deleting once more what is gone already does no harm
        finish(session, row, state=DeliveryState.READY, due_at=now, reason=None)


def gone(now: datetime) -> dict[str, Any]:
    """The columns of what has taken its post down."""
    return {
        "state": DeliveryState.SENT,
        "sent_at": now,
        "due_at": None,
        "reason": None,
        "code": None,
        "link": None,
        "last_error": None,
    }


def _not_gone(
    row: DeliveryRow, rules: Rules, error: Exception, now: datetime, jitter: float
) -> dict[str, Any]:
    why = str(error)[:LONGEST_REASON]
    match error:
        case Rejected():
            return {**_to_person(row, why), "last_error": why}
        case Retry(at=None) if row.attempts >= rules.attempts * 3:
            return {**_to_person(row, why), "last_error": why}
        case Retry():
            backoff = timedelta(seconds=min(2.0 ** min(row.attempts, 12), _LONGEST_BACKOFF))
            due_at = max(error.at or now, now) + backoff * (0.5 + jitter / 2)
            return {"state": DeliveryState.READY, "due_at": due_at, "last_error": why}
        case Reconnect():
            return {
                "state": DeliveryState.READY,
                "due_at": now + RECONNECT_PAUSE,
                "attempts": row.attempts - 1,
                "last_error": why,
                "code": DeliveryCode.NO_ACCOUNT,
                "reason": "The brand's account has to be connected again.",
            }
    if not isinstance(error, Ambiguous):
        why = f"{type(error).__name__}: {why}"
    return {
        "state": DeliveryState.UNKNOWN,
        "reason": "It may be gone already: it is being looked up.",
        "last_error": why,
        "due_at": now,
    }


def _to_person(row: DeliveryRow, why: str) -> dict[str, Any]:
    """The columns of what only a person can take down, at the post itself."""
    return {
        "state": DeliveryState.REJECTED,
        "code": DeliveryCode.BY_HAND,
        "reason": why,
        "link": row.takes_down.url,
        "due_at": None,
    }
