"""How surges go on: people who asked since they began, in the last hour and the last minutes, counted now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, literal, union_all
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.values import NoticedSurge

LATELY = timedelta(minutes=20)
_HOUR = timedelta(hours=1)
_MOST_READ = 20_000
"""So many of a matter's latest questions are counted at most."""
_SHOWN_AFTER = timedelta(days=2)
"""So long after it is over a surge is still told of."""


class SurgeCourse(StrEnum):
    """Where a surge goes."""

    GROWING = "growing"
    """In the last minutes more people asked than in as many minutes before."""
    SLOWING = "slowing"
    OVER = "over"
    """It is as usual again, or a person has settled it."""


@dataclass(frozen=True, slots=True)
class SurgeNow:
    """A surge: as it was ``noticed``, and the people (each once) who have asked since it began.

    ``in_hour`` and ``lately`` are those of the last hour and of the last ``LATELY``. ``is_all`` is false
    where even more asked than were counted.
    """

    matter: int
    noticed: NoticedSurge
    noticed_at: datetime
    people: int
    in_hour: int
    lately: int
    course: SurgeCourse
    over_at: datetime | None
    is_all: bool = True


def going_on(session: Session, matters: Iterable[MatterRow], now: datetime) -> dict[int, SurgeNow]:
    """Those of these matters that surge, or did until lately, by number: all of them in one statement."""
    told = {
        one.id: (one, one.surged, one.surge_at)
        for one in matters
        if one.surged is not None and one.surge_at is not None and _is_told(one, now)
    }
    counted = [_counted(one, noticed, now) for one, noticed, _ in told.values()]
    rows = session.execute(union_all(*counted)) if counted else ()
    return {row.matter: _surge(*told[row.matter], row) for row in rows}


def going_on_in(session: Session, numbers: Sequence[int], now: datetime) -> dict[int, SurgeNow]:
    """The same of the matters with these numbers."""
    surged = select(MatterRow).where(col(MatterRow.id).in_(numbers), col(MatterRow.surge_at).is_not(None))
    return going_on(session, session.exec(surged).all(), now) if numbers else {}


def _is_told(matter: MatterRow, now: datetime) -> bool:
    over_at = matter.surge_over_at
    return bool(matter.surge) or (over_at is not None and now - over_at < _SHOWN_AFTER)


def _counted(matter: MatterRow, noticed: NoticedSurge, now: datetime) -> Any:
    """The people of one surge, as a part of the statement that counts all of them."""
    until = matter.surge_over_at or now
    lately = (
        select_columns(
            (QuestionRow.platform + ":" + col(QuestionRow.customer_id)).label("who"),
            col(QuestionRow.asked_at).label("at"),
        )
        .where(
            col(QuestionRow.matter_id) == matter.id,
            col(QuestionRow.asked_at) > noticed.began,
            col(QuestionRow.asked_at) <= until,
        )
        .order_by(col(QuestionRow.asked_at).desc())
        .limit(_MOST_READ)
        .subquery()
    )
    who = func.count(func.distinct(lately.c.who))
    return select_columns(
        literal(matter.id).label("matter"),
        func.count().label("read"),
        who.label("people"),
        who.filter(lately.c.at > now - _HOUR).label("in_hour"),
        who.filter(lately.c.at > now - LATELY).label("lately"),
        who.filter(lately.c.at > now - 2 * LATELY, lately.c.at <= now - LATELY).label("before"),
    ).select_from(lately)


def _surge(matter: MatterRow, noticed: NoticedSurge, noticed_at: datetime, counted: Any) -> SurgeNow:
    growth = SurgeCourse.GROWING if counted.lately > counted.before else SurgeCourse.SLOWING
    return SurgeNow(
        matter.id,
        noticed,
        noticed_at,
        counted.people,
        counted.in_hour,
        counted.lately,
        growth if matter.surge else SurgeCourse.OVER,
        matter.surge_over_at,
        counted.read < _MOST_READ,
    )
