"""A wrong answer and those that repeat it are put right or taken back together, in one transaction."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Retracted, Wish, retract
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.archive.copies import copies_of, is_original
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow
from routing.model.lifecycle import Impossible


def correct_all(
    session: Session,
    answering: Answering,
    answer: AnswerRow,
    copies: Collection[int],
    wanted: Rewording,
    now: datetime,
) -> list[AnswerRow]:
    """Put an answer and those ``copies`` of it right that are chosen, the answer first.

    One whose original is put right along goes on repeating its entry. Raises Undecidable, and names the copy
    that is in the way.
    """
    together = held_together(session, answer, copies)
    done = []
    for one in together:
        entry_id = one.reuse_of
        repeats = entry_id is not None and any(is_original(session, each, entry_id) for each in together)
        said = wanted if one is answer else replace(wanted, own=None, challenge=None)
        try:
            done.append(correct(session, answering, one, said, now, reuse_of=entry_id if repeats else None))
        except (Undecidable, Impossible) as error:
            raise _named(one, answer, error) from error
    return done


def take_back_all(
    session: Session,
    answering: Answering,
    answer: AnswerRow,
    copies: Collection[int],
    wish: Wish,
    now: datetime,
) -> list[tuple[AnswerRow, Retracted]]:
    """Take an answer and those ``copies`` of it back that are chosen, the answer first. Raises Undecidable.

    What is to become of the copies' questions is what is sensible for each.
    """
    done = []
    for one in held_together(session, answer, copies):
        wanted = wish if one is answer else replace(wish, afterwards=None)
        try:
            done.append((one, retract(session, answering, one, wanted, now)))
        except (Undecidable, Impossible) as error:
            raise _named(one, answer, error) from error
    return done


def held_together(session: Session, answer: AnswerRow, copies: Collection[int]) -> list[AnswerRow]:
    """The answer and its chosen copies, whose questions are held. Raises Undecidable for what is no copy."""
    known = {one.id: one for one in copies_of(session, answer)} if copies else {}
    chosen = [known[one] for one in sorted(set(copies)) if one in known]
    if len(chosen) != len(set(copies)):
        raise Undecidable("Some of what is ticked does not say the same any more: look at the list again.")
    questions.held_all(session, [answer.question_id, *(one.question_id for one in chosen)])
    return [answer, *(rows.one(session, AnswerRow, one.id) for one in chosen)]


def _named(one: AnswerRow, answer: AnswerRow, error: Exception) -> Exception:
    if one is answer:
        return error
    where = f"Answer {one.id} to question {one.question_id} says the same, but: {error}"
    return Undecidable(f"{where} Nothing is done yet: untick it, and see to it by itself.")
