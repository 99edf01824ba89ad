"""The overview: what waits for a person, how the house runs, and the switch that stops all publishing."""

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.admin.first_run.checklist import left_to_do
from app.identity.auth import (
    MayStopPublishing,
    MayWatch,
    actor,
    guarded,
    see_other,
)
from app.identity.decisions import decision
from app.web.forms import ShortText
from app.web.html import render
from app.web.problems import Problem
from app.web.waits import PLACES
from app.wiring.composition import Here
from bot.states import DeliveryState
from bot.store.counting import counts_by_state
from bot.store.house import connections
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.waits import what_waits
from bot.store.running import nodes, switches
from bot.store.tables.conversations import DeliveryRow, QuestionRow
from routing.model.domain import QuestionState

router = guarded("/admin")


@router.get("")
def overview(request: Request, chorus: Here, person: MayWatch, done: str = "") -> Response:
    """What waits for a person."""
    places = {kind: place for kind, place in PLACES.items() if person.may(place.needs)}
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        return render(
            request,
            "admin/overview.html",
            person=person,
            waiting={kind: count for kind, count in what_waits(session, now).items() if kind in places},
            places=places,
            questions=counts_by_state(session, QuestionRow, QuestionState),
            deliveries=counts_by_state(session, DeliveryRow, DeliveryState),
            nodes=nodes.working(session, now),
            learning=nodes.learning(session, now),
            connections={row.platform: row for row in connections.all_of_them(session)},
            platforms=list(chorus.platforms),
            connects={name for name, one in chorus.platforms.items() if one.traits.connects},
            pause=switches.pause(session),
            first_steps=left_to_do(session, chorus),
            notice=notice(done),
        )


@router.post("/publishing/pause")
def pause(chorus: Here, person: MayStopPublishing, reason: ShortText = "") -> Response:
    """Nothing more goes out, on any node, until somebody resumes it."""
    if not reason:
        raise Problem(422, "Say why publishing stops, so that your colleagues know.")
    with decision(chorus, person) as at:
        switches.put(at.session, switches.PAUSED, True, by=actor(person), now=at.now, reason=reason)
        at.record(AuditAction.PUBLISHING_PAUSE, "publishing", reason=reason)
    return see_other("/admin?done=paused")


@router.post("/publishing/resume")
def resume(chorus: Here, person: MayStopPublishing) -> Response:
    with decision(chorus, person) as at:
        switches.put(at.session, switches.PAUSED, False, by=actor(person), now=at.now)
        at.record(AuditAction.PUBLISHING_RESUME, "publishing")
    return see_other("/admin?done=resumed")
