"""Taking an answer back, at the desk by who wrote it and by those in charge: one decision, one audit line."""

from collections.abc import Collection

from app.identity.decisions import DecisionContext
from app.wiring.composition import Chorus
from bot.actions.taking_back.retract import Retracted, Wish, retract
from bot.actions.taking_back.retract_many import retract_all
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow


def retract_answer(chorus: Chorus, at: DecisionContext, answer: AnswerRow, wish: Wish) -> Retracted:
    """Take it back, and note it. Raises Undecidable."""
    done = retract(at.session, chorus.answering, answer, wish, at.now)
    _note(at, answer, wish, done)
    return done


def retract_answers(chorus: Chorus, at: DecisionContext, answer_ids: Collection[int], wish: Wish) -> int:
    """Take many back, and note it of each and of all; how many is returned. Raises Undecidable."""
    found = retract_all(at.session, chorus.answering, answer_ids, wish, at.now)
    for one in found:
        _note(at, one.answer, wish, one.done)
    numbers = sorted(one.answer.id for one in found)
    at.record(AuditAction.ANSWERS_RETRACT, f"{len(numbers)} answers", why=wish.why, answers=numbers)
    return len(numbers)


def _note(at: DecisionContext, answer: AnswerRow, wish: Wish, done: Retracted) -> None:
    at.record(
        AuditAction.ANSWER_RETRACT,
        f"answer {answer.id}",
        why=wish.why,
        question=answer.question_id,
        afterwards=done.afterwards,
        posts=done.posts,
        customer_told=done.customer_told,
    )
