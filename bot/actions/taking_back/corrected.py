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
from bot.store.tables.house import ChallengeKind, ChallengeRow
from bot.store.taking_back import challenges
from routing.model.domain import Outcome

_STILL_THERE = (AnswerState.PUBLISHED, AnswerState.FAILED)
"""States of an answer that is out, in part at the least."""


def take_places(session: Session, going_out: Sequence[AnswerRow], now: datetime) -> None:
    """Those of these answers that correct another one take its place; their questions are held.

    What was posted anew, or could not be edited after all, has what was wrong taken down. A correction that
    was out in part, and is corrected in its turn, does not keep what it was about either.
    """
    for one in going_out:
        challenge = challenges.of_correction(session, one.id) if one.corrects_id is not None else None
        wrong = locked_row(session, AnswerRow, one.corrects_id)
        while wrong is not None and wrong.state in _STILL_THERE:
            _take_place(session, wrong, one, challenge, now)
            wrong = locked_row(session, AnswerRow, wrong.corrects_id)


def _take_place(
    session: Session, wrong: AnswerRow, right: AnswerRow, challenge: ChallengeRow | None, now: datetime
) -> None:
    wrong.state, wrong.lead, wrong.accepted_by = AnswerState.CORRECTED, False, None
    rows.keep(session, wrong)
    own = deliveries.of_answer(session, right.id)
    stays = right.correction == CorrectionWay.BELOW or any(part.sends.edits for part in own)
    if not stays:
        out = [part for part in deliveries.of_answer(session, wrong.id) if part.state == DeliveryState.SENT]
        take_down(session, out, now)
    challenges.move_all(session, wrong.id, right.id)
    _learn(session, wrong, right, challenge, now)


def _learn(
    session: Session, wrong: AnswerRow, right: AnswerRow, challenge: ChallengeRow | None, now: datetime
) -> None:
    """Whom to ask next time: what a colleague showed to be wrong tells nothing of what its author knows.

    Who knew that without having words for it has helped, too.
    """
    author, is_shown = wrong.employee_id, challenge is not None and challenge.kind == ChallengeKind.CHALLENGE
    knew = challenge.challenger_id if challenge is not None and is_shown else right.employee_id
    if author is None or author == knew:
        return
    outcome = Outcome.WRONG if is_shown else Outcome.CORRECTED
    changes.append(session, ChangeKind.OUTCOME, right.question_id, now, outcome=outcome, employee=author)
    if is_shown and knew != right.employee_id:
        helped = {"outcome": Outcome.SOLVED, "employee": knew}
        changes.append(session, ChangeKind.OUTCOME, right.question_id, now, **helped)
