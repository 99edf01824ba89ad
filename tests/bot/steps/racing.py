"""Two at one row: a house in which one has read a row, or has it under a lease, when another comes first."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from bot.actions import erase, leaving
from bot.actions.conversations import decide, handover
from bot.states import Via
from bot.store.engine import Database
from bot.store.privacy import erasure
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState
from tests.conftest import FakeClock
from tests.house import House

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
WORDS = "Hold the power button for ten seconds, then start it again."


@dataclass
class Stage:
    """A question that Jane has been asked, as the only one who knows; others are there too."""

    house: House

    def __post_init__(self) -> None:
        house = self.house
        tv = house.topic("tv", "TV", "tv", "picture", "screen", "remote")
        wifi = house.topic("wifi", "Wi-Fi", "wifi")
        self.jane = house.employee("Jane Doe", tv, level=3).id
        self.ravi = house.employee("Ravi Kumar", wifi).id
        self.post = house.post("sam", "@brand no picture on my TV since the update")
        house.work()

    @property
    def question(self) -> QuestionRow:
        return self.house.questions()[0]

    def until_due(self) -> None:
        """Time passes until the router looks again."""
        self.house.clock.at = self.question.due_at or self.house.clock()

    def answer(self, words: str = WORDS) -> None:
        """Jane answers by a post of her own."""
        self.house.post("jane", f"@sam {words} #chorus", self.post)
        self.house.steps.intake.run()


Deed = Callable[[Stage, Session], object]


def _question(session: Session) -> QuestionRow:
    return session.exec(select(QuestionRow)).one()


def _answered(stage: Stage, session: Session) -> object:
    jane = session.get_one(EmployeeRow, stage.jane)
    take = stage.house.answering.take
    return take(session, _question(session), jane, WORDS, via=Via.DESK, now=stage.house.clock())


def _passed(stage: Stage, session: Session) -> object:
    offer = session.exec(select(OfferRow)).one()
    return handover.decline(session, offer, OfferState.PASSED, stage.house.clock())


def _referred(stage: Stage, session: Session) -> object:
    jane, ravi = (session.get_one(EmployeeRow, one) for one in (stage.jane, stage.ravi))
    return handover.refer(
        session, stage.house.chorus.rules, _question(session), jane, ravi, stage.house.clock()
    )


def _of_jane(deed: Callable[..., object]) -> Deed:
    return lambda stage, session: deed(session, session.get_one(EmployeeRow, stage.jane), stage.house.clock())


def _forgotten(stage: Stage, session: Session) -> object:
    return erase.erase_customer(session, erasure.customer(session, "local", "sam"), stage.house.clock())


QUESTION_DEEDS: dict[str, Deed] = {
    "answered": _answered,
    "passed": _passed,
    "referred": _referred,
    "dismissed": lambda on, session: decide.dismiss(session, _question(session), "Spam.", on.house.clock()),
    "asked again": lambda on, session: decide.ask_again(session, _question(session), on.house.clock()),
    "closed": lambda on, session: decide.close(session, _question(session), on.house.clock()),
    "taken over": lambda on, session: decide.escalate(session, _question(session), "Mine.", on.house.clock()),
    "filed": lambda on, session: decide.set_topics(session, _question(session), ["wifi"], on.house.clock()),
    "left": _of_jane(leaving.leave),
    "paused": _of_jane(leaving.pause),
    "erased": _forgotten,
}
"""What a person can do to a question that others are asked about."""


@contextmanager
def house_on(database: Database, clock: FakeClock) -> Iterator[House]:
    """A house that is put away afterwards."""
    house = House(database, clock)
    yield house
    house.close()


class Late:
    """A transaction that begins, and reads, before others act; only then does it go on."""

    def __init__(self, database: Database, *rows: tuple[type[Any], int]) -> None:
        self._opened = database.write()
        self.session = self._opened.__enter__()
        self.rows = [self.session.get_one(table, number) for table, number in rows]

    def __enter__(self) -> "Late":
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)


class Meanwhile:
    """Something that another connection does and that has to wait for a row this one has, begun in a thread.

    ``ends()`` gives what it raised, if anything, once this one has committed.
    """

    def __init__(self, database: Database, act: Callable[[], object]) -> None:
        self._act = act
        self._raised: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        with database.engine.connect() as watcher:
            while self._thread.is_alive() and not watcher.execute(_WAITING).scalar_one():
                watcher.rollback()
        assert self._thread.is_alive(), "it waited for nobody"

    def ends(self) -> Exception | None:
        self._thread.join(30)
        assert not self._thread.is_alive(), "it still waits"
        return self._raised

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self._raised = error


def state_of(stage: Stage) -> tuple[Any, ...]:
    """Everything that a stale decision of the router would change."""
    row = stage.question
    return (
        row.state,
        row.fence,
        row.due_at,
        row.rung,
        row.round,
        [one.state for one in stage.house.offers()],
    )
