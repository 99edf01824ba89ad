"""What the brand says on a matter: written, looked at by a second person, told, and what came of it."""

from fastapi import Request, Response

from app.admin.confirmations import Back, returned
from app.admin.departments.sight import check_speaks
from app.admin.voice.matter_page import matter_page
from app.identity.auth import MayAnswerMatters, MayDecide, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import Fields, RowId
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions import statements as deeds
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.states import StatementAudience, StatementKind
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.matters import MatterRow, StatementRow
from routing.campaigns.states import ON_CAMPAIGN

router = guarded("/admin")


@router.post("/matters/{matter_id}/statements")
def propose(
    request: Request, chorus: Here, person: MayAnswerMatters, matter_id: RowId, fields: Fields
) -> Response:
    """Write a statement, an update, or that it is settled.

    Who is in charge of the matter's department alone writes where its campaign stands, and nothing else.
    """
    texts = {name.removeprefix("text-"): text for name, text in fields.items() if name.startswith("text-")}
    texts[""] = fields.get("text", "")
    try:
        kind = StatementKind(fields.get("kind", StatementKind.STATEMENT))
        audience = StatementAudience(fields.get("audience", StatementAudience.ALL))
    except ValueError:
        raise Problem(422, "Choose what it is and who is told.") from None
    try:
        with change(chorus, person) as at:
            matter = at.row(MatterRow, matter_id, "such matter")
            if not person.may(Permission.DECIDE):
                check_speaks(at.session, person, directory.of_matter(at.session, matter))
                if kind.value not in ON_CAMPAIGN:
                    raise Problem(403, "Your department says where its campaign stands; the rest is decided.")
            statement = deeds.propose(
                at.session, matter, kind, texts, audience, person.id, chorus.answering, at.now
            )
            at.record(AuditAction.STATEMENT_WRITE, f"matter {matter_id}", statement=statement.id, kind=kind)
    except (deeds.Unsayable, Undecidable) as error:
        return matter_page(request, chorus, person, matter_id, status=422, draft=fields, refused=str(error))
    return see_other(f"/admin/matters/{matter_id}?done=proposed&at=said")


@router.post("/statements/{statement_id}/approve")
def approve(chorus: Here, person: MayDecide, statement_id: RowId, back: Back = "") -> Response:
    """Let it out: it is told from now on."""
    with decision(chorus, person) as at:
        statement = at.row(StatementRow, statement_id, "such statement")
        deeds.approve(at.session, statement, person.id, at.now)
        at.record(AuditAction.STATEMENT_APPROVE, f"statement {statement_id}")
        matter_id = statement.matter_id
    return returned(back, f"/admin/matters/{matter_id}#said", "told")


@router.post("/statements/{statement_id}/withdraw")
def withdraw(chorus: Here, person: MayDecide, statement_id: RowId, back: Back = "") -> Response:
    """Take it back, or tell nobody else."""
    with decision(chorus, person) as at:
        statement = at.row(StatementRow, statement_id, "such statement")
        deeds.withdraw(at.session, statement, at.now)
        at.record(AuditAction.STATEMENT_WITHDRAW, f"statement {statement_id}")
        matter_id = statement.matter_id
    return returned(back, f"/admin/matters/{matter_id}#said", "saved")
