"""A correction is out: the answer whose place it takes is no answer any more."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.taking_back.take_down import take_down
from bot.states import AnswerState, ChangeKind, CorrectionWay, DeliveryState
from bot.store import changes, rows
from bot.store.conversations import deliveries
from bot.store.engine import Session
from bot.store.row_locks import locked_row
from bot.store.tables.conversations import AnswerRow
from routing.model.domain import Outcome


def take_places(session: Session, going_out: Sequence[AnswerRow], now: datetime) -> None:
    """Those of these answers that correct another one take its place; their questions are held.

    What was posted anew, or could not be edited after all, has what was wrong taken down.
    """
    for one in going_out:
        wrong = locked_row(session, AnswerRow, one.corrects_id)
        if wrong is None or wrong.state != AnswerState.PUBLISHED:
            continue
        wrong.state, wrong.lead, wrong.accepted_by = AnswerState.CORRECTED, False, None
        rows.keep(session, wrong)
        own = deliveries.of_answer(session, one.id)
        stays = one.correction == CorrectionWay.BELOW or any(part.sends.edits for part in own)
        if not stays:
            out = [
                part for part in deliveries.of_answer(session, wrong.id) if part.state == DeliveryState.SENT
            ]
            take_down(session, out, now)
        if wrong.employee_id is not None and wrong.employee_id != one.employee_id:
            learnt = {"outcome": Outcome.CORRECTED, "employee": wrong.employee_id}
            changes.append(session, ChangeKind.OUTCOME, one.question_id, now, **learnt)
