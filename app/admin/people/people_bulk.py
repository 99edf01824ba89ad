"""The same for several people at once: each is decided on its own, and who cannot be stops none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

from app.admin.employees import in_days
from app.identity.auth import MayManagePeople, Person, guarded
from app.identity.decisions import decision
from app.web.forms import Fields, number_in
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions import leaving
from bot.actions.people import employees
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.paging import PAGE
from bot.store.tables.people import EmployeeRow

router = guarded("/admin/people")

_PICKED = "pick-"
_OF_THE_LIST = ("words", "role", "department", "topic", "state", "order", "after")
"""What the address of the list says of what is shown: the way back leads there."""


class PeopleDeed(StrEnum):
    """What can be done to several people at once."""

    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class PersonOutcome:
    """What came of it for one of them; ``why_not`` is empty where it went."""

    name: str
    number: int
    why_not: str = ""


_Deed = Callable[[Session, EmployeeRow, datetime, Mapping[str, str]], None]
_DEEDS: dict[PeopleDeed, tuple[_Deed, AuditAction, str]] = {
    PeopleDeed.PAUSE: (
        lambda session, one, now, given: leaving.pause(
            session, one, now, in_days(given.get("days", ""), now)
        ),
        AuditAction.EMPLOYEE_PAUSE,
        "paused",
    ),
    PeopleDeed.RESUME: (
        lambda session, one, now, _: employees.resume(session, one, now),
        AuditAction.EMPLOYEE_RESUME,
        "back from a pause",
    ),
    PeopleDeed.LEAVE: (
        lambda session, one, now, _: leaving.leave(session, one, now),
        AuditAction.EMPLOYEE_LEAVE,
        "gone: their sessions, links, offers and waiting answers have ended",
    ),
    PeopleDeed.RETURN: (
        lambda session, one, now, _: employees.come_back(session, one, now),
        AuditAction.EMPLOYEE_RETURN,
        "back: they sign in, accept the guidelines again and link their accounts anew",
    ),
}


@router.post("/bulk")
def bulk(request: Request, chorus: Here, person: MayManagePeople, fields: Fields) -> Response:
    """Do the same to everybody who was chosen; before many leave, they are named once more."""
    chosen = [number_in(name.removeprefix(_PICKED)) or 0 for name in fields if name.startswith(_PICKED)]
    try:
        deed = PeopleDeed(fields.get("deed", ""))
    except ValueError:
        raise Problem(422, "Choose what is to be done with them.") from None
    if not chosen:
        raise Problem(422, "Nobody is chosen: tick the people who are meant.")
    if len(chosen) > PAGE:
        raise Problem(422, f"At most {PAGE} people at once: as many as a page has.")
    is_asked = deed is PeopleDeed.LEAVE and fields.get("sure") != "yes"
    outcomes = [] if is_asked else [_do(chorus, person, deed, number, fields) for number in chosen]
    with chorus.database.read() as session:
        found = rows.find_all(session, EmployeeRow, chosen)
    kept = urlencode([one for one in parse_qsl(fields.get("kept", "")) if one[0] in _OF_THE_LIST])
    return render(
        request,
        "admin/people/bulk.html",
        stands_at="" if is_asked else f"/admin/employees?{kept}",
        person=person,
        asked=[one for one in found.values() if one.id in chosen] if is_asked else [],
        went=[one for one in outcomes if not one.why_not],
        refused=[one for one in outcomes if one.why_not],
        said=_DEEDS[deed][2],
        kept=kept,
    )


def _do(
    chorus: Chorus, person: Person, deed: PeopleDeed, number: int, given: Mapping[str, str]
) -> PersonOutcome:
    act, action, _ = _DEEDS[deed]
    name = f"number {number}"
    try:
        with decision(chorus, person) as at:
            one = at.row(EmployeeRow, number, "such person")
            name = one.name
            act(at.session, one, at.now, given)
            at.record(action, f"employee {number}", many=True)
    except Problem as problem:
        return PersonOutcome(name, number, str(problem.detail))
    return PersonOutcome(name, number)
