"""What listening took in a day, and which bound cut it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.platforms.planner import day_of
from bot.states import ListeningCut
from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.listening import ListeningDayRow


def of_today(session: Session, now: datetime) -> dict[str, ListeningDayRow]:
    """What was taken today, by platform."""
    statement = select(ListeningDayRow).where(ListeningDayRow.day == day_of(now))
    rows = session.exec(statement, execution_options={"populate_existing": True}).all()
    return {row.platform: row for row in rows}


def room(session: Session, platforms: Collection[str], most: int, now: datetime) -> dict[str, int]:
    """How many posts more may come onto the tray today, by platform."""
    today = of_today(session, now)
    return {name: max(most - (today[name].kept if name in today else 0), 0) for name in platforms}


def note(
    session: Session,
    platform: str,
    now: datetime,
    *,
    searched: int = 0,
    kept: int = 0,
    cut: ListeningCut | None = None,
    problem: str | None = None,
) -> None:
    """Add to what a platform's day took; what is given of ``cut`` and ``problem`` holds from now on.

    Several processes add at once.
    """
    connection, kept_in = session.connection(), table_of(ListeningDayRow)
    said = {name: str(one) for name, one in (("cut", cut), ("problem", problem)) if one is not None}
    first = {"cut": "", "problem": "", **said}
    insert = insert_of(connection.dialect.name)(kept_in).values(
        platform=platform, day=day_of(now), searched=searched, kept=kept, **first
    )
    changed: dict[str, Any] = {
        "searched": kept_in.c.searched + insert.excluded.searched,
        "kept": kept_in.c.kept + insert.excluded.kept,
        **{name: insert.excluded[name] for name in said},
    }
    connection.execute(insert.on_conflict_do_update(index_elements=["platform", "day"], set_=changed))
