"""What is overdue in departments, and who hears of it as somebody in charge of one.

What those hear who may decide about everything is ``bot.store.conversations.notices``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.channels.alarms import Alarm
from bot.roles import Permission, Role
from bot.store.departments import directory
from bot.store.figures import goals
from bot.store.queries.waits import is_overdue
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.matters import CampaignRow, MatterRow


@dataclass(frozen=True, slots=True)
class OverdueInDepartment:
    """Something overdue, by its number, and the department that answers for it."""

    department: int
    number: str

    @property
    def key(self) -> str:
        """What tells it from all others of its kind, and from itself in other hands."""
        return f"{self.department}-{self.number}"


def overdue(session: Session, now: datetime) -> Mapping[Alarm, Sequence[OverdueInDepartment]]:
    """Campaigns whose word is overdue, and goals that are missed, as far as a department answers for them."""
    campaigns = session.exec(
        select(MatterRow)
        .join(CampaignRow, col(CampaignRow.matter_id) == MatterRow.id)
        .where(is_overdue(now), col(MatterRow.merged_into).is_(None))
        .order_by(col(MatterRow.id))
    ).all()
    missed = goals.missed(session)
    if not campaigns and not missed:
        return {Alarm.CAMPAIGNS: (), Alarm.GOALS: ()}
    by_topic, known = directory.of_topics(session), directory.names(session)
    found = {
        Alarm.CAMPAIGNS: [(one.id, one.department_id or by_topic.get(one.topic or "")) for one in campaigns],
        Alarm.GOALS: [(one.id, by_topic.get(one.topic)) for one in missed],
    }
    return {
        kind: [OverdueInDepartment(owner, str(number)) for number, owner in each if owner in known]
        for kind, each in found.items()
    }


def hear_of(session: Session, department_id: int) -> list[int]:
    """Who is in charge of a department and hears of it as such: nobody who hears of everything anyway."""
    return [one.id for one in directory.leads_of(session, department_id) if _hears(Role(one.role))]


def _hears(role: Role) -> bool:
    return role.may(Permission.ANSWER_MATTERS) and not role.may(Permission.DECIDE)


def still_overdue(
    session: Session, rows: Sequence[DeliveryRow], now: datetime
) -> Mapping[Alarm, Sequence[str]]:
    """What notices to one person about one department tell, without what has been settled since.

    Nothing where they are in charge of it no more.
    """
    department, person = rows[0].tells.department or 0, rows[0].employee_id
    if person not in hear_of(session, department):
        return {}
    told = {(row.tells.alarm, one) for row in rows for one in row.tells.ids}
    return {
        kind: [one.number for one in each if one.department == department and (kind, one.number) in told]
        for kind, each in overdue(session, now).items()
    }
