"""What stays in: a question that is gone or no longer public, an answer that is taken back in time."""

from datetime import datetime

from bot.actions.archive import review
from bot.actions.archive.entries import NOT_PUBLIC, forget_customer
from bot.actions.conversations.audience import PRIVATE_QUESTION, Audience
from bot.posts import Visibility
from bot.states import AnswerState, ChangeKind, PostKind
from bot.store import changes
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, offers, posts, questions, threads
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.conversations import AnswerRow, EntryRow, PostRow, QuestionRow
from routing.model.domain import WITHOUT_ANSWER, OfferState, QuestionState
from routing.model.lifecycle import Event

DELETED = "The customer deleted the question."
OWN_DELETED = "Its author deleted the post before it went out."


def end_question(session: Session, question: QuestionRow, now: datetime, why: str) -> EntryRow | None:
    """A question is gone, for good: nobody is asked or answers any more, and the customer's words go.

    ``why`` is for the authors of answers that have not gone out. The question's entry, if any, is returned:
    the public sees it only where its title is in our own words. The question is held.
    """
    questions.move(session, question, Event.WITHDRAWN)
    question.text, question.suggestions = "", []
    changes.append(session, ChangeKind.WORK, question.id, now)
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    deliveries.hold_back(session, question.id, why)
    for answer in answers.of_round(session, question):
        if answer.state in answers.NOT_OUT:
            answers.stop(session, answer, AnswerState.WITHDRAWN, why, now)
    entry = entries.of_question(session, question.id)
    if entry is not None:
        forget_customer(session, entry, now)
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
    if queued:
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    return True


def keep_from_public(session: Session, question: QuestionRow, now: datetime) -> None:
    """The customer's words are not public (any more): a person answers by hand, nobody else is asked."""
    if question.state in (*WITHOUT_ANSWER, QuestionState.ANSWERING):
        offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
        questions.move(session, question, Event.EXHAUSTED)
        question.note = PRIVATE_QUESTION


def post_deleted(session: Session, post: PostRow, now: datetime, why: str = DELETED) -> None:
    """A post is gone: the customer's words go everywhere, an answer that has not gone out stays in.

    ``why`` is what is stored where it was the customer's.
    """
    question = locked_row(session, QuestionRow, post.question_id)
    if question is None:  # it may be one of the brand's own
        answered = threads.of_post(session, post.platform, post.external_id)
        _ask_for_review(session, answered, "The brand's post has been deleted on the platform.", now)
    elif question.post_id == post.id:
        end_question(session, question, now, why)
    elif post.verdict == PostKind.ANSWER:
        _answer_deleted(session, question, answers.of_post(session, post.id), now)
    elif question.reply_to == post.id:
        question.reply_to = question.post_id


def hear(
    session: Session,
    platform: str,
    external_id: str,
    visibility: Visibility | None,
    now: datetime,
    why: str = DELETED,
) -> None:
    """A look at the platform shows that a post is gone (None), or less visible: as if we had been told."""
    post = posts.by_external_id(session, platform, external_id)
    if post is None:
        return
    question = locked_row(session, QuestionRow, post.question_id)
    lock_row(session, post)
    if post.deleted_at is not None:
        return
    if visibility is None:
        post.deleted_at = now
        posts.empty(post)
        post_deleted(session, post, now, why)
    elif question is not None:
        post.visibility = visibility.value
        made_private(session, post, question, now)


def made_private(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    """Not everybody may read the customer's words any more: what answers them stays in, a quotation goes."""
    why = Audience.of(session, question).why_not
    if why is not None:
        for answer in answers.of_round(session, question):
            if answer.state == AnswerState.QUEUED:
                answers.stop(session, answer, AnswerState.HELD, why, now)
                deliveries.discard(session, answer.id)
        keep_from_public(session, question, now)
    if question.post_id == post.id:
        question.text, question.language = post.text, post.language
        entry = entries.of_question(session, question.id)
        if entry is not None:
            forget_customer(session, entry, now, NOT_PUBLIC)


def _answer_deleted(session: Session, question: QuestionRow, answer: AnswerRow | None, now: datetime) -> None:
    if answer is None or take_back(session, question, answer, OWN_DELETED, now):
        return
    if answer.state in (*answers.NOT_OUT, AnswerState.PUBLISHED):
        _ask_for_review(session, question, "The author has deleted the post this answer came from.", now)


def _ask_for_review(session: Session, question: QuestionRow | None, why: str, now: datetime) -> None:
    entry = entries.of_question(session, question.id) if question is not None else None
    if entry is not None:
        review.ask_for_review(session, entry, why, now)
