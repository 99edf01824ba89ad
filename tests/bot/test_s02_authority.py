"""S2: nobody answers for the brand but linked, active, opted-in employees, known by immutable account ids.

Played on every adapter, from the feed to the feed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.roles import Role
from bot.states import PostKind
from bot.store.people import identities, staff
from bot.store.tables.conversations import AnswerRow, PostRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from tests.bot.platforms.stages import STAGES, Stage
from tests.bot.round_trip import RoundTrip

TIP = "Hold the power button for ten seconds."
Change = Callable[[EmployeeRow, datetime], None]


class Scene:
    """A feed with a customer and somebody who uses the tag, and the house behind the brand."""

    def __init__(self, stage: Stage, house: RoundTrip) -> None:
        self.stage, self.house = stage, house

    def hire(self, account_id: str, handle: str, change: Change | None = None) -> None:
        """Jane, who knows TVs, with an account; ``change`` is what makes her somebody else."""
        with self.house.chorus.database.write() as session:
            now = self.house.clock()
            account = Account(self.stage.adapter.name, account_id, handle)
            details = Details("Jane Doe", "jane@example.com")
            jane = employees.add_employee(session, details, accounts=[account], now=now)
            if change is not None:
                change(jane, now)
                session.add(jane)

    def tagged_answer(self) -> None:
        """A question comes in, then the tagged reply of whoever is behind the stage's employee account."""
        question = self.stage.customer_posts("no picture on my TV")
        self._come_in()
        self.stage.employee_posts(f"{TIP} #chorus", question)
        self._come_in()

    def published(self) -> list[str]:
        return [text for text, _ in self.stage.ledger() if TIP in text]

    def _come_in(self) -> None:
        self.house.chorus.ingest.write(self.stage.received())
        self.house.work()


@contextmanager
def playing(stage: Stage, url: str, directory: Path) -> Iterator[Scene]:
    with RoundTrip(url, stage.clock, stage.adapter) as house:  # type: ignore[arg-type]
        yield Scene(stage, house)


@pytest.fixture(params=STAGES.values(), ids=STAGES.keys())
def scene(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Scene]:
    with playing(request.param(), sqlite_url, tmp_path) as played:
        yield played


@pytest.fixture
def local_scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    with playing(STAGES["local"](), database_url, tmp_path) as played:
        yield played


def test_s02_a_linked_employee_answers(scene: Scene) -> None:
    scene.hire(scene.stage.employee.id, scene.stage.employee.handle)
    scene.tagged_answer()
    assert len(scene.published()) == 1


def test_s02_a_stranger_with_an_employees_handle_has_no_authority(scene: Scene) -> None:
    scene.hire("another-account", scene.stage.employee.handle or scene.stage.employee_handle)
    scene.tagged_answer()
    assert scene.published() == []
    assert scene.house.rows(AnswerRow) == []


def test_s02_an_account_that_was_unlinked_has_no_authority(scene: Scene) -> None:
    scene.hire(scene.stage.employee.id, scene.stage.employee.handle)
    with scene.house.chorus.database.write() as session:
        jane = session.get_one(EmployeeRow, 1)
        [identity] = staff.accounts_of(session, 1)
        employees.remove_account(session, jane, identity.id, scene.house.clock())
    scene.tagged_answer()
    assert scene.published() == []


def _not_opted_in(jane: EmployeeRow, now: datetime) -> None:
    jane.opted_in_at = None


def _in_state(state: EmployeeState) -> Change:
    def change(jane: EmployeeRow, now: datetime) -> None:
        jane.state = state

    return change


def _in_role(role: Role) -> Change:
    def change(jane: EmployeeRow, now: datetime) -> None:
        jane.role = role

    return change


WITHOUT = {
    "not opted in": _not_opted_in,
    "invited": _in_state(EmployeeState.INVITED),
    "left": _in_state(EmployeeState.LEFT),
    "reader": _in_role(Role.READER),
    "auditor": _in_role(Role.AUDITOR),
}
WITH = {
    "paused": _in_state(EmployeeState.PAUSED),
    "moderator": _in_role(Role.MODERATOR),
    "admin": _in_role(Role.ADMIN),
}


@pytest.mark.parametrize("change", WITHOUT.values(), ids=WITHOUT.keys())
def test_s02_who_may_not_answer_publishes_nothing_by_the_tag(local_scene: Scene, change: Change) -> None:
    local_scene.hire(local_scene.stage.employee.id, local_scene.stage.employee.handle, change)
    local_scene.tagged_answer()
    assert local_scene.published() == []
    assert local_scene.house.rows(AnswerRow) == []
    assert PostKind.ANSWER not in {post.verdict for post in local_scene.house.rows(PostRow)}


@pytest.mark.parametrize("change", WITH.values(), ids=WITH.keys())
def test_s02_who_may_answer_does(local_scene: Scene, change: Change) -> None:
    local_scene.hire(local_scene.stage.employee.id, local_scene.stage.employee.handle, change)
    local_scene.tagged_answer()
    assert len(local_scene.published()) == 1


@pytest.mark.parametrize("change", WITHOUT.values(), ids=WITHOUT.keys())
def test_s02_an_answer_stays_in_when_its_author_may_not_answer_any_more(
    database_url: str, tmp_path: Path, change: Change
) -> None:
    stage = STAGES["local"]()
    settings = {"publish": {"undo_window": 30}}
    with RoundTrip(database_url, stage.clock, stage.adapter, **settings) as house:  # type: ignore[arg-type]
        scene = Scene(stage, house)
        scene.hire(stage.employee.id, stage.employee.handle)
        scene.tagged_answer()
        with house.chorus.database.write() as session:
            jane = session.get_one(EmployeeRow, 1)
            change(jane, house.clock())
            session.add(jane)
        stage.clock.pass_by(seconds=60)
        house.work()
        assert scene.published() == []


def test_s02_a_handle_that_moves_to_another_account_takes_no_authority_along(local_scene: Scene) -> None:
    with local_scene.house.chorus.database.write() as session:
        now = local_scene.house.clock()
        details = Details("Jane Doe", "jane@example.com")
        account = Account("local", "old-id", local_scene.stage.employee.handle)
        employees.add_employee(session, details, accounts=[account], now=now)
        behind = identities.employees_behind(session, [("local", "old-id"), ("local", "jane")])
        assert [one is not None for one in behind.values()] == [True, False]
