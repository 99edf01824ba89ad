"""Campaigns as rows: found by their numbers, who joined them, and whom the public figure leaves out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.store.tables.columns import among
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from routing.campaigns.nets import Joiner
from routing.campaigns.states import ENDS_CAMPAIGN

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Supporters:
    """How many accounts asked about a matter, each counted once.

    ``joined`` are those that said so to the brand, and are told: who was only overheard has not joined
    anything. ``like_nets`` are those of them that look like a net.
    """

    people: int = 0
    joined: int = 0
    like_nets: int = 0


def supporters(session: Session, matter_ids: Collection[int]) -> dict[int, Supporters]:
    """Of each of these matters; one that nobody asked about is left out.

    An account counts as one of a net where any of its posts was found to be.
    """
    if not matter_ids:
        return {}
    who = QuestionRow.platform + ":" + col(QuestionRow.customer_id)
    to_us = col(QuestionRow.unasked).is_(False)
    counted = (
        select_columns(
            col(QuestionRow.matter_id),
            func.count(func.distinct(who)),
            func.count(func.distinct(who)).filter(to_us),
            func.count(func.distinct(who)).filter(to_us, col(QuestionRow.uncounted)),
        )
        .where(col(QuestionRow.matter_id).in_(matter_ids))
        .group_by(col(QuestionRow.matter_id))
    )
    return {number: Supporters(*figures) for number, *figures in session.execute(counted)}


def joinable(session: Session, numbers: Iterable[int]) -> int | None:
    """The first of these matters, or of what they have become part of, whose campaign can be joined now."""
    for number in numbers:
        matter = session.get(MatterRow, number)
        while matter is not None and matter.merged_into is not None:
            matter = session.get(MatterRow, matter.merged_into)
        campaign = session.get(CampaignRow, matter.id) if matter is not None else None
        if campaign is not None and is_open(campaign):
            return campaign.matter_id
    return None


def is_open(campaign: CampaignRow) -> bool:
    """Whether everybody can see it and join."""
    return campaign.opened_at is not None and campaign.state not in ENDS_CAMPAIGN


def joiners(session: Session, matter_id: int, limit: int) -> list[Joiner]:
    """Who joined a matter, as far as their accounts tell: the latest posts, in order."""
    statement = (
        select_columns(
            col(QuestionRow.platform),
            col(QuestionRow.customer_id),
            col(QuestionRow.customer_handle),
            col(QuestionRow.asked_at),
            col(QuestionRow.text),
            col(QuestionRow.joins),
            col(PostRow.author_since),
        )
        .outerjoin(PostRow, col(PostRow.id) == col(QuestionRow.post_id))
        .where(
            col(QuestionRow.matter_id) == matter_id,
            col(QuestionRow.customer_id) != "",
            col(QuestionRow.unasked).is_(False),
        )
        .order_by(col(QuestionRow.id).desc())
        .limit(limit)
    )
    return [
        Joiner(
            (platform, customer),
            handle,
            asked_at.timestamp(),
            made.timestamp() if made is not None else None,
            "" if joins else text,
        )
        for platform, customer, handle, asked_at, text, joins, made in session.execute(statement)
    ]


def mark_nets(session: Session, matter_id: int, accounts: Collection[tuple[str, str]]) -> None:
    """These accounts look like nets, beside those that were found to before."""
    of_it = col(QuestionRow.matter_id) == matter_id
    by_platform: dict[str, list[str]] = {}
    for platform, account in sorted(accounts):
        by_platform.setdefault(platform, []).append(account)
    for platform, named in by_platform.items():
        for start in range(0, len(named), _AT_ONCE):
            theirs = col(QuestionRow.customer_id).in_(named[start : start + _AT_ONCE])
            _mark(session, [of_it, among(QuestionRow.platform, platform), theirs], True)


def unmark_nets(session: Session, matter_id: int) -> None:
    """No account of this matter is taken for one of a net any more."""
    _mark(session, [col(QuestionRow.matter_id) == matter_id, col(QuestionRow.uncounted)], False)


def _mark(session: Session, which: Sequence[object], uncounted: bool) -> None:
    statement = update(QuestionRow).where(*which).values(uncounted=uncounted)  # type: ignore[arg-type]
    session.execute(statement.execution_options(synchronize_session=False))


def hand_over(session: Session, gone: int, kept: int) -> None:
    """One matter is part of another: what the brand said on it goes along, and so does its campaign.

    Where both are campaigns, that of the matter that stays is the one that goes on.
    """
    statement = update(StatementRow).where(col(StatementRow.matter_id) == gone).values(matter_id=kept)
    session.execute(statement.execution_options(synchronize_session="fetch"))
    if session.get(CampaignRow, kept) is None:
        moved = update(CampaignRow).where(col(CampaignRow.matter_id) == gone).values(matter_id=kept)
        session.execute(moved.execution_options(synchronize_session=False))


def listed(session: Session, limit: int, only: ColumnElement[bool] | None = None) -> list[CampaignRow]:
    """Campaigns: those whose next word is due in front, then the others, the latest first.

    With ``only`` those of matters for which that is true.
    """
    statement = select(CampaignRow).join(MatterRow, col(MatterRow.id) == col(CampaignRow.matter_id))
    statement = statement.where(col(MatterRow.merged_into).is_(None))
    if only is not None:
        statement = statement.where(only)
    order = (col(CampaignRow.due_at).is_(None), col(CampaignRow.due_at), col(CampaignRow.made_at).desc())
    return list(session.exec(statement.order_by(*order).limit(limit)).all())


def find(session: Session, matter_id: int) -> CampaignRow | None:
    """The campaign that a matter is."""
    return session.get(CampaignRow, matter_id)


def of_matters(session: Session, matter_ids: Collection[int]) -> dict[int, CampaignRow]:
    """The campaigns among these matters."""
    if not matter_ids:
        return {}
    rows = session.exec(select(CampaignRow).where(col(CampaignRow.matter_id).in_(matter_ids))).all()
    return {row.matter_id: row for row in rows}


def is_overdue(campaign: CampaignRow, now: datetime) -> bool:
    """Whether the brand should have said something by now."""
    return campaign.due_at is not None and campaign.due_at <= now
