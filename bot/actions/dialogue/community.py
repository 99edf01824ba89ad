"""Another customer's answer, endorsed by somebody of the house: what becomes of it when its post changes."""

from datetime import datetime

from bot.actions.dialogue.accept import weigh_again
from bot.states import AnswerKind, AnswerState, ChangeKind
from bot.store import changes, rows
from bot.store.community import likes
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.tables.conversations import PostRow, QuestionRow


def take_out(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> None:
    """The post is gone, edited, or not to be seen any more: what was endorsed does not stand there now.

    Its words go; somebody may endorse it again. The question is held.
    """
    answer = answers.of_post(session, post.id)
    if answer is None or answer.kind != AnswerKind.COMMUNITY or answer.state != AnswerState.PUBLISHED:
        return
    answer.state, answer.text, answer.warning = AnswerState.RETRACTED, "", ""
    answer.lead, answer.accepted_by = False, None
    rows.keep(session, answer)
    likes.take_back(session, answer.id, now)
    weigh_again(session, question, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
