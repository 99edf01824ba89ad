"""The publish planner: what may go out now, and when the rest may, within posts and money (pure).

A platform bounds posts per rolling window; X also charges for each one. When either runs short, threads
that have begun go on first, then what is most urgent, then what has waited longest.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.posts import Read
from bot.text.links import find_links

FREE = Decimal(0)
LOOKING_SHARE = Decimal("0.25")
"""The part of the money for a day or month that looking known posts up again may take at most; and so much
again that listening may take."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost on a platform, in dollars.

    A reply to a post that mentions the brand is the cheapest; any address in the text makes a post dear.
    Reading is charged per post and account, once in a day of UTC; the brand's own data are cheaper.
    """

    reply: Decimal
    post: Decimal
    with_link: Decimal
    read_own: Decimal
    read_post: Decimal
    read_user: Decimal

    def of(self, text: str, *, is_reply_to_mention: bool) -> Decimal:
        """What publishing ``text`` costs."""
        if find_links(text):
            return self.with_link
        return self.reply if is_reply_to_mention else self.post

    def reading(self, kind: Read) -> Decimal:
        """What reading one thing of this kind costs."""
        match kind:
            case Read.OWN:
                return self.read_own
            case Read.USER:
                return self.read_user
            case Read.POST | Read.LISTENED | Read.AGAIN:
                return self.read_post


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``posts`` in any span of this length."""

    posts: int
    span: timedelta

    def __post_init__(self) -> None:
        if self.posts < 1 or self.span <= timedelta(0):
            raise ValueError("A window lets at least one post through in some time.")


@dataclass(frozen=True, slots=True)
class Budget:
    """What one platform may be sent: rolling windows, and dollars per day and month of UTC (None: any).

    The dollars are for publishing and reading together.
    """

    windows: tuple[Window, ...] = ()
    per_day: Decimal | None = None
    per_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that could go out. ``priority``: higher is more urgent; ``continues`` a thread begun."""

    id: int
    since: datetime
    priority: int = 0
    cost: Decimal = FREE
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What has gone out, messages with an unknown outcome included.

    ``times`` reach back at least as far as the longest window; ``day`` and ``month`` are the dollars of the
    current day and month of UTC, for what was published and read.
    """

    times: Sequence[datetime] = ()
    day: Decimal = FREE
    month: Decimal = FREE


@dataclass(frozen=True, slots=True)
class Wait:
    """A message that has to wait until ``at`` (None: for good, as things are set), and why, in words."""

    id: int
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which messages may go now, in this order, and when the others may.

    The times of waiting messages are what is expected as things stand: each plan is made anew.
    """

    now: tuple[int, ...]
    later: tuple[Wait, ...] = ()


def plan(waiting: Iterable[Waiting], spent: Spent, budget: Budget, now: datetime) -> Plan:
    """Decide what may go out at ``now``. Never above a window or a sum, whatever goes out."""
    order = sorted(waiting, key=lambda one: (not one.continues, -one.priority, one.since, one.id))
    purse = _Purse(budget, spent, now)
    affordable = [(purse.earliest(one.cost), rank, one) for rank, one in enumerate(order)]
    never = [Wait(one.id, None, purse.too_dear(one.cost)) for at, _, one in affordable if at is None]
    windows = [_Rolling(window, spent.times, now) for window in budget.windows]
    going: list[int] = []
    later: list[Wait] = []
    for paid_from, _, one in sorted((at, rank, one) for at, rank, one in affordable if at is not None):
        at = max([paid_from, *(window.next_free() for window in windows)])
        for window in windows:
            window.take(at)
        if at <= now:
            going.append(one.id)
        else:
            why = (
                "The money for the day or month is spent."
                if at == paid_from
                else "The platform takes no more for now."
            )
            later.append(Wait(one.id, at, why))
    return Plan(tuple(going), (*later, *never))


def looks_left(budget: Budget, price: Decimal, spent: Spent, looked: Spent) -> int | None:
    """How many posts may be looked up again, or listened to, now, at ``price`` each; None for any number.

    Never for money that is not there, nor for more than ``LOOKING_SHARE`` of a day's or month's; ``looked``
    is what of ``spent`` went for that.
    """
    bounds = ((budget.per_day, spent.day, looked.day), (budget.per_month, spent.month, looked.month))
    left = [
        min(limit - every, limit * LOOKING_SHARE - again)
        for limit, every, again in bounds
        if limit is not None
    ]
    return max(int(min(left) / price), 0) if left and price > FREE else None


def day_of(now: datetime) -> datetime:
    """When the day of UTC began, from which ``Spent.day`` counts."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """When the month of UTC began, from which ``Spent.month`` counts."""
    return day_of(now).replace(day=1)


class _Rolling:
    """One window's places: when the next one is free, if messages go in the order they are taken."""

    def __init__(self, window: Window, times: Sequence[datetime], now: datetime) -> None:
        self._window = window
        ordered = sorted(times)
        inside = ordered[bisect_right(ordered, now - window.span) :]
        self._taken: deque[datetime] = deque(inside[-window.posts :], maxlen=window.posts)
        self._now = now

    def next_free(self) -> datetime:
        if len(self._taken) < self._window.posts:
            return self._now
        return max(self._taken[0] + self._window.span, self._now)

    def take(self, at: datetime) -> None:
        self._taken.append(at)


class _Purse:
    """The money of today, of the coming days and of their months."""

    def __init__(self, budget: Budget, spent: Spent, now: datetime) -> None:
        self._budget = budget
        self._now = now
        self._days: dict[datetime, Decimal] = {day_of(now): spent.day}
        self._months: dict[datetime, Decimal] = {month_of(now): spent.month}
        # Days only fill up, so the first day for a price never moves back.
        self._first: dict[Decimal, datetime] = {}

    def earliest(self, cost: Decimal) -> datetime | None:
        """The first moment at which this can be paid, which is then kept for it; None for never."""
        if cost == FREE:
            return self._now
        if self.too_dear(cost):
            return None
        day = self._first.get(cost, day_of(self._now))
        while not self._fits(day, cost):
            day = self._next(day, cost)
        self._first[cost] = day
        self._days[day] = self._days.get(day, FREE) + cost
        self._months[month_of(day)] = self._months.get(month_of(day), FREE) + cost
        return max(day, self._now)

    def too_dear(self, cost: Decimal) -> str:
        """Why a message can never be paid; empty when it can."""
        limits = [limit for limit in (self._budget.per_day, self._budget.per_month) if limit is not None]
        if all(cost <= limit for limit in limits):
            return ""
        return f"It costs ${cost}, more than a whole day's or month's budget."

    def _fits(self, day: datetime, cost: Decimal) -> bool:
        per_day, per_month = self._budget.per_day, self._budget.per_month
        return (per_day is None or self._days.get(day, FREE) + cost <= per_day) and (
            per_month is None or self._months.get(month_of(day), FREE) + cost <= per_month
        )

    def _next(self, day: datetime, cost: Decimal) -> datetime:
        """The next day worth trying: tomorrow, or next month's first where the month's money is spent."""
        per_month = self._budget.per_month
        if per_month is not None and self._months.get(month_of(day), FREE) + cost > per_month:
            return month_of(month_of(day) + timedelta(days=32))
        return day + timedelta(days=1)
