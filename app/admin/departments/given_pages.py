"""What was given to a department on the board, for those who are in charge of it."""

from datetime import datetime

from fastapi import Response

from app.admin.board.marks import TABLES, Kind
from app.admin.board.waiting import ladder_times, unseen_by
from app.admin.departments.sight import department_seen, is_led_by
from app.identity.auth import MayAnswerMatters, Person, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import RowId
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions import board as deeds
from bot.roles import Permission
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.board.lines import BoardFilter, BoardKind, BoardLine
from bot.store.queries.board.listing import board
from bot.store.tables.people import EmployeeRow

router = guarded("/admin/departments")

_OPEN_TO_LEADS = frozenset({BoardKind.QUESTION, BoardKind.BREACHING, BoardKind.SURGE, BoardKind.CAMPAIGN})
"""Kinds that whoever does not see the board finds here: they settle them at the desk and at the matter."""


def given_to(
    session: Session, chorus: Chorus, person: Person, department_id: int, now: datetime
) -> tuple[BoardLine, ...]:
    """What was given to a department and waits, as far as this person may see it: a page of it."""
    unseen = unseen_by(person)
    if not person.may(Permission.WATCH):
        unseen = unseen | (frozenset(BoardKind) - _OPEN_TO_LEADS)
    wanted = BoardFilter(teams=(department_id,), unseen=unseen)
    return board(session, wanted, "", now, ladder_times(chorus)).lines


@router.post("/{department_id}/given/{kind}/{row_id}/take")
def take(chorus: Here, person: MayAnswerMatters, department_id: RowId, kind: Kind, row_id: RowId) -> Response:
    """Whoever is in charge of the department sees to it: their colleagues read that."""
    with decision(chorus, person) as at:
        department = department_seen(at.session, person, department_id)
        if not is_led_by(at.session, person, department.id):
            raise Problem(403, "Who is in charge of this department says who sees to it.")
        if kind in deeds.OF_NO_ROW:
            raise Problem(404, "There is no such line.")
        at.row(TABLES[kind], row_id, f"such {kind}")
        deeds.take_for_department(
            at.session, kind, row_id, department.id, rows.one(at.session, EmployeeRow, person.id), at.now
        )
        at.record(AuditAction.BOARD_ASSIGN, f"{kind} {row_id}", to=person.id, department=department.id)
    return see_other(f"/admin/departments/{department_id}?done=given&at=given")
