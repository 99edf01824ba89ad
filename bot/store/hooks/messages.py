"""Events on their way to endpoints: spread, claimed, sent or not, tried again, and forgotten in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, delete, exists, func, insert, or_, update
from sqlmodel import Session, col, select

from bot.states import HookEndpointState, HookEvent, HookMessageState
from bot.store.claim import claim, finish
from bot.store.hooks import endpoints
from bot.store.tables.columns import LONGEST_REASON, among, table_of
from bot.store.tables.hooks import HookAttemptRow, HookEndpointRow, HookEventRow, HookMessageRow

TRIED_FOR = timedelta(days=1)
"""So long a message is tried before it is dead."""
KEPT = timedelta(days=14)
"""So long what was sent, and every attempt, is kept."""
DEAD_KEPT = timedelta(days=90)
_NEW = insert(table_of(HookMessageRow))
_PAGE = 50
_COUNTED = 1_001


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt, the message it was for, and the event."""

    attempt: HookAttemptRow
    message: HookMessageRow
    event: HookEventRow


def spread(session: Session, now: datetime, limit: int) -> int:
    """Give each endpoint that listens its message of new events; how many events is returned."""
    fresh = session.exec(
        select(HookEventRow)
        .where(col(HookEventRow.spread).is_(False))
        .order_by(col(HookEventRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not fresh:
        return 0
    listening = endpoints.listening(session)
    made = [
        _message(one.id, event.id, now)
        for event in fresh
        for one in listening
        if event.kind in one.events and event.at >= one.created_at
    ]
    if made:
        session.connection().execute(_NEW, made)
    session.execute(
        update(HookEventRow)
        .where(col(HookEventRow.id).in_([event.id for event in fresh]))
        .values(spread=True)
        .execution_options(synchronize_session=False)
    )
    return len(fresh)


def address(session: Session, endpoint_id: int, event: HookEventRow, now: datetime) -> HookMessageRow:
    """Tell one endpoint alone of something."""
    event.spread = True
    session.add(event)
    session.flush()
    message = HookMessageRow(**_message(endpoint_id, event.id, now))
    session.add(message)
    session.flush()
    return message


def _message(endpoint_id: int, event_id: int, now: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint_id,
        "event_id": event_id,
        "state": HookMessageState.WAITING,
        "due_at": now,
        "give_up_at": now + TRIED_FOR,
        "fence": 0,
        "attempts": 0,
    }


def any_new(session: Session) -> bool:
    """Whether an event has not been spread."""
    statement = select(HookEventRow.id).where(col(HookEventRow.spread).is_(False)).limit(1)
    return session.exec(statement).first() is not None


def due_endpoints(session: Session, now: datetime) -> list[HookEndpointRow]:
    """The endpoints that are on, do not rest and have something waiting that is due."""
    waiting = exists().where(
        col(HookMessageRow.endpoint_id) == HookEndpointRow.id,
        col(HookMessageRow.state) == HookMessageState.WAITING,
        col(HookMessageRow.due_at) <= now,
        or_(col(HookMessageRow.lease_until).is_(None), col(HookMessageRow.lease_until) <= now),
    )
    statement = select(HookEndpointRow).where(
        HookEndpointRow.state == HookEndpointState.ON,
        or_(col(HookEndpointRow.rests_until).is_(None), col(HookEndpointRow.rests_until) <= now),
        waiting,
    )
    return list(session.exec(statement.order_by(col(HookEndpointRow.id))).all())


def claim_of(
    session: Session, endpoint_id: int, *, now: datetime, owner: str, lease: timedelta, limit: int
) -> list[HookMessageRow]:
    """Take messages of one endpoint, due and free; each counts as tried from here on."""
    return claim(
        session,
        HookMessageRow,
        [HookMessageState.WAITING],
        now=now,
        lease=lease,
        owner=owner,
        limit=limit,
        where=[col(HookMessageRow.endpoint_id) == endpoint_id],
        attempts=HookMessageRow.attempts + 1,
    )


def give_back(session: Session, rows: Sequence[HookMessageRow], due_at: datetime) -> None:
    """These were not tried after all."""
    for row in rows:
        finish(session, row, due_at=due_at, attempts=row.attempts - 1)


def note_attempt(
    session: Session,
    message: HookMessageRow,
    *,
    at: datetime,
    took: timedelta,
    status: int | None,
    problem: str | None,
) -> None:
    """Write down what came of an attempt."""
    session.add(
        HookAttemptRow(
            endpoint_id=message.endpoint_id,
            message_id=message.id,
            at=at,
            took_ms=int(took / timedelta(milliseconds=1)),
            status=status,
            problem=problem[:LONGEST_REASON] if problem else None,
        )
    )


def again(
    session: Session,
    endpoint_id: int,
    now: datetime,
    *,
    message_id: int | None = None,
    since: datetime | None = None,
) -> int:
    """Send once more, as it was: one that is dead, or what happened ``since``, or else all that are dead.

    How many is returned; one that somebody has in hand right now is left to them, and so is an issue that
    was made.
    """
    statement = update(HookMessageRow).where(
        col(HookMessageRow.endpoint_id) == endpoint_id,
        or_(col(HookMessageRow.lease_until).is_(None), col(HookMessageRow.lease_until) <= now),
    )
    if since is not None:
        after = select(HookEventRow.id).where(
            HookEventRow.at >= since, col(HookEventRow.kind) != HookEvent.MATTER_ISSUE
        )
        statement = statement.where(
            col(HookMessageRow.event_id).in_(after), col(HookMessageRow.url).is_(None)
        )
    else:
        statement = statement.where(col(HookMessageRow.state) == HookMessageState.DEAD)
    if message_id is not None:
        statement = statement.where(col(HookMessageRow.id) == message_id)
    done = session.execute(
        statement.values(
            state=HookMessageState.WAITING,
            due_at=now,
            attempts=0,
            give_up_at=now + TRIED_FOR,
            fence=HookMessageRow.fence + 1,
        )
        .returning(col(HookMessageRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def counts(session: Session) -> dict[int, tuple[int, int]]:
    """How many messages of each endpoint wait, and how many were given up; each is counted to 1,001."""
    states = (HookMessageState.WAITING, HookMessageState.DEAD)
    statement = select(HookEndpointRow.id, *(counted(state) for state in states))
    return {endpoint: (waiting, dead) for endpoint, waiting, dead in session.execute(statement).all()}


def counted(state: HookMessageState) -> Any:
    """How many messages of an endpoint are in a state, to 1,001, as a column beside it."""
    found = (
        select(HookMessageRow.id)
        .where(HookMessageRow.endpoint_id == HookEndpointRow.id, HookMessageRow.state == state)
        .limit(_COUNTED)
        .correlate(HookEndpointRow)
        .subquery()
    )
    return select(func.count()).select_from(found).scalar_subquery()


def let_go(session: Session, endpoint_id: int) -> int:
    """Forget what an endpoint did not take, with the attempts; how many messages is returned.

    A tracker's that has its issue stays, so that no second one is made.
    """
    given_up = [
        col(HookMessageRow.endpoint_id) == endpoint_id,
        col(HookMessageRow.state) == HookMessageState.DEAD,
    ]
    made = session.execute(
        update(HookMessageRow)
        .where(*given_up, col(HookMessageRow.url).is_not(None))
        .values(state=HookMessageState.SENT, fence=HookMessageRow.fence + 1)
        .returning(col(HookMessageRow.id))
        .execution_options(synchronize_session=False)
    ).all()
    ids = select(HookMessageRow.id).where(*given_up)
    session.execute(delete(HookAttemptRow).where(col(HookAttemptRow.message_id).in_(ids)))
    done = session.execute(delete(HookMessageRow).where(*given_up).returning(col(HookMessageRow.id)))
    return len(made) + len(done.all())


def latest_attempts(session: Session, endpoint_id: int) -> list[AttemptView]:
    """The last attempts of an endpoint, the latest first."""
    statement = (
        select(HookAttemptRow, HookMessageRow, HookEventRow)
        .join(HookMessageRow, col(HookMessageRow.id) == HookAttemptRow.message_id)
        .join(HookEventRow, col(HookEventRow.id) == HookMessageRow.event_id)
        .where(col(HookAttemptRow.endpoint_id) == endpoint_id)
        .order_by(col(HookAttemptRow.id).desc())
        .limit(_PAGE)
    )
    return [AttemptView(*row) for row in session.exec(statement).all()]


def dead(session: Session, endpoint_id: int) -> list[tuple[HookMessageRow, HookEventRow]]:
    """Messages of an endpoint that were given up, the latest first."""
    statement = (
        select(HookMessageRow, HookEventRow)
        .join(HookEventRow, col(HookEventRow.id) == HookMessageRow.event_id)
        .where(HookMessageRow.endpoint_id == endpoint_id, HookMessageRow.state == HookMessageState.DEAD)
        .order_by(col(HookMessageRow.id).desc())
        .limit(_PAGE)
    )
    return [(message, event) for message, event in session.exec(statement).all()]


def issues_of_matter(session: Session, matter_id: int) -> list[tuple[HookMessageRow, HookEndpointRow]]:
    """The issues that were made, or are being made, of a matter, and in which tracker."""
    kinds = (HookEvent.MATTER_NOTICED, HookEvent.MATTER_ISSUE)
    statement = (
        select(HookMessageRow, HookEndpointRow)
        .join(HookEventRow, col(HookEventRow.id) == HookMessageRow.event_id)
        .join(HookEndpointRow, col(HookEndpointRow.id) == HookMessageRow.endpoint_id)
        .where(
            col(HookEventRow.kind).in_(kinds),
            HookEventRow.subject == matter_id,
            among(HookEndpointRow.template, "github", "gitlab", "jira"),
        )
        .order_by(col(HookMessageRow.id))
    )
    return [(message, endpoint) for message, endpoint in session.exec(statement).all()]


def bury(session: Session, now: datetime) -> int:
    """Give up what waits for an endpoint that has taken nothing for as long as anything is tried."""
    hopeless = select(HookEndpointRow.id).where(
        or_(
            col(HookEndpointRow.failing_since) <= now - TRIED_FOR,
            col(HookEndpointRow.state) == HookEndpointState.OFF,
        )
    )
    done = session.execute(
        update(HookMessageRow)
        .where(
            col(HookMessageRow.endpoint_id).in_(hopeless),
            col(HookMessageRow.state) == HookMessageState.WAITING,
            col(HookMessageRow.give_up_at) <= now,
            or_(col(HookMessageRow.lease_until).is_(None), col(HookMessageRow.lease_until) <= now),
        )
        .values(state=HookMessageState.DEAD, due_at=None, fence=HookMessageRow.fence + 1)
        .returning(col(HookMessageRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def forget(session: Session, now: datetime, limit: int) -> int:
    """Forget attempts and messages whose time is over, and events that nobody waits for; how many rows.

    That an issue was made of a matter stays, so that no second one is; what a person wrote for it goes.
    """
    session.execute(
        update(HookEventRow)
        .where(
            col(HookEventRow.kind) == HookEvent.MATTER_ISSUE,
            col(HookEventRow.at) < now - KEPT,
            cast(col(HookEventRow.detail), String) != "{}",
        )
        .values(detail={})
        .execution_options(synchronize_session=False)
    )
    return (
        _forget(session, HookAttemptRow, [col(HookAttemptRow.at) < now - KEPT], limit)
        + _forget_messages(session, HookMessageState.SENT, now - KEPT, limit)
        + _forget_messages(session, HookMessageState.DEAD, now - DEAD_KEPT, limit)
        + _forget(
            session,
            HookEventRow,
            [
                col(HookEventRow.at) < now - KEPT,
                col(HookEventRow.spread).is_(True),
                ~exists().where(col(HookMessageRow.event_id) == HookEventRow.id),
            ],
            limit,
        )
    )


def _forget_messages(session: Session, state: HookMessageState, before: datetime, limit: int) -> int:
    over = [
        col(HookMessageRow.state) == state,
        col(HookMessageRow.url).is_(None),
        col(HookMessageRow.event_id).in_(select(HookEventRow.id).where(HookEventRow.at < before)),
    ]
    ids = list(session.scalars(select(HookMessageRow.id).where(*over).limit(limit)))
    if ids:
        session.execute(delete(HookAttemptRow).where(col(HookAttemptRow.message_id).in_(ids)))
        session.execute(delete(HookMessageRow).where(col(HookMessageRow.id).in_(ids)))
    return len(ids)


def _forget(session: Session, table: Any, over: Sequence[Any], limit: int) -> int:
    ids = list(session.scalars(select(table.id).where(*over).limit(limit)))
    if ids:
        session.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)
