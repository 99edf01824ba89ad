"""What is wrong with the platforms at this moment, as the steps found it: for readiness and the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import ConnectionState, DeliveryCode, DeliveryState
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.house import ConnectionRow
from bot.text.times import timestamps


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work on one platform; ``words`` are for the operator."""

    platform: str
    words: str
    needs_person: bool = False
    """Whether it goes on until somebody connects the account again."""


def troubles(session: Session, now: datetime) -> list[Trouble]:
    """Accounts that are refused, platforms that cannot be read, and messages that wait for a platform."""
    rows = session.exec(select(ConnectionRow).order_by(col(ConnectionRow.platform))).all()
    found = [one for row in rows for one in _of_connection(row)]
    return [*found, *_waiting(session, now)]


def _of_connection(row: ConnectionRow) -> Iterator[Trouble]:
    if row.state == ConnectionState.RECONNECT:
        words = f"The account has to be connected again: {_sentence(row.problem or 'it was refused')}"
        yield Trouble(row.platform, words, needs_person=True)
    elif row.problem:
        yield Trouble(row.platform, f"Since {timestamps.told(row.changed_at)}: {_sentence(row.problem)}")
    if row.alarm:
        yield Trouble(row.platform, _sentence(row.alarm))


def _waiting(session: Session, now: datetime) -> Iterator[Trouble]:
    """Messages that a platform did not take: how many, until when, and what it said last."""
    waits = (
        col(DeliveryRow.state) == DeliveryState.READY,
        col(DeliveryRow.due_at) > now,
        col(DeliveryRow.last_error).is_not(None),
        func.coalesce(DeliveryRow.code, "") != DeliveryCode.NO_ACCOUNT,
    )
    counted = session.execute(
        select(col(DeliveryRow.platform), func.count(), func.min(col(DeliveryRow.due_at)))
        .where(*waits)
        .group_by(col(DeliveryRow.platform))
        .order_by(col(DeliveryRow.platform))
    ).all()
    for platform, count, until in counted:
        said = session.exec(
            select(DeliveryRow.last_error)
            .where(*waits, col(DeliveryRow.platform) == platform, col(DeliveryRow.due_at) == until)
            .limit(1)
        ).first()
        messages = "1 message was" if count == 1 else f"{count} messages were"
        tried = f"{messages} not taken and will be tried again at {timestamps.told(until)}"
        yield Trouble(platform, f"{tried}: {_sentence(said or 'it did not say why')}")


def _sentence(text: str) -> str:
    """Ended by one full stop, whether it had one or not."""
    return f"{text.rstrip(' .')}." if text and text[-1] not in "!?" else text
