"""What stays in: a question that is gone or no longer public, an answer that is taken back in time."""

from datetime import datetime

from bot.actions.archive.entries import forget_customer
from bot.actions.conversations.audience import PRIVATE_QUESTION
from bot.actions.matters.gathering import forget as forget_in_matter
from bot.states import BESIDE, AnswerState, ChangeKind, EntryState
from bot.store import changes
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, offers, questions
from bot.store.engine import Session
from bot.store.people import notes
from bot.store.privacy import handoffs, surveys
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.taking_back import challenges
from routing.model.domain import WITHOUT_ANSWER, OfferState, QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

DELETED = "The customer deleted the question."
_QUESTION_GONE = phrase("Its question is not there any more.")
OWN_DELETED = "Its author deleted the post before it went out."


def end_question(session: Session, question: QuestionRow, now: datetime, why: str) -> EntryRow | None:
    """A question is gone, for good: nobody is asked or answers any more, and the customer's words go.

    ``why`` is for the authors of answers that have not gone out. The question's entry, if any, is returned:
    the public sees it only where its title is in our own words. The question is held.
    """
    questions.move(session, question, Event.WITHDRAWN)
    question.text, question.suggestions = "", []
    forget_in_matter(session, question, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    deliveries.hold_back(session, question.id, why)
    handoffs.forget(session, question.id)
    notes.forget(session, question.id)
    surveys.forget_question(session, question.id)
    for answer in answers.of_round(session, question):
        if answer.state in answers.NOT_OUT:
            answers.stop(session, answer, AnswerState.WITHDRAWN, why, now)
    entry = entries.of_question(session, question.id)
    if entry is not None:
        forget_customer(session, entry, now)
    if entry is None or entry.state == EntryState.GONE:
        challenges.end_all(session, challenges.of_question(session, question.id), _QUESTION_GONE, now)
    return entry


def take_back(session: Session, question: QuestionRow, answer: AnswerRow, why: str, now: datetime) -> bool:
    """An answer stays in; where it was on its way to the customer, others are asked again.

    False, and nothing is done, where it is out, may be, or was not to go out anyway. The question is held.
    """
    queued = answer.state == AnswerState.QUEUED
    if answer.state not in answers.NOT_OUT or not answers.stop(
        session, answer, AnswerState.WITHDRAWN, why, now
    ):
        return False
    if queued and answer.kind not in BESIDE:
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    return True


def keep_from_public(session: Session, question: QuestionRow, now: datetime) -> None:
    """The customer's words are not public (any more): a person answers by hand, nobody else is asked."""
    if question.state in (*WITHOUT_ANSWER, QuestionState.ANSWERING, QuestionState.ASKED_BACK):
        offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
        questions.move(session, question, Event.EXHAUSTED)
        question.note = PRIVATE_QUESTION
