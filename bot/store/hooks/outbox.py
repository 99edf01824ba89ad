"""What others are to be told of, written in the transaction in which it happens: never without it or lost.

Nothing is written where nobody listens. Whether anybody does, each process looks up now and then and not for
each event: an endpoint that another process adds hears of what happens half a minute later at the latest.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import uuid4

from sqlalchemy import event as events
from sqlalchemy import insert, select
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from bot.states import LISTENED, HookEndpointState, HookEvent
from bot.store.engine import Database
from bot.store.tables.columns import table_of
from bot.store.tables.hooks import HookEndpointRow, HookEventRow

_NEW = insert(table_of(HookEventRow))
_ENDPOINTS = table_of(HookEndpointRow).c
_LISTENING = select(_ENDPOINTS.events).where(_ENDPOINTS.state == HookEndpointState.ON)
_PENDING = "hook events"
_STALE = "hook endpoints changed"
_LISTENERS = "hooks"
_KNOWN_SECONDS = 30.0


@dataclass
class HookListeners:
    """Of which events anybody is told, as this process knows it."""

    always: frozenset[str] = frozenset()
    """Of these somebody is told whatever the database says: the settings name an endpoint."""
    _listened: frozenset[str] = frozenset()
    _looked_at: float | None = None

    def hears(self, session: Session) -> Collection[str]:
        """The events that are to be written down."""
        if self.always:
            return self.always
        if self._looked_at is None or monotonic() - self._looked_at > _KNOWN_SECONDS:
            self.look(session)
        return self._listened

    def look(self, session: Session) -> None:
        """Look up who listens."""
        rows = session.connection().execute(_LISTENING).scalars().all()
        self._listened = frozenset(one for chosen in rows for one in chosen)
        self._looked_at = monotonic()

    def forget(self) -> None:
        """Somebody else may listen by now."""
        self._looked_at = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event that is written when the transaction ends, unless the savepoint it lies in is undone."""

    within: SessionTransaction | None
    event: HookEvent
    subject: int
    detail: dict[str, Any] = field(default_factory=dict)


def tell(session: Session, event: HookEvent, subject: int, **detail: Any) -> None:
    """Something happened: whoever listens is told of it, once for each transaction.

    ``detail`` is what cannot be read later, and no words of a customer.
    """
    pending: list[_Pending] = session.info.setdefault(_PENDING, [])
    if not any(one.event is event and one.subject == subject for one in pending):
        pending.append(_Pending(session.get_nested_transaction(), event, subject, detail))


def listeners(database: Database) -> HookListeners:
    """What this process knows of who listens."""
    found: HookListeners = database.shared.setdefault(_LISTENERS, HookListeners())
    return found


def always_listened(database: Database) -> None:
    """The settings name an endpoint: every event is written down from the first moment on."""
    listeners(database).always = frozenset(LISTENED)


def endpoints_changed(session: Session) -> None:
    """Who listens is another question once this transaction is over."""
    session.info[_STALE] = True


def new_key() -> str:
    """The ``webhook-id`` of a new event: random, and the same in every message about it."""
    return f"msg_{uuid4().hex}"


def _values(pending: _Pending, at: datetime) -> dict[str, Any]:
    return {
        "key": new_key(),
        "kind": pending.event,
        "subject": pending.subject,
        "detail": pending.detail,
        "at": at,
        "spread": False,
    }


@events.listens_for(Session, "before_commit", insert=True)  # the change log takes its lock after this
def _write_down(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    pending: list[_Pending] = session.info.pop(_PENDING)
    database: Database = session.info["database"]
    hears = listeners(database).hears(session)
    if told := [one for one in pending if one.event in hears]:
        at = database.now(session)
        session.connection().execute(_NEW, [_values(one, at) for one in told])


@events.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if session.info.pop(_STALE, False):
        listeners(session.info["database"]).forget()


@events.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, previous: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get(_PENDING, [])
    pending[:] = [one for one in pending if previous.nested and not _lies_in(one.within, previous)]


def _lies_in(within: SessionTransaction | None, undone: SessionTransaction) -> bool:
    while within is not None:
        if within is undone:
            return True
        within = within.parent
    return False
