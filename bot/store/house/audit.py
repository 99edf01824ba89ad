"""Who did what: append-only, each line hashed together with the one before, so that tampering shows."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from bot.states import ChangeKind
from bot.store import changes
from bot.store.changes import serialise
from bot.store.house.audit_actions import AuditAction
from bot.store.running import switches
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


def verify(session: Session) -> int | None:
    """The number of the first line that was changed, removed or put in later; None when all is sound."""
    before = ""
    last = 0
    for row in session.exec(select(AuditRow).order_by(col(AuditRow.id))).yield_per(500):
        if row.hash != _hash(before, row):
            return row.id
        before, last = row.hash, row.id
    head = switches.value_of(session, _HEAD)
    if head is not None and head["hash"] != before:
        return last + 1
    return None


def _hash(before: str, row: AuditRow) -> str:
    line = json.dumps(
        [before, row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.subject, row.detail],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(line.encode()).hexdigest()
