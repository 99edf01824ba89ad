"""Which days somebody wants to see, and by what they want them told apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from app.identity.auth import Person
from app.web.problems import Problem
from bot.roles import Permission
from routing.figures.grouping import GroupBy

USUAL_DAYS = 28
_LONGEST = timedelta(days=3_660)
_EARLIEST = date(2006, 3, 21)
"""Nobody posted anything on such a feed before."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Span":
        """As many days, just before."""
        return Span(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def query(self, by: GroupBy) -> str:
        """As the address of a page says it."""
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat(), "by": by.value})


def span_named(first: str, last: str, today: date) -> Span:
    """The days that an address names; without, the last four weeks. Raises Problem 422."""
    end = _date(last, "to") if last.strip() else None
    start = _date(first, "from") if first.strip() else None
    if end is None:
        end = max(today, start) if start is not None else today
    if start is None:
        start = end - timedelta(days=USUAL_DAYS - 1)
    if start > end:
        raise Problem(422, f"“from” ({start}) lies behind “to” ({end}). Exchange them.")
    if end - start > _LONGEST:
        raise Problem(422, "These are more than ten years. Choose fewer days.")
    return Span(start, end)


def usual_spans(today: date) -> Mapping[str, Span]:
    """What is looked at most, by name."""
    month = today.replace(day=1)
    last_month = month - timedelta(days=1)
    return {
        "Last 7 days": Span(today - timedelta(days=6), today),
        "Last 28 days": Span(today - timedelta(days=USUAL_DAYS - 1), today),
        "Last 90 days": Span(today - timedelta(days=89), today),
        "This month": Span(month, today),
        "Last month": Span(last_month.replace(day=1), last_month),
        "Last 365 days": Span(today - timedelta(days=364), today),
    }


def group_named(name: str, person: Person) -> GroupBy:
    """By what somebody wants figures told apart. Raises Problem 422, or 403 where they may not know."""
    try:
        by = GroupBy(name.strip() or GroupBy.TOPIC)
    except ValueError:
        names = ", ".join(one.value for one in GroupBy)
        raise Problem(422, f"Figures are told apart by one of: {names}.") from None
    if by is GroupBy.PERSON and not person.may(Permission.READ_PEOPLE):
        raise Problem(403, "Figures of single people are for those who may see the people.")
    return by


def _date(text: str, name: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Problem(422, f"“{name}” should be a day like 2026-03-04.") from None
    if not _EARLIEST <= found <= date(9999, 12, 31) - _LONGEST:
        raise Problem(422, f"“{name}” should be a day since {_EARLIEST}.")
    return found
