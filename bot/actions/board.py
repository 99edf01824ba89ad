"""What people do about the board itself: somebody looks after a thing, or it is put off until a moment.

What is decided about the thing is another deed, as everywhere. Everything happens in the caller's
transaction; what cannot be done raises ``Undecidable`` or ``Invalid`` with a message for whoever tried.
"""

from datetime import datetime, timedelta

from bot.actions.conversations import handover
from bot.actions.undecidable import Undecidable
from bot.roles import Permission, Role
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import board_marks
from bot.store.people import staff
from bot.store.people.identities import may_answer
from bot.store.queries.board.lines import BoardKind
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.house import KeptFilterRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState

LONGEST_SNOOZE = timedelta(days=90)
LONGEST_NAME = 60
MOST_FILTERS = 20
OF_QUESTIONS = (BoardKind.QUESTION, BoardKind.BREACHING)
"""Kinds whose rows are questions."""
OF_NO_ROW = (BoardKind.CONNECTION, BoardKind.BUDGET)
"""Kinds that are about a platform: they stay until it is mended."""


def taker(session: Session, email: str, by: EmployeeRow) -> EmployeeRow:
    """Whom somebody names by their e-mail address; themselves where they name nobody. Raises Undecidable."""
    found = staff.by_email(session, email) if email.strip() else by
    if found is None or found.state == EmployeeState.LEFT:
        raise Undecidable(f"Nobody here has the address {email.strip()}.")
    return found


def assign(
    session: Session, kind: BoardKind, row_id: int, to: EmployeeRow, by: EmployeeRow, now: datetime
) -> None:
    """Somebody looks after a thing from now on. A question is put in front of whoever may answer it.

    Raises Undecidable or Invalid where they can do nothing about it.
    """
    _check_has_row(kind)
    decides = Role(to.role).may(Permission.DECIDE)
    if kind in OF_QUESTIONS and to.id != by.id and (may_answer(to) or not decides):
        question = rows.one(session, QuestionRow, row_id)
        lock_row(session, question)
        handover.refer(session, question, by, to, now)
    elif not decides:
        raise Undecidable(f"{to.name} may not decide about this: ask somebody in charge.")
    board_marks.assign(session, kind, row_id, to.id, by.id, now)
    changes.append(session, ChangeKind.WORK, 0, now)


def snooze(
    session: Session, kind: BoardKind, row_id: int, until: datetime, why: str, by: int, now: datetime
) -> None:
    """Leave a thing out of the board until a moment; it waits as before. Raises Undecidable."""
    _check_has_row(kind)
    if not why.strip():
        raise Undecidable("Say in a few words why it can wait.")
    if not now < until <= now + LONGEST_SNOOZE:
        raise Undecidable("Choose a moment to come, within 90 days.")
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
        raise Undecidable(f"Give the filter a name of 1 to {LONGEST_NAME} characters.")
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
