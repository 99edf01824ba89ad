"""Who did what: append-only, each line hashed together with the one before, so that tampering shows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, event, func, insert, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.changes import serialise
from bot.store.house.audit_actions import AuditAction
from bot.store.running import switches
from bot.store.tables.columns import table_of
from bot.store.tables.house import AuditRow, SwitchRow

_HEAD = "audit_head"
_LINES = "audit lines"
_log = structlog.get_logger("chorus.audit")
_SWITCH = table_of(SwitchRow)
_HEAD_HELD = sql_select(_SWITCH.c.value).where(_SWITCH.c.name == _HEAD).with_for_update()
_HEAD_MOVED = (
    update(_SWITCH)
    .where(_SWITCH.c.name == _HEAD)
    .values(value=bindparam("head", type_=_SWITCH.c.value.type), set_at=bindparam("now"))
)
_INSERTED = insert(table_of(AuditRow)).returning(table_of(AuditRow).c.id)


def append(
    session: Session, actor: str, action: AuditAction, subject: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Note that ``actor`` did ``action`` to ``subject``, in the caller's transaction.

    It is written at the transaction's end, so that nobody who has the chain waits for a row that somebody
    else has; within a savepoint, which may be undone alone, at once. The line goes to the log as well: a copy
    that whoever can write to the database cannot change. Pages that are open elsewhere look again: whatever
    a person did may be shown there.
    """
    changes.append(session, ChangeKind.WORK, 0, now)
    line = AuditLine(now, actor, action, subject, dict(detail))
    if session.in_nested_transaction():
        _write_down(session, [line])
    else:
        session.info.setdefault(_LINES, []).append(line)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line that is not in the chain yet."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@event.listens_for(Session, "before_commit", insert=True)
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction() and (lines := session.info.pop(_LINES, None)):
        session.flush()
        _write_down(session, lines)


def _write_down(session: Session, lines: Sequence[AuditLine]) -> None:
    """Put lines at the chain's end, which is held from here until the transaction's."""
    head = session.execute(_HEAD_HELD).scalar_one_or_none()
    if head is None:  # there is no line yet
        serialise(session, "audit")
        head = session.execute(_HEAD_HELD).scalar_one_or_none()
    is_first, before, number = head is None, head["hash"] if head else "", 0
    for line in lines:
        before = _hash(before, line)
        number = session.execute(_INSERTED, {**asdict(line), "hash": before}).scalar_one()
        said = {"actor": line.actor, "action": line.action, "subject": line.subject, "detail": line.detail}
        _log.info("audit", **said, hash=before)
    head, now = {"id": number, "hash": before}, lines[-1].at
    if is_first:
        switches.put(session, _HEAD, head, by="audit", now=now)
    else:
        session.execute(_HEAD_MOVED, {"head": head, "now": now})


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What looking at the chain told."""

    broken: int | None
    """The number of the first line that was changed, removed or put in later; None: none of these."""
    looked_at: int
    """How many lines."""
    is_whole: bool
    """Whether the first line of all was among them."""


def verify(session: Session) -> int | None:
    """The number of the first line that was changed, removed or put in later; None when all is sound."""
    return check(session).broken


def check(session: Session, latest: int | None = None) -> ChainCheck:
    """Look at the chain, or at its ``latest`` lines: each has to fit the one before, and the last the head.

    Who may write to the database could write the whole chain anew: the hashes in the server's logs show that.
    """
    first = _first_of(session, latest) if latest is not None else 0
    kept = select(AuditRow.hash).where(col(AuditRow.id) < first).order_by(col(AuditRow.id).desc()).limit(1)
    former = session.exec(kept).first() if first else None
    before, last, looked_at = former or "", first - 1 if first else 0, 0
    columns: Any = table_of(AuditRow).c
    rows = session.execute(sql_select(*columns).where(columns.id >= first).order_by(columns.id))
    for row in rows.yield_per(500):
        looked_at += 1
        if row.hash != _hash(before, row):
            return ChainCheck(row.id, looked_at, former is None)
        before, last = row.hash, row.id
    head = switches.value_of(session, _HEAD)
    is_cut = head is not None and head["hash"] != before
    return ChainCheck(last + 1 if is_cut else None, looked_at, former is None)


def _first_of(session: Session, latest: int) -> int:
    """The number of the first of the latest lines."""
    numbers = select(AuditRow.id).order_by(col(AuditRow.id).desc()).limit(latest).subquery()
    return session.exec(select(func.min(numbers.c.id))).one() or 0


def _hash(before: str, row: Any) -> str:
    line = json.dumps(
        [before, row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.subject, row.detail],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(line.encode()).hexdigest()
