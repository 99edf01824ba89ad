"""What the desk and those in charge do alike about a customer's posts: one decision, one audit line."""

from app.identity.auth import Person
from app.identity.decisions import decision
from app.web.forms import row_named
from app.wiring.composition import Chorus
from app.wiring.steering.rules import policy_of
from bot.actions import endorse, regroup
from bot.platforms.base import LikesPosts
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import PostRow, QuestionRow


def join_questions(chorus: Chorus, person: Person, question_id: int, other: str) -> int:
    """This question and the one of the number ``other`` are one; the id of the one that stays.

    Raises Problem.
    """
    number = row_named(other)
    with decision(chorus, person) as at:
        kept = regroup.join(at.session, question_id, number, policy_of(chorus.settings), at.now)
        at.record(AuditAction.QUESTION_JOIN, f"question {kept.id}", joined=sorted({question_id, number}))
        return kept.id


def part_question(chorus: Chorus, person: Person, question_id: int, post_id: int) -> int:
    """A later post of the customer's asks something else; the id of the question it is. Raises Problem."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        opened = regroup.part(at.session, question, at.row(PostRow, post_id, "such post"), at.now)
        at.record(AuditAction.QUESTION_PART, f"question {opened.id}", parted_from=question_id)
        return opened.id


def endorse_post(
    chorus: Chorus, person: Person, question_id: int, post_id: int, *, likes: bool = False
) -> None:
    """Another customer's answer is right, and the brand ``likes`` it where it can. Raises Problem."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        post = at.row(PostRow, post_id, "such post")
        can_like = likes and post.platform in may_like(chorus)
        key = chorus.platforms[post.platform].new_key(at.now) if can_like else None
        if endorse.endorse(at.session, question, post, at.now, like=key):
            liked = {"like": True} if key is not None else {}
            at.record(AuditAction.ANSWER_ENDORSE, f"question {question_id}", post=post_id, **liked)


def may_like(chorus: Chorus) -> list[str]:
    """The platforms on which the brand can like a post."""
    return [name for name, one in chorus.platforms.items() if isinstance(one, LikesPosts)]
