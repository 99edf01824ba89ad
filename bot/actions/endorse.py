"""Another customer's answer in a question's thread, and somebody of the house who says that it is right.

It answers the question then, and stands in the archive by the rules of the first post, without its author's
name. Nothing is sent for it: it is out already.
"""

from contextlib import suppress
from datetime import datetime

from bot.actions.conversations.visibility import archive_all
from bot.actions.dialogue.accept import has_answer, weigh_in
from bot.actions.undecidable import Undecidable
from bot.states import AnswerKind, AnswerState, ChangeKind, PostKind, Via
from bot.store import changes, rows
from bot.store.community import likes
from bot.store.conversations import answers, posts, questions
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.wording.restate import quotation
from routing.dialogue.turns import TurnKind
from routing.model.domain import WITH_ANSWER, QuestionState


def endorse(
    session: Session, question: QuestionRow, post: PostRow, now: datetime, *, like: str | None = None
) -> bool:
    """Somebody of the house says that another customer's answer is right; False where that was said before.

    With the key of a ``like`` the brand likes the post, too. Raises Undecidable.
    """
    lock_row(session, question)
    if post.verdict != PostKind.COMMUNITY or post.question_id != question.id or post.deleted_at is not None:
        raise Undecidable("This is no other customer's answer to the question (any more).")
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
        raise Undecidable("This question is over.")
    words, why = quotation(post.text, beside=(post.warning,), indexable=post.indexable)
    if not post.is_public or words is None:
        raise Undecidable(why or "Not everybody may read this post.")
    known = answers.of_post(session, post.id)
    if known is not None and known.state == AnswerState.PUBLISHED:
        return False
    answer = known or AnswerRow(
        question_id=question.id,
        post_id=post.id,
        via=Via.POST,
        kind=AnswerKind.COMMUNITY,
        text=words,
        warning=post.warning,
        round=question.round,
        said=TurnKind.ANSWER,
        written_at=post.posted_at or post.received_at,
    )
    rows.keep(session, answer)
    weigh_in(session, [answer])
    answers.publish_all(session, [(answer, post.url)], now)
    if question.state not in WITH_ANSWER:
        has_answer(session, question, answer.written_at, now)
    archive_all(session, [(question, answer)], now)
    if like is not None:
        likes.want(session, answer, post, like, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return True


def endorse_by_reply(session: Session, answer: AnswerRow, reply: PostRow, now: datetime) -> None:
    """An employee's tagged reply to another customer's answer is nothing but kind: so it is right."""
    if answer.said != TurnKind.COURTESY or reply.in_reply_to is None:
        return
    above = posts.by_external_id(session, reply.platform, reply.in_reply_to)
    if above is not None and above.verdict == PostKind.COMMUNITY:
        with suppress(Undecidable):
            endorse(session, questions.held_one(session, answer.question_id), above, now)
