"""What the brand has said, or was about to, is unsaid: what is not out stays in, what is out comes down."""

from collections.abc import Sequence
from datetime import datetime

from bot.states import NOT_STARTED, AnswerState, DeliveryCode, DeliveryState
from bot.store import rows
from bot.store.engine import Session
from bot.store.row_locks import supersede
from bot.store.tables.conversations import AnswerRow, DeliveryRow
from bot.store.taking_back import retractions

_NEVER_OUT = (DeliveryState.REJECTED, DeliveryState.QUARANTINED)


def unsay(session: Session, answer: AnswerRow, parts: Sequence[DeliveryRow], why: str, now: datetime) -> int:
    """What has not gone out stays in, what is out is taken down; how many posts that are is returned.

    ``parts`` are all of the answer's, held. What is on its way is taken down once it is known to be out.
    """
    for part in parts:
        if part.state in (*NOT_STARTED, *_NEVER_OUT):
            gone = {"state": DeliveryState.WITHDRAWN, "code": DeliveryCode.TAKEN_BACK, "due_at": None}
            supersede(session, part, reason=why, **gone)
    answer.state, answer.held_for, answer.url = AnswerState.RETRACTED, why, None
    answer.lead, answer.accepted_by = False, None
    rows.keep(session, answer)
    out = [one for one in parts if one.state == DeliveryState.SENT]
    retractions.queue(session, out, now)
    return len(out)
