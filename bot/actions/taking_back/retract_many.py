"""Many answers are taken back at once, in the caller's one transaction: those that somebody saw listed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.taking_back.retract import Retracted, Wish, retract
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.store import rows
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow
from routing.model.lifecycle import Impossible

MOST = 100
"""So many answers at once: what is listed can still be read."""


@dataclass(frozen=True, slots=True)
class RetractedAnswer:
    """What was done about one of many."""

    answer: AnswerRow
    done: Retracted


def retract_all(
    session: Session, answering: Answering, answer_ids: Collection[int], wish: Wish, now: datetime
) -> list[RetractedAnswer]:
    """Take these answers back, the latest first; one of which nothing is left to take back stays as it is.

    Raises Undecidable where that is true of all of them, where there are too many, or no reason is given.
    """
    if len(answer_ids) > MOST:
        raise NotAsGiven(f"At most {MOST} answers are taken back at once.")
    found = rows.find_all(session, AnswerRow, answer_ids)
    questions.held_all(session, [one.question_id for one in found.values()])
    done, why_not = list[RetractedAnswer](), "Nothing is chosen."
    for number in sorted(found, reverse=True):
        try:
            with rows.savepoint(session):
                done.append(
                    RetractedAnswer(found[number], retract(session, answering, found[number], wish, now))
                )
        except (Undecidable, Impossible) as error:
            why_not = str(error)
    if not done:
        raise Undecidable(why_not)
    return done
