"""What the brand says on a matter: written, looked at by a second person, told, and what came of it."""

from typing import Any

from fastapi import Request, Response

from app.identity.auth import MayDecide, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import Fields, RowId
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions import statements as deeds
from bot.actions.undecidable import Undecidable
from bot.states import StatementAudience, StatementKind, StatementState
from bot.store.conversations import notices
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.matters import statements
from bot.store.queries.pages import desk
from bot.store.queries.pages import matters as reads
from bot.store.tables.matters import MatterRow, StatementRow
from bot.wording.restate import LONGEST_TITLE

router = guarded("/admin")

_LANGUAGES = 6
"""So many languages of those who asked get a field of their own."""
_QUESTIONS = 25
_DAYS = 28


def said(
    chorus: Chorus, session: Session, found: reads.MatterDetail, person: Person, **typed: Any
) -> dict[str, Any]:
    """What a matter's page shows of statements; ``typed`` is what somebody wrote that could not be taken."""
    rows = statements.of_matter(session, found.matter.id)
    alone = len(notices.in_charge(session)) < 2
    return {
        "statements": rows,
        "told": statements.told_counts(session, [one.id for one in rows]),
        "objections": {
            one.id: deeds.objections(one, chorus.rules.guard)
            for one in rows
            if one.state == StatementState.PROPOSED
        },
        "may_approve": {one.id for one in rows if alone or one.written_by != person.id},
        "spoken": [code for code, _ in found.languages if code][:_LANGUAGES],
        "begun": any(one.approved_at for one in rows),
        "longest_statement": deeds.LONGEST,
        "draft": {},
        "refused": "",
        **typed,
    }


@router.post("/matters/{matter_id}/statements")
def propose(request: Request, chorus: Here, person: MayDecide, matter_id: RowId, fields: Fields) -> Response:
    """Write a statement, an update, or that it is settled."""
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
            statement = deeds.propose(
                at.session, matter, kind, texts, audience, person.id, chorus.answering, at.now
            )
            at.record(AuditAction.STATEMENT_WRITE, f"matter {matter_id}", statement=statement.id, kind=kind)
    except (deeds.Unsayable, Undecidable) as error:
        return _again(request, chorus, person, matter_id, fields, str(error))
    return see_other(f"/admin/matters/{matter_id}?done=proposed#said")


@router.post("/statements/{statement_id}/approve")
def approve(chorus: Here, person: MayDecide, statement_id: RowId) -> Response:
    """Let it out: it is told from now on."""
    with decision(chorus, person) as at:
        statement = at.row(StatementRow, statement_id, "such statement")
        deeds.approve(at.session, statement, person.id, at.now)
        at.record(AuditAction.STATEMENT_APPROVE, f"statement {statement_id}")
        matter_id = statement.matter_id
    return see_other(f"/admin/matters/{matter_id}?done=told#said")


@router.post("/statements/{statement_id}/withdraw")
def withdraw(chorus: Here, person: MayDecide, statement_id: RowId) -> Response:
    """Take it back, or tell nobody else."""
    with decision(chorus, person) as at:
        statement = at.row(StatementRow, statement_id, "such statement")
        deeds.withdraw(at.session, statement, at.now)
        at.record(AuditAction.STATEMENT_WITHDRAW, f"statement {statement_id}")
        matter_id = statement.matter_id
    return see_other(f"/admin/matters/{matter_id}?done=saved#said")


def _again(
    request: Request, chorus: Chorus, person: Person, matter_id: int, fields: dict[str, str], why: str
) -> Response:
    """The matter's page with what was typed, and why it could not be taken."""
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        found = reads.detail(session, matter_id, now, before=None, shown=_QUESTIONS, days=_DAYS)
        if found is None:
            raise Problem(404, "There is no such matter.")
        return render(
            request,
            "admin/matter.html",
            status=422,
            person=person,
            found=found,
            most=max((people for _, people in found.days), default=0),
            topics=desk.topic_names(session),
            longest_title=LONGEST_TITLE,
            notice=None,
            **said(chorus, session, found, person, draft=fields, refused=why),
        )
