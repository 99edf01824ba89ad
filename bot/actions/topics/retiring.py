"""A topic is retired: no new question gets it, and what it has stays. It can be brought back."""

from datetime import datetime

from bot.actions.people.details import Invalid
from bot.actions.topics.reorganise import check_still
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.tables.people import TopicRow


def retire(session: Session, topic: TopicRow, successor: TopicRow | None, now: datetime) -> None:
    """New questions get the successor in its place, if there is one. Raises Invalid and Undecidable."""
    check_still(session, topic)
    if topic.retired_at is not None:
        raise Undecidable("This topic is retired already.")
    if successor is not None and (successor.id == topic.id or successor.retired_at is not None):
        raise Invalid("successor", "Its successor is another topic that is in use.")
    topic.retired_at, topic.successor_id = now, successor.id if successor is not None else None
    rows.keep(session, topic)
    changes.append(session, ChangeKind.ROSTER, topic.id, now)


def bring_back(session: Session, topic: TopicRow, now: datetime) -> None:
    """It is a topic like any other again, with the people who knew it. Raises Undecidable."""
    check_still(session, topic)
    if topic.retired_at is None:
        raise Undecidable("This topic is not retired.")
    topic.retired_at, topic.successor_id = None, None
    rows.keep(session, topic)
    changes.append(session, ChangeKind.ROSTER, topic.id, now)
