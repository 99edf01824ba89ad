"""The customer writes again: thanks settles a question, anything else goes back to who answered."""

from datetime import datetime

from bot.actions.conversations.withdraw import keep_from_public
from bot.states import ChangeKind, PostKind
from bot.store import changes
from bot.store.conversations import offers, questions
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import WITH_ANSWER, OfferState, Outcome, QuestionState
from routing.model.lifecycle import Event
from routing.model.text import is_thanks


def follow_up(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> PostKind | None:
    """A further post of who asked: what it is. None, and nothing is done, where the question is gone."""
    lock_row(session, question)
    if question.state == QuestionState.WITHDRAWN:
        return None
    had_answer = question.state in WITH_ANSWER
    if had_answer and is_thanks(post.text):
        settle(session, question, now, satisfied=True)
        return PostKind.THANKS
    question.reply_to = post.id
    if had_answer or question.state == QuestionState.DISMISSED:
        question.round += 1
        question.rung = 0
        question.reopened_at = now
        question.satisfied = False if had_answer else question.satisfied
    reopened = question.state not in (QuestionState.ANSWERING, QuestionState.ESCALATED)
    questions.move(session, question, Event.FOLLOW_UP, due_at=now if reopened else None)
    if question.state != QuestionState.ANSWERING and not post.is_public:
        keep_from_public(session, question, now)
    return PostKind.FOLLOW_UP


def settle(session: Session, question: QuestionRow, now: datetime, *, satisfied: bool | None) -> None:
    """The customer is content, or (None) a person closed the question."""
    questions.move(session, question, Event.THANKS if satisfied else Event.CLOSED)
    changes.append(session, ChangeKind.WORK, question.id, now)
    question.settled_at = now
    question.satisfied = satisfied if satisfied is not None else question.satisfied
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    if satisfied:
        changes.append(session, ChangeKind.OUTCOME, question.id, now, outcome=Outcome.SOLVED)
