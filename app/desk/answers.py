"""My answers: what became of them, taking one back in time, saying what it is; the accepted one of all."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.desk.questions import notice
from app.identity.auth import MayAccept, MayAnswer, MayRetractOwn, guarded, see_other
from app.identity.decisions import decision
from app.identity.retracting import retract_answer
from app.web.forms import PageStart, RowId, ShortText, kind_named, storable
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Here
from bot.actions import overrule
from bot.actions.conversations import decide
from bot.actions.taking_back.retract import Wish
from bot.states import AnswerState
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import my_answers as reads
from bot.store.queries.pages.my_answers import AnswerFilter
from bot.store.tables.conversations import AnswerRow
from routing.model.phrases import phrase

router = guarded("/desk")

_STATES = {one.value: one for one in AnswerState}


def _wanted(
    state: Annotated[str, Query(max_length=20)] = "",
    words: Annotated[str, Query(max_length=200)] = "",
    before: PageStart = None,
) -> AnswerFilter:
    """Which answers an address asks for; what it cannot mean is no filter."""
    return AnswerFilter(_STATES.get(state), storable(words), before)


@router.get("/answers")
def my_answers(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    wanted: Annotated[AnswerFilter, Depends(_wanted)],
    challenged_before: PageStart = None,
    done: str = "",
) -> Response:
    """What I wrote, the latest first, and what I said is wrong."""
    with chorus.database.read() as session:
        mine, older = reads.answers(session, person.id, wanted)
        challenged, older_challenged = reads.challenged(session, person.id, challenged_before)
    return render(
        request,
        "desk/answers.html",
        person=person,
        answers=mine,
        older=older,
        wanted=wanted,
        kept={"state": wanted.state or "", "words": wanted.words},
        challenged=challenged,
        older_challenged=older_challenged,
        challenged_before=challenged_before,
        notice=notice(done),
    )


@router.post("/answers/{answer_id}/retract")
def retract(chorus: Here, person: MayAnswer, answer_id: RowId) -> Response:
    """Take an answer back before it goes out."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if answer.employee_id != person.id:
            raise Problem(404, phrase("There is no such answer of yours."))
        decide.retract(at.session, answer, at.now)
        at.record(AuditAction.ANSWER_RETRACT, f"answer {answer_id}")
    return see_other("/desk/answers?done=retracted")


@router.post("/answers/{answer_id}/take-down")
def take_down(
    chorus: Here, person: MayRetractOwn, answer_id: RowId, why: ShortText = "", tell: ShortText = ""
) -> Response:
    """Take an answer back that is out: its posts are deleted, and people are asked anew."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if answer.employee_id != person.id:
            raise Problem(404, phrase("There is no such answer of yours."))
        retract_answer(chorus, at, answer, Wish(why, person.id, tells_customer=bool(tell)))
    return see_other("/desk/answers?done=taken_down")


@router.post("/answers/{answer_id}/kind")
def say_kind(chorus: Here, person: MayAnswer, answer_id: RowId, kind: ShortText = "") -> Response:
    """Say of which kind an answer of mine is: whatever hangs on it moves along."""
    named = there(kind_named(kind), "such kind")
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if answer.employee_id != person.id:
            raise Problem(404, phrase("There is no such answer of yours."))
        before = answer.said
        if overrule.say_kind(at.session, answer, named, at.now):
            at.record(AuditAction.ANSWER_KIND, f"answer {answer_id}", before=before, kind=named)
        question_id = answer.question_id
    return see_other(f"/desk/questions/{question_id}?done=kind")


@router.post("/answers/{answer_id}/accept")
def accept(chorus: Here, person: MayAccept, answer_id: RowId) -> Response:
    """Choose the accepted answer of a question, whoever gave it."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if overrule.accept(at.session, answer, at.now):
            at.record(AuditAction.ANSWER_ACCEPT, f"answer {answer_id}", question=answer.question_id)
        question_id = answer.question_id
    return see_other(f"/desk/questions/{question_id}?done=accepted")
