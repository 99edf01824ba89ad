"""What reading costs where a platform charges for it: noted as it happens, told for the budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.platforms.planner import Prices, day_of
from bot.posts import Read
from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.house import ReadingRow

MICRO = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many things were read, and what they cost in dollars."""

    number: int = 0
    dollars: Decimal = Decimal(0)


def note(session: Session, platform: str, reads: Mapping[Read, int], prices: Prices, now: datetime) -> None:
    """Add what was read to the day's sums, each in one statement: several processes read at once."""
    connection = session.connection()
    rows = [
        {
            "platform": platform,
            "day": day_of(now),
            "kind": kind.value,
            "number": number,
            "cost_micros": int(prices.reading(kind) * number * MICRO),
        }
        for kind, number in reads.items()
        if number > 0
    ]
    if not rows:
        return
    table = table_of(ReadingRow)
    insert = insert_of(connection.dialect.name)(table)
    statement = insert.on_conflict_do_update(
        index_elements=["platform", "day", "kind"],
        set_={name: table.c[name] + insert.excluded[name] for name in ("number", "cost_micros")},
    )
    connection.execute(statement, rows)


def amounts(session: Session, platform: str, since: datetime) -> Mapping[Read, Amount]:
    """What was read since the beginning of a day of UTC, by kind."""
    found = session.execute(
        select(
            col(ReadingRow.kind),
            func.sum(col(ReadingRow.number)),
            func.sum(col(ReadingRow.cost_micros)),
        )
        .where(col(ReadingRow.platform) == platform, col(ReadingRow.day) >= since)
        .group_by(col(ReadingRow.kind))
    )
    return {Read(kind): Amount(int(number), Decimal(int(cost)) / MICRO) for kind, number, cost in found}


def dollars(session: Session, platform: str, since: datetime) -> Decimal:
    """What everything that was read since the beginning of a day of UTC cost."""
    return sum((one.dollars for one in amounts(session, platform, since).values()), Decimal(0))
