"""When the database's clock was set back: what was written before lies in the future, and is brought back.

On SQLite that clock is the machine's. One that was a day ahead leaves rows that are due tomorrow, leases that
nobody can take before, and messages that count as sent in a time to come.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from bot.states import DeliveryState, PostState
from bot.store.changes import serialise
from bot.store.people import joining
from bot.store.people.access import CODE_LASTS, LINK_LASTS
from bot.store.running import cursors
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import Work, table_of
from bot.store.tables.conversations import AnswerRow, DeliveryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import ConnectionRow, CursorRow, NodeRow
from bot.store.tables.people import JoinLinkRow, LinkCodeRow, LoadRow, LoginLinkRow, SessionRow
from routing.model.domain import OfferState

TOLERANCE = timedelta(minutes=1)
"""So far ahead a moment may lie without anybody minding: clocks are corrected by seconds all the time."""
_MARK = "clock"
_JUMP = "clock-jump"
_MARK_EVERY = timedelta(minutes=1)
_LONGEST_LEASE = timedelta(minutes=1)
_LONGEST_TRY = timedelta(minutes=10)
"""The longest pause between two tries of intake."""
_TAKEN_IN = (PostState.NEW, PostState.WAITING)
_GOING_OUT = (DeliveryState.READY, DeliveryState.UNKNOWN, DeliveryState.SENDING)

_HAPPENED: Sequence[tuple[type[SQLModel], Sequence[str]]] = (
    (PostRow, ("received_at", "edited_at")),
    (QuestionRow, ("asked_at", "reopened_at", "waits_since", "asked_back_at", "answered_at", "settled_at")),
    (OfferRow, ("rested_at", "ended_at")),
    (LoadRow, ("last_offered_at",)),
    (AnswerRow, ("written_at", "published_at")),
    (DeliveryRow, ("created_at", "first_sent_at", "sent_at")),
    (AnnouncementRow, ("created_at", "changed_at", "approved_at", "published_at")),
    (SessionRow, ("created_at", "seen_at")),
    (CursorRow, ("moved_at",)),
)
"""Moments at which something happened: at the latest now."""
_LOOKED: Sequence[tuple[type[SQLModel], str]] = (
    (PostRow, "checked_at"),
    (DeliveryRow, "absent_at"),
    (ConnectionRow, "webhook_at"),
)
"""Moments of a look that is due again when nobody knows how long ago it was."""
_ENDS: Sequence[tuple[type[SQLModel], str, timedelta]] = (
    (LoginLinkRow, "expires_at", LINK_LASTS),
    (LinkCodeRow, "expires_at", CODE_LASTS),
    (JoinLinkRow, "expires_at", joining.LINK_LASTS),
    (NodeRow, "seen_at", timedelta(0)),
)
"""Rows that end by themselves, and the longest that is left to one; beyond it lies nothing honest."""


def ahead(session: Session, now: datetime) -> timedelta:
    """How far in the future lies what this database knows to have happened; at least zero."""
    known = (
        (select(func.max(CursorRow.moved_at)).where(col(CursorRow.name) == _MARK), timedelta(0)),
        (select(func.max(NodeRow.seen_at)), timedelta(0)),
        (select(func.max(PostRow.due_at)).where(col(PostRow.state).in_(_TAKEN_IN)), _LONGEST_TRY),
        (
            select(func.max(DeliveryRow.created_at)).where(col(DeliveryRow.state).in_(_GOING_OUT)),
            timedelta(0),
        ),
        (select(func.max(LoadRow.last_offered_at)), timedelta(0)),
    )
    found = [(session.execute(latest).scalar_one(), allowed) for latest, allowed in known]
    gaps: list[timedelta] = [at - now - allowed for at, allowed in found if at is not None]
    return max([*gaps, timedelta(0)])


def is_marked(session: Session, now: datetime) -> bool:
    """Whether it was noted lately how far the clock has come."""
    row = session.get(CursorRow, _MARK)
    return row is not None and abs(now - row.moved_at) < _MARK_EVERY


def mark(session: Session, now: datetime) -> None:
    """Note that the clock has come this far."""
    cursors.move(session, _MARK, "", now)


def set_right(session: Session, now: datetime) -> timedelta:
    """Bring back what lies in the future, as if the clock had always said what it says now.

    How far ahead it was is returned; zero where another worker has done so already.
    """
    serialise(session, "lease")
    by = ahead(session, now)
    if by <= TOLERANCE:
        return timedelta(0)
    session.flush()
    leases = col(CursorRow.name).startswith("lease:", autoescape=True)
    session.execute(delete(CursorRow).where(leases, col(CursorRow.moved_at) > now))
    for table, names in _HAPPENED:
        for name in names:
            _set_where_later(session, table, name, now, now)
    for table, name in _LOOKED:
        _set_where_later(session, table, name, now, None)
    for table, name, longest in _ENDS:
        rows = table_of(table)
        session.execute(delete(rows).where(rows.c[name] > now + longest))
    _bring_back_offers(session, now)
    _bring_back_work(session, PostRow, lambda _due: now, now)  # none waits for long, so all may be due
    for work in (QuestionRow, DeliveryRow):
        _bring_back_work(session, work, lambda due: max(due - by, now), now)
    limit = now + _LONGEST_LEASE
    _set_where_later(session, DeliveryRow, "deadline_at", limit, limit)
    mark(session, now)
    session.flush()
    session.expire_all()
    return by


def follow_jump(session: Session, by: timedelta, now: datetime) -> bool:
    """The clock has just jumped ``by`` (negative: back): what was to end later ends as much later as before.

    Offers made before the jump keep the time that was left to them, and so does a question's next rung.
    False where another worker has done so already. What was written while the clock was ahead is brought back
    by ``set_right``.
    """
    serialise(session, "lease")
    known = session.get(CursorRow, _JUMP)
    is_fresh = known is not None and abs(now - known.moved_at) < _MARK_EVERY
    if known is not None and is_fresh and abs(timedelta(seconds=float(known.value)) - by) <= TOLERANCE:
        return False
    before = now - max(by, timedelta(0))
    rows = table_of(OfferRow)
    open_ones = session.execute(
        select(rows.c.id, rows.c.expires_at).where(
            rows.c.state == OfferState.OPEN, rows.c.offered_at <= before
        )
    ).all()
    moved = [{"row_id": number, "new_expires_at": at + by} for number, at in open_ones]
    _write(session, rows, moved, ("expires_at",))
    if by > timedelta(0):
        rows = table_of(QuestionRow)
        waiting = session.execute(
            select(rows.c.id, rows.c.due_at).where(rows.c.due_at > before, rows.c.lease_until.is_(None))
        ).all()
        later = [{"row_id": number, "new_due_at": at + by} for number, at in waiting if at <= now]
        _write(session, rows, later, ("due_at",))
    cursors.move(session, _JUMP, str(by.total_seconds()), now)
    return True


def _set_where_later(
    session: Session, table: type[SQLModel], name: str, than: datetime, value: datetime | None
) -> None:
    rows = table_of(table)
    session.execute(update(rows).where(rows.c[name] > than).values({name: value}))


def _bring_back_offers(session: Session, now: datetime) -> None:
    """An offer made while the clock was ahead lasts as long as it was meant to, from now on."""
    rows = table_of(OfferRow)
    made = session.execute(
        select(rows.c.id, rows.c.offered_at, rows.c.expires_at).where(rows.c.offered_at > now)
    ).all()
    _write(
        session,
        rows,
        [
            {"row_id": number, "new_offered_at": now, "new_expires_at": now + (expires - at)}
            for number, at, expires in made
        ],
        ("offered_at", "expires_at"),
    )


def _bring_back_work(
    session: Session, work: type[Work], when: Callable[[datetime], datetime], now: datetime
) -> None:
    """What is due later was put off by a clock that was ahead, or can be put off again by whoever looks.

    Whoever has such a row right now would put it off once more: they lose it. A message that is being sent
    keeps its sender.
    """
    rows = table_of(work)
    later = session.execute(
        select(rows.c.id, rows.c.due_at).where(rows.c.due_at > now, rows.c.state != DeliveryState.SENDING)
    ).all()
    _write(
        session,
        rows,
        [{"row_id": number, "new_due_at": when(due)} for number, due in later],
        ("due_at",),
        lease_until=None,
        owner=None,
    )
    limit = now + _LONGEST_LEASE
    _set_where_later(session, work, "lease_until", limit, limit)


def _write(
    session: Session, rows: Any, values: list[dict[str, Any]], names: Sequence[str], **fixed: Any
) -> None:
    if not values:
        return
    changing = {name: bindparam(f"new_{name}", type_=rows.c[name].type) for name in names}
    statement = update(rows).where(rows.c.id == bindparam("row_id")).values({**fixed, **changing})
    session.connection().execute(statement, values)
