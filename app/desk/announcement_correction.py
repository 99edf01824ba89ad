"""Putting right what I proposed and what is out: other words, which somebody else approves."""

from fastapi import Request, Response

from app.identity.auth import MayPropose, Person, guarded, see_other
from app.identity.correcting import Correcting, CorrectionForm
from app.identity.decisions import DecisionContext
from app.web.forms import Fields, PageStart, RowId
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.announce.propose import LONGEST
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.states import AnnouncementState
from bot.store import rows
from bot.store.engine import Session
from bot.store.tables.announcements import AnnouncementRow
from routing.model.phrases import phrase

router = guarded("/desk")


@router.get("/announcements/{announcement_id}/correct")
def page(
    request: Request, chorus: Here, person: MayPropose, announcement_id: RowId, again: PageStart = None
) -> Response:
    """The words as they are out, to be put right; those of a correction that was declined (``again``)."""
    with chorus.database.read() as session:
        row = _mine(session, person, announcement_id)
        declined = _declined(session, row, again)
        form = Correcting(chorus, person).form(session, row, declined)
    return _page(request, person, row, form, declined)


@router.post("/announcements/{announcement_id}/correct")
def put_right(
    request: Request, chorus: Here, person: MayPropose, announcement_id: RowId, fields: Fields
) -> Response:
    """Show what would become of the words; or put them in front of somebody in charge."""

    def found(at: DecisionContext) -> AnnouncementRow:
        return _mine(at.session, person, announcement_id)

    correcting, error = Correcting(chorus, person, fields), None
    if fields.get("step") == "send":
        try:
            correcting.hand_in(found)
            return see_other(f"/desk/announcements/{announcement_id}?done=proposed")
        except (Invalid, Undecidable) as refusal:
            error = refusal
    with chorus.database.read() as session:
        row = _mine(session, person, announcement_id)
        form = correcting.seen(session, row, error)
    return _page(request, person, row, form)


def _mine(session: Session, person: Person, announcement_id: int) -> AnnouncementRow:
    row = rows.find(session, AnnouncementRow, announcement_id)
    if row is None or row.proposed_by != person.id or row.corrects_id is not None:
        raise Problem(404, phrase("There is no such announcement of yours."))
    return row


def _declined(session: Session, row: AnnouncementRow, number: int | None) -> AnnouncementRow | None:
    one = rows.find(session, AnnouncementRow, number)
    is_one = one is not None and one.corrects_id == row.id and one.state == AnnouncementState.DECLINED
    return one if is_one else None


def _page(
    request: Request,
    person: Person,
    row: AnnouncementRow,
    form: CorrectionForm,
    declined: AnnouncementRow | None = None,
) -> Response:
    return render(
        request,
        "desk/announcement_correct.html",
        status=422 if form.error else 200,
        person=person,
        one=row,
        form=form,
        declined=declined,
        longest=LONGEST,
    )
