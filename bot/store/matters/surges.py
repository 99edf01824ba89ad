"""How surges go on: people who asked since they began, in the last hour and the last minutes, counted now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func
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
    """Those of these matters that surge, or did until lately, by number."""
    return {
        one.id: _counted(session, one, one.surged, one.surge_at, now)
        for one in matters
        if one.surged is not None and one.surge_at is not None and _is_told(one, now)
    }


def going_on_in(session: Session, numbers: Sequence[int], now: datetime) -> dict[int, SurgeNow]:
    """The same of the matters with these numbers."""
    surged = select(MatterRow).where(col(MatterRow.id).in_(numbers), col(MatterRow.surge_at).is_not(None))
    return going_on(session, session.exec(surged).all(), now) if numbers else {}


def _is_told(matter: MatterRow, now: datetime) -> bool:
    over_at = matter.surge_over_at
    return bool(matter.surge) or (over_at is not None and now - over_at < _SHOWN_AFTER)


def _counted(
    session: Session, matter: MatterRow, noticed: NoticedSurge, noticed_at: datetime, now: datetime
) -> SurgeNow:
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
    counted, people, in_hour, last, before = session.execute(
        select_columns(
            func.count(),
            who,
            who.filter(lately.c.at > now - _HOUR),
            who.filter(lately.c.at > now - LATELY),
            who.filter(lately.c.at > now - 2 * LATELY, lately.c.at <= now - LATELY),
        )
    ).one()
    growth = SurgeCourse.GROWING if last > before else SurgeCourse.SLOWING
    return SurgeNow(
        matter.id,
        noticed,
        noticed_at,
        people,
        in_hour,
        last,
        growth if matter.surge else SurgeCourse.OVER,
        matter.surge_over_at,
        counted < _MOST_READ,
    )
