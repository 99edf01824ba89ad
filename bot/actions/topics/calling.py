"""Colleagues are asked who knows a topic: they see it at their desks until they answer, or it is closed.

Nobody is asked twice about one topic, whatever they said. Whoever changes anything here holds the topic
first: of two at once the second finds what the first has done.
"""

from datetime import datetime

from bot.actions.people import employees
from bot.actions.people.details import LEVELS, Invalid
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.people import EmployeeRow, TopicCallRow, TopicReplyRow, TopicRow
from bot.store.topics import calls
from routing.model.phrases import phrase


def ask_who_knows(session: Session, topic: TopicRow, by: int, now: datetime) -> TopicCallRow:
    """Everybody who takes part is asked whether they know a topic, but those of whom that is known.

    ``by`` is the employee who asks. Raises Undecidable.
    """
    _hold(session, topic)
    if topic.retired_at is not None:
        raise Undecidable(f"{topic.name} is retired: bring it back first.")
    before = calls.latest(session, topic.id)
    if before is not None and calls.is_open(before, now):
        raise Undecidable("Colleagues are being asked about this topic already.")
    calls.close(session, topic.id, now)
    call = TopicCallRow(topic_id=topic.id, asked_by=by, asked_at=now)
    rows.keep(session, call)
    return call


def stop_asking(session: Session, topic: TopicRow, now: datetime) -> TopicCallRow:
    """Nobody is asked about a topic from now on; what was said stays. Raises Undecidable."""
    _hold(session, topic)
    call = calls.latest(session, topic.id)
    if call is None or not calls.is_open(call, now):
        raise Undecidable("Nobody is asked about this topic any more.")
    calls.close(session, topic.id, now)
    return call


def reply(session: Session, call_id: int, employee: EmployeeRow, level: int, now: datetime) -> TopicRow:
    """Somebody says how well they know a topic (0: not at all), which is returned: from 1 on they know it.

    Raises Invalid for any other level, and Undecidable where it is closed or they have said it already.
    """
    if level != 0 and level not in LEVELS:
        raise Invalid("level", phrase("Choose how well you know it."))
    lock_row(session, employee)
    call = rows.find(session, TopicCallRow, call_id)
    topic = locked_row(session, TopicRow, None if call is None else call.topic_id)
    call = locked_row(session, TopicCallRow, call_id)
    if call is None or topic is None or call.topic_id != topic.id or not calls.is_open(call, now):
        raise Undecidable(
            phrase("Nobody is asked about this any more. What you know stands in your profile.")
        )
    if calls.has_said(session, topic.id, employee.id):
        raise Undecidable(
            phrase("You have said already how well you know this. You can change it in your profile.")
        )
    rows.keep(session, TopicReplyRow(call_id=call_id, employee_id=employee.id, level=level, said_at=now))
    if level:
        employees.know_topic(session, employee, topic.slug, level, now)
    return topic


def _hold(session: Session, topic: TopicRow) -> None:
    if locked_row(session, TopicRow, topic.id) is None:
        raise Undecidable("This topic is not there any more: somebody else was quicker.")
