"""Which posts of a customer are one question: joining two, parting one."""

from fastapi import Response

from app.identity.auth import MayAccept, MayRegroup, guarded, see_other
from app.identity.regrouping import endorse_post, join_questions, part_question
from app.web.forms import LongText, RowId, ShortText
from app.wiring.composition import Here

router = guarded("/desk")


@router.post("/questions/{question_id}/join")
def join(chorus: Here, person: MayRegroup, question_id: RowId, other: ShortText = "") -> Response:
    """This question and another one of the same customer are one."""
    kept_id = join_questions(chorus, person, question_id, other)
    return see_other(f"/desk/questions/{kept_id}?done=joined")


@router.post("/questions/{question_id}/posts/{post_id}/part")
def part(chorus: Here, person: MayRegroup, question_id: RowId, post_id: RowId) -> Response:
    """A later post of the customer's asks something else."""
    opened_id = part_question(chorus, person, question_id, post_id)
    return see_other(f"/desk/questions/{opened_id}?done=parted")


@router.post("/questions/{question_id}/posts/{post_id}/endorse")
def endorse(
    chorus: Here,
    person: MayAccept,
    question_id: RowId,
    post_id: RowId,
    like: ShortText = "",
    below: LongText = "",
) -> Response:
    """Another customer's answer is right; with ``like`` the brand likes it, and it says ``below`` it."""
    endorse_post(chorus, person, question_id, post_id, likes_it=bool(like), below=below)
    return see_other(f"/desk/questions/{question_id}?done=endorsed")
