"""Saying whether I know a topic that colleagues are asked about."""

from fastapi import Response

from app.identity.auth import MayAnswer, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import RowId, ShortText
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.topics import calling
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import EmployeeRow, TopicCallRow
from routing.model.phrases import phrase

router = guarded("/desk")

_LEVELS = {"0": 0, "1": 1, "2": 2, "3": 3}


@router.post("/topics/{call_id}")
def say(chorus: Here, person: MayAnswer, call_id: RowId, level: ShortText = "") -> Response:
    """What I know of it stands in my profile from now on; that it is not mine is remembered."""
    if level not in _LEVELS:
        raise Problem(422, phrase("Choose how well you know it."))
    with decision(chorus, person) as at:
        at.row(TopicCallRow, call_id, "such question about a topic")
        employee = rows.one(at.session, EmployeeRow, person.id)
        topic = calling.reply(at.session, call_id, employee, _LEVELS[level], at.now)
        at.record(AuditAction.TOPIC_REPLY, f"employee {person.id}", topic=topic.slug, level=_LEVELS[level])
    return see_other("/desk?done=knows" if _LEVELS[level] else "/desk?done=not_known")
