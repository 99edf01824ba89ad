"""Taking an answer back, at the desk by who wrote it and by those in charge: one decision, one audit line.

And noting that one was put right, whoever asked for that.
"""

from collections.abc import Collection, Sequence

from app.identity.decisions import DecisionContext
from app.wiring.composition import Chorus
from bot.actions.taking_back.copies import take_back_all
from bot.actions.taking_back.retract import Retracted, Wish
from bot.actions.taking_back.retract_many import retract_all
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow


def retract_answer(
    chorus: Chorus, at: DecisionContext, answer: AnswerRow, wish: Wish, copies: Collection[int] = ()
) -> None:
    """Take it back, and those ``copies`` of it that are chosen, and note each. Raises Undecidable."""
    for one, done in take_back_all(at.session, chorus.answering, answer, copies, wish, at.now):
        note_retraction(at, one, wish, done)


def retract_answers(chorus: Chorus, at: DecisionContext, answer_ids: Collection[int], wish: Wish) -> int:
    """Take many back, and note it of each and of all; how many is returned. Raises Undecidable."""
    found = retract_all(at.session, chorus.answering, answer_ids, wish, at.now)
    for one in found:
        note_retraction(at, one.answer, wish, one.done)
    numbers = sorted(one.answer.id for one in found)
    at.record(AuditAction.ANSWERS_RETRACT, f"{len(numbers)} answers", why=wish.why, answers=numbers)
    return len(numbers)


def note_retraction(at: DecisionContext, answer: AnswerRow, wish: Wish, done: Retracted) -> None:
    """Note that an answer was taken back."""
    at.record(
        AuditAction.ANSWER_RETRACT,
        f"answer {answer.id}",
        why=wish.why,
        question=answer.question_id,
        afterwards=done.afterwards,
        posts=done.posts,
        customer_told=done.customer_told,
    )


def note_correction(at: DecisionContext, corrections: Sequence[AnswerRow], why: str) -> None:
    """Note of each answer that it is put right."""
    for one in corrections:
        way, number = one.correction, one.id
        at.record(
            AuditAction.ANSWER_CORRECT, f"answer {one.corrects_id}", why=why, way=way, correction=number
        )
