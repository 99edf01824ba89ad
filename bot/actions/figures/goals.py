"""Goals are set, judged and taken away; whoever is in charge is told of one that is missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.actions.figures.read import DayReader
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.figures import goals as stored
from bot.store.tables.figures import GoalRow
from bot.store.topics import named as topics
from routing.figures.goals import JUDGED_BY, GoalMeasure, GoalStanding, GoalTarget, is_missed, standing
from routing.figures.working_hours import WorkingHours

MOST = 50
"""So many goals can be set."""
_LONGEST = timedelta(days=30)
_MOST_DAYS = 92


@dataclass(frozen=True, slots=True)
class WantedGoal:
    """What somebody wants: see ``GoalRow``. ``within`` is taken where a response is wanted."""

    measure: GoalMeasure
    topic: str
    percent: int
    days: int
    within: timedelta = timedelta(0)
    in_hours: bool = False


@dataclass(frozen=True, slots=True)
class JudgedGoal:
    """A goal, and how it stands."""

    row: GoalRow
    found: GoalStanding


def judged(session: Session, reader: DayReader, now: datetime) -> list[JudgedGoal] | None:
    """All goals as they stand at this moment; None while everything is being counted anew."""
    return _judged(stored.every(session), reader, now)


def _judged(every: Sequence[GoalRow], reader: DayReader, now: datetime) -> list[JudgedGoal] | None:
    hours, tables = reader.hours, {}
    today = now.astimezone(hours.zone).date()
    for days in {row.days for row in every}:
        found = reader.read(today - timedelta(days=days - 1), today, JUDGED_BY)
        if found.share < 1:
            return None
        tables[days] = found.table

    def waited(since: int) -> int:
        return int(now.timestamp()) - since

    def waited_in_hours(since: int) -> int:
        return hours.seconds(datetime.fromtimestamp(since, UTC), now)

    return [
        JudgedGoal(
            row, standing(tables[row.days], target_of(row), waited_in_hours if row.in_hours else waited)
        )
        for row in every
    ]


def judge(session: Session, hours: WorkingHours, now: datetime) -> int:
    """Note which goals are missed, and since when; how many have changed is returned."""
    changed = 0
    every = stored.every(session)
    if not every:
        return 0  # nobody has to look at what has changed
    for goal in _judged(every, DayReader(session, hours), now) or ():
        was_missed = goal.row.missed_since is not None
        if is_missed(goal.found, target_of(goal.row), was_missed=was_missed) is not was_missed:
            goal.row.missed_since = None if was_missed else now
            changed += 1
    return changed


def target_of(row: GoalRow) -> GoalTarget:
    """What a goal wants."""
    measure = GoalMeasure(row.measure)
    return GoalTarget(row.topic, row.percent / 100, row.within_seconds, row.in_hours, measure)


def set_goal(session: Session, wanted: WantedGoal, now: datetime) -> GoalRow:
    """A new goal. Raises Undecidable where it cannot be one."""
    every: Sequence[GoalRow] = stored.every(session)
    if len(every) >= MOST:
        raise Undecidable(f"There are {MOST} goals already. Take one away first.")
    if wanted.topic and topics.by_slug(session, wanted.topic) is None:
        raise NotAsGiven("There is no such topic (any more).")
    _check(wanted)
    is_response = wanted.measure is GoalMeasure.RESPONSE
    row = GoalRow(
        topic=wanted.topic,
        measure=wanted.measure,
        percent=wanted.percent,
        within_seconds=int(wanted.within.total_seconds()) if is_response else 0,
        in_hours=wanted.in_hours and is_response,
        days=wanted.days,
        set_at=now,
    )
    if any(_wants(one) == _wants(row) for one in every):
        raise Undecidable("This goal is there already: take it away first where another number is meant.")
    rows.keep(session, row)
    return row


def _check(wanted: WantedGoal) -> None:
    """Raises Undecidable where a number makes no goal."""
    if wanted.measure is GoalMeasure.NPS:
        if not -100 < wanted.percent <= 100:
            raise NotAsGiven("An NPS goes from -99 to 100 points.")
    elif not 1 <= wanted.percent <= 100:
        raise NotAsGiven("A goal is for 1 to 100 of a hundred questions.")
    is_response = wanted.measure is GoalMeasure.RESPONSE
    if is_response and not timedelta(seconds=60) <= wanted.within <= _LONGEST:
        raise NotAsGiven("A response is wanted within a minute to thirty days.")
    if not 1 <= wanted.days <= _MOST_DAYS:
        raise NotAsGiven(f"A goal is looked at over 1 to {_MOST_DAYS} days.")


def _wants(row: GoalRow) -> tuple[GoalTarget, int]:
    return target_of(row), row.days
