"""Putting an announcement right that is out: what would become of other words, then handing them in."""

from fastapi import Request, Response

from app.identity.auth import MayAnnounce, Person, guarded, see_other
from app.identity.correcting import Correcting, CorrectionForm
from app.identity.decisions import DecisionContext
from app.web.forms import Fields, RowId
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Here
from bot.actions.announce.propose import LONGEST
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.tables.announcements import AnnouncementRow

router = guarded("/admin")


@router.get("/announcements/{announcement_id}/correct")
def page(request: Request, chorus: Here, person: MayAnnounce, announcement_id: RowId) -> Response:
    """The words as they are out, to be put right."""
    with chorus.database.read() as session:
        row = _found(session, announcement_id)
        form = Correcting(chorus, person).form(session, row)
    return _page(request, person, row, form)


@router.post("/announcements/{announcement_id}/correct")
def put_right(
    request: Request, chorus: Here, person: MayAnnounce, announcement_id: RowId, fields: Fields
) -> Response:
    """Show what would become of the words; or put them in front of somebody else."""

    def found(at: DecisionContext) -> AnnouncementRow:
        return at.row(AnnouncementRow, announcement_id, "such announcement")

    correcting, error = Correcting(chorus, person, fields), None
    if fields.get("step") == "send":
        try:
            return see_other(f"/admin/announcements/{correcting.hand_in(found).id}?done=proposed")
        except (Invalid, Undecidable) as refusal:
            error = refusal
    with chorus.database.read() as session:
        row = _found(session, announcement_id)
        form = correcting.seen(session, row, error)
    return _page(request, person, row, form)


def _found(session: Session, announcement_id: int) -> AnnouncementRow:
    return there(rows.find(session, AnnouncementRow, announcement_id), "such announcement")


def _page(request: Request, person: Person, row: AnnouncementRow, form: CorrectionForm) -> Response:
    return render(
        request,
        "admin/announcement_correct.html",
        status=422 if form.error else 200,
        person=person,
        one=row,
        form=form,
        longest=LONGEST,
    )
