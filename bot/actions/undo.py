"""What follows when a post is deleted or edited on its platform."""

from datetime import datetime

from bot.actions.answer import Answering
from bot.actions.audience import PRIVATE_QUESTION, Audience
from bot.actions.record import keep_from_public, shown
from bot.posts import Visibility
from bot.states import AnswerState, EntryState, Verdict
from bot.steps.looks.last_look import DELETED
from bot.store import changes
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, posts, questions
from bot.store.engine import Session
from bot.store.hold import held, hold
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording.beside import unwarned
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event


def withdrawn(session: Session, post: PostRow, now: datetime, why: str = DELETED) -> None:
    """A post is gone: the customer's words go everywhere, an answer that has not gone out stays in.

    ``why`` is what is stored where it was the customer's.
    """
    question = held(session, QuestionRow, post.question_id)
    if question is None:
        _note_lost_publication(session, post, now)
        return
    if question.post_id == post.id:
        questions.withdraw(session, question, now, why)
        for answer in answers.of_round(session, question):
            if answer.state in (AnswerState.HELD, AnswerState.QUEUED):
                answers.stop(session, answer, AnswerState.WITHDRAWN, why, now)
        entry = entries.of_question(session, question.id)
        if entry is not None:
            entries.forget_customer(session, entry, now)
    elif post.verdict == Verdict.ANSWER:
        _answer_deleted(session, post, question, now)
    elif question.reply_to == post.id:
        question.reply_to = question.post_id
        session.add(question)


def deleted_unheard(
    session: Session, platform: str, external_id: str, now: datetime, why: str = DELETED
) -> None:
    """A look at the platform shows that a post is gone: do what its deletion would have done."""
    post, _ = _held(session, platform, external_id)
    if post is None or post.deleted_at is not None:
        return
    post.deleted_at = now
    posts.empty(post)
    session.add(post)
    withdrawn(session, post, now, why)


def made_private_unheard(
    session: Session, platform: str, external_id: str, visibility: Visibility, now: datetime
) -> None:
    """A look at the platform shows that not everybody may see a post any more: as if we had been told."""
    post, question = _held(session, platform, external_id)
    if post is None or question is None or post.deleted_at is not None:
        return
    post.visibility = visibility.value
    session.add(post)
    _question_made_private(session, post, question, now)


def _held(session: Session, platform: str, external_id: str) -> tuple[PostRow | None, QuestionRow | None]:
    """A post and its question, as they are now."""
    post = posts.by_external_id(session, platform, external_id)
    if post is None:
        return None, None
    question = held(session, QuestionRow, post.question_id)
    hold(session, post)
    return post, question


def _answer_deleted(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    answer = answers.of_post(session, post.id)
    if answer is None or answer.state not in (AnswerState.HELD, AnswerState.QUEUED, AnswerState.PUBLISHED):
        return
    queued = answer.state == AnswerState.QUEUED
    reason = "Its author deleted the post before it went out."
    if answer.state != AnswerState.PUBLISHED and answers.stop(
        session, answer, AnswerState.WITHDRAWN, reason, now
    ):
        if queued:
            questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
        return
    entry = entries.of_question(session, question.id)
    if entry is not None:
        entries.ask_for_review(session, entry, "The author has deleted the post this answer came from.", now)


def _note_lost_publication(session: Session, post: PostRow, now: datetime) -> None:
    """Somebody took one of the brand's own posts down on the platform."""
    question = questions.of_post(session, post.platform, post.external_id)
    entry = entries.of_question(session, question.id) if question else None
    if entry is not None:
        entries.ask_for_review(session, entry, "The brand's post has been deleted on the platform.", now)


def edited(session: Session, post: PostRow, answering: Answering, now: datetime) -> None:
    """A post's words have changed: the question's, or an answer's that has not gone out."""
    question = held(session, QuestionRow, post.question_id)
    if question is None:
        return
    changes.append(session, "work", question.id, now)
    if post.verdict == Verdict.ANSWER:
        _answer_edited(session, post, question, answering, now)
    elif not Visibility.least(post.visibility).is_public:
        _question_made_private(session, post, question, now)
    elif question.post_id == post.id:
        _question_edited(session, post, question, now)


def _question_made_private(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    """Not everybody may read the customer's words any more: what answers them stays in, a quotation goes."""
    why = Audience.of(session, question, None).why_not
    if why is not None:
        for answer in answers.of_round(session, question):
            if answer.state == AnswerState.QUEUED:
                answers.stop(session, answer, AnswerState.HELD, why, now)
                deliveries.discard(session, answer.id)
        keep_from_public(session, question, now)
    if question.post_id == post.id:
        question.text, question.language = post.text, post.language
        session.add(question)
        entry = entries.of_question(session, question.id)
        if entry is not None:
            entries.forget_customer(session, entry, now, entries.NOT_PUBLIC)


def _question_edited(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    question.text, question.language = post.text, post.language
    session.add(question)
    was_private = question.state == QuestionState.ESCALATED and question.note == PRIVATE_QUESTION
    if was_private and Audience.of(session, question, None).why_not is None:
        question.note = ""  # it is public now, so people can be asked
        questions.move(session, question, Event.RESTORED, due_at=now)
    entry = entries.of_question(session, question.id)
    if entry is None or entry.state == EntryState.GONE:
        return
    first = next(iter(answers.published(session, question.id)), None)
    entries.requote(session, entry, shown(session, question, first, post), now)


def _answer_edited(
    session: Session, post: PostRow, question: QuestionRow, answering: Answering, now: datetime
) -> None:
    answer = answers.of_post(session, post.id)
    if answer is None:
        return
    waits = answer.state in (AnswerState.HELD, AnswerState.QUEUED)
    if waits and answering.rewrite(session, question, answer, post, now):
        return
    entry = entries.of_question(session, question.id)
    if entry is None:
        return
    author = session.get(EmployeeRow, answer.employee_id) if answer.employee_id else None
    words = answering.words(unwarned(post.text, post.warning), author.name if author else "")
    if not Visibility.least(post.visibility).is_public:
        entries.ask_for_review(session, entry, "The post this answer came from is not public any more.", now)
    elif answer.text != words:
        entries.ask_for_review(
            session, entry, f"The author has edited the post since; it now says: {words}", now
        )
