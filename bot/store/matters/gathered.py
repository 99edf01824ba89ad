"""Questions on their way into matters, and the matters themselves, for whoever gathers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import MatterState, TitleSource
from bot.store.dialects import insert_of
from bot.store.running import cursors
from bot.store.tables.columns import said, table_of
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow
from bot.store.tables.listening import ListenedRow
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow, MatterRow
from routing.model.courtesy import is_praise
from routing.model.domain import QuestionState

_REACHED = "matter decisions"
_PRAISE = "matter of praise"
_OF_NO_MATTER = (QuestionState.WITHDRAWN, QuestionState.DISMISSED, QuestionState.JOINED)
_QUESTION = table_of(QuestionRow).c
_COLUMNS = (
    _QUESTION.id,
    _QUESTION.text,
    _QUESTION.language,
    _QUESTION.asked_at,
    _QUESTION.same_as_entry,
    _QUESTION.platform,
    _QUESTION.customer_id,
    _QUESTION.state,
    _QUESTION.matter_id,
    _QUESTION.topics,
)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it is gathered; ``topic`` is what it is mainly about, as far as anybody said yet."""

    id: int
    text: str
    language: str | None
    at: datetime
    entry: int | None
    person: tuple[str, str]
    matter: int | None
    topic: str | None
    counts: bool
    """Whether it can be about any matter: it has words, and was taken for a question that is still there."""
    praises: bool
    """Whether it was taken for praise, which is gathered by itself."""


def any_waiting(session: Session) -> bool:
    """Whether a question has not been looked at, or a person has decided something since."""
    new = select(QuestionRow.id).where(col(QuestionRow.gathered).is_(False)).limit(1)
    return session.exec(new).first() is not None or last_decision(session) > reached(session)


def reached(session: Session) -> int:
    """The latest decision of a person that holds in what was gathered."""
    return int(cursors.at(session, _REACHED) or 0)


def reach(session: Session, decision: int, now: datetime) -> None:
    """Everything that was decided up to this one holds."""
    cursors.move(session, _REACHED, str(decision), now)


def waiting(session: Session, limit: int) -> list[AskedQuestion]:
    """Questions that nobody has looked at yet, the earliest first."""
    statement = (
        select_columns(*_COLUMNS).where(_QUESTION.gathered.is_(False)).order_by(_QUESTION.id).limit(limit)
    )
    return [_asked(row) for row in session.execute(statement)]


def latest(session: Session, after: int, limit: int) -> list[AskedQuestion]:
    """The latest gathered questions behind number ``after``, at most so many, in order."""
    statement = (
        select_columns(*_COLUMNS)
        .where(_QUESTION.matter_id.is_not(None), _QUESTION.id > after)
        .order_by(_QUESTION.id.desc())
        .limit(limit)
    )
    return [_asked(row) for row in reversed(session.execute(statement).all())]


def of_matter(session: Session, number: int, limit: int) -> list[AskedQuestion]:
    """The latest questions of a matter, the latest first."""
    statement = select_columns(*_COLUMNS).where(_QUESTION.matter_id == number)
    return [_asked(row) for row in session.execute(statement.order_by(_QUESTION.id.desc()).limit(limit))]


def these(session: Session, question_ids: Iterable[int]) -> dict[int, AskedQuestion]:
    """These questions, by id."""
    rows = session.execute(select_columns(*_COLUMNS).where(_QUESTION.id.in_(sorted(question_ids)))).all()
    return {row.id: _asked(row) for row in rows}


def _asked(row: Row[Any]) -> AskedQuestion:
    return AskedQuestion(
        row.id,
        row.text,
        row.language,
        row.asked_at,
        row.same_as_entry,
        (row.platform, row.customer_id),
        row.matter_id,
        row.topics[0][0] if row.topics else None,
        bool(row.text.strip()) and row.state not in _OF_NO_MATTER,
        row.state == QuestionState.DISMISSED and is_praise(row.text),
    )


def assign(session: Session, matters: Mapping[int, int | None]) -> None:
    """These questions have been looked at, and belong to these matters (None: to none)."""
    if not matters:
        return
    kept = table_of(QuestionRow)
    statement = (
        update(kept)
        .where(kept.c.id == bindparam("number"))
        .values(matter_id=bindparam("matter"), gathered=True)
    )
    rows = [{"number": number, "matter": matter} for number, matter in sorted(matters.items())]
    session.connection().execute(statement, rows)


def hand_over(session: Session, gone: int, kept: int) -> None:
    """All questions of one matter belong to another, and so does what is said of it beside."""
    for table in (QuestionRow, ListenedRow, DepartmentAnswerRow):
        session.execute(
            update(table)
            .where(col(table.matter_id) == gone)
            .values(matter_id=kept)
            .execution_options(synchronize_session=False)
        )


def matters(session: Session, numbers: Iterable[int]) -> dict[int, MatterRow]:
    """These matters, by number, as far as they are there; held."""
    rows = session.exec(
        select(MatterRow)
        .where(col(MatterRow.id).in_(sorted(set(numbers))))
        .order_by(col(MatterRow.id))
        .with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    return {row.id: row for row in rows}


def next_number(session: Session) -> int:
    """The number of the next matter to be opened."""
    return int(session.exec(select(func.coalesce(func.max(MatterRow.id), 0))).one()) + 1


def open_by_hand(session: Session, title: str, now: datetime) -> MatterRow:
    """A matter of no questions yet, under the next number that nobody has taken."""
    kept = table_of(MatterRow)
    fresh = insert_of(session.get_bind().dialect.name)(kept).on_conflict_do_nothing(index_elements=["id"])
    taken = None
    while taken is None:
        new = {"id": next_number(session), "title": title, "title_source": TitleSource.MODERATOR}
        values = {
            **new,
            "state": MatterState.OPEN,
            "questions": 0,
            "surge": "",
            "praise": False,
            "is_public": False,
            "first_at": now,
            "last_at": now,
        }
        taken = session.execute(fresh.values(values).returning(kept.c.id)).scalar_one_or_none()
    return session.get_one(MatterRow, taken)


def of_praise(session: Session) -> MatterRow | None:
    """Where posts go that only praise, held; None where there is no such matter (any more)."""
    number = int(cursors.at(session, _PRAISE) or 0)
    matter = matters(session, [number]).get(number)
    while matter is not None and matter.merged_into is not None:
        matter = matters(session, [matter.merged_into]).get(matter.merged_into)
    return matter if matter is not None and matter.praise else None


def note_praise(session: Session, matter: MatterRow, now: datetime) -> None:
    """Posts that only praise go to this matter from now on."""
    cursors.move(session, _PRAISE, str(matter.id), now)


def parted(session: Session) -> list[tuple[int, int]]:
    """The pairs of matters that are not one, people said: a question was moved from one to the other."""
    rows = session.exec(
        select(MatterDecisionRow.matter, MatterDecisionRow.other).where(
            MatterDecisionRow.kind == "move", col(MatterDecisionRow.other).is_not(None)
        )
    ).all()
    return [(one, other) for one, other in rows if other is not None]


def joined(session: Session) -> set[int]:
    """The matters that people made of several, and that are part of no other one."""
    found: set[int] = set()
    for one in decisions(session, 0):
        if one.kind == MatterDecisionKind.MERGE and one.other is not None:
            found = (found - {one.other}) | {one.matter}
    return found


def decisions(session: Session, after: int) -> Sequence[MatterDecisionRow]:
    """What people have decided since, in order."""
    statement = select(MatterDecisionRow).where(col(MatterDecisionRow.id) > after)
    return session.exec(statement.order_by(col(MatterDecisionRow.id))).all()


def last_decision(session: Session) -> int:
    """The number of the latest decision."""
    return int(session.exec(select(func.coalesce(func.max(MatterDecisionRow.id), 0))).one())


def settle_surges(session: Session, numbers: Iterable[int], now: datetime) -> None:
    """In these matters it is as usual again."""
    session.execute(
        update(MatterRow)
        .where(col(MatterRow.id).in_(sorted(numbers)), col(MatterRow.surge) != said(""))
        .values(surge="", surge_over_at=now)
        .execution_options(synchronize_session=False)
    )
