"""What follows when a post is edited on its platform."""

from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.conversations.audience import PRIVATE_QUESTION, Audience
from bot.actions.conversations.deletion import made_private
from bot.actions.conversations.visibility import show_anew
from bot.actions.dialogue.community import take_out
from bot.actions.survey.say import is_about_survey, reply_edited
from bot.states import AnswerKind, AnswerState, ChangeKind, PostKind
from bot.store import changes
from bot.store.conversations import answers, questions
from bot.store.engine import Session
from bot.store.row_locks import locked_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

EDITED = phrase("Its author has edited the post that it came from.")


def post_edited(session: Session, answering: Answering, post: PostRow, now: datetime) -> AnswerRow | None:
    """A post's words have changed: the question's, or an answer's that has not gone out.

    The answer that came from the post is returned where it is out: what becomes of that is a rule of the
    house (``taking_back.own_posts``).
    """
    question = locked_row(session, QuestionRow, post.question_id)
    if question is None:
        return None
    changes.append(session, ChangeKind.WORK, question.id, now)
    if post.verdict == PostKind.COMMUNITY:
        take_out(session, question, post, now)
        return None
    answer = answers.of_post(session, post.id) if post.verdict == PostKind.ANSWER else None
    if answer is not None and answer.kind == AnswerKind.ENDORSEMENT:
        if answer.state == AnswerState.QUEUED:
            answers.stop(session, answer, AnswerState.WITHDRAWN, EDITED, now)
        return None
    if answer is not None:
        is_in = answer.state in answers.NOT_OUT and answering.rewrite(session, question, answer, post, now)
        return None if is_in else answer
    if post.verdict != PostKind.ANSWER and not post.is_public:
        made_private(session, post, question, now)
    elif is_about_survey(session, post):
        reply_edited(session, post, now)
    elif question.post_id == post.id:
        _question_edited(session, post, question, now)
    return None


def _question_edited(session: Session, post: PostRow, question: QuestionRow, now: datetime) -> None:
    question.text, question.language = post.text, post.language
    was_private = question.state == QuestionState.ESCALATED and question.note == PRIVATE_QUESTION
    if was_private and Audience.of(session, question).why_not is None:
        question.note = ""  # it is public now, so people can be asked
        questions.move(session, question, Event.RESTORED, due_at=now)
    show_anew(session, question, now)
