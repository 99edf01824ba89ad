"""Putting the words of one answer right: what would become of them, then the deed."""

from fastapi import Request, Response

from app.identity.auth import MayRetract, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.actions.taking_back.correct import PlannedCorrection, correct, plan_correction
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
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
    text: LongText = "",
    why: ShortText = "",
    step: ShortText = "preview",
) -> Response:
    """Show what would become of the words; or publish them."""
    try:
        if step != "send":
            with chorus.database.read() as session:
                answer = there(rows.find(session, AnswerRow, answer_id), "such answer")
                author = rows.one(session, EmployeeRow, person.id)
                planned = plan_correction(session, chorus.answering, answer, text, author)
            return _page(request, chorus, person, answer_id, text=text, why=why, planned=planned)
        with change(chorus, person) as at:
            answer = at.row(AnswerRow, answer_id, "such answer")
            author = rows.one(at.session, EmployeeRow, person.id)
            correction = correct(at.session, chorus.answering, answer, text, why, author, at.now)
            at.record(
                AuditAction.ANSWER_CORRECT,
                f"answer {answer_id}",
                why=why,
                way=correction.correction,
                correction=correction.id,
            )
            question_id = answer.question_id
    except Undecidable as error:
        return _page(request, chorus, person, answer_id, text=text, why=why, error=str(error))
    return see_other(f"/admin/questions/{question_id}?done=corrected")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    answer_id: int,
    *,
    text: str = "",
    why: str = "",
    planned: PlannedCorrection | None = None,
    error: str | None = None,
) -> Response:
    with chorus.database.read() as session:
        found = there(reads.answer_out(session, answer_id), "such answer")
    return render(
        request,
        "admin/correct.html",
        status=422 if error else 200,
        person=person,
        found=found,
        text=text or found.answer.text,
        why=why,
        planned=planned,
        connected=list(chorus.platforms),
        error=error,
    )
