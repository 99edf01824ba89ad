"""Who did what: append-only, each line hashed together with the one before, so that tampering shows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.changes import serialise
from bot.store.house.audit_actions import AuditAction
from bot.store.running import switches
from bot.store.tables.columns import table_of
from bot.store.tables.house import AuditRow

_HEAD = "audit_head"
_log = structlog.get_logger("chorus.audit")


def append(
    session: Session, actor: str, action: AuditAction, subject: str, detail: Mapping[str, Any], now: datetime
) -> AuditRow:
    """Note that ``actor`` did ``action`` to ``subject``, in the caller's transaction.

    The line goes to the log as well: a copy that whoever can write to the database cannot change. Pages that
    are open elsewhere look again: whatever a person did may be shown there.
    """
    changes.append(session, ChangeKind.WORK, 0, now)
    serialise(session, "audit")
    latest = session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(1)).first()
    row = AuditRow(at=now, actor=actor, action=action, subject=subject, detail=dict(detail), hash="")
    row.hash = _hash(latest.hash if latest else "", row)
    session.add(row)
    session.flush()
    switches.put(session, _HEAD, {"id": row.id, "hash": row.hash}, by="audit", now=now)
    _log.info("audit", actor=actor, action=action, subject=subject, detail=dict(detail), hash=row.hash)
    return row


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
