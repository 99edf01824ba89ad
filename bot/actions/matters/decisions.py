"""What people decide about matters: two are one, what belongs elsewhere, whose it is, its title, its end."""

from datetime import datetime

from bot.actions.matters.gathering import join_rows
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import ChangeKind, HookEvent, MatterState, TitleSource
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.matters import campaigns, gathered
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow, MatterRow


def merge(session: Session, one: int, other: int, by: str, now: datetime) -> MatterRow:
    """Two matters are one, for good: the larger one stays and is returned. Raises Undecidable."""
    there = gathered.matters(session, (one, other))
    if len(there) < 2:
        raise NotAsGiven("Give the number of another matter.")
    if any(each.state == MatterState.MERGED for each in there.values()):
        raise Undecidable("One of them is part of another matter already.")
    if all(campaigns.find(session, each.id) for each in there.values()):
        raise Undecidable("Both are campaigns: what both ask for cannot be one.")
    kept, gone = sorted(there.values(), key=lambda each: (-each.questions, each.id))
    join_rows(kept, gone)
    gathered.hand_over(session, gone.id, kept.id)
    campaigns.hand_over(session, gone.id, kept.id)
    decided = MatterDecisionRow(
        kind=MatterDecisionKind.MERGE, matter=kept.id, other=gone.id, decided_by=by, decided_at=now
    )
    rows.keep(session, kept, gone, decided)
    changes.append(session, ChangeKind.WORK, 0, now)
    return kept


def move(session: Session, question: QuestionRow, to: int | None, by: str, now: datetime) -> None:
    """A question is about another matter (None: one of its own), for good; whoever gathers sees to it.

    Raises Undecidable.
    """
    lock_row(session, question)
    origin = question.matter_id
    if origin is None:
        raise Undecidable("This question is in no matter yet. Wait a moment, and try again.")
    if to is not None:
        target = rows.find(session, MatterRow, to)
        if target is None or target.state == MatterState.MERGED or to == origin:
            raise NotAsGiven("Give the number of another matter.")
    decided = MatterDecisionRow(
        kind=MatterDecisionKind.MOVE,
        matter=origin,
        other=to,
        question_id=question.id,
        decided_by=by,
        decided_at=now,
    )
    rows.keep(session, decided)
    changes.append(session, ChangeKind.WORK, 0, now)


def rename(session: Session, matter: MatterRow, title: str, now: datetime) -> None:
    """A person's title stands above every other."""
    lock_row(session, matter)
    matter.title, matter.title_source, matter.title_question = title, TitleSource.MODERATOR, None
    changes.append(session, ChangeKind.WORK, 0, now)


def assign(session: Session, matter: MatterRow, department: int | None, by: str, now: datetime) -> None:
    """A department answers for the matter from now on; None: that of its topic. Raises Undecidable."""
    lock_row(session, matter)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: say it there.")
    row = rows.find(session, DepartmentRow, department)
    if department is not None and (row is None or row.retired_at is not None):
        raise NotAsGiven("Choose a department that there is.")
    matter.department_id = department
    named = {"department": str(row.id) if row else None, "department_name": row.name if row else None}
    tell(session, HookEvent.MATTER_ASSIGNED, matter.id, **named)
    decided = MatterDecisionRow(
        kind=MatterDecisionKind.ASSIGN, matter=matter.id, other=department, decided_by=by, decided_at=now
    )
    rows.keep(session, decided)
    changes.append(session, ChangeKind.WORK, 0, now)


def settle(session: Session, matter: MatterRow, now: datetime) -> None:
    """It is over, a person says; it is open again when people go on asking. Raises Undecidable."""
    lock_row(session, matter)
    if matter.state != MatterState.OPEN:
        raise Undecidable("This matter is not open.")
    matter.state = MatterState.SETTLED
    matter.end_surge(now)
    tell(session, HookEvent.MATTER_SETTLED, matter.id)
    changes.append(session, ChangeKind.WORK, 0, now)
