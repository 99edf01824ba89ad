"""Colleagues are asked whether they know a topic, from its page."""

from fastapi import Response

from app.admin.topics.topic_pages import Slug, topic_held
from app.identity.auth import MayManageTopics, guarded, see_other
from app.identity.decisions import decision
from app.wiring.composition import Here
from bot.actions.topics import calling
from bot.store.house.audit_actions import AuditAction

router = guarded("/admin")


@router.post("/topics/{slug}/ask")
def ask(chorus: Here, person: MayManageTopics, slug: Slug) -> Response:
    """Everybody who has not said yet how well they know it sees that at their desk."""
    with decision(chorus, person) as at:
        call = calling.ask_who_knows(at.session, topic_held(at.session, slug), person.id, at.now)
        at.record(AuditAction.TOPIC_ASK, f"topic {slug}", call=call.id)
    return see_other(f"/admin/topics/{slug}?done=topic_asked&at=who-knows")


@router.post("/topics/{slug}/stop-asking")
def stop_asking(chorus: Here, person: MayManageTopics, slug: Slug) -> Response:
    """Nobody sees it any more."""
    with decision(chorus, person) as at:
        call = calling.stop_asking(at.session, topic_held(at.session, slug), at.now)
        at.record(AuditAction.TOPIC_STOP_ASKING, f"topic {slug}", call=call.id)
    return see_other(f"/admin/topics/{slug}?done=topic_not_asked&at=who-knows")
