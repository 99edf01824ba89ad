"""The outbox: what goes out, and what a person has to decide because nobody else can."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayDecide, MayWatch, Person, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId, ShortText
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.deliveries import stuck
from bot.states import STUCK, DeliveryState
from bot.store.counting import counts_by_state
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.tables.conversations import DeliveryRow

router = guarded("/admin")


@router.get("/deliveries")
def listed(
    request: Request,
    chorus: Here,
    person: MayWatch,
    state: Annotated[str, Query(max_length=20)] = "",
    before: PageStart = None,
    done: str = "",
) -> Response:
    """Messages by state; at first those that need a person."""
    with chorus.database.read() as session:
        found, older = reads.deliveries(session, state, before)
        return render(
            request,
            "admin/deliveries.html",
            person=person,
            deliveries=found,
            older=older,
            before=before,
            state=state,
            counts=counts_by_state(session, DeliveryRow, DeliveryState),
            states=list(DeliveryState),
            stuck=STUCK,
            notice=notice(done),
        )


@router.post("/deliveries/{delivery_id}/sent")
def mark_sent(chorus: Here, person: MayDecide, delivery_id: RowId, url: ShortText = "") -> Response:
    """It is out: here is the post."""
    return _decide(
        chorus,
        person,
        delivery_id,
        AuditAction.DELIVERY_SENT,
        "sent",
        lambda session, delivery, now: stuck.mark_sent(session, delivery, url, now),
    )


@router.post("/deliveries/{delivery_id}/again")
def send_again(chorus: Here, person: MayDecide, delivery_id: RowId) -> Response:
    """It is certainly not out: send it once more."""
    return _decide(chorus, person, delivery_id, AuditAction.DELIVERY_AGAIN, "again", stuck.send_again)


@router.post("/deliveries/{delivery_id}/gone")
def mark_gone(chorus: Here, person: MayDecide, delivery_id: RowId) -> Response:
    """The post that was to be taken down is gone: somebody has deleted it by hand."""
    return _decide(chorus, person, delivery_id, AuditAction.DELIVERY_GONE, "gone", stuck.mark_gone)


@router.post("/deliveries/{delivery_id}/give-up")
def give_up(chorus: Here, person: MayDecide, delivery_id: RowId) -> Response:
    """It is not to go out."""
    why = f"{person.name} decided not to send it."
    return _decide(
        chorus,
        person,
        delivery_id,
        AuditAction.DELIVERY_GIVE_UP,
        "given_up",
        lambda session, delivery, now: stuck.give_up(session, delivery, why, now),
    )


def _decide(
    chorus: Chorus,
    person: Person,
    delivery_id: int,
    action: AuditAction,
    done: str,
    deed: Callable[[Session, DeliveryRow, datetime], None],
) -> Response:
    with decision(chorus, person) as at:
        delivery = at.row(DeliveryRow, delivery_id, "such message")
        before = delivery.state
        deed(at.session, delivery, at.now)
        at.record(action, f"delivery {delivery_id}", before=before)
    return see_other(f"/admin/deliveries?done={done}")
