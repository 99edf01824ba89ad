"""What pages read of announcements: those of one person, those to decide about, the plan, and what is out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from bot.states import AnnouncementState, DeliveryState
from bot.store import rows
from bot.store.paging import page
from bot.store.tables.announcements import AnnouncementRow, CustomersMayAsk
from bot.store.tables.conversations import DeliveryRow, QuestionRow
from bot.store.tables.people import EmployeeRow

_TO_DECIDE = (AnnouncementState.PROPOSED, AnnouncementState.APPROVED)
_PLANNED = (AnnouncementState.PLANNED, AnnouncementState.PUBLISHING)
_DONE = (
    AnnouncementState.PUBLISHED,
    AnnouncementState.FAILED,
    AnnouncementState.DECLINED,
    AnnouncementState.WITHDRAWN,
)
_AT_ONCE = 25
_MOST_IN_A_MONTH = 10_000


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """An announcement with who is behind it and what became of its messages."""

    row: AnnouncementRow
    proposer: str
    approver: str
    messages: tuple[DeliveryRow, ...]
    replies: int = 0
    """The questions that reply to it, where that was asked."""


@dataclass(frozen=True, slots=True)
class PublicAnnouncement:
    """What everybody may read, as it was last corrected.

    ``posts`` are pairs of platform and the address of its first post there.
    """

    id: int
    text: str
    warning: str
    language: str | None
    published_at: datetime
    posts: tuple[tuple[str, str], ...]
    corrected_at: datetime | None = None
    former: tuple[tuple[str, datetime], ...] = ()
    """What it said before, the latest first, and until when."""

    @property
    def changed_at(self) -> datetime:
        """When it came to say what it says."""
        return self.corrected_at or self.published_at


@dataclass(frozen=True, slots=True)
class SaidAnnouncement:
    """What an announcement says, as it was last corrected, and what colleagues are prepared for."""

    id: int
    text: str
    language: str | None
    asked: tuple[CustomersMayAsk, ...]


def mine(session: Session, employee_id: int, before: int | None) -> tuple[list[AnnouncementView], int | None]:
    """A page of what somebody proposed, the latest first, and from where to go on (None: that was all)."""
    statement = select(AnnouncementRow).where(
        AnnouncementRow.proposed_by == employee_id, col(AnnouncementRow.corrects_id).is_(None)
    )
    found, older = page(session, statement, [col(AnnouncementRow.id)], before, latest_first=True)
    return _views(session, found), older


def one(session: Session, announcement_id: int) -> AnnouncementView | None:
    """One announcement; None where there is none of this number."""
    row = rows.find(session, AnnouncementRow, announcement_id)
    if row is None:
        return None
    counted = select(func.count()).where(col(QuestionRow.announcement_id) == announcement_id)
    return replace(_views(session, [row])[0], replies=session.exec(counted).one())


def corrections(session: Session, root_id: int) -> list[AnnouncementView]:
    """What puts an announcement right, or was to, the latest first."""
    return _views(session, _corrections(session, [root_id])[::-1])


def corrections_of(session: Session, root_ids: Collection[int]) -> dict[int, list[AnnouncementRow]]:
    """What puts each of these announcements right, or was to, the latest first; none where there is none."""
    found: dict[int, list[AnnouncementRow]] = defaultdict(list)
    for row in _corrections(session, root_ids)[::-1] if root_ids else ():
        found[row.corrects_id or 0].append(row)
    return found


def _corrections(session: Session, root_ids: Collection[int]) -> Sequence[AnnouncementRow]:
    statement = select(AnnouncementRow).where(col(AnnouncementRow.corrects_id).in_(sorted(root_ids)))
    return session.exec(statement.order_by(col(AnnouncementRow.id))).all()


def as_said(session: Session, ids: Iterable[int | None]) -> dict[int, SaidAnnouncement]:
    """What each of these announcements says now."""
    found = rows.find_all(session, AnnouncementRow, ids)
    out = [one for one in _corrections(session, found) if one.published_at is not None] if found else []
    latest = {one.corrects_id: one.text for one in out}
    return {
        number: SaidAnnouncement(number, latest.get(number, row.text), row.language, row.customers_may_ask)
        for number, row in found.items()
    }


def to_decide(session: Session, after: int | None) -> tuple[list[AnnouncementView], int | None]:
    """A page of what waits for an approval or for its moment, the longest first, and from where to go on."""
    return _in_state(session, _TO_DECIDE, [col(AnnouncementRow.id)], after)


def planned(session: Session, after: int | None) -> tuple[list[AnnouncementView], int | None]:
    """A page of what is planned or going out, the next first, and from where to go on."""
    return _in_state(session, _PLANNED, [col(AnnouncementRow.planned_at), col(AnnouncementRow.id)], after)


def moments(session: Session, start: datetime, end: datetime) -> list[tuple[int, datetime]]:
    """The ids and moments of what is planned for a stretch of time, or went out in it, the earliest first."""
    planned_at, number = col(AnnouncementRow.planned_at), col(AnnouncementRow.id)
    statement = select(number, planned_at).where(*_between(start, end)).order_by(planned_at, number)
    return [(one, at) for one, at in session.exec(statement.limit(_MOST_IN_A_MONTH)) if at is not None]


def numbered(session: Session, ids: Collection[int]) -> list[AnnouncementView]:
    """The announcements of these ids, in their order."""
    found = rows.find_all(session, AnnouncementRow, ids)
    return _views(session, [found[one] for one in ids if one in found])


def between(
    session: Session, start: datetime, end: datetime, after: int | None
) -> tuple[list[AnnouncementView], int | None]:
    """A page of what is planned for a stretch of time, or went out in it, and from where to go on."""
    order = [col(AnnouncementRow.planned_at), col(AnnouncementRow.id)]
    statement = select(AnnouncementRow).where(*_between(start, end))
    found, further = page(session, statement, order, after)
    return _views(session, found), further


def _between(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    planned_at = col(AnnouncementRow.planned_at)
    return planned_at >= start, planned_at < end, col(AnnouncementRow.state) != AnnouncementState.WITHDRAWN


def done(session: Session, before: int | None) -> tuple[list[AnnouncementView], int | None]:
    """A page of what came to its end, the latest first."""
    statement = select(AnnouncementRow).where(col(AnnouncementRow.state).in_(_DONE))
    found, older = page(session, statement, [col(AnnouncementRow.id)], before, latest_first=True)
    return _views(session, found), older


def _in_state(
    session: Session, states: Sequence[str], order: Sequence[Any], after: int | None
) -> tuple[list[AnnouncementView], int | None]:
    statement = select(AnnouncementRow).where(col(AnnouncementRow.state).in_(states))
    found, further = page(session, statement, order, after, size=_AT_ONCE)
    return _views(session, found), further


def _views(session: Session, found: Sequence[AnnouncementRow]) -> list[AnnouncementView]:
    people = rows.find_all(
        session, EmployeeRow, [number for row in found for number in (row.proposed_by, row.approved_by)]
    )
    names = {number: person.name for number, person in people.items()}
    messages = _messages(session, [row.id for row in found])
    return [
        AnnouncementView(
            row,
            names.get(row.proposed_by or 0, ""),
            names.get(row.approved_by or 0, ""),
            tuple(messages[row.id]),
        )
        for row in found
    ]


def _messages(session: Session, ids: Sequence[int]) -> dict[int, list[DeliveryRow]]:
    found: dict[int, list[DeliveryRow]] = defaultdict(list)
    if not ids:
        return found
    statement = select(DeliveryRow).where(col(DeliveryRow.announcement_id).in_(ids))
    for message in session.exec(statement.order_by(col(DeliveryRow.id))).all():
        found[message.announcement_id or 0].append(message)
    return found


def is_any_public(session: Session) -> bool:
    """Whether there is anything for everybody to read."""
    statement = select(AnnouncementRow.id).where(col(AnnouncementRow.published_at).is_not(None))
    return session.exec(statement.limit(1)).first() is not None


def public(session: Session, before: int | None, size: int) -> tuple[list[PublicAnnouncement], int | None]:
    """A page of what is out on a whole platform at least, the latest first, and from where to go on."""
    at = col(AnnouncementRow.published_at)
    statement = select(AnnouncementRow).where(at.is_not(None), col(AnnouncementRow.corrects_id).is_(None))
    found, older = page(
        session, statement, [at, col(AnnouncementRow.id)], before, latest_first=True, size=size
    )
    chains = {row.id: [row] for row in found}
    for one in _corrections(session, chains) if chains else ():
        if one.published_at is not None:
            chains[one.corrects_id or 0].append(one)
    messages = _messages(session, [one.id for chain in chains.values() for one in chain])
    return [_public(chain, messages) for chain in chains.values()], older


def _public(
    chain: Sequence[AnnouncementRow], messages: Mapping[int, Sequence[DeliveryRow]]
) -> PublicAnnouncement:
    """An announcement as its corrections have left it, the earliest first."""
    root, now = chain[0], chain[-1]
    posts = {
        message.platform: message.url
        for one in chain
        for message in messages.get(one.id, ())
        if message.part == 0 and message.state == DeliveryState.SENT and message.url
    }
    former = [
        (before.text, after.published_at)
        for before, after in pairwise(chain)
        if after.published_at is not None and before.text != after.text
    ]
    return PublicAnnouncement(
        root.id,
        now.text,
        root.warning,
        root.language,
        root.published_at or root.changed_at,
        tuple(posts.items()),
        now.published_at if len(chain) > 1 else None,
        tuple(former[::-1]),
    )
