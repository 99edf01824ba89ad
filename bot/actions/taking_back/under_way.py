"""Whether a correction of an answer is under way: nobody corrects or takes back the same one meanwhile."""

from datetime import datetime

from bot.actions.conversations.hold_or_publish import WRITTEN_AGAIN
from bot.states import UNSURE, AnswerState, DeliveryState
from bot.store import rows
from bot.store.conversations import answers, deliveries
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow

_MAY_BE_OUT = (DeliveryState.SENT, *UNSURE)


def correction_under_way(session: Session, answer: AnswerRow) -> AnswerRow | None:
    """The correction that may still go out, or is out in part; what was refused before that may not."""
    under_way = (rows.one(session, AnswerRow, one) for one in _numbers(session, answer))
    return next((one for one in under_way if not _is_refused(session, one)), None)


def give_up_refused(session: Session, answer: AnswerRow, now: datetime) -> None:
    """Corrections that were refused before anything of them was out make room. The question is held."""
    for number in _numbers(session, answer):
        one = rows.one(session, AnswerRow, number)
        if _is_refused(session, one):
            answers.stop(session, one, AnswerState.WITHDRAWN, WRITTEN_AGAIN, now)


def _numbers(session: Session, answer: AnswerRow) -> list[int]:
    return answers.corrections_under_way(session, answer.id)


def _is_refused(session: Session, correction: AnswerRow) -> bool:
    parts = deliveries.of_answer(session, correction.id)
    return correction.state == AnswerState.FAILED and not any(one.state in _MAY_BE_OUT for one in parts)
