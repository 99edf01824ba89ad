"""The list of all matters: found by words or number, kind, department and state, in an order, page by page.

How many people asked is kept with each matter (``bot.store.matters.counted``), so that no page counts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.states import MatterState
from bot.store.departments import directory
from bot.store.departments.drivers import NOBODYS
from bot.store.matters import voices
from bot.store.matters.counted import WEEK
from bot.store.paging import page
from bot.store.tables.columns import among, said
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import CampaignRow, MatterKind, MatterRow
from bot.store.tables.people import TopicRow
from routing.model.domain import WITHOUT_ANSWER

PAGE = 25
_LONGEST_NUMBER = 18


class MatterOrder(StrEnum):
    """In which order matters are listed, the most or the latest in front."""

    PEOPLE = "people"
    TREND = "trend"
    """By how many people more asked in the last seven days than in the seven before."""
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class MatterFilter:
    """Which matters a list is to hold; empty means any. ``department`` may be ``NOBODYS``.

    Praise is counted by itself: it is listed only as its kind, or by its number.
    """

    words: str = ""
    kind: str = ""
    department: int | None = None
    state: str = ""
    order: MatterOrder = MatterOrder.PEOPLE
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ListedMatter:
    """A matter in one line; of its people in the last two weeks ``waiting`` questions have no answer."""

    matter: MatterRow
    kind: MatterKind
    department: str
    """What the department that answers for it is called; empty: none does."""
    department_id: int
    waiting: int
    voices: int
    """How many people speak of it on the tray and have not asked."""

    @property
    def trend(self) -> int:
        """How many people more asked in the last seven days than in the seven before."""
        return self.matter.people_lately - self.matter.people_before


def listed(
    session: Session, wanted: MatterFilter, now: datetime, size: int = PAGE
) -> tuple[list[ListedMatter], int | None]:
    """A page of matters, and from where to go on (None: that was all)."""
    statement = select(MatterRow).where(*_conditions(session, wanted))
    found, further = page(
        session, statement, _ORDERS[wanted.order], wanted.before, latest_first=True, size=size
    )
    return _lines(session, found, now), further


def praised(session: Session, now: datetime, limit: int, department: int | None) -> list[ListedMatter]:
    """What people praised in the last two weeks, the most in front; a department's alone."""
    found, _ = listed(session, MatterFilter(kind=MatterKind.PRAISE, department=department), now, limit)
    return [one for one in found if one.matter.people_lately + one.matter.people_before]


def _lines(session: Session, found: Sequence[MatterRow], now: datetime) -> list[ListedMatter]:
    if not found:
        return []
    ids = [one.id for one in found]
    waiting, heard = _waiting(session, ids, now), voices.people(session, ids)
    campaigns = set(session.exec(select(CampaignRow.matter_id).where(col(CampaignRow.matter_id).in_(ids))))
    owners, names = directory.of_topics(session), directory.names(session)
    owner = {one.id: one.department_id or owners.get(one.topic or "", NOBODYS) for one in found}
    return [
        ListedMatter(
            one,
            _kind(one, one.id in campaigns),
            names.get(owner[one.id], ""),
            owner[one.id],
            waiting.get(one.id, 0),
            heard.get(one.id, 0),
        )
        for one in found
    ]


def _kind(matter: MatterRow, is_campaign: bool) -> MatterKind:
    if matter.praise:
        return MatterKind.PRAISE
    if is_campaign:
        return MatterKind.CAMPAIGN
    return MatterKind.SURGE if matter.surge else MatterKind.DRIVER


def _waiting(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    rows = session.execute(
        select_columns(col(QuestionRow.matter_id), func.count())
        .where(
            col(QuestionRow.matter_id).in_(ids),
            col(QuestionRow.asked_at) > now - 2 * WEEK,
            among(QuestionRow.state, *WITHOUT_ANSWER),
        )
        .group_by(col(QuestionRow.matter_id))
    )
    return {number: count for number, count in rows if number is not None}


def _conditions(session: Session, wanted: MatterFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(MatterRow.state) != MatterState.MERGED]
    if wanted.state:
        found.append(col(MatterRow.state) == wanted.state)
    if wanted.department == NOBODYS:
        found.append(directory.answers_for_nobody(session))
    elif wanted.department is not None:
        found.append(directory.answers_for(session, wanted.department))
    number = _numbered(session, wanted.words)
    if number is not None:
        found.append(col(MatterRow.id) == number)
    elif wanted.words:
        found.append(_says(wanted.words))
    if wanted.kind or number is None:
        found.append(_is_kind(wanted.kind))
    return found


def _is_kind(kind: str) -> ColumnElement[bool]:
    if kind == MatterKind.PRAISE:
        return col(MatterRow.praise).is_(True)
    is_campaign = col(MatterRow.id).in_(select(CampaignRow.matter_id))
    surges = col(MatterRow.surge) != said("")
    conditions: dict[str, list[ColumnElement[bool]]] = {
        MatterKind.CAMPAIGN: [is_campaign],
        MatterKind.SURGE: [~is_campaign, surges],
        MatterKind.DRIVER: [~is_campaign, ~surges],
    }
    return and_(col(MatterRow.praise).is_(False), *conditions.get(kind, []))


def _numbered(session: Session, words: str) -> int | None:
    """The matter that has this number, or has become part of another one; None: the words name none."""
    number = words.removeprefix("#")
    if not number.isascii() or not number.isdigit() or len(number) > _LONGEST_NUMBER:
        return None
    row = session.get(MatterRow, int(number))
    while row is not None and row.merged_into is not None:
        row = session.get(MatterRow, row.merged_into)
    return None if row is None else row.id


def _says(words: str) -> ColumnElement[bool]:
    """Whether a matter has each of these words in its title or in its topic's name."""
    has = []
    for word in words.split():
        topics = select(TopicRow.slug).where(col(TopicRow.name).icontains(word, autoescape=True))
        has.append(
            or_(col(MatterRow.title).icontains(word, autoescape=True), col(MatterRow.topic).in_(topics))
        )
    return and_(*has)


_ORDERS: dict[MatterOrder, list[Any]] = {
    MatterOrder.PEOPLE: [col(MatterRow.people_lately), col(MatterRow.people_before), col(MatterRow.id)],
    MatterOrder.TREND: [col(MatterRow.people_lately) - col(MatterRow.people_before), col(MatterRow.id)],
    MatterOrder.NEWEST: [col(MatterRow.first_at), col(MatterRow.id)],
}
