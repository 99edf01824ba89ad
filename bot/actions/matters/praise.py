"""Praise is a matter, too: seen by those in charge, counted by itself, and never taken for trouble.

A post that only praises asks nothing: it is offered to nobody, and goes to one matter of the house. A person
may say of any question that it is praise, or bring it back, and of any matter that it is praise, or is not.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.actions.matters.gathering import forget
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind, MatterState, TitleSource
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.matters import gathered
from bot.store.matters.gathered import AskedQuestion
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow, MatterRow
from routing.model.phrases import phrase

TITLE = "Praise"
PRAISES = phrase("It praises and asks nothing: nobody has to answer it.")
"""The note of a question that is praise."""


def gathered_in(
    session: Session, asked: Sequence[AskedQuestion], new_number: Callable[[], int], now: datetime
) -> None:
    """These are in the house's matter of praise, which is opened under a ``new_number`` if need be."""
    changes.serialise(session, "praise")
    matter = gathered.of_praise(session)
    if matter is None:
        at = min(one.at for one in asked)
        matter = MatterRow(
            id=new_number(),
            title=TITLE,
            title_source=TitleSource.MODERATOR,
            praise=True,
            first_at=at,
            last_at=at,
        )
        rows.keep(session, matter)
        gathered.note_praise(session, matter, now)
    _grow(session, matter, [one.at for one in asked])
    gathered.assign(session, {one.id: matter.id for one in asked})
    changes.append(session, ChangeKind.WORK, 0, now)


def put_in(session: Session, question: QuestionRow, now: datetime) -> None:
    """A person says that a question, which is held, is praise: it leaves the matter that it was in."""
    changes.serialise(session, "praise")
    matter = gathered.of_praise(session) or _opened(session, now)
    if question.matter_id == matter.id:
        return
    forget(session, question, now)
    question.matter_id, question.gathered = matter.id, True
    _grow(session, matter, [question.asked_at])


def leave(session: Session, question: QuestionRow, now: datetime) -> None:
    """A question, which is held, asks something after all: it is gathered as any other."""
    matter = gathered.matters(session, [question.matter_id or 0]).get(question.matter_id or 0)
    if matter is None or not matter.praise:
        return
    matter.questions = max(matter.questions - 1, 0)
    question.matter_id, question.gathered = None, False
    rows.keep(session, matter)
    changes.append(session, ChangeKind.WORK, 0, now)


def say_what_it_is(session: Session, matter: MatterRow, *, praise: bool, now: datetime) -> None:
    """A person says that a matter is praise, or that there is something to mend. Raises Undecidable."""
    lock_row(session, matter)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: say it there.")
    if matter.praise == praise:
        raise Undecidable("Somebody has said so already.")
    matter.praise = praise
    if praise:
        matter.end_surge(now)
    changes.append(session, ChangeKind.WORK, 0, now)


def _opened(session: Session, now: datetime) -> MatterRow:
    """The house's matter of praise, opened by a person: whoever gathers finds its number taken."""
    matter = gathered.open_by_hand(session, TITLE, now)
    matter.praise = True
    opened = MatterDecisionRow(kind=MatterDecisionKind.OPEN, matter=matter.id, decided_at=now)
    rows.keep(session, matter, opened)
    gathered.note_praise(session, matter, now)
    return matter


def _grow(session: Session, matter: MatterRow, moments: Sequence[datetime]) -> None:
    matter.counted_at = None
    matter.questions += len(moments)
    matter.first_at, matter.last_at = min(matter.first_at, *moments), max(matter.last_at, *moments)
    rows.keep(session, matter)
