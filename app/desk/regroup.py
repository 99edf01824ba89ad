"""Which posts of a customer are one question: joining two, parting one."""

from fastapi import Response

from app.identity.auth import MayAccept, MayRegroup, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import RowId, ShortText, row_named
from app.wiring.composition import Here
from bot.actions import endorse as endorsing
from bot.actions import regroup
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import PostRow, QuestionRow

router = guarded("/desk")


@router.post("/questions/{question_id}/join")
def join(chorus: Here, person: MayRegroup, question_id: RowId, other: ShortText = "") -> Response:
    """This question and another one of the same customer are one."""
    number = row_named(other)
    with decision(chorus, person) as at:
        kept = regroup.join(at.session, question_id, number, at.now)
        at.record(AuditAction.QUESTION_JOIN, f"question {kept.id}", joined=sorted({question_id, number}))
        kept_id = kept.id
    return see_other(f"/desk/questions/{kept_id}?done=joined")


@router.post("/questions/{question_id}/posts/{post_id}/part")
def part(chorus: Here, person: MayRegroup, question_id: RowId, post_id: RowId) -> Response:
    """A later post of the customer's asks something else."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        opened = regroup.part(at.session, question, at.row(PostRow, post_id, "such post"), at.now)
        at.record(AuditAction.QUESTION_PART, f"question {opened.id}", parted_from=question_id)
        opened_id = opened.id
    return see_other(f"/desk/questions/{opened_id}?done=parted")


@router.post("/questions/{question_id}/posts/{post_id}/endorse")
def endorse(chorus: Here, person: MayAccept, question_id: RowId, post_id: RowId) -> Response:
    """Another customer's answer is right."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        if endorsing.endorse(at.session, question, at.row(PostRow, post_id, "such post"), at.now):
            at.record(AuditAction.ANSWER_ENDORSE, f"question {question_id}", post=post_id)
    return see_other(f"/desk/questions/{question_id}?done=endorsed")
