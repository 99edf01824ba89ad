"""What people decide: authors about their answers, those in charge about whatever waits for a person.

Everything happens in the caller's transaction. What cannot be decided like that raises ``Undecidable`` (or
the state machine's ``Impossible``) with a message for whoever tried.
"""

from datetime import datetime

from bot.actions.conversations.answer import Answering, NotAnswerable
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.follow_up import settle
from bot.actions.conversations.withdraw import take_back
from bot.actions.matters import praise
from bot.actions.undecidable import Undecidable
from bot.states import AnswerKind, AnswerState, ChangeKind, PostKind, PostState, Via
from bot.store import changes, rows
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, offers, posts, questions
from bot.store.engine import Session
from bot.store.people.identities import may_answer
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import stored_weights
from routing.model.domain import ROUTED, WITH_ANSWER, OfferState, Outcome, QuestionState, TopicWeight
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

PLACES = (AnswerKind.ADDITION, AnswerKind.CORRECTION)
"""As what an answer may be approved."""


def retract(session: Session, answer: AnswerRow, now: datetime) -> None:
    """Its author takes an answer back before it goes out; the question goes to others again."""
    question = _held_question(session, answer)
    if answer.state in (AnswerState.WITHDRAWN, AnswerState.RETRACTED):
        raise Undecidable(phrase("This answer has been taken back already, or never was out."))
    if not take_back(session, question, answer, phrase("Its author took it back."), now):
        raise Undecidable(phrase("It is too late to take this answer back: it is out, or just going out."))


def approve(
    session: Session, answering: Answering, answer: AnswerRow, place: AnswerKind, now: datetime
) -> None:
    """Publish a held answer: beside the one that is there, or as the correction that goes in front of it."""
    question = _held_question(session, answer)
    if answer.state != AnswerState.HELD:
        raise Undecidable("This answer does not wait for a decision any more.")
    if question.state == QuestionState.WITHDRAWN:
        raise Undecidable("The customer has deleted the question meanwhile.")
    others = [one for one in answers.published(session, question.id) if one.id != answer.id]
    if others:
        answer.kind = place
    for former in others if place is AnswerKind.CORRECTION else ():
        former.accepted_by = None  # what corrects comes in front, whatever was said of the other before
    deliveries.discard(session, answer.id)
    changes.append(session, ChangeKind.WORK, question.id, now)
    answering.send(session, question, answer, now)
    if answer.state != AnswerState.QUEUED:
        raise Undecidable(f"It cannot be published as it is. {answer.held_for}")
    if others and place is AnswerKind.CORRECTION:
        for corrected in {one.employee_id for one in others if one.employee_id is not None}:
            changes.append(
                session, ChangeKind.OUTCOME, question.id, now, outcome=Outcome.CORRECTED, employee=corrected
            )


def drop(session: Session, answer: AnswerRow, why: str, now: datetime) -> None:
    """A held answer is not published; its author reads why."""
    _held_question(session, answer)
    if answer.state != AnswerState.HELD:
        raise Undecidable("This answer does not wait for a decision any more.")
    answers.stop(session, answer, AnswerState.DROPPED, why, now)


def match(
    session: Session, answering: Answering, post: PostRow, question: QuestionRow, now: datetime
) -> AnswerRow:
    """Say which question a tagged post answers. Raises NotAnswerable."""
    lock_row(session, question)
    lock_row(session, post)
    author = rows.find(session, EmployeeRow, post.employee_id)
    if post.verdict != PostKind.UNMATCHED or not post.text:
        raise Undecidable("This post does not wait for its question any more.")
    if author is None or not may_answer(author):
        raise NotAnswerable("Its author may not answer (any more), so it gives no answer.")
    if question.platform != post.platform:
        raise NotAnswerable("The question was asked on another platform than this post.")
    answer = answering.take(session, question, author, post.text, via=Via.POST, now=now, post=post)
    post.verdict, post.question_id, post.state, post.last_error = (
        PostKind.ANSWER,
        question.id,
        PostState.DONE,
        None,
    )
    return answer


def set_aside(session: Session, post: PostRow, now: datetime) -> None:
    """A tagged post that answers no question of ours: its text is not kept."""
    lock_row(session, post)
    if post.verdict != PostKind.UNMATCHED:
        raise Undecidable("This post does not wait for its question any more.")
    post.verdict, post.state = PostKind.NOT_FOR_US, PostState.DONE
    posts.empty(post)
    changes.append(session, ChangeKind.WORK, 0, now)


def dismiss(session: Session, question: QuestionRow, why: str, now: datetime) -> None:
    """Not for us; a person or a tagged answer can undo that."""
    lock_row(session, question)
    if question.state == QuestionState.DISMISSED:
        raise Undecidable("Somebody has dismissed this question already.")
    questions.move(session, question, Event.DISMISSED)
    question.note = why
    changes.append(session, ChangeKind.WORK, question.id, now)
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)


def praises(session: Session, question: QuestionRow, now: datetime) -> None:
    """It asks nothing, and praises: it goes to the matter of praise. A person can undo that."""
    lock_row(session, question)
    if question.state != QuestionState.DISMISSED:
        dismiss(session, question, praise.PRAISES, now)
    elif question.note == praise.PRAISES:
        raise Undecidable("Somebody has said so already.")
    question.note = praise.PRAISES
    praise.put_in(session, question, now)
    changes.append(session, ChangeKind.WORK, question.id, now)


def ask_again(session: Session, question: QuestionRow, now: datetime) -> None:
    """Put a question in front of people anew, from the first rung on, whatever became of it so far."""
    lock_row(session, question)
    why_not = Audience.of(session, question).why_not
    if why_not is not None:
        raise Undecidable(f"Nobody is asked. {why_not}")
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    if question.state == QuestionState.DISMISSED:
        praise.leave(session, question, now)
    question.round, question.rung, question.note = question.round + 1, 0, ""
    question.attempts = 0
    questions.move(session, question, Event.RESTORED, due_at=now)
    changes.append(session, ChangeKind.WORK, question.id, now)


def escalate(session: Session, question: QuestionRow, why: str, now: datetime) -> None:
    """Take a question to the people in charge; who was asked may still answer."""
    questions.move(session, question, Event.EXHAUSTED)
    question.note = why
    changes.append(session, ChangeKind.WORK, question.id, now)


def check_unanswered(session: Session, question: QuestionRow) -> None:
    """Raise Undecidable where somebody has answered a question that was shown as one without an answer."""
    lock_row(session, question)
    if question.state in (QuestionState.ANSWERING, *WITH_ANSWER):
        raise Undecidable("Somebody has answered this question meanwhile: look at the answer first.")


def close(session: Session, question: QuestionRow, now: datetime) -> None:
    """Nothing more is to be done."""
    settle(session, question, now, satisfied=None)


def set_topics(session: Session, question: QuestionRow, slugs: list[str], now: datetime) -> None:
    """What a question is about, the main topic first; its entry moves along, an open one is asked anew."""
    lock_row(session, question)
    changes.append(session, ChangeKind.WORK, question.id, now)
    share = round(1 / max(len(slugs), 1), 4)
    question.topics = stored_weights(TopicWeight(slug, share) for slug in slugs)
    question.topics_by = "person" if slugs else ""
    changes.append(session, ChangeKind.TOPIC, 0, now, refiled=[question.id])
    entry = entries.of_question(session, question.id)
    if entry is not None:
        entry.topic = slugs[0] if slugs else None
        entries.touch(session, entry, now)
    if question.state in ROUTED:
        ask_again(session, question, now)


def _held_question(session: Session, answer: AnswerRow) -> QuestionRow:
    """An answer's question, and the answer, as both are now: nobody else decides about them meanwhile."""
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    return question
