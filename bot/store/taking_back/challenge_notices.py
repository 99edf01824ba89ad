"""What notices about challenges tell, as things stand when they are sent."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.channels.challenges import ChallengeOutcome
from bot.store import rows
from bot.store.tables.conversations import AnswerRow, DeliveryRow
from bot.store.tables.house import BY_AUTHOR, ChallengeRow, ChallengeState


def told(session: Session, notices: Sequence[DeliveryRow]) -> dict[int, ChallengeOutcome]:
    """What these notices tell, by their id: only where somebody has decided, or nothing is left to."""
    about = {row.id: row.tells.challenge for row in notices}
    found = rows.find_all(session, ChallengeRow, about.values(), anew=True)
    answers = rows.find_all(session, AnswerRow, [one.answer_id for one in found.values()])
    outcomes = {}
    for row in notices:
        one = found.get(about[row.id] or 0)
        if one is None or one.state == ChallengeState.WAITING:
            continue
        outcomes[row.id] = ChallengeOutcome(
            question_id=answers[one.answer_id].question_id,
            is_challenger=row.employee_id == one.challenger_id,
            is_own_post=one.kind in BY_AUTHOR,
            is_accepted=one.state == ChallengeState.ACCEPTED,
            is_over=one.state == ChallengeState.OVER,
            has_correction=one.correction_id is not None,
            why=one.why,
        )
    return outcomes
