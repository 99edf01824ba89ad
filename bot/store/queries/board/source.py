"""One kind of row that waits, as the board goes through it: in its order, narrowed to what is wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlmodel import Session, col

from bot.store.paging import page
from bot.store.queries.board.lines import (
    NOBODY,
    BoardDepartment,
    BoardFilter,
    BoardKind,
    BoardLine,
    LadderTimes,
    Pressing,
)
from bot.store.tables.columns import among, said
from bot.store.tables.house import BoardMarkRow

WaitingRows = Callable[[datetime, LadderTimes], Any]
"""The statement of a source at a moment: rows of its table, with what a line shows beside."""


def rows_of(*what: Any) -> Any:
    """Tuples of these, a source's own row first."""
    return select(*what)


@dataclass(frozen=True, slots=True)
class BoardSource:
    """One kind of row that waits: how it is found, in which order, and how it becomes a line."""

    code: str
    """What it is called in the address of the next page."""
    kind: BoardKind
    pressing: Pressing
    table: Any
    rows: WaitingRows
    line: Callable[["BoardSource", Any], BoardLine]
    order: tuple[Any, ...] = ()
    """What comes before the rows' number in their order."""
    topic: Callable[[str], ColumnElement[bool]] | None = None
    """Whether a row is about a topic; None: that is not known of such rows, so none is."""
    department: Callable[[BoardDepartment], ColumnElement[bool] | None] = lambda _: None
    """Whether a row is a department's by what it is about; None: no row is, unless it was given to it."""
    platform: Any = None
    language: Any = None

    def holds(self, wanted: BoardFilter) -> bool:
        """Whether anything of it can pass the filter."""
        asked = (
            (wanted.topic, self.topic),
            (wanted.platform, self.platform),
            (wanted.language, self.language),
        )
        if self.kind in wanted.unseen:
            return False
        return wanted.kind in ("", self.kind) and all(known is not None for value, known in asked if value)

    def lines(
        self,
        session: Session,
        wanted: BoardFilter,
        after: int | None,
        size: int,
        now: datetime,
        ladder: LadderTimes,
    ) -> tuple[list[tuple[BoardLine, BoardMarkRow | None]], bool]:
        """The first lines behind the row of the number ``after``, and whether there are more."""
        statement = self._marked(self.rows(now, ladder).where(*self._conditions(wanted)), wanted, now)
        is_marked = self._is_only_of_marks(wanted)
        order = [col(BoardMarkRow.row_id)] if is_marked else [*self.order, self.table.id]
        found, more = page(session, statement, order, after, size=size)
        return [(self.line(self, row), row[-1]) for row in found], more is not None

    def has(self, session: Session, row_id: int, now: datetime, ladder: LadderTimes) -> bool:
        """Whether the row of this number waits, put off or not."""
        statement = self.rows(now, ladder).where(self.table.id == row_id).limit(1)
        return session.execute(statement).first() is not None

    def _conditions(self, wanted: BoardFilter) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.topic and self.topic is not None:
            found.append(self.topic(wanted.topic))
        if wanted.platform:
            found.append(among(self.platform, wanted.platform))
        if wanted.language:
            code = self.language
            found.append(is_so(or_(code == wanted.language, code.startswith(f"{wanted.language}-"))))
        return found

    def _marked(self, statement: Any, wanted: BoardFilter, now: datetime) -> Any:
        """With what people noted about each row, which comes last."""
        mark: Any = BoardMarkRow
        beside = and_(mark.kind == said(self.kind), mark.row_id == self.table.id)
        is_put_off = mark.snoozed_until > now
        statement = statement.add_columns(BoardMarkRow)
        if self._is_only_of_marks(wanted):
            statement = statement.join(mark, beside).where(
                is_put_off if wanted.is_put_off else _not_put_off(now)
            )
        else:
            statement = statement.outerjoin(mark, beside).where(_not_put_off(now))
        if wanted.is_of_somebody:
            statement = statement.where(_looks_after(wanted))
        if wanted.person == NOBODY:
            statement = statement.where(mark.assigned_to.is_(None), mark.department_id.is_(None))
        return statement if wanted.department is None else statement.where(self._is_of(wanted.department))

    def _is_only_of_marks(self, wanted: BoardFilter) -> bool:
        """Whether nothing is wanted of which nobody noted anything."""
        is_given = wanted.department is not None and self.department(wanted.department) is None
        return wanted.is_of_somebody or wanted.is_put_off or is_given

    def _is_of(self, department: BoardDepartment) -> ColumnElement[bool]:
        given, about = col(BoardMarkRow.department_id) == department.id, self.department(department)
        return given if about is None else is_so(or_(given, about))


def _looks_after(wanted: BoardFilter) -> ColumnElement[bool]:
    found = [col(BoardMarkRow.department_id) == one for one in wanted.teams]
    if wanted.person_id is not None:
        found.append(col(BoardMarkRow.assigned_to) == wanted.person_id)
    return or_(*found)


def _not_put_off(now: datetime) -> ColumnElement[bool]:
    until = col(BoardMarkRow.snoozed_until)
    return or_(until.is_(None), until <= now)


def is_so(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, said so that no index offers itself: the rows are found by what waits."""
    return case((condition, 1), else_=0) == 1
