"""What a department says that it does about a matter: seen, planned for a day, fixed, or no and why.

It stands on the matter's public page where that has one, so the guard looks at its words.
"""

from dataclasses import dataclass
from datetime import date, datetime

from bot.actions import statements
from bot.actions.people.details import Invalid, check_storable
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind, DepartmentAnswerKind, MatterState, StatementState
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.departments import DepartmentAnswerRow, DepartmentRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.wording import guard
from bot.wording.guard import GuardAction, GuardPolicy

LONGEST_VERSION = 80
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class DepartmentWords:
    """What is said: of the fields those count that belong to its kind.

    ``fixed_at`` None means now.
    """

    kind: DepartmentAnswerKind
    planned_for: date | None = None
    version: str = ""
    reason: str = ""
    fixed_at: datetime | None = None


def say(
    session: Session,
    matter: MatterRow,
    department: DepartmentRow | None,
    words: DepartmentWords,
    by: int,
    policy: GuardPolicy,
    today: date,
    now: datetime,
) -> DepartmentAnswerRow:
    """Somebody says it for the department; ``today`` is the brand's. Raises Invalid and Undecidable."""
    lock_row(session, matter)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: say it there.")
    row = DepartmentAnswerRow(
        matter_id=matter.id,
        department_id=department.id if department is not None else None,
        kind=words.kind,
        said_by=by,
        said_at=now,
    )
    match words.kind:
        case DepartmentAnswerKind.PLANNED:
            if words.planned_for is None or words.planned_for < today:
                raise Invalid("planned_for", "Say for which day it is planned: today or later.")
            row.planned_for = words.planned_for.isoformat()
        case DepartmentAnswerKind.FIXED:
            if words.fixed_at is not None and words.fixed_at > now:
                raise Invalid("fixed_on", "That day is still to come: say then that it is fixed.")
            row.version = _checked("version", words.version, LONGEST_VERSION, policy)
            row.fixed_at = words.fixed_at or now
        case DepartmentAnswerKind.DECLINED:
            row.reason = _checked("reason", words.reason, LONGEST_REASON, policy)
            if not row.reason:
                raise Invalid("reason", "Say why: those who asked deserve to know.")
        case DepartmentAnswerKind.SEEN:
            pass
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def take_back(session: Session, row: DepartmentAnswerRow, by: int, now: datetime) -> None:
    """It is said no more: what was said before it counts again. Raises Undecidable.

    Nobody else is told of it, either; who was told stays told.
    """
    lock_row(session, row)
    if row.withdrawn_at is not None:
        raise Undecidable("That was taken back already.")
    statement = locked_row(session, StatementRow, row.statement_id)
    if statement is not None and statement.state in (StatementState.PROPOSED, StatementState.ACTIVE):
        statements.withdraw(session, statement, now)
    row.withdrawn_by, row.withdrawn_at = by, now
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)


def _checked(field: str, text: str, longest: int, policy: GuardPolicy) -> str:
    """Words that may stand in public as they are. Raises Invalid."""
    check_storable(field, text)
    text = " ".join(text.split())
    if len(text) > longest:
        raise Invalid(field, f"At most {longest} characters are allowed.")
    if text:
        verdict = guard.examine(text, policy)
        if verdict.outcome is not GuardAction.ALLOW:
            raise Invalid(field, f"Everybody may come to read this. {verdict.words}")
    return text
