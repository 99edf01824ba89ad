"""What people do about the board itself: somebody looks after a thing, or it is put off until a moment.

What is decided about the thing is another deed, as everywhere. Everything happens in the caller's
transaction; what cannot be done raises ``Undecidable`` or ``Invalid`` with a message for whoever tried.
"""

from datetime import datetime, timedelta

from bot.actions.conversations import handover
from bot.actions.rules import Rules
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.roles import Permission, Role
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.conversations import notices
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.house import board_marks
from bot.store.people import staff
from bot.store.people.identities import may_answer
from bot.store.queries.board import listing
from bot.store.queries.board.lines import SETTLED_BY, BoardKind, LadderTimes
from bot.store.row_locks import lock_row
from bot.store.tables.columns import Numbered
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.house import KeptFilterRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState

LONGEST_SNOOZE = timedelta(days=90)
LONGEST_NAME = 60
MOST_FILTERS = 20
OF_QUESTIONS = (BoardKind.QUESTION, BoardKind.BREACHING)
"""Kinds whose rows are questions."""
OF_NO_ROW = (BoardKind.CONNECTION, BoardKind.BUDGET)
"""Kinds that are about a platform: they stay until it is mended."""


def taker(session: Session, named: str, by: EmployeeRow) -> EmployeeRow | DepartmentRow:
    """Whom somebody names: by an e-mail address, or a department; themselves where they name nobody.

    Raises Undecidable.
    """
    name = " ".join(named.split())
    if not name:
        return by
    if "@" not in name:
        return _department(session, name)
    found = staff.by_email(session, name)
    if found is None or found.state == EmployeeState.LEFT:
        raise NotAsGiven(f"Nobody here has the address {name}.")
    return found


def _department(session: Session, name: str) -> DepartmentRow:
    known = {one.lower(): number for number, one in directory.names(session).items()}
    if name.lower() not in known:
        raise NotAsGiven(
            f"There is no department {name}: choose one of the list, or give somebody's e-mail address."
        )
    return rows.one(session, DepartmentRow, known[name.lower()])


def may_settle(role: str, kind: BoardKind) -> bool:
    """Whether somebody of this role can settle lines of a kind."""
    return Role(role).may(SETTLED_BY.get(kind, Permission.DECIDE))


def check_waits(session: Session, kind: BoardKind, row: Numbered, now: datetime, ladder: LadderTimes) -> None:
    """Raise Undecidable where somebody has settled a thing meanwhile: nobody looks after it any more.

    It is held, so that nobody settles it before somebody looks after it.
    """
    lock_row(session, row)
    kinds = OF_QUESTIONS if kind in OF_QUESTIONS else (kind,)
    if not listing.waits(session, kinds, row.id, now, ladder):
        raise Undecidable("This does not wait any more: somebody has settled it meanwhile.")


def assign(
    session: Session,
    rules: Rules,
    kind: BoardKind,
    row_id: int,
    to: EmployeeRow | DepartmentRow,
    by: EmployeeRow,
    now: datetime,
) -> None:
    """Somebody, or a department, looks after a thing from now on, and is told unless they chose it.

    A question is put in front of whoever may answer it. Raises Undecidable or Invalid where they can do
    nothing about it.
    """
    _check_has_row(kind)
    if isinstance(to, DepartmentRow):
        told = _give_to_department(session, kind, row_id, to, by, now)
        board_marks.assign(session, kind, row_id, None, by.id, now, department=to.id)
    else:
        _give_to_person(session, kind, row_id, to, by, now)
        told = [] if to.id == by.id else [to.id]
        mark = board_marks.of(session, kind, row_id)
        team = mark.department_id if mark is not None else None
        kept = team if team in directory.led_by(session, to.id) else None
        board_marks.assign(session, kind, row_id, to.id, by.id, now, department=kept)
    notices.queue_given(session, f"{kind}-{row_id}", told, rules.personal_channels, now)
    changes.append(session, ChangeKind.WORK, 0, now)


def take_for_department(
    session: Session, kind: BoardKind, row_id: int, department_id: int, by: EmployeeRow, now: datetime
) -> None:
    """Somebody of a department sees to what was given to it. Raises Undecidable where it is not."""
    mark = board_marks.of(session, kind, row_id)
    if mark is not None:
        lock_row(session, mark)
    if mark is None or mark.department_id != department_id:
        raise Undecidable("This is not given to your department any more.")
    board_marks.assign(session, kind, row_id, by.id, by.id, now, department=department_id)
    changes.append(session, ChangeKind.WORK, 0, now)


def _give_to_person(
    session: Session, kind: BoardKind, row_id: int, to: EmployeeRow, by: EmployeeRow, now: datetime
) -> None:
    if kind in OF_QUESTIONS and to.id != by.id and (may_answer(to) or not may_settle(to.role, kind)):
        handover.put_before(session, _held_question(session, row_id), by, to, now)
    elif not may_settle(to.role, kind):
        raise NotAsGiven(f"{to.name} may not decide about this: ask somebody in charge.")


def _give_to_department(
    session: Session, kind: BoardKind, row_id: int, to: DepartmentRow, by: EmployeeRow, now: datetime
) -> list[int]:
    """Put a question in front of those in charge; who of them is to be told is returned."""
    lock_row(session, to)
    if to.retired_at is not None:
        raise NotAsGiven(f"{to.name} is retired: choose another department, or a person.")
    leads = directory.leads_of(session, to.id)
    asked = [one for one in leads if kind in OF_QUESTIONS and may_answer(one)]
    able = [one for one in leads if one in asked or may_settle(one.role, kind)]
    if not able:
        raise NotAsGiven(f"Nobody is in charge of {to.name} who may settle this.")
    if kind in (BoardKind.SURGE, BoardKind.CAMPAIGN):
        owner = directory.of_matter(session, rows.one(session, MatterRow, row_id))
        if owner is None or owner.id != to.id:
            raise NotAsGiven(f"Say first, at the matter's page, that {to.name} answers for it.")
    if asked and any(one.id != by.id for one in asked):
        question = _held_question(session, row_id)
        for one in asked:
            if one.id != by.id:
                handover.put_before(session, question, by, one, now)
    return [one.id for one in able if one.id != by.id]


def _held_question(session: Session, row_id: int) -> QuestionRow:
    question = rows.one(session, QuestionRow, row_id)
    lock_row(session, question)
    return question


def snooze(
    session: Session, kind: BoardKind, row_id: int, until: datetime, why: str, by: int, now: datetime
) -> None:
    """Leave a thing out of the board until a moment; it waits as before. Raises Undecidable."""
    _check_has_row(kind)
    if not why.strip():
        raise NotAsGiven("Say in a few words why it can wait.")
    if not now < until <= now + LONGEST_SNOOZE:
        raise NotAsGiven("Choose a moment to come, within 90 days.")
    board_marks.snooze(session, kind, row_id, until, by, why.strip(), now)
    changes.append(session, ChangeKind.WORK, 0, now)


def wake(session: Session, kind: BoardKind, row_id: int, by: int, now: datetime) -> None:
    """Put a thing back on the board."""
    board_marks.snooze(session, kind, row_id, None, by, "", now)
    changes.append(session, ChangeKind.WORK, 0, now)


def keep_filter(session: Session, employee_id: int, name: str, query: str) -> None:
    """Keep a filter under a name, in the place of one that is called so. Raises Undecidable."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise NotAsGiven(f"Give the filter a name of 1 to {LONGEST_NAME} characters.")
    kept = board_marks.filters_of(session, employee_id)
    known = next((one for one in kept if one.name == name), None)
    if known is None and len(kept) >= MOST_FILTERS:
        raise Undecidable(f"You keep {MOST_FILTERS} filters: remove one first.")
    row = known or KeptFilterRow(employee_id=employee_id, name=name)
    row.query = query
    rows.keep(session, row)


def _check_has_row(kind: BoardKind) -> None:
    if kind in OF_NO_ROW:
        raise Undecidable("This stays on the board until it is mended.")
