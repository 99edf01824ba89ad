"""What readers said of entries, by the brand's day: that they helped, or did not."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.figures import VoteDayRow


@dataclass(frozen=True, slots=True)
class ReaderVotes:
    """How many readers said that an entry helped, and how many that it did not."""

    helpful: int = 0
    unhelpful: int = 0


def count(session: Session, on: date, *, helpful: bool) -> None:
    """One more of them."""
    table = table_of(VoteDayRow)
    insert = insert_of(session.get_bind().dialect.name)(table)
    column = table.c.helpful if helpful else table.c.unhelpful
    values = {"day": on.isoformat(), "helpful": int(helpful), "unhelpful": int(not helpful)}
    session.execute(
        insert.values(values).on_conflict_do_update(index_elements=["day"], set_={column.name: column + 1})
    )


def between(session: Session, first: date, last: date) -> ReaderVotes:
    """All of these days."""
    helpful, unhelpful = session.exec(
        select(func.sum(VoteDayRow.helpful), func.sum(VoteDayRow.unhelpful)).where(
            col(VoteDayRow.day).between(first.isoformat(), last.isoformat())
        )
    ).one()
    return ReaderVotes(helpful or 0, unhelpful or 0)
