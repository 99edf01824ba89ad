"""The public texts: every version is kept, and a second person approves each."""

import re
from typing import Annotated

from fastapi import Form, Path, Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayManageTexts, MayReadTexts, Person, actor, guarded, see_other
from app.identity.decisions import change, decision
from app.public.about import TextSection, sections
from app.web.forms import LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.archive import texts
from bot.actions.people.details import Invalid
from bot.actions.second_person import may_approve
from bot.roles import Permission
from bot.store.engine import Session
from bot.store.house import texts as stored
from bot.store.house.audit_actions import AuditAction
from bot.store.people import staff
from bot.store.queries.pages import archive as public
from bot.store.tables.house import TextRow

router = guarded("/admin")

TextName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


@router.get("/texts")
def listed(request: Request, chorus: Here, person: MayReadTexts, done: str = "") -> Response:
    """All texts in force, and what waits for a second person."""
    with chorus.database.read() as session:
        found = _in_force(chorus, session)
        waiting = {row.name: row for row in stored.waiting(session)}
    return render(
        request, "admin/texts.html", person=person, texts=found, waiting=waiting, notice=notice(done)
    )


@router.get("/texts/{name}")
def detail(request: Request, chorus: Here, person: MayReadTexts, name: TextName) -> Response:
    """One text, to read or to write anew, with its versions and what they made different."""
    with chorus.database.read() as session:
        text = next((one for one in _in_force(chorus, session) if one.slug == name), None)
    if text is None:
        raise Problem(404, "There is no such text.")
    return _page(request, chorus, person, name, text.title, "\n\n".join(text.paragraphs))


@router.post("/texts/{name}")
def propose(
    request: Request,
    chorus: Here,
    person: MayManageTexts,
    name: TextName,
    title: ShortText = "",
    paragraphs: LongText = "",
    accept_anew: Annotated[str, Form()] = "",
) -> Response:
    """A new version, for a second person to approve."""
    try:
        with change(chorus, person) as at:
            if name not in {one.slug for one in _in_force(chorus, at.session)}:
                raise Problem(404, "There is no such text.")
            row = texts.propose_text(
                at.session,
                name,
                title,
                re.split(r"\n\s*\n", paragraphs),
                (person.id, actor(person)),
                at.now,
                accept_anew=bool(accept_anew),
            )
            at.record(AuditAction.TEXT_PROPOSE, f"text {name}", version=row.id)
    except Invalid as error:
        return _page(request, chorus, person, name, title, paragraphs, errors={error.field: str(error)})
    return see_other("/admin/texts?done=proposed")


@router.post("/texts/{name}/versions/{version_id}/approve")
def approve(
    chorus: Here, person: MayManageTexts, name: TextName, version_id: RowId, back: Back = ""
) -> Response:
    """The version that was read is in force from now on."""
    with decision(chorus, person) as at:
        row = at.row(TextRow, version_id, "such version")
        there(row if row.name == name else None, "such version")
        texts.approve_text(at.session, row, (person.id, actor(person)), at.now)
        at.record(AuditAction.TEXT_PUBLISH, f"text {name}", version=row.id, accept_anew=row.accept_anew)
    return returned(back, "/admin/texts", "published")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    name: str,
    title: str,
    paragraphs: str,
    *,
    errors: dict[str, str] | None = None,
) -> Response:
    with chorus.database.read() as session:
        versions = stored.versions(session, name)
        first = versions[0] if versions and versions[0].published_at is None else None
        may = first is not None and may_approve(
            session, Permission.MANAGE_TEXTS, first.proposed_by_id, person.id
        )
        yet_to_accept = staff.yet_to_accept(session) if name == texts.GUIDELINES else 0
    return render(
        request,
        "admin/text.html",
        status=422 if errors else 200,
        person=person,
        name=name,
        title=title,
        paragraphs=paragraphs,
        versions=versions,
        waits=first,
        may_approve=may,
        yet_to_accept=yet_to_accept,
        is_accepted=name == texts.GUIDELINES,
        errors=errors or {},
    )


def _in_force(chorus: Chorus, session: Session) -> list[TextSection]:
    return sections(public.texts(session), chorus.settings)
