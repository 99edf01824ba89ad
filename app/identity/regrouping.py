"""What the desk and those in charge do alike about a customer's posts: one decision, one audit line."""

from typing import Any

from app.identity.auth import Person
from app.identity.decisions import change, decision
from app.web.forms import row_named
from app.web.problems import Problem
from app.wiring.composition import Chorus
from app.wiring.steering.rules import policy_of
from bot.actions import endorse, regroup
from bot.actions.conversations.answer import NotAnswerable
from bot.actions.endorse import SayBelow, may_be_said
from bot.actions.undecidable import Undecidable
from bot.platforms.base import LikesPosts
from bot.store import rows
from bot.store.community import endorsements, likes
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages.desk import Conversation
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow


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
    chorus: Chorus, person: Person, question_id: int, post_id: int, *, likes_it: bool = False, below: str = ""
) -> None:
    """Another customer's answer is right: the brand likes it where it can, and says ``below`` it that it is.

    Raises Problem.
    """
    words = below.strip()
    try:
        with change(chorus, person) as at:
            question = at.row(QuestionRow, question_id, "such question")
            post = at.row(PostRow, post_id, "such post")
            can_like = likes_it and post.platform in may_like(chorus)
            key = chorus.platforms[post.platform].new_key(at.now) if can_like else None
            said = SayBelow(words, rows.one(at.session, EmployeeRow, person.id)) if words else None
            if endorse.endorse(at.session, chorus.answering, question, post, at.now, like=key, below=said):
                liked = {"like": True} if key is not None else {}
                replied = {"reply": True} if said is not None else {}
                subject = f"question {question_id}"
                at.record(AuditAction.ANSWER_ENDORSE, subject, post=post_id, **liked, **replied)
    except NotAnswerable as error:  # of the words: they can be changed
        raise Problem(422, str(error), errors=[("below", str(error))]) from error
    except Undecidable as error:
        raise Problem(409, str(error)) from error


def may_like(chorus: Chorus) -> list[str]:
    """The platforms on which the brand can like a post."""
    return [name for name, one in chorus.platforms.items() if isinstance(one, LikesPosts)]


def others_answers(chorus: Chorus, session: Session, found: Conversation) -> dict[str, Any]:
    """What a question's page shows of other customers' answers: what is endorsed, and what could be said."""
    endorsed = endorsements.of_question(session, found.question.id)
    open_ones = [one.community for one in found.lines if one.community not in (None, *endorsed)]
    platform = chorus.platforms.get(found.question.platform)
    offered = {
        number: may_be_said(platform, post)
        for number, post in rows.find_all(session, PostRow, open_ones).items()
    }
    return {
        "endorsed": endorsed,
        "below": offered,
        "liked": likes.of_question(session, found.question.id),
        "likeable": may_like(chorus),
    }
