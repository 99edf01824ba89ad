"""Keeping to what a platform may be sent: what was spent, what waits, and taking no more than the plan lets.

What was read on a platform that charges for it is spent, too.

Planning and claiming are one transaction, one at a time over all nodes: two workers that look at the same
moment must not both spend the last place of a window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlmodel import Session, col

from bot.platforms.planner import (
    FREE,
    LOOKING_SHARE,
    Budget,
    Plan,
    Prices,
    Spent,
    Waiting,
    Window,
    day_of,
    looks_left,
    month_of,
    plan,
)
from bot.posts import Read
from bot.states import UNSURE, ChangeKind, DeliveryCode, DeliveryState
from bot.store import changes
from bot.store.claim import claim
from bot.store.conversations.deliveries import sending_values
from bot.store.engine import Database
from bot.store.house import reading
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow, QuestionRow

_MOST_PLANNED = 1_000
_SAYS_SOMETHING = col(DeliveryRow.target_id).is_(None)
"""Taking a post down costs nothing, and has a pace of its own."""
NEARLY_USED_UP = 0.9
"""Share of a bound from which people are told that it runs out."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a platform may be sent, and what it asks for it (None: nothing)."""

    budget: Budget
    prices: Prices | None = None

    def cost(self, row: DeliveryRow) -> Decimal:
        """What sending this message costs."""
        if self.prices is None:
            return FREE
        sends = row.sends
        is_reply = row.part == 0 and bool(sends.in_reply_to)
        return self.prices.of("" if sends.repost_of else sends.text, is_reply_to_mention=is_reply)


def looks(session: Session, platform: str, terms: Terms, now: datetime) -> int | None:
    """How many known posts may be looked up again on a platform now; None for any number."""
    if terms.prices is None:
        return None
    return _reads_left(session, platform, terms, Read.AGAIN, terms.prices.reading(Read.AGAIN), now)


def listens(session: Session, platform: str, terms: Terms, now: datetime) -> int | None:
    """How many posts a search for words may bring on a platform now; None for any number.

    Each may bring along its author and what it replies to, which are charged for as well.
    """
    if terms.prices is None:
        return None
    price = terms.prices.reading(Read.LISTENED) + terms.prices.read_post + terms.prices.read_user
    return _reads_left(session, platform, terms, Read.LISTENED, price, now)


def _reads_left(
    session: Session, platform: str, terms: Terms, kind: Read, price: Decimal, now: datetime
) -> int | None:
    budget = terms.budget
    went = [
        reading.amounts(session, platform, since).get(kind, reading.Amount()).number * price
        for since in (day_of(now), month_of(now))
    ]
    money = Budget((), budget.per_day, budget.per_month)
    return looks_left(money, price, spent(session, platform, money, now), Spent((), *went))


def waits(session: Session, platforms: Sequence[str], now: datetime) -> list[str]:
    """The platforms, of these, on which something is due."""
    found = session.execute(
        select(col(DeliveryRow.platform))
        .where(
            col(DeliveryRow.state) == DeliveryState.READY,
            col(DeliveryRow.due_at) <= now,
            col(DeliveryRow.platform).in_(list(platforms)),
            _SAYS_SOMETHING,
        )
        .distinct()
    )
    return sorted(found.scalars())


def reopen(database: Database, platforms: Sequence[str]) -> None:
    """Plan everything that was put off anew: the bounds may be others since the last start."""
    with database.write() as session:
        session.execute(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.state) == DeliveryState.READY,
                col(DeliveryRow.code) == DeliveryCode.OVER_BUDGET,
                col(DeliveryRow.platform).in_(list(platforms)),
            )
            .values(due_at=database.now(session))
            .execution_options(synchronize_session=False)
        )


def claim_planned(
    database: Database,
    platform: str,
    terms: Terms,
    *,
    owner: str,
    lease: timedelta,
    sending_time: timedelta,
    limit: int,
) -> tuple[list[DeliveryRow], list[tuple[DeliveryRow, str]]]:
    """Take the messages that may go now; ``sending`` and what they cost are committed when this returns.

    What may not go yet is put off until it may, with the reason. The second list holds those that can never
    be paid as things are set, taken too, each with the reason: the caller hands them to a person.
    """
    with database.write() as session:
        changes.serialise(session, "budget")
        now = database.now(session)
        rows = {row.id: row for row in _candidates(session, platform, now)}
        planned = _planned(session, platform, terms, list(rows.values()), now)
        going = planned.now[:limit]
        never = {one.id: one.why for one in planned.later if one.at is None}
        _put_off(session, planned, rows, now)
        for row_id in (*going, *never):
            rows[row_id].due_at = min(rows[row_id].due_at or now, now)
            session.add(rows[row_id])
        session.flush()
        costs = {one: int(terms.cost(rows[one]) * reading.MICRO) for one in going}
        taken = _take(
            session, (*going, *never), now, costs, owner=owner, lease=lease, sending_time=sending_time
        )
    return (
        [taken[one] for one in going if one in taken],
        [(taken[one], why) for one, why in never.items() if one in taken],
    )


def _take(
    session: Session,
    ids: Sequence[int],
    now: datetime,
    costs: Mapping[int, int],
    *,
    owner: str,
    lease: timedelta,
    sending_time: timedelta,
) -> dict[int, DeliveryRow]:
    """Claim exactly these messages for sending."""
    columns: Any = DeliveryRow
    if not ids:
        return {}
    taken = claim(
        session,
        DeliveryRow,
        [DeliveryState.READY],
        now=now,
        lease=lease,
        owner=owner,
        limit=len(ids),
        where=[columns.id.in_(ids)],
        cost_micros=case(dict(costs), value=columns.id, else_=0) if any(costs.values()) else 0,
        **sending_values(now, sending_time),
    )
    return {row.id: row for row in taken}


def spent(session: Session, platform: str, budget: Budget, now: datetime, room: int = 0) -> Spent:
    """What has gone out: times where a window could be full with ``room`` more, money where it is bounded."""
    times: list[datetime] = []
    for window in budget.windows:
        if _count(session, platform, now - window.span) + room > window.posts:
            times = _times(session, platform, now - max(one.span for one in budget.windows))
            break
    return Spent(
        times,
        _dollars(session, platform, day_of(now)) if budget.per_day is not None else FREE,
        _dollars(session, platform, month_of(now)) if budget.per_month is not None else FREE,
    )


@dataclass(frozen=True, slots=True)
class Use:
    """How full one window is."""

    window: Window
    posts: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A platform's budget as a person reads it."""

    platform: str
    terms: Terms
    uses: tuple[Use, ...]
    day: Decimal
    month: Decimal
    reading_month: Mapping[Read, reading.Amount]
    """What of it was for reading, by kind."""
    waiting: int
    put_off: tuple[DeliveryRow, ...]
    """What had to wait, the first to go in front; at most 50."""

    @property
    def for_reading(self) -> Decimal:
        """The dollars of the month that went for reading."""
        return sum((one.dollars for one in self.reading_month.values()), FREE)

    @property
    def looking_share(self) -> Decimal:
        """The part of the money that looking known posts up again may take."""
        return LOOKING_SHARE


def account(session: Session, platform: str, terms: Terms, now: datetime) -> BudgetState:
    """What is spent on a platform, and what waits until when."""
    ready = (
        col(DeliveryRow.platform) == platform,
        col(DeliveryRow.state) == DeliveryState.READY,
        _SAYS_SOMETHING,
    )
    put_off = session.execute(
        select(DeliveryRow)
        .where(*ready, col(DeliveryRow.code) == DeliveryCode.OVER_BUDGET)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
        .limit(50)
    )
    return BudgetState(
        platform,
        terms,
        tuple(Use(one, _count(session, platform, now - one.span)) for one in terms.budget.windows),
        _dollars(session, platform, day_of(now)),
        _dollars(session, platform, month_of(now)),
        reading.amounts(session, platform, month_of(now)),
        int(session.execute(select(func.count()).select_from(DeliveryRow).where(*ready)).scalar_one()),
        tuple(put_off.scalars()),
    )


def running_out(session: Session, platform: str, terms: Terms, now: datetime) -> str | None:
    """What of a platform's budget is nearly used up, in words; None where there is enough of everything."""
    for window in terms.budget.windows:
        posts = _count(session, platform, now - window.span)
        if posts >= window.posts * NEARLY_USED_UP:
            hours = window.span / timedelta(hours=1)
            return f"{posts} of {window.posts} posts in {hours:g} hours have gone out."
    for most, since, what in (
        (terms.budget.per_day, day_of(now), "today"),
        (terms.budget.per_month, month_of(now), "this month"),
    ):
        gone = _dollars(session, platform, since) if most is not None else FREE
        if most is not None and gone >= most * Decimal(str(NEARLY_USED_UP)):
            return f"${gone:.2f} of ${most:.2f} are spent {what}."
    return None


def _candidates(session: Session, platform: str, now: datetime) -> list[DeliveryRow]:
    """What is due, and what was put off before: something more urgent may have come since.

    Nobody else changes these until they are planned; what somebody is just changing is left to the next plan.
    """
    columns: Any = DeliveryRow
    found = session.execute(
        select(DeliveryRow)
        .where(
            columns.platform == platform,
            columns.state == DeliveryState.READY,
            _SAYS_SOMETHING,
            or_(columns.due_at <= now, columns.code == DeliveryCode.OVER_BUDGET),
            or_(columns.lease_until.is_(None), columns.lease_until <= now),
        )
        .order_by(columns.due_at, columns.id)
        .limit(_MOST_PLANNED)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return list(found.scalars())


def _planned(
    session: Session, platform: str, terms: Terms, rows: Sequence[DeliveryRow], now: datetime
) -> Plan:
    questions = {row.question_id for row in rows if row.question_id}
    priorities: dict[int, int] = {}
    if questions:
        found = session.execute(
            select(col(QuestionRow.id), col(QuestionRow.priority)).where(col(QuestionRow.id).in_(questions))
        )
        priorities = {int(row[0]): int(row[1]) for row in found}
    planned_for = _planned_for(session, rows)
    waiting = [
        Waiting(
            id=row.id,
            since=planned_for.get(row.announcement_id or 0, row.created_at),
            priority=priorities.get(row.question_id or 0, 0),
            cost=terms.cost(row),
            continues=row.part > 0,
        )
        for row in rows
    ]
    return plan(waiting, spent(session, platform, terms.budget, now, len(rows)), terms.budget, now)


def _planned_for(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, datetime]:
    """Since when announcements want to go out: they were written long before, and wait no longer for that."""
    ids = {row.announcement_id for row in rows if row.announcement_id}
    if not ids:
        return {}
    columns: Any = AnnouncementRow
    found = session.execute(select(columns.id, columns.planned_at).where(columns.id.in_(ids)))
    return {number: at for number, at in found if at is not None}


def _put_off(session: Session, planned: Plan, rows: Mapping[int, DeliveryRow], now: datetime) -> None:
    for one in planned.later:
        row = rows[one.id]
        if one.at is not None and (row.due_at != one.at or row.code != DeliveryCode.OVER_BUDGET):
            row.due_at, row.code, row.reason = one.at, DeliveryCode.OVER_BUDGET, one.why
            session.add(row)
            changes.append(session, ChangeKind.WORK, row.question_id or 0, now)


def _count(session: Session, platform: str, since: datetime) -> int:
    gone = session.execute(
        select(func.count()).where(
            col(DeliveryRow.platform) == platform, col(DeliveryRow.sent_at) > since, _SAYS_SOMETHING
        )
    ).scalar_one()
    unsure = session.execute(
        select(func.count()).where(
            col(DeliveryRow.state).in_(UNSURE),
            col(DeliveryRow.platform) == platform,
            col(DeliveryRow.deadline_at) > since,
            _SAYS_SOMETHING,
        )
    ).scalar_one()
    return int(gone) + int(unsure)


def _times(session: Session, platform: str, since: datetime) -> list[datetime]:
    gone = session.execute(
        select(col(DeliveryRow.sent_at)).where(
            col(DeliveryRow.platform) == platform, col(DeliveryRow.sent_at) > since, _SAYS_SOMETHING
        )
    ).scalars()
    unsure = session.execute(
        select(col(DeliveryRow.deadline_at)).where(
            col(DeliveryRow.state).in_(UNSURE),
            col(DeliveryRow.platform) == platform,
            col(DeliveryRow.deadline_at) > since,
            _SAYS_SOMETHING,
        )
    ).scalars()
    return [at for at in (*gone, *unsure) if at is not None]


def _dollars(session: Session, platform: str, since: datetime) -> Decimal:
    """What was published and read since the beginning of a day, in dollars."""
    cost = func.coalesce(func.sum(col(DeliveryRow.cost_micros)), 0)
    gone = session.execute(
        select(cost).where(col(DeliveryRow.platform) == platform, col(DeliveryRow.sent_at) >= since)
    ).scalar_one()
    unsure = session.execute(
        select(cost).where(col(DeliveryRow.state).in_(UNSURE), col(DeliveryRow.platform) == platform)
    ).scalar_one()
    published = (Decimal(int(gone)) + Decimal(int(unsure))) / reading.MICRO
    return published + reading.dollars(session, platform, since)
