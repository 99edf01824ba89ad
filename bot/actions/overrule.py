"""A person says otherwise than Chorus judged: of which kind an answer is, and which is the accepted one.

Everything that hangs on it moves along, in the caller's transaction: the question's state, who waits for
whom, the answer in front, and the archive. What a person has said stays: no later judgement changes it.
"""

from datetime import datetime

from bot.actions.conversations.reuse import count_again
from bot.actions.conversations.visibility import archive_all
from bot.actions.dialogue.accept import choose, weigh_again
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import NO_ANSWER, AcceptedBy, AnswerState, ChangeKind
from bot.store import changes
from bot.store.conversations import answers, questions
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, QuestionRow
from routing.dialogue.turns import REPLIES, TurnKind
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

_STANDS = (AnswerState.QUEUED, AnswerState.HELD, AnswerState.PUBLISHED)
"""States of an answer of which it still matters what it is taken for."""


def say_kind(session: Session, answer: AnswerRow, kind: TurnKind, now: datetime) -> bool:
    """A person says of which kind an answer is; False where a person has said just that before.

    A question back that is an answer after all answers its question and enters the archive; an answer that
    only asks back leaves it, and its question waits for the customer. Raises Undecidable.
    """
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    if kind not in REPLIES or answer.kind in NO_ANSWER:
        raise NotAsGiven(phrase("An answer is an answer, a question back, a redirect or a courtesy."))
    if answer.state not in _STANDS:
        raise Undecidable(
            phrase("This answer did not go out, so it does not matter any more what it is taken for.")
        )
    if answer.said == kind and answer.said_by_person:
        return False
    asked_back = answer.asks_back
    answer.said, answer.said_by_person = kind, True
    changes.append(session, ChangeKind.WORK, question.id, now)
    if answer.state == AnswerState.PUBLISHED:
        if answer.asks_back:
            answer.accepted_by = None
        weigh_again(session, question, now)
        if asked_back and not answer.asks_back:
            _answers_after_all(session, question, answer, now)
        elif answer.asks_back and not asked_back:
            _only_asks(session, question, answer, now)
    return True


def accept(session: Session, answer: AnswerRow, now: datetime) -> bool:
    """A person chooses a question's accepted answer; False where somebody has chosen just that before.

    Raises Undecidable where it cannot be.
    """
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    if answer.state != AnswerState.PUBLISHED:
        raise Undecidable(phrase("Only an answer that is out can be the accepted one."))
    if answer.asks_back:
        raise Undecidable(phrase("It only asks back. Say first that it is an answer, if it is one."))
    if not choose(session, question, answer, AcceptedBy.PERSON, now):
        return False
    changes.append(session, ChangeKind.WORK, question.id, now)
    return True


def _answers_after_all(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> None:
    """What was taken for a question back has answered its question since it went out."""
    if question.state == QuestionState.WITHDRAWN:
        return
    if question.answered_at is None:
        question.answered_at = answer.published_at
    if question.state in (QuestionState.ASKED_BACK, QuestionState.UNREPLIED):
        questions.move(session, question, Event.PUBLISHED)
    if not count_again(session, answer, now):
        archive_all(session, [(question, answer)], now)


def _only_asks(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> None:
    """What was taken for an answer has solved nothing: unless another has, the customer is to reply."""
    published = answers.published_in_order(session, [question.id])[question.id]
    others = [one for one in published if not one.asks_back]
    question.answered_at = others[0].published_at if others else None
    is_alone = not any(one.round == answer.round for one in others)
    if is_alone and question.state == QuestionState.ANSWERED and answer.round == question.round:
        questions.ask_back(session, question, answer.employee_id, now, event=Event.UNANSWERED)
