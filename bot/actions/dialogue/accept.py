"""Which answer of a question is the accepted one: the rule, and what customer and house say of it.

The accepted answer is the one that the customer thanked for or that a person chose, whichever came last; else
the latest that solves and of which the customer has not said that it did not help. It stands in front of the
others, also in the archive. The question is held by whoever says something.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.actions.archive.gate import gate_of, weigh_entry, why_held_back
from bot.states import AcceptedBy, AnswerKind
from bot.store.archive import entries
from bot.store.conversations import answers, offers, questions
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, QuestionRow
from routing.model.domain import OfferState
from routing.model.lifecycle import Event


def accepted(published: Sequence[AnswerRow]) -> AnswerRow | None:
    """The accepted one of a question's published answers, which are in the order they came.

    An addition only adds: it is accepted by the customer or a person, or where nothing else solves.
    """
    said = [one for one in published if one.accepted_by is not None]
    solving = [one for one in published if one.would_help and not one.refused]
    own = [one for one in solving if one.kind != AnswerKind.ADDITION]
    return next(reversed(said or own or solving), None)


def weigh_in(session: Session, going_out: Iterable[AnswerRow]) -> None:
    """These are about to be public, to one question each: the one in front may be another from then on."""
    fresh = {one.question_id: one for one in going_out}
    published = answers.published_in_order(session, list(fresh))
    for question_id, answer in fresh.items():
        others = [one for one in published[question_id] if one.id != answer.id]
        _lead([*others, answer])


def choose(session: Session, question: QuestionRow, answer: AnswerRow, by: AcceptedBy, now: datetime) -> bool:
    """This published answer is the accepted one, somebody says; False where the same was said before."""
    if answer.accepted_by == by and answer.lead:
        return False
    published = _published(session, question)
    for one in published:
        one.accepted_by = by if one is answer else None
    answer.refused = False
    _lead(published)
    _tell_archive(session, question, published, now)
    return True


def thanked(
    session: Session, question: QuestionRow, answer: AnswerRow | None, *, is_meant: bool, now: datetime
) -> None:
    """The customer thanks; ``is_meant`` where they reply to this answer. None: for none that solves.

    Thanks in general leave alone what a person chose.
    """
    if answer is None:
        return
    if not is_meant and any(one.accepted_by == AcceptedBy.PERSON for one in _published(session, question)):
        return
    choose(session, question, answer, AcceptedBy.CUSTOMER, now)


def refuse(session: Session, question: QuestionRow, answer: AnswerRow | None, now: datetime) -> None:
    """The customer says that an answer and all before it did not help; None: none of them did."""
    published = _published(session, question)
    last = len(published) if answer is None else published.index(answer) + 1
    for one in published[:last]:
        one.refused, one.accepted_by = True, None
    _settle(session, question, published, now)


def has_answer(session: Session, question: QuestionRow, answered_at: datetime, now: datetime) -> None:
    """The question has an answer that nobody has to send: it was out already."""
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    questions.move(session, question, Event.ANSWER_STORED)
    questions.answered_all(session, [(question, None)], question.answered_at or answered_at)


def weigh_again(session: Session, question: QuestionRow, now: datetime) -> None:
    """An answer of this question is taken for something else than before: the archive hears of it."""
    published = _published(session, question)
    _lead(published)
    _tell_archive(session, question, published, now)


def _published(session: Session, question: QuestionRow) -> list[AnswerRow]:
    return answers.published_in_order(session, [question.id])[question.id]


def _settle(session: Session, question: QuestionRow, published: Sequence[AnswerRow], now: datetime) -> None:
    if _lead(published):
        _tell_archive(session, question, published, now)


def _lead(published: Sequence[AnswerRow]) -> bool:
    """Put the accepted one in front; whether that changes anything."""
    front = accepted(published)
    moved = [one for one in published if one.lead != (one is front)]
    for one in moved:
        one.lead = one is front
    return bool(moved)


def _tell_archive(
    session: Session, question: QuestionRow, published: Sequence[AnswerRow], now: datetime
) -> None:
    entry = entries.of_question(session, question.id)
    if entry is not None:
        why = why_held_back(question, accepted(published), gate_of(session))
        weigh_entry(session, entry, why, now)
