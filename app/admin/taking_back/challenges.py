"""What somebody says is wrong with a published answer: looked at, and settled."""

from collections.abc import Collection

from fastapi import Request, Response

from app.admin.confirmations import Back, returned
from app.admin.taking_back.copies import chosen_copies
from app.admin.taking_back.retraction import wish_typed
from app.identity.auth import MayJudgeChallenges, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.identity.retracting import note_correction, note_retraction
from app.web.forms import Fields, LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.second_person import may_approve
from bot.actions.taking_back.challenge import accept, accept_and_retract, check_waits, decline, reworded
from bot.actions.taking_back.correct import PlannedCorrection, plan_correction
from bot.actions.taking_back.retract import Wish, sensible
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import retractions as reads
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import ChallengeRow, ChallengeState
from bot.store.tables.people import EmployeeRow
from bot.wording import by_itself

router = guarded("/admin")


@router.get("/challenges/{challenge_id}")
def page(request: Request, chorus: Here, person: MayJudgeChallenges, challenge_id: RowId) -> Response:
    """The answer, what is said of it, and what can be done."""
    return _page(request, chorus, person, challenge_id)


@router.post("/challenges/{challenge_id}/accept")
def put_right(
    request: Request,
    chorus: Here,
    person: MayJudgeChallenges,
    challenge_id: RowId,
    fields: Fields,
    text: LongText = "",
    step: ShortText = "preview",
    seen: ShortText = "",
    back: Back = "",
) -> Response:
    """Show what would become of the words; or publish them.

    What the guard would have a person look at is shown first, also where they came from the board.
    """
    copies = chosen_copies(fields)
    try:
        planned = _planned(chorus, person, challenge_id, text)
        if step != "send" or (planned.objections and not seen):
            return _page(request, chorus, person, challenge_id, text=text, copies=copies, planned=planned)
        _accept(chorus, person, challenge_id, text, copies)
    except Undecidable as error:
        return _page(request, chorus, person, challenge_id, text=text, copies=copies, error=str(error))
    return returned(back, _question_of(chorus, challenge_id), "corrected")


@router.post("/challenges/{challenge_id}/take-back")
def take_back(
    request: Request,
    chorus: Here,
    person: MayJudgeChallenges,
    challenge_id: RowId,
    fields: Fields,
) -> Response:
    """It is wrong, and there are no better words: it is taken back."""
    copies = chosen_copies(fields)
    wish = wish_typed(fields, person)
    try:
        with change(chorus, person) as at:
            row = at.row(ChallengeRow, challenge_id, "such challenge")
            by = rows.one(at.session, EmployeeRow, person.id)
            done = accept_and_retract(at.session, chorus.answering, row, wish, by, at.now, copies)
            at.record(AuditAction.CHALLENGE_ACCEPT, f"challenge {challenge_id}", answer=row.answer_id)
            for answer, retracted in done:
                note_retraction(at, answer, wish, retracted)
    except Undecidable as error:
        return _page(request, chorus, person, challenge_id, wish=wish, copies=copies, error=str(error))
    return see_other(f"{_question_of(chorus, challenge_id)}?done=retracted")


@router.post("/challenges/{challenge_id}/decline")
def turn_down(
    request: Request,
    chorus: Here,
    person: MayJudgeChallenges,
    challenge_id: RowId,
    why: ShortText = "",
    back: Back = "",
) -> Response:
    """The answer stays as it is."""
    try:
        _decline(chorus, person, challenge_id, why)
    except Undecidable as error:
        return _page(request, chorus, person, challenge_id, declined=why, error=str(error))
    return returned(back, _question_of(chorus, challenge_id), "challenge_declined")


def accept_as_said(chorus: Chorus, person: Person, challenge_id: int) -> None:
    """Publish the words as they were said, where nobody has to look at them first. Raises Problem."""
    _check_may_judge(person)
    with decision(chorus, person) as at:
        row = at.row(ChallengeRow, challenge_id, "such challenge")
        text = row.words
        if not text:
            raise Undecidable("There are no better words: open it, and write them or take the answer back.")
        by = rows.one(at.session, EmployeeRow, person.id)
        answer = rows.one(at.session, AnswerRow, row.answer_id)
        wanted = reworded(at.session, row, text, by)
        planned = plan_correction(at.session, chorus.answering, answer, wanted, at.now)
        if planned.objections:
            raise Undecidable(f"Open it, and look at it first. {planned.objections[0]}")
    try:
        _accept(chorus, person, challenge_id, text, ())
    except Undecidable as error:
        raise Problem(409, str(error)) from error


def decline_challenge(chorus: Chorus, person: Person, challenge_id: int, why: str) -> None:
    """The answer stays as it is. Raises Problem."""
    _check_may_judge(person)
    try:
        _decline(chorus, person, challenge_id, why)
    except Undecidable as error:
        raise Problem(409, str(error)) from error


def _check_may_judge(person: Person) -> None:
    if not person.may(Permission.JUDGE_CHALLENGES):
        raise Problem(403, "You may not decide about what is said to be wrong.")


def _accept(chorus: Chorus, person: Person, challenge_id: int, text: str, copies: Collection[int]) -> None:
    with change(chorus, person) as at:
        row = at.row(ChallengeRow, challenge_id, "such challenge")
        by = rows.one(at.session, EmployeeRow, person.id)
        corrections = accept(at.session, chorus.answering, row, text, by, at.now, copies)
        changed = text != row.words
        at.record(
            AuditAction.CHALLENGE_ACCEPT,
            f"challenge {challenge_id}",
            answer=corrections[0].corrects_id,
            changed=changed,
        )
        note_correction(at, corrections, row.wrong)


def _decline(chorus: Chorus, person: Person, challenge_id: int, why: str) -> None:
    with change(chorus, person) as at:
        row = at.row(ChallengeRow, challenge_id, "such challenge")
        by = rows.one(at.session, EmployeeRow, person.id)
        decline(at.session, chorus.answering, row, why, by, at.now)
        at.record(AuditAction.CHALLENGE_DECLINE, f"challenge {challenge_id}", answer=row.answer_id, why=why)


def _planned(chorus: Chorus, person: Person, challenge_id: int, text: str) -> PlannedCorrection:
    with chorus.database.read() as session:
        row = there(rows.find(session, ChallengeRow, challenge_id), "such challenge")
        check_waits(row)
        answer = rows.one(session, AnswerRow, row.answer_id)
        wanted = reworded(session, row, text, rows.one(session, EmployeeRow, person.id))
        return plan_correction(session, chorus.answering, answer, wanted, chorus.database.now(session))


def _question_of(chorus: Chorus, challenge_id: int) -> str:
    with chorus.database.read() as session:
        row = rows.one(session, ChallengeRow, challenge_id)
        return f"/admin/questions/{rows.one(session, AnswerRow, row.answer_id).question_id}"


def _may_accept(session: Session, row: ChallengeRow, person: Person) -> bool:
    return may_approve(session, Permission.JUDGE_CHALLENGES, row.challenger_id, person.id)


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    challenge_id: int,
    *,
    text: str = "",
    declined: str = "",
    wish: Wish | None = None,
    copies: Collection[int] | None = None,
    planned: PlannedCorrection | None = None,
    error: str | None = None,
) -> Response:
    with chorus.database.read() as session:
        row = there(rows.find(session, ChallengeRow, challenge_id), "such challenge")
        found = there(reads.answer_out(session, row.answer_id), "such answer")
        challenger = rows.one(session, EmployeeRow, row.challenger_id)
        decided_by = rows.find(session, EmployeeRow, row.decided_by)
        same = reads.copies_out(session, found.answer)
        afterwards = sensible(session, found.answer, found.question)
        may_accept = _may_accept(session, row, person)
        writes = reworded(session, row, text, rows.one(session, EmployeeRow, person.id)).by
    return render(
        request,
        "admin/challenge.html",
        status=422 if error else 200,
        person=person,
        row=row,
        found=found,
        challenger=challenger,
        decided_by=decided_by,
        waits=row.state == ChallengeState.WAITING,
        may_accept=may_accept,
        writes=writes,
        same=same,
        chosen=copies,
        text=text or row.words or found.answer.text,
        declined=declined,
        wish=wish or Wish("", person.id),
        afterwards=(wish and wish.afterwards) or afterwards,
        told=by_itself.taken_back(found.question.language, goes_on=True),
        planned=planned,
        connected=list(chorus.platforms),
        error=error,
    )
