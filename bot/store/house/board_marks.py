"""What people note about things on the board, and the filters that they keep, as rows."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from bot.store import rows
from bot.store.tables.house import BoardMarkRow, KeptFilterRow

KEPT = timedelta(days=90)
"""How long a mark stays that nobody touches: by then, what it is about is settled or looked at anew."""
_MOST_SWEPT = 100


def of(session: Session, kind: str, row_id: int) -> BoardMarkRow | None:
    """What was noted about something (of a ``BoardKind``)."""
    return session.get(BoardMarkRow, (kind, row_id), populate_existing=True)


def assign(
    session: Session,
    kind: str,
    row_id: int,
    to: int | None,
    by: int,
    now: datetime,
    *,
    department: int | None = None,
) -> None:
    """Note who looks after something (of a ``BoardKind``), and for which department; None: nobody."""
    rows.put(
        session,
        BoardMarkRow,
        kind=kind,
        row_id=row_id,
        assigned_to=to,
        department_id=department,
        assigned_by=by,
        touched_at=now,
    )
    _sweep(session, now)


def snooze(
    session: Session,
    kind: str,
    row_id: int,
    until: datetime | None,
    by: int,
    why: str,
    now: datetime,
) -> None:
    """Note until when something is left out of the board, and why; None: it is not any more."""
    rows.put(
        session,
        BoardMarkRow,
        kind=kind,
        row_id=row_id,
        snoozed_until=until,
        snoozed_by=by,
        why=why,
        touched_at=now,
    )
    _sweep(session, now)


def release(session: Session, department_id: int) -> None:
    """Nothing is given to a department any more."""
    session.execute(
        update(BoardMarkRow)
        .where(col(BoardMarkRow.department_id) == department_id)
        .values(department_id=None)
        .execution_options(synchronize_session=False)
    )


def of_person(session: Session, employee_id: int) -> list[BoardMarkRow]:
    """What somebody looks after, or has put off."""
    whose = or_(col(BoardMarkRow.assigned_to) == employee_id, col(BoardMarkRow.snoozed_by) == employee_id)
    return list(session.exec(select(BoardMarkRow).where(whose)).all())


def let_go(session: Session, employee_id: int) -> None:
    """Nobody looks after what somebody did, and their filters go."""
    session.execute(
        update(BoardMarkRow)
        .where(col(BoardMarkRow.assigned_to) == employee_id)
        .values(assigned_to=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(KeptFilterRow).where(col(KeptFilterRow.employee_id) == employee_id))


def forget(session: Session, employee_id: int) -> None:
    """Nothing is left of what somebody noted on the board: not even why they put something off."""
    let_go(session, employee_id)
    session.execute(
        update(BoardMarkRow)
        .where(col(BoardMarkRow.snoozed_by) == employee_id)
        .values(why="", snoozed_by=None)
        .execution_options(synchronize_session=False)
    )


def filters_of(session: Session, employee_id: int) -> list[KeptFilterRow]:
    """The filters that somebody keeps, by name."""
    statement = select(KeptFilterRow).where(KeptFilterRow.employee_id == employee_id)
    return list(session.exec(statement.order_by(col(KeptFilterRow.name))).all())


def forget_filter(session: Session, employee_id: int, filter_id: int) -> bool:
    """Remove one of somebody's own filters; False where they have no such."""
    done = session.execute(
        delete(KeptFilterRow)
        .where(col(KeptFilterRow.id) == filter_id, col(KeptFilterRow.employee_id) == employee_id)
        .returning(col(KeptFilterRow.id))
    )
    return done.first() is not None


def _sweep(session: Session, now: datetime) -> None:
    """Old marks go as new ones come: a few each time, the oldest first."""
    old = (
        select(BoardMarkRow.kind, BoardMarkRow.row_id)
        .where(
            col(BoardMarkRow.touched_at) < now - KEPT,
            or_(col(BoardMarkRow.snoozed_until).is_(None), col(BoardMarkRow.snoozed_until) < now),
        )
        .order_by(col(BoardMarkRow.touched_at))
        .limit(_MOST_SWEPT)
    )
    for kind, row_id in session.exec(old).all():
        session.execute(
            delete(BoardMarkRow).where(col(BoardMarkRow.kind) == kind, col(BoardMarkRow.row_id) == row_id)
        )
