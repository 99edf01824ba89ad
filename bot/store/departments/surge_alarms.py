"""What an alarm tells of surges: figures, and nothing of customers' words."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.channels.alarms import MOST_NAMED, SurgeToTell
from bot.platforms.registry import traits_of
from bot.store.departments.named_outside import named_outside, numbered
from bot.store.matters.surges import going_on


def surges_to_tell(session: Session, numbers: Sequence[str], zone: str, now: datetime) -> list[SurgeToTell]:
    """The first of the matters with these numbers, by the clock of whoever reads it."""
    if not numbers:
        return []
    matters = numbered(session, [int(one) for one in numbers[:MOST_NAMED]])
    called, surges = named_outside(session, matters), going_on(session, matters, now)
    return [
        SurgeToTell(
            number=one.matter,
            title=called[one.matter].title,
            topic=called[one.matter].topic,
            department=called[one.matter].department,
            people=one.noticed.people,
            minutes=one.noticed.minutes,
            usual=one.noticed.usual,
            clock=f"{one.noticed_at.astimezone(ZoneInfo(zone)):%H:%M}",
            zone=zone,
            so_far=one.people,
            in_hour=one.in_hour,
            language=one.noticed.language or "",
            platform=traits_of(one.noticed.platform).label if one.noticed.platform else "",
        )
        for one in surges.values()
    ]
