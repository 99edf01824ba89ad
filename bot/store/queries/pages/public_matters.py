"""Matters as the public sees them: those on which the brand has said something, and open campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import EntryState, MatterState, StatementKind, StatementState
from bot.store.departments import answers
from bot.store.departments.named_outside import title_outside
from bot.store.matters import campaigns
from bot.store.matters.campaigns import Supporters
from bot.store.tables.columns import among
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow
from bot.store.tables.matters import CampaignRow, MatterKind, MatterRow, StatementRow
from bot.wording.title_sentences import shorten

_TITLE = 110


@dataclass(frozen=True, slots=True)
class PublicMatter:
    """A matter: ``said`` is what the brand said on it, the latest first; ``doing`` what its department did.

    Its title is a person's, else the first words of the first statement: never a customer's.
    """

    id: int
    title: str
    people: int
    state: str
    first_at: datetime
    said: tuple[StatementRow, ...]
    kind: MatterKind = MatterKind.DRIVER
    campaign: CampaignRow | None = None
    left_out: int = 0
    """How many accounts that look like nets are not among ``people``."""
    doing: tuple[DepartmentAnswerRow, ...] = ()

    @property
    def changed_at(self) -> datetime:
        """When something was last said on it; where nothing was, when the first of them asked."""
        return max((at for at, _ in self.course), default=self.first_at)

    @property
    def course(self) -> list[tuple[datetime, StatementRow | DepartmentAnswerRow]]:
        """What the brand and its department said on it, with the moments, the latest first."""
        spoken = [(one.approved_at, one) for one in self.said if one.approved_at is not None]
        done = [(one.said_at, one) for one in self.doing]
        return sorted([*spoken, *done], key=lambda one: one[0], reverse=True)

    @property
    def settled_at(self) -> datetime | None:
        """Since when it is settled, where it is."""
        if self.state != MatterState.SETTLED:
            return None
        return next((one.approved_at for one in self.said if one.kind == StatementKind.SETTLED), None)


def find(session: Session, number: int) -> PublicMatter | None:
    """A public matter, or the one that it has become part of."""
    matter = session.get(MatterRow, number)
    while matter is not None and matter.merged_into is not None:
        matter = session.get(MatterRow, matter.merged_into)
    if matter is None or not matter.is_public:
        return None
    return next(iter(_public(session, [matter])), None)


def listed(session: Session, before: int | None, limit: int) -> list[PublicMatter]:
    """Public matters with a number below ``before``, the highest first."""
    statement = select(MatterRow).where(
        col(MatterRow.is_public).is_(True), col(MatterRow.state) != MatterState.MERGED
    )
    if before is not None:
        statement = statement.where(col(MatterRow.id) < before)
    return _public(session, session.exec(statement.order_by(col(MatterRow.id).desc()).limit(limit)).all())


def campaigns_listed(session: Session, before: int | None, limit: int) -> list[PublicMatter]:
    """Campaigns that everybody can see, open or over, of matters with a number below ``before``."""
    statement = (
        select(MatterRow)
        .join(CampaignRow, col(CampaignRow.matter_id) == MatterRow.id)
        .where(col(CampaignRow.opened_at).is_not(None), col(MatterRow.is_public).is_(True))
    )
    if before is not None:
        statement = statement.where(col(CampaignRow.matter_id) < before)
    ordered = statement.order_by(col(CampaignRow.matter_id).desc()).limit(limit)
    return _public(session, session.exec(ordered).all())


def is_any_campaign(session: Session) -> bool:
    """Whether there is a campaign that everybody can see."""
    opened = select(CampaignRow.matter_id).where(col(CampaignRow.opened_at).is_not(None)).limit(1)
    return session.exec(opened).first() is not None


def pinned(session: Session, limit: int) -> list[PublicMatter]:
    """The matters that are told about now."""
    statement = (
        select(MatterRow)
        .where(
            col(MatterRow.id).in_(
                select(StatementRow.matter_id).where(
                    StatementRow.state == StatementState.ACTIVE,
                    StatementRow.kind == StatementKind.STATEMENT,
                )
            ),
            MatterRow.state == MatterState.OPEN,
        )
        .order_by(col(MatterRow.id).desc())
        .limit(limit)
    )
    return _public(session, session.exec(statement).all())


def archived(session: Session, number: int, limit: int) -> list[int]:
    """The public entries that a matter's questions became, the most asked first."""
    statement = (
        select(EntryRow.id)
        .join(QuestionRow, col(QuestionRow.id) == col(EntryRow.question_id))
        .where(col(QuestionRow.matter_id) == number, among(EntryRow.state, EntryState.PUBLIC))
        .order_by(col(EntryRow.asked_count).desc(), col(EntryRow.id))
        .limit(limit)
    )
    return list(session.exec(statement).all())


def _public(session: Session, matters: Sequence[MatterRow]) -> list[PublicMatter]:
    if not matters:
        return []
    ids = [one.id for one in matters]
    people = campaigns.supporters(session, ids)
    made = campaigns.of_matters(session, ids)
    said: dict[int, list[StatementRow]] = {one: [] for one in ids}
    for row in session.exec(
        select(StatementRow)
        .where(col(StatementRow.matter_id).in_(ids), col(StatementRow.approved_at).is_not(None))
        .order_by(col(StatementRow.id).desc())
    ).all():
        said[row.matter_id].append(row)
    doing = answers.standing(session, ids)
    return [
        replace(
            _seen(one, said[one.id], made.get(one.id), people.get(one.id, Supporters())),
            doing=tuple(doing.get(one.id, ())),
        )
        for one in matters
    ]


def _seen(
    matter: MatterRow, said: Sequence[StatementRow], campaign: CampaignRow | None, who: Supporters
) -> PublicMatter:
    if campaign is not None and campaign.opened_at is None:
        campaign = None
    left_out = who.like_nets if campaign is not None and campaign.leaves_out_nets else 0
    kind = MatterKind.SURGE if matter.surge_at is not None else MatterKind.DRIVER
    if matter.praise:
        kind = MatterKind.PRAISE
    return PublicMatter(
        id=matter.id,
        title=campaign.demand if campaign is not None else _title(matter, said),
        people=who.people if campaign is None else who.joined - left_out,
        state=matter.state,
        first_at=matter.first_at,
        said=tuple(said),
        kind=MatterKind.CAMPAIGN if campaign is not None else kind,
        campaign=campaign,
        left_out=left_out,
    )


def _title(matter: MatterRow, said: Sequence[StatementRow]) -> str:
    given = title_outside(matter)
    if given:
        return given
    return shorten(said[-1].text_for(None), _TITLE) if said else f"Matter {matter.id}"
