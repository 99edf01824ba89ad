"""Those who want to take part and have proved their mailbox: let in, or declined."""

from fastapi.responses import RedirectResponse

from app.admin.confirmations import Back, returned
from app.identity.auth import MayManagePeople, Person, guarded
from app.identity.decisions import decision
from app.identity.joining import JoinPost
from app.web.forms import RowId, ShortText
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.people import joining
from bot.actions.people.joining import JoinMail
from bot.roles import Permission
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import JoinRequestRow

router = guarded("/admin/join-requests")
_PAGE = "/admin/board?kind=newcomer"
_WHAT = "such request: somebody has decided about it, or it was taken back"


@router.post("/{request_id}/accept")
def accept(
    chorus: Here, person: MayManagePeople, post: JoinPost, request_id: RowId, back: Back = ""
) -> RedirectResponse:
    """They are invited like everybody else, and have a mail with a link."""
    post(let_in(chorus, person, request_id))
    return returned(back, _PAGE, "let_in")


@router.post("/{request_id}/decline")
def not_accept(
    chorus: Here,
    person: MayManagePeople,
    post: JoinPost,
    request_id: RowId,
    why: ShortText = "",
    back: Back = "",
) -> RedirectResponse:
    """They do not take part, and read why."""
    post(decline(chorus, person, request_id, why))
    return returned(back, _PAGE, "not_let_in")


def let_in(chorus: Chorus, person: Person, request_id: int) -> JoinMail:
    """Let somebody in; what they are to be mailed is returned. Raises Problem."""
    _check_may(person)
    with decision(chorus, person) as at:
        at.row(JoinRequestRow, request_id, _WHAT)
        employee, mail = joining.let_in(at.session, request_id, at.now)
        at.record(AuditAction.JOIN_ACCEPT, f"employee {employee.id}", email=employee.email)
    return mail


def decline(chorus: Chorus, person: Person, request_id: int, why: str) -> JoinMail:
    """Decline somebody; what they are to be mailed is returned. Raises Problem."""
    _check_may(person)
    with decision(chorus, person) as at:
        at.row(JoinRequestRow, request_id, _WHAT)
        mail = joining.decline(at.session, request_id, why, at.now)
        at.record(AuditAction.JOIN_DECLINE, f"join request {request_id}", email=mail.to, why=mail.why)
    return mail


def _check_may(person: Person) -> None:
    """The board's bulk deeds are for whoever may decide: not all of those may let people in."""
    if not person.may(Permission.MANAGE_PEOPLE):
        raise Problem(403, "Only who manages people lets somebody in.")
