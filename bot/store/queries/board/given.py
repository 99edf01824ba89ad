"""What was given to somebody to look after, and still waits."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from bot.roles import Permission, Role
from bot.store import rows
from bot.store.departments import directory
from bot.store.queries.board.lines import BoardKind, LadderTimes
from bot.store.queries.board.sources import SOURCES
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.house import BoardMarkRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import WITHOUT_ANSWER

_ANY_TIMES = LadderTimes(0, 0)
"""For sources that ask nothing of the ladder."""


def parted(key: str) -> tuple[BoardKind, int]:
    """The kind and the number that a line's key (``question-12``) names. Raises ValueError."""
    kind, _, number = key.rpartition("-")
    return BoardKind(kind), int(number)


def still_given(session: Session, employee_id: int, keys: Collection[str], now: datetime) -> list[str]:
    """Those of these lines that are this person's to look after, alone or for their department, and wait."""
    teams = directory.led_by(session, employee_id)
    return [key for key in keys if _is_theirs(session, employee_id, teams, key, now)]


def _is_theirs(session: Session, employee_id: int, teams: Collection[int], key: str, now: datetime) -> bool:
    kind, number = parted(key)
    mark = session.get(BoardMarkRow, (kind, number))
    if mark is None or (mark.assigned_to != employee_id and mark.department_id not in teams):
        return False
    if kind in (BoardKind.QUESTION, BoardKind.BREACHING):
        state = session.exec(select(QuestionRow.state).where(QuestionRow.id == number)).first()
        return state in WITHOUT_ANSWER
    return any(
        session.execute(one.rows(now, _ANY_TIMES).where(col(one.table.id) == number)).first() is not None
        for one in SOURCES
        if one.kind is kind
    )


def pages_of(session: Session, employee_id: int, keys: Collection[str]) -> list[str]:
    """The pages where somebody finds these: the board, where their role sees it, else each its own."""
    person = rows.one(session, EmployeeRow, employee_id)
    if Role(person.role).may(Permission.WATCH):
        return ["/admin/board?person=me"]
    return list(dict.fromkeys(_page(key) for key in keys))


def _page(key: str) -> str:
    kind, number = parted(key)
    return (
        f"/admin/matters/{number}"
        if kind in (BoardKind.SURGE, BoardKind.CAMPAIGN)
        else f"/desk/questions/{number}"
    )
