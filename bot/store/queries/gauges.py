"""How much of everything there is, for metrics, readiness and the doctor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.states import NOT_STARTED, STUCK, ConnectionState, DeliveryState, PostState
from bot.store.running import nodes, switches
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from bot.store.tables.house import ConnectionRow
from routing.model.domain import ROUTED, WITHOUT_ANSWER, QuestionState

_QUESTIONS_UNDER_WAY = (
    *WITHOUT_ANSWER,
    QuestionState.ASKED_BACK,
    QuestionState.ANSWERING,
    QuestionState.QUARANTINED,
)
_DELIVERIES_UNDER_WAY = (*NOT_STARTED, DeliveryState.SENDING, *STUCK)
_POSTS_UNDER_WAY = (PostState.NEW, PostState.WAITING, PostState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Gauges:
    """Counts by state, of what is under way or waits for a person; ``oldest_due`` in seconds.

    What has come to its end is not counted: there is ever more of that, and these are asked for all the time.
    """

    questions: dict[str, int]
    deliveries: dict[str, int]
    posts: dict[str, int]
    broken: dict[str, int]
    alarms: dict[str, int]
    """Platforms on which something is wrong with receiving."""
    nodes: int
    learned: float
    """The share of past answers that the node which has learned least knows: 1 where all have learned."""
    paused: bool
    oldest_due: float


def gauges(session: Session, now: datetime) -> Gauges:
    """What waits and how long, as the metrics show it."""
    broken = session.exec(
        select(ConnectionRow.platform).where(ConnectionRow.state == ConnectionState.RECONNECT)
    ).all()
    alarms = session.exec(select(ConnectionRow.platform).where(col(ConnectionRow.alarm).is_not(None))).all()
    return Gauges(
        questions=_by_state(session, QuestionRow, _QUESTIONS_UNDER_WAY),
        deliveries=_by_state(session, DeliveryRow, _DELIVERIES_UNDER_WAY),
        posts=_by_state(session, PostRow, _POSTS_UNDER_WAY),
        broken=dict.fromkeys(broken, 1),
        alarms=dict.fromkeys(alarms, 1),
        nodes=len(nodes.working(session, now)),
        learned=min(nodes.learning(session, now).values(), default=1.0),
        paused=switches.is_paused(session),
        oldest_due=max(
            _waited(session, PostRow, (PostState.NEW,), now),
            _waited(session, QuestionRow, ROUTED, now),
            _waited(session, DeliveryRow, (DeliveryState.READY,), now),
        ),
    )


def _by_state(session: Session, table: Any, states: Sequence[str]) -> dict[str, int]:
    counted = select(table.state, func.count()).where(col(table.state).in_(states))
    return dict(session.exec(counted.group_by(table.state)).all())


def _waited(session: Session, table: Any, states: tuple[str, ...], now: datetime) -> float:
    oldest = session.exec(
        select(func.min(table.due_at)).where(col(table.state).in_(states), table.due_at <= now)
    ).one()
    return max((now - oldest).total_seconds(), 0.0) if isinstance(oldest, datetime) else 0.0
