"""How many people asked about each matter of late, kept with it: lists in that order count nobody."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import MatterState
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow

WEEK = timedelta(days=7)
_AGAIN = timedelta(minutes=30)
"""So old a count may be of a matter of which nobody asks now: whoever did is further back each day."""


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Matters to be counted again: of which somebody asked since, or whose count has become old."""
    counted, people = col(MatterRow.counted_at), col(MatterRow.people_lately) + col(MatterRow.people_before)
    found = session.exec(
        select(MatterRow.id)
        .where(
            MatterRow.state != MatterState.MERGED,
            or_(
                counted.is_(None),
                col(MatterRow.last_at) > counted,
                (counted < now - _AGAIN) & (people > 0),
            ),
        )
        .order_by(counted.is_not(None), counted, col(MatterRow.id))
        .limit(limit)
    )
    return list(found.all())


def count(session: Session, ids: Collection[int], now: datetime) -> bool:
    """Count who asked about these matters in these seven days and those before; whether that is news."""
    if not ids:
        return False
    who = QuestionRow.platform + ":" + col(QuestionRow.customer_id)
    people = func.count(func.distinct(who))
    is_late = col(QuestionRow.asked_at) > now - WEEK
    counted = {
        number: (lately, before)
        for number, lately, before in session.execute(
            select_columns(col(QuestionRow.matter_id), people.filter(is_late), people.filter(~is_late))
            .where(col(QuestionRow.matter_id).in_(sorted(ids)), col(QuestionRow.asked_at) > now - 2 * WEEK)
            .group_by(col(QuestionRow.matter_id))
        )
    }
    kept = table_of(MatterRow)
    were = {
        number: (lately, before)
        for number, lately, before in session.execute(
            select_columns(kept.c.id, kept.c.people_lately, kept.c.people_before)
            .where(kept.c.id.in_(sorted(ids)))
            .order_by(kept.c.id)
            .with_for_update()
        )
    }
    values = [
        {"number": number, "lately": found[0], "before": found[1]}
        for number in sorted(were)
        for found in [counted.get(number, (0, 0))]
    ]
    if values:
        statement = update(kept).where(kept.c.id == bindparam("number"))
        session.connection().execute(
            statement.values(
                people_lately=bindparam("lately"), people_before=bindparam("before"), counted_at=now
            ),
            values,
        )
    return any(counted.get(number, (0, 0)) != was for number, was in were.items())
