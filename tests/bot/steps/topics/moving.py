"""A house in which one topic becomes part of another, in a process that can be killed on the way.

``main`` dies (``tests/mortals.py``): it moves, and sends itself SIGKILL when the point is reached for the
last of these times.
"""

import os
import signal
from datetime import UTC, datetime

from sqlmodel import select

from bot.actions.topics import refiling, reorganise
from bot.actions.topics.reorganise import Reorganising
from bot.states import EntryState
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.people import TopicRow
from bot.store.topics import named
from tests.conftest import FakeClock
from tests.house import House

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
QUESTIONS = 40


def fill(house: House) -> None:
    """Questions about the telly and Wi-Fi in turn, archived; every tenth waits."""
    house.topic("tv", "TV", "tv")
    house.topic("telly", "Telly", "telly")
    house.topic("wifi", "Wi-Fi", "wifi")
    with house.database.write() as session:
        for number in range(1, QUESTIONS + 1):
            slug = "telly" if number % 2 else "wifi"
            question = QuestionRow(
                platform="local",
                customer_id=f"c{number}",
                text=f"no picture {number}" if number % 4 == 1 else f"other {number}",
                language="en",
                state="escalated" if number % 10 == 1 else "answered",
                topics=[[slug, 0.6], ["phone", 0.2]],
                asked_at=START,
            )
            session.add(question)
            session.flush()
            session.add(
                EntryRow(
                    question_id=question.id,
                    title=question.text,
                    platform="local",
                    topic=slug,
                    state=EntryState.PUBLIC,
                    published_at=START,
                    updated_at=START,
                )
            )


def begin(house: House) -> None:
    """The telly becomes part of TV."""
    with house.database.write() as session:
        former, into = named.by_slug(session, "telly"), named.by_slug(session, "tv")
        assert former is not None
        reorganise.merge(session, former, into, Reorganising("mei", house.clock()))


def finish(house: House) -> None:
    """Move until nothing is left."""
    turns = 0
    while house.steps.refile.run():
        turns += 1
        assert turns < 500
    house.clock.advance(refiling.SETTLES.total_seconds())
    while house.steps.refile.run():
        pass


def filed(house: House) -> tuple[dict[str, int], dict[str | None, int]]:
    """How many questions and entries there are by topic."""
    questions: dict[str, int] = {}
    entries: dict[str | None, int] = {}
    with house.database.read() as session:
        for row in session.exec(select(QuestionRow)).all():
            assert row.weights[1].slug == "phone"
            questions[row.main_topic or ""] = questions.get(row.main_topic or "", 0) + 1
        for entry in session.exec(select(EntryRow)).all():
            entries[entry.topic] = entries.get(entry.topic, 0) + 1
    return questions, entries


def topic_of(house: House, slug: str) -> TopicRow:
    with house.database.read() as session:
        found = named.by_slug(session, slug)
        assert found is not None
        return found


def small_steps() -> None:
    """A few at a time, so that there is something between the first part and the last."""
    refiling.BATCH, refiling.WINDOW = 3, 7


def main(url: str, point: str, times: str) -> None:
    small_steps()
    house = House(url, FakeClock(START))
    left = [int(times)]

    def die(name: str) -> None:
        if name == point:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    house.checkpoint = die
    finish(house)
