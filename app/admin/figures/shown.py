"""What the page of figures is made of: comparisons, drawings and tables, ready to be written (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.admin.figures.charts import BarChart, LineChart, bars, line
from app.admin.figures.span import Span
from app.admin.figures.wording import Compared, compared, shown, span, written
from app.web.phrasing import so_many
from bot.actions.figures.goals import JudgedGoal
from bot.store.tables.figures import GoalRow
from routing.figures.goals import GoalMeasure
from routing.figures.grouping import FigureGroup, GroupBy
from routing.figures.measures import MEASURES, FigureMeaning, Unit
from routing.figures.summary import CoursePoint, Figures, Satisfaction

_DAYS_DRAWN = 92
"""Up to so many days are drawn day by day, more by the week."""
_WEEKS_DRAWN = 79
"""A year and a half: a page of two years would be longer than 100 KB."""
_HEADLINES = (
    "questions",
    "answered_share",
    "first_response_median_s",
    "within_1_h_share",
    "satisfied",
    "backlog",
)
_IN_TABLE = (
    "questions",
    "people",
    "answered_share",
    "within_10_min_share",
    "within_1_h_share",
    "first_response_median_s",
    "first_response_p90_s",
    "settled",
    "satisfied",
    "unsatisfied",
    "csat_share",
    "nps",
    "backlog",
)
MONTHLY_SCORES = ("csat_share", "nps")
_BY_NAME = {one.name: one for one in MEASURES}
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AGES = (("today", 0), ("yesterday", 1), ("2 to 6 days ago", 6), ("1 to 4 weeks ago", 27))
_OLDER = "earlier"
_SHADES = 5
_SIDES = {
    GoalMeasure.RESPONSE: ("in time", "late"),
    GoalMeasure.SATISFIED: ("satisfied", "not"),
    GoalMeasure.CSAT: ("content", "not"),
    GoalMeasure.NPS: ("promoters", "detractors"),
}
"""What is counted for a goal, and against it."""


@dataclass(frozen=True, slots=True)
class CourseChart:
    """How it went, span by span: what was asked and answered, and how soon; ``rows`` say it in numbers."""

    by: GroupBy
    asked: BarChart
    response: LineChart
    slowest: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Figures of groups: what they mean, and a row of words for each group."""

    columns: tuple[FigureMeaning, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal in words, and how it stands; ``state`` is ``met``, ``missed`` or empty."""

    row: GoalRow
    about: str
    wants: str
    stands: str
    state: str


@dataclass(frozen=True, slots=True)
class HourCell:
    """Questions of one hour of the week; ``shade`` from 0 to 5 says how many that is of the most."""

    questions: int
    shade: int


def course_of(span: Span) -> GroupBy:
    """By what the course of these days is drawn."""
    if span.days <= _DAYS_DRAWN:
        return GroupBy.DAY
    return GroupBy.WEEK if span.days <= 7 * _WEEKS_DRAWN else GroupBy.MONTH


def all_compared(now: Figures, before: Figures) -> list[Compared]:
    """Every figure beside what it was before."""
    return [compared(meaning, now, before) for meaning in MEASURES]


def headlines(every: Sequence[Compared]) -> list[Compared]:
    """Those that tell at a glance."""
    found = {one.meaning.name: one for one in every}
    return [found[name] for name in _HEADLINES]


def charts(names: Sequence[str], course: Sequence[CoursePoint], by: GroupBy) -> CourseChart:
    """The course of some spans of time, by their names."""
    asked = [one.questions for one in course]
    answered = [one.answered for one in course]
    medians = [one.first_response_median_s for one in course]
    said = [written(median, Unit.SECONDS) for median in medians]
    response = line(names, medians, said)
    return CourseChart(
        by,
        bars(names, asked, answered, "{whole} asked, {part} answered"),
        response,
        written(response.greatest, Unit.SECONDS),
        tuple(names),
        tuple(zip(names, map(_counted, asked), map(_counted, answered), said, strict=True)),
    )


def _counted(number: int) -> str:
    return written(number, Unit.NUMBER)


def group_table(groups: Sequence[FigureGroup], names: Mapping[str, str]) -> GroupTable:
    """The figures of groups, by what these are called."""
    columns = tuple(_BY_NAME[name] for name in _IN_TABLE)
    return GroupTable(
        columns,
        tuple(
            (names.get(one.key, one.key), tuple(shown(one.figures, column) for column in columns))
            for one in groups
        ),
    )


def months_shown(
    names: Sequence[str], months: Sequence[Satisfaction]
) -> list[tuple[str, Satisfaction, tuple[str, ...]]]:
    """How customers took it in each month, and what they said of how it went, in words."""
    scores = tuple(_BY_NAME[name] for name in MONTHLY_SCORES)
    return [
        (name, one, tuple(shown(one.said, meaning) for meaning in scores))
        for name, one in zip(names, months, strict=True)
    ]


def week_of(hours: Sequence[FigureGroup]) -> list[tuple[str, list[HourCell]]]:
    """The hours of the day, each with its seven days."""
    asked = [one.figures.questions for one in hours]
    most = max(asked, default=0)
    return [
        (f"{hour:02}:00", [_cell(asked[day * 24 + hour], most) for day in range(len(DAY_NAMES))])
        for hour in range(24)
    ]


def _cell(questions: int, most: int) -> HourCell:
    return HourCell(questions, -(-questions * _SHADES // most) if most else 0)


def backlog(waiting: Sequence[tuple[date, int]], today: date) -> list[tuple[str, int]]:
    """How many questions wait for us now, by when they were asked."""
    found = {name: 0 for name, _ in _AGES} | {_OLDER: 0}
    for day, number in waiting:
        age = (today - day).days
        found[next((name for name, most in _AGES if age <= most), _OLDER)] += number
    return list(found.items())


def goals_shown(judged: Sequence[JudgedGoal] | None, topics: Mapping[str, str]) -> list[GoalLine] | None:
    """Each goal in words; None while nothing can be told."""
    return None if judged is None else [_goal(one, topics) for one in judged]


def _goal(judged: JudgedGoal, topics: Mapping[str, str]) -> GoalLine:
    row, found = judged.row, judged.found
    if found.share is None:
        stands, state = f"too few to tell ({found.judged} of at least {found.enough})", ""
    else:
        good, bad = _SIDES[found.measure]
        counts = f"{_counted(found.in_time)} {good}, {_counted(found.late)} {bad}"
        is_nps = found.measure is GoalMeasure.NPS
        share = written(found.share * 100, Unit.POINTS) if is_nps else written(found.share, Unit.SHARE)
        stands = f"{share} ({counts})"
        state = "missed" if row.missed_since or found.share < row.percent / 100 else "met"
    return GoalLine(row, topics.get(row.topic, row.topic) or "The house", wanted(row), stands, state)


def wanted(row: GoalRow) -> str:
    """What a goal wants, in words."""
    return f"{_wanted(row)}, over {so_many(row.days, 'day', 'days')}"


def _wanted(row: GoalRow) -> str:
    match GoalMeasure(row.measure):
        case GoalMeasure.SATISFIED:
            return f"{row.percent} % of those who said whether it helped are satisfied"
        case GoalMeasure.CSAT:
            return f"CSAT of at least {row.percent} %"
        case GoalMeasure.NPS:
            return f"NPS of at least {written(row.percent, Unit.POINTS)}"
    in_hours = " of business hours" if row.in_hours else ""
    return f"{row.percent} % within {span(row.within_seconds)}{in_hours}"
