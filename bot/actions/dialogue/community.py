"""Another customer's answer, endorsed by somebody of the house: what becomes of it when its post changes.

With it goes what the brand said below it.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.dialogue.accept import weigh_again
from bot.actions.dialogue.unsay import unsay
from bot.states import UNSURE, AnswerKind, AnswerState, ChangeKind
from bot.store import changes, rows
from bot.store.community import endorsements, likes
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.taking_back import retractions
from routing.model.phrases import phrase

_NOT_ENDORSED = phrase("What it stands below is not endorsed any more.")
_MAY_BE_OUT = (AnswerState.QUEUED, AnswerState.POINTED, AnswerState.FAILED)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """How many posts are taken down, and how many may still turn out to be there."""

    posts: int = 0
    unsure: int = 0


def take_out(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> Unsaid:
    """The post is gone, edited, or not to be seen any more: what was endorsed does not stand there now.

    Its words go; somebody may endorse it again. The question is held.
    """
    answer = answers.of_post(session, post.id)
    if answer is None or answer.kind != AnswerKind.COMMUNITY or answer.state != AnswerState.PUBLISHED:
        return Unsaid()
    answer.state, answer.text, answer.warning = AnswerState.RETRACTED, "", ""
    answer.lead, answer.accepted_by = False, None
    rows.keep(session, answer)
    likes.take_back(session, answer.id, now)
    reply = endorsements.reply_to(session, answer.id)
    gone = no_longer_say_so(session, reply, _NOT_ENDORSED, now) if reply is not None else None
    weigh_again(session, question, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return gone or Unsaid()


def no_longer_say_so(session: Session, reply: AnswerRow, why: str, now: datetime) -> Unsaid | None:
    """What the brand said below another customer's answer is taken back; None where nothing of it can be out.

    The question is held.
    """
    lock_row(session, reply)
    parts = retractions.held_parts(session, reply.id)
    if reply.state not in _MAY_BE_OUT:
        return None
    unsure = sum(one.state in UNSURE for one in parts)
    return Unsaid(unsay(session, reply, parts, why, now), unsure)
