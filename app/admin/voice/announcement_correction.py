"""Putting an announcement right that is out: what would become of other words, then handing them in."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from app.identity.auth import MayAnnounce, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import Fields, RowId
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.actions.announce.correct import (
    PlannedPlace,
    Standing,
    plan_correction,
    propose_correction,
    standing_on_each,
)
from bot.actions.announce.shown import AnnouncedWords
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow

router = guarded("/admin")
_VARIANT = "text-"


@router.get("/announcements/{announcement_id}/correct")
def page(request: Request, chorus: Here, person: MayAnnounce, announcement_id: RowId) -> Response:
    """The words as they are out, to be put right."""
    return _page(request, chorus, person, announcement_id)


@router.post("/announcements/{announcement_id}/correct")
def put_right(
    request: Request, chorus: Here, person: MayAnnounce, announcement_id: RowId, fields: Fields
) -> Response:
    """Show what would become of the words; or put them in front of somebody else."""
    try:
        if fields.get("step") != "send":
            with chorus.database.read() as session:
                row = _found(session, announcement_id)
                words = _words(row, fields)
                planned = plan_correction(session, row, words, chorus.platforms, chorus.rules)
            return _page(request, chorus, person, announcement_id, typed=fields, planned=planned)
        with change(chorus, person) as at:
            row = at.row(AnnouncementRow, announcement_id, "such announcement")
            correction = propose_correction(
                at.session,
                row,
                _words(row, fields),
                fields.get("why", ""),
                chorus.platforms,
                chorus.rules,
                person.id,
                at.now,
            )
            at.record(
                AuditAction.ANNOUNCEMENT_CORRECT,
                f"announcement {announcement_id}",
                why=correction.why,
                correction=correction.id,
            )
            number = correction.id
    except (Invalid, Undecidable) as error:
        return _page(request, chorus, person, announcement_id, typed=fields, error=error)
    return see_other(f"/admin/announcements/{number}?done=proposed")


def _found(session: Session, announcement_id: int) -> AnnouncementRow:
    return there(rows.find(session, AnnouncementRow, announcement_id), "such announcement")


def _words(row: AnnouncementRow, fields: Mapping[str, str]) -> AnnouncedWords:
    variants = {name: fields[_VARIANT + name] for name in row.platforms if fields.get(_VARIANT + name)}
    return AnnouncedWords(fields.get("text", ""), tuple(row.platforms), row.warning, variants)


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    announcement_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    planned: Sequence[PlannedPlace] = (),
    error: Exception | None = None,
) -> Response:
    with chorus.database.read() as session:
        row = _found(session, announcement_id)
        there_now = standing_on_each(session, row)
    return render(
        request,
        "admin/announcement_correct.html",
        status=422 if error else 200,
        person=person,
        one=row,
        there=there_now,
        typed=_as_it_is(row, there_now) if typed is None else typed,
        planned=planned,
        error=str(error) if error else None,
        field=error.field if isinstance(error, Invalid) else None,
    )


def _as_it_is(row: AnnouncementRow, there_now: Mapping[str, Standing]) -> dict[str, str]:
    """What the form holds at first: what is said now."""
    latest = max((one.said for one in there_now.values()), key=lambda one: one.id, default=row)
    others = {
        _VARIANT + name: words
        for name, one in there_now.items()
        if (words := one.said.words_on(name)) != latest.text
    }
    return {"text": latest.text, **others}
