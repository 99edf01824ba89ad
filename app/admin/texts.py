"""The public texts: every version is kept, the latest is in force."""

import re
from typing import Annotated

from fastapi import Path, Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayManageTexts, MayReadTexts, Person, actor, guarded, see_other
from app.identity.decisions import change
from app.public.about import TextSection, sections
from app.web.forms import LongText, ShortText
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.archive import texts
from bot.actions.people.details import Invalid
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.queries.pages import archive as public

router = guarded("/admin")

TextName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


@router.get("/texts")
def listed(request: Request, chorus: Here, person: MayReadTexts, done: str = "") -> Response:
    """All texts in force."""
    with chorus.database.read() as session:
        found = _in_force(chorus, session)
    return render(request, "admin/texts.html", person=person, texts=found, notice=notice(done))


@router.get("/texts/{name}")
def detail(request: Request, chorus: Here, person: MayReadTexts, name: TextName) -> Response:
    """One text, to read or to write anew, with its earlier versions."""
    with chorus.database.read() as session:
        text = next((one for one in _in_force(chorus, session) if one.slug == name), None)
    if text is None:
        raise Problem(404, "There is no such text.")
    return _page(request, chorus, person, name, text.title, "\n\n".join(text.paragraphs))


@router.post("/texts/{name}")
def publish(
    request: Request,
    chorus: Here,
    person: MayManageTexts,
    name: TextName,
    title: ShortText = "",
    paragraphs: LongText = "",
) -> Response:
    """A new version, in force from now on."""
    try:
        with change(chorus, person) as at:
            if name not in {one.slug for one in _in_force(chorus, at.session)}:
                raise Problem(404, "There is no such text.")
            row = texts.publish_text(
                at.session, name, title, re.split(r"\n\s*\n", paragraphs), actor(person), at.now
            )
            at.record(AuditAction.TEXT_PUBLISH, f"text {name}", version=row.id)
    except Invalid as error:
        return _page(request, chorus, person, name, title, paragraphs, errors={error.field: str(error)})
    return see_other("/admin/texts?done=published")


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
        versions = reads.versions(session, name)
    return render(
        request,
        "admin/text.html",
        status=422 if errors else 200,
        person=person,
        name=name,
        title=title,
        paragraphs=paragraphs,
        versions=versions,
        errors=errors or {},
    )


def _in_force(chorus: Chorus, session: Session) -> list[TextSection]:
    return sections(public.texts(session), chorus.settings)
