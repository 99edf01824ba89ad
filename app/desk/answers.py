"""My answers: what became of them, and taking one back in time."""

from fastapi import Request, Response

from app.desk.questions import notice
from app.identity.auth import MayAnswer, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import RowId
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.conversations import decide
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import desk as reads
from bot.store.tables.conversations import AnswerRow

router = guarded("/desk")

_SHOWN = 100


@router.get("/answers")
def my_answers(request: Request, chorus: Here, person: MayAnswer, done: str = "") -> Response:
    """What I wrote, the latest first."""
    with chorus.database.read() as session:
        mine = reads.my_answers(session, person.id, _SHOWN)
    return render(request, "desk/answers.html", person=person, answers=mine, notice=notice(done))


@router.post("/answers/{answer_id}/retract")
def retract(chorus: Here, person: MayAnswer, answer_id: RowId) -> Response:
    """Take an answer back before it goes out."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if answer.employee_id != person.id:
            raise Problem(404, "There is no such answer of yours.")
        decide.retract(at.session, answer, at.now)
        at.record(AuditAction.ANSWER_RETRACT, f"answer {answer_id}")
    return see_other("/desk/answers?done=retracted")
