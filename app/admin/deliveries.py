"""The outbox: what goes out, and what a person has to decide because nobody else can."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayDecide, MayWatch, Person, guarded
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
def mark_sent(
    chorus: Here, person: MayDecide, delivery_id: RowId, url: ShortText = "", back: Back = ""
) -> Response:
    """It is out: here is the post."""
    _decide(
        chorus,
        person,
        delivery_id,
        AuditAction.DELIVERY_SENT,
        lambda session, delivery, now: stuck.mark_sent(session, delivery, url, now),
    )
    return returned(back, "/admin/deliveries", "sent")


@router.post("/deliveries/{delivery_id}/again")
def again(chorus: Here, person: MayDecide, delivery_id: RowId, back: Back = "") -> Response:
    send_again(chorus, person, delivery_id)
    return returned(back, "/admin/deliveries", "again")


def send_again(chorus: Chorus, person: Person, delivery_id: int) -> None:
    """It is certainly not out: send it once more. Raises Problem."""
    _decide(chorus, person, delivery_id, AuditAction.DELIVERY_AGAIN, stuck.send_again)


@router.post("/deliveries/{delivery_id}/gone")
def mark_gone(chorus: Here, person: MayDecide, delivery_id: RowId, back: Back = "") -> Response:
    """The post that was to be taken down is gone: somebody has deleted it by hand."""
    _decide(chorus, person, delivery_id, AuditAction.DELIVERY_GONE, stuck.mark_gone)
    return returned(back, "/admin/deliveries", "gone")


@router.post("/deliveries/{delivery_id}/give-up")
def give_up(chorus: Here, person: MayDecide, delivery_id: RowId, back: Back = "") -> Response:
    give_message_up(chorus, person, delivery_id)
    return returned(back, "/admin/deliveries", "given_up")


def give_message_up(chorus: Chorus, person: Person, delivery_id: int) -> None:
    """It is not to go out. Raises Problem."""
    why = f"{person.name} decided not to send it."
    _decide(
        chorus,
        person,
        delivery_id,
        AuditAction.DELIVERY_GIVE_UP,
        lambda session, delivery, now: stuck.give_up(session, delivery, why, now),
    )


def _decide(
    chorus: Chorus,
    person: Person,
    delivery_id: int,
    action: AuditAction,
    deed: Callable[[Session, DeliveryRow, datetime], None],
) -> None:
    with decision(chorus, person) as at:
        delivery = at.row(DeliveryRow, delivery_id, "such message")
        before = delivery.state
        deed(at.session, delivery, at.now)
        at.record(action, f"delivery {delivery_id}", before=before)
