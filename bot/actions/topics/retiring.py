"""A topic is retired: no new question gets it, and what it has stays. It can be brought back."""

from datetime import datetime

from bot.actions.people.details import Invalid
from bot.actions.topics.reorganise import Reorganising, check_still
from bot.actions.topics.topic_rules import follow_topic
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.tables.people import TopicRow
from bot.store.topics import calls


def retire(session: Session, topic: TopicRow, successor: TopicRow | None, how: Reorganising) -> None:
    """New questions get the successor in its place, if there is one, with the rules that name the topic.

    Raises Invalid and Undecidable.
    """
    check_still(session, topic)
    if topic.retired_at is not None:
        raise Undecidable("This topic is retired already.")
    if successor is not None and (successor.id == topic.id or successor.retired_at is not None):
        raise Invalid("successor", "Its successor is another topic that is in use.")
    if successor is not None:
        why = f"{successor.name} takes the place of {topic.name}."
        follow_topic(session, how.rules, topic.slug, successor.slug, how.by, why, how.now)
    topic.retired_at, topic.successor_id = how.now, successor.id if successor is not None else None
    rows.keep(session, topic)
    calls.close(session, topic.id, how.now)
    changes.append(session, ChangeKind.ROSTER, topic.id, how.now)


def bring_back(session: Session, topic: TopicRow, now: datetime) -> None:
    """It is a topic like any other again, with the people who knew it. Raises Undecidable."""
    check_still(session, topic)
    if topic.retired_at is None:
        raise Undecidable("This topic is not retired.")
    topic.retired_at, topic.successor_id = None, None
    rows.keep(session, topic)
    changes.append(session, ChangeKind.ROSTER, topic.id, now)
