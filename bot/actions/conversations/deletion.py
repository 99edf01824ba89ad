"""A post is gone from its platform, or fewer people may see it: told to us, or found by looking."""

from datetime import datetime

from bot.actions.archive import review
from bot.actions.archive.entries import NOT_PUBLIC, forget_customer
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.tell import tell_held
from bot.actions.conversations.visibility import show_added
from bot.actions.conversations.withdraw import DELETED, OWN_DELETED, end_question, keep_from_public, take_back
from bot.actions.dialogue.community import take_out
from bot.actions.survey.say import take_score_back
from bot.posts import Visibility
from bot.states import ADDED, BESIDE, AnswerState, PostKind
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, posts, threads
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.taking_back import retractions


def post_deleted(session: Session, post: PostRow, now: datetime, why: str = DELETED) -> AnswerRow | None:
    """A post is gone: the customer's words go everywhere, an answer that has not gone out stays in.

    ``why`` is what is stored where it was the customer's. The answer that came from the post is returned
    where it is out: what becomes of that is a rule of the house (``taking_back.own_posts``).
    """
    question = locked_row(session, QuestionRow, post.question_id)
    if question is None:  # it may be one of the brand's own
        if retractions.is_ours(session, post.platform, post.external_id):
            return None
        answered = threads.of_post(session, post.platform, post.external_id)
        _ask_for_review(session, answered, "The brand's post has been deleted on the platform.", now)
    elif question.post_id == post.id:
        end_question(session, question, now, why)
    elif post.verdict == PostKind.COMMUNITY:
        take_out(session, question, post, now)
    elif post.verdict == PostKind.ANSWER:
        answer = answers.of_post(session, post.id)
        is_in = answer is None or take_back(session, question, answer, OWN_DELETED, now)
        return None if is_in else answer
    else:
        take_score_back(session, post)
        if question.reply_to == post.id:
            question.reply_to = question.post_id
    return None


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
    if question is not None and post.verdict in ADDED:
        show_added(session, [question.id], now)


def made_private(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    """Not everybody may read the customer's words any more: what answers them stays in, a quotation goes."""
    if post.verdict == PostKind.COMMUNITY:
        take_out(session, question, post, now)
        return
    why = Audience.of(session, question).why_not
    if why is not None:
        for answer in answers.of_round(session, question):
            if answer.state == AnswerState.QUEUED and answer.kind in BESIDE:
                answers.stop(session, answer, AnswerState.WITHDRAWN, why, now)
            elif answer.state == AnswerState.QUEUED:
                answers.stop(session, answer, AnswerState.HELD, why, now)
                tell_held(session, [answer])
                deliveries.discard(session, answer.id)
        keep_from_public(session, question, now)
    if question.post_id == post.id:
        question.text, question.language = post.text, post.language
        entry = entries.of_question(session, question.id)
        if entry is not None:
            forget_customer(session, entry, now, NOT_PUBLIC)


def _ask_for_review(session: Session, question: QuestionRow | None, why: str, now: datetime) -> None:
    entry = entries.of_question(session, question.id) if question is not None else None
    if entry is not None:
        review.ask_for_review(session, entry, why, now)
