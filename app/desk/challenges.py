"""Saying that a published answer is wrong, whoever gave it."""

from fastapi import Request, Response

from app.identity.auth import MayChallenge, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.actions.taking_back.challenge import SaidWrong, challenge, is_challengeable
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import retractions as reads
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import challenges

router = guarded("/desk")


@router.get("/answers/{answer_id}/challenge")
def page(request: Request, chorus: Here, person: MayChallenge, answer_id: RowId) -> Response:
    """The answer, and what is wrong with it."""
    return _page(request, chorus, person, answer_id, SaidWrong(""))


@router.post("/answers/{answer_id}/challenge")
def say(
    request: Request,
    chorus: Here,
    person: MayChallenge,
    answer_id: RowId,
    wrong: ShortText = "",
    words: LongText = "",
    unnamed: ShortText = "",
) -> Response:
    """It waits for somebody in charge from now on."""
    said = SaidWrong(wrong, words, is_named=not unnamed)
    try:
        with change(chorus, person) as at:
            answer = at.row(AnswerRow, answer_id, "such answer")
            by = rows.one(at.session, EmployeeRow, person.id)
            row = challenge(at.session, answer, by, said, at.now)
            at.record(AuditAction.ANSWER_CHALLENGE, f"answer {answer_id}", challenge=row.id, wrong=wrong)
    except Undecidable as error:
        return _page(request, chorus, person, answer_id, said, error.args[0])
    return see_other("/desk/answers?done=challenged&at=challenged")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    answer_id: int,
    said: SaidWrong,
    error: str | None = None,
) -> Response:
    with chorus.database.read() as session:
        found = there(reads.answer_out(session, answer_id), "such answer")
        there(is_challengeable(found.answer) or error or None, "such answer")
        waiting = challenges.waiting_of(session, answer_id, person.id)
    return render(
        request,
        "desk/challenge.html",
        status=422 if error else 200,
        person=person,
        found=found,
        said=said,
        waiting=waiting,
        error=error,
    )
