"""What colleagues do with a question among themselves: take, pass and refer it, and write notes on it."""

from fastapi import Request, Response

from app.desk.questions import refused
from app.identity.auth import MayAnswer, MayNote, guarded, see_other
from app.identity.decisions import decision
from app.identity.noting import NoteDraft, remove_note, write_note
from app.web.forms import LongText, RowId, ShortText, number_in
from app.web.problems import Problem
from app.wiring.composition import Here
from app.wiring.steering.rules import policy_of
from bot.actions.conversations import handover
from bot.store import rows
from bot.store.conversations import questions
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import desk as reads
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState
from routing.model.phrases import phrase

router = guarded("/desk")


@router.post("/questions/{question_id}/pass")
def pass_on(chorus: Here, person: MayAnswer, question_id: RowId) -> Response:
    """Not for me: the question goes to others."""
    with decision(chorus, person) as at:
        offer = reads.offer_of(at.session, question_id, person.id)
        passed = offer is not None and handover.decline(at.session, offer, OfferState.PASSED, at.now)
        if passed:
            at.record(AuditAction.QUESTION_PASS, f"question {question_id}")
    done = "passed" if passed else "over"
    return see_other(f"/desk?done={done}")


@router.post("/questions/{question_id}/claim")
def claim(request: Request, chorus: Here, person: MayAnswer, question_id: RowId) -> Response:
    """Mine for a while; whoever comes second reads who was first."""
    try:
        with decision(chorus, person) as at:
            question = questions.whole(at.session, at.row(QuestionRow, question_id, "such question"))
            employee = rows.one(at.session, EmployeeRow, person.id)
            handover.claim(at.session, question, employee, policy_of(chorus.settings), at.now)
            at.record(AuditAction.QUESTION_CLAIM, f"question {question.id}")
    except Problem as problem:
        return refused(request, chorus, person, question_id, problem, "claim")
    return see_other(f"/desk/questions/{question_id}?done=claimed")


@router.post("/questions/{question_id}/refer")
def refer(
    chorus: Here, person: MayAnswer, question_id: RowId, colleague: ShortText = "", other: ShortText = ""
) -> Response:
    """Somebody else knows this better: one of those who are shown, or whoever is named."""
    with decision(chorus, person) as at:
        if other:
            taker: EmployeeRow | None = handover.colleague_named(at.session, other)
        else:
            taker = rows.find(at.session, EmployeeRow, number_in(colleague))
        if taker is None:
            raise Problem(422, phrase("Choose the colleague who should have this question."))
        question = at.row(QuestionRow, question_id, "such question")
        giver = rows.one(at.session, EmployeeRow, person.id)
        handover.refer(at.session, chorus.rules, question, giver, taker, at.now)
        at.record(AuditAction.QUESTION_REFER, f"question {question_id}", to=taker.id)
    return see_other("/desk?done=referred")


@router.post("/questions/{question_id}/notes")
def write(
    request: Request,
    chorus: Here,
    person: MayNote,
    question_id: RowId,
    note: LongText = "",
    tell: ShortText = "",
) -> Response:
    """Say something to colleagues."""
    try:
        number = write_note(chorus, person, question_id, note, tell)
    except Problem as problem:
        typed = NoteDraft(note, tell)
        return refused(request, chorus, person, question_id, problem, "note", note=typed)
    return see_other(f"/desk/questions/{question_id}?done=noted&at=note-{number}")


@router.post("/questions/{question_id}/notes/{note_id}/remove")
def remove(chorus: Here, person: MayNote, question_id: RowId, note_id: RowId) -> Response:
    """Take a note of my own back, or, in charge, anybody's."""
    remove_note(chorus, person, question_id, note_id)
    return see_other(f"/desk/questions/{question_id}?done=note_removed")
