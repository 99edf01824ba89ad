"""One way through lists that grow: a page of rows, and the number of the row behind which the next begins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, literal, tuple_
from sqlmodel import Session, select

PAGE = 50
"""Rows on one page."""


def page(
    session: Session,
    statement: Any,
    order: Sequence[Any],
    start: int | None,
    *,
    latest_first: bool = False,
    size: int = PAGE,
) -> tuple[list[Any], int | None]:
    """A page of what ``statement`` selects, and from where to go on (None: that was all).

    No page costs more than the first one: it begins behind a row instead of passing over those before it.

    Args:
        session: Where to look.
        statement: What is listed: rows of one table, or tuples that begin with one.
        order: What the list is ordered by; the last column is the rows' number.
        start: The number of the row behind which the page begins; None for the first page.
        latest_first: Each column of the order counts down.
        size: How many rows a page has.
    """
    if start is not None:
        statement = statement.where(_behind(session, order, start, latest_first=latest_first))
    ordered = statement.order_by(*[column.desc() if latest_first else column.asc() for column in order])
    rows = list(session.exec(ordered.limit(size + 1)).all())
    return rows[:size], _number(rows[size - 1]) if len(rows) > size else None


def _behind(session: Session, order: Sequence[Any], start: int, *, latest_first: bool) -> ColumnElement[bool]:
    number: ColumnElement[int] = order[-1]
    if len(order) == 1:
        return number < start if latest_first else number > start
    place = session.execute(select(*order[:-1]).where(number == start)).first()
    if place is None:  # a row that nobody knows: where its number alone would be
        return number < start if latest_first else number > start
    values = [literal(value, column.type) for value, column in zip((*place, start), order, strict=True)]
    return tuple_(*order) < tuple_(*values) if latest_first else tuple_(*order) > tuple_(*values)


def _number(row: Any) -> int:
    return int((row[0] if isinstance(row, Row) else row).id)
