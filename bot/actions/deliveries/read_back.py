"""What reading a message of unknown outcome back means: it is out, it goes out again, or a person decides.

Found: ``sent``. Absent in two reads at least a minute apart, both after the send's deadline: ``ready``, or
left to a person where the rules say so. One that can be put again without harm is simply put again.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.actions.deliveries.last_look import TAKEN_BACK
from bot.actions.deliveries.outcome import RECONNECT_PAUSE, sent, undecided
from bot.actions.rules import Rules
from bot.platforms.registry import traits_of
from bot.posts import PlatformError, Published, Reconnect, Rejected, Retry
from bot.states import ConnectionState, DeliveryCode, DeliveryState
from bot.store.claim import finish
from bot.store.conversations.publications import taken_back
from bot.store.engine import Session
from bot.store.house import connections
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import DeliveryRow

BETWEEN_READS = timedelta(seconds=60)
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)


def note_read_back(
    session: Session,
    rules: Rules,
    row: DeliveryRow,
    found: Published | Exception | None,
    now: datetime,
) -> None:
    """Note what a look for a message showed: where it is, that it is not there (None), or what was raised.

    Raises LostLease where the message is somebody else's by now.
    """
    if isinstance(found, Published):
        sent(session, row, found, now)
        return
    is_wanted = not taken_back(session, [row])
    columns = (
        _absent(row, rules, now, is_wanted=is_wanted) if found is None else _not_told(row, rules, found, now)
    )
    finish(session, row, **columns)
    if columns.get("code") == DeliveryCode.BY_HAND and columns["due_at"] is None:
        undecided(session, row, columns["reason"])
    if isinstance(found, Reconnect):
        connections.mark(session, row.platform, ConnectionState.RECONNECT, str(found), now)


def _absent(row: DeliveryRow, rules: Rules, now: datetime, *, is_wanted: bool) -> dict[str, Any]:
    """The columns of a message that is not there: how sure that is, and what is done then.

    One that is not wanted any more must be surely absent: nobody would look for it again.
    """
    traits = traits_of(row.platform)
    # After a restore nobody knows what the former database has sent; on our own feed we see it.
    is_restored = row.code == DeliveryCode.RESTORED and not traits.own_record
    to_person = rules.unknown_to_person or is_restored
    again = {"state": DeliveryState.READY, "due_at": now, "reason": None}
    if not is_wanted:
        again = {"state": DeliveryState.WITHDRAWN, "due_at": None, "reason": TAKEN_BACK}
    elif traits.repeats_safely and not to_person:
        return again
    if row.deadline_at is not None and now <= row.deadline_at:
        return {"due_at": row.deadline_at + timedelta(seconds=1)}
    if row.absent_at is None:
        return {"absent_at": now, "due_at": now + BETWEEN_READS}
    if now - row.absent_at < BETWEEN_READS:
        return {"due_at": row.absent_at + BETWEEN_READS}
    if not to_person:
        return again
    return _to_person("It was not found on the platform: send it again, or mark it as sent.")


def _not_told(row: DeliveryRow, rules: Rules, error: Exception, now: datetime) -> dict[str, Any]:
    """The columns of a message that could not be looked for: when it is, or why it is left to a person."""
    why = str(error)
    # Whatever it waited for, it is not the brand's account any more.
    code = None if row.code == DeliveryCode.NO_ACCOUNT else row.code
    match error:
        case Rejected():
            return _to_person(why)
        case Reconnect():
            due_at, code = now + RECONNECT_PAUSE, row.code or DeliveryCode.NO_ACCOUNT
        case PlatformError():
            at = error.at if isinstance(error, Retry) else None
            due_at = max(at or now, now + _FIRST_WAIT)
        case _:  # a fault of ours: it is tried again, ever later
            why, failures = f"{type(error).__name__}: {why}", row.attempts + 1
            if failures >= rules.attempts:
                return {
                    **_to_person(f"Nobody can tell whether it went out, for looking fails: {why}"),
                    "attempts": failures,
                    "last_error": why[:LONGEST_REASON],
                }
            wait = min(_FIRST_WAIT * 2.0 ** min(row.attempts, 10), _LONGEST_WAIT)
            return {"due_at": now + wait, "attempts": failures, "last_error": why[:LONGEST_REASON]}
    return {"due_at": due_at, "last_error": why[:LONGEST_REASON], "code": code}


def _to_person(why: str) -> dict[str, Any]:
    return {"due_at": None, "reason": why[:LONGEST_REASON], "code": DeliveryCode.BY_HAND}
