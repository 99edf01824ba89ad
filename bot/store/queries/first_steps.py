"""How far a new house has come: looked up by single rows, for it is asked with every overview."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.states import ConnectionState, DeliveryKind, DeliveryState
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.house import ConnectionRow
from bot.store.tables.people import EmployeeRow, TopicRow
from routing.model.domain import EmployeeState


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What is there already."""

    topics: bool
    people: bool
    """Somebody beside the first."""
    account: bool
    """The brand's account on one of the platforms can be used."""
    published: bool
    """An answer has gone all the way."""


def first_steps(session: Session, platforms: Collection[str]) -> FirstSteps:
    """How far this house has come; ``platforms`` are those that have to be connected."""
    topic = session.exec(select(TopicRow.id).limit(1)).first()
    people = session.exec(
        select(EmployeeRow.id).where(EmployeeRow.state != EmployeeState.LEFT).limit(2)
    ).all()
    account = None
    if platforms:
        account = session.exec(
            select(ConnectionRow.platform)
            .where(
                col(ConnectionRow.platform).in_(list(platforms)),
                ConnectionRow.state == ConnectionState.CONNECTED,
            )
            .limit(1)
        ).first()
    published = session.exec(
        select(DeliveryRow.id)
        .where(DeliveryRow.kind == DeliveryKind.PUBLICATION, DeliveryRow.state == DeliveryState.SENT)
        .limit(1)
    ).first()
    return FirstSteps(topic is not None, len(people) > 1, account is not None, published is not None)
