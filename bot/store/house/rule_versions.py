"""Versions of the house's rules, each with all that differs from the settings, and who wrote it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from bot.store.dialects import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.house import RuleVersionRow

_LOOKED_THROUGH: Final = 100


def newest(session: Session) -> RuleVersionRow | None:
    """The version in force; None where nobody has changed anything."""
    return session.exec(select(RuleVersionRow).order_by(col(RuleVersionRow.id).desc()).limit(1)).first()


def latest(session: Session, limit: int) -> Sequence[RuleVersionRow]:
    """The latest versions, the newest first."""
    return session.exec(select(RuleVersionRow).order_by(col(RuleVersionRow.id).desc()).limit(limit)).all()


def find(session: Session, number: int) -> RuleVersionRow | None:
    """A version by its number."""
    return session.get(RuleVersionRow, number)


def add(
    session: Session, follows: int, values: dict[str, Any], by: str, why: str, now: datetime
) -> RuleVersionRow | None:
    """The version after ``follows`` (0: the first); None where somebody else wrote that one already."""
    table = table_of(RuleVersionRow)
    insert = insert_of(session.get_bind().dialect.name)(table).values(
        follows=follows, values=values, written_by=by, why=why, written_at=now
    )
    fresh = insert.on_conflict_do_nothing(index_elements=["follows"]).returning(table.c.id)
    number = session.execute(fresh).scalar_one_or_none()
    return None if number is None else session.get_one(RuleVersionRow, number)


@dataclass(frozen=True, slots=True)
class FormerVersion:
    """Values that were in force until ``ended_at``."""

    values: Mapping[str, Any]
    ended_at: datetime


def ended_since(session: Session, moment: datetime) -> list[FormerVersion]:
    """What was in force until some time after ``moment``, the latest first; before all that the settings."""
    later = list(latest(session, _LOOKED_THROUGH))
    before: list[Mapping[str, Any]] = [one.values for one in later[1:]]
    if len(later) < _LOOKED_THROUGH:
        before.append({})
    return [
        FormerVersion(values, one.written_at)
        for one, values in zip(later, before, strict=False)
        if one.written_at > moment
    ]
