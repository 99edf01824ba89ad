"""Putting the words of one answer right: what would become of them, then the deed."""

from collections.abc import Collection

from fastapi import Request, Response

from app.admin.taking_back.copies import chosen_copies
from app.identity.auth import MayRetract, Person, guarded, see_other
from app.identity.decisions import change
from app.identity.retracting import note_correction
from app.web.forms import Fields, LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.actions.taking_back.copies import correct_all
from bot.actions.taking_back.correct import PlannedCorrection, Rewording, plan_correction
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.queries.pages import retractions as reads
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.people import EmployeeRow

router = guarded("/admin")


@router.get("/answers/{answer_id}/correct")
def page(request: Request, chorus: Here, person: MayRetract, answer_id: RowId) -> Response:
    """The words as they are, to be put right."""
    return _page(request, chorus, person, answer_id)


@router.post("/answers/{answer_id}/correct")
def put_right(
    request: Request,
    chorus: Here,
    person: MayRetract,
    answer_id: RowId,
    fields: Fields,
    text: LongText = "",
    why: ShortText = "",
    step: ShortText = "preview",
) -> Response:
    """Show what would become of the words; or publish them."""
    copies = chosen_copies(fields)
    try:
        if step != "send":
            planned = _planned(chorus, person, answer_id, text)
            return _page(
                request, chorus, person, answer_id, text=text, why=why, copies=copies, planned=planned
            )
        with change(chorus, person) as at:
            answer = at.row(AnswerRow, answer_id, "such answer")
            wanted = Rewording(text, why, rows.one(at.session, EmployeeRow, person.id))
            corrections = correct_all(at.session, chorus.answering, answer, copies, wanted, at.now)
            note_correction(at, corrections, why)
            question_id = answer.question_id
    except Undecidable as error:
        return _page(request, chorus, person, answer_id, text=text, why=why, copies=copies, error=str(error))
    return see_other(f"/admin/questions/{question_id}?done=corrected")


def _planned(chorus: Chorus, person: Person, answer_id: int, text: str) -> PlannedCorrection:
    with chorus.database.read() as session:
        answer = there(rows.find(session, AnswerRow, answer_id), "such answer")
        wanted = Rewording(text, "", rows.one(session, EmployeeRow, person.id))
        return plan_correction(session, chorus.answering, answer, wanted, chorus.database.now(session))


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    answer_id: int,
    *,
    text: str = "",
    why: str = "",
    copies: Collection[int] | None = None,
    planned: PlannedCorrection | None = None,
    error: str | None = None,
) -> Response:
    with chorus.database.read() as session:
        found = there(reads.answer_out(session, answer_id), "such answer")
        same = reads.copies_out(session, found.answer)
    return render(
        request,
        "admin/correct.html",
        status=422 if error else 200,
        person=person,
        found=found,
        same=same,
        chosen=copies,
        text=text or found.answer.text,
        why=why,
        planned=planned,
        connected=list(chorus.platforms),
        error=error,
    )
