"""Whoever decides on what a colleague removes in the same moment is told so, and nothing is done twice."""

from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import SQLModel

from app.identity.decisions import DecisionContext
from bot.store.engine import Database
from bot.store.row_locks import RowGone, lock_row
from bot.store.tables.columns import table_of
from bot.store.tables.figures import GoalRow
from tests.app.board_house import BoardHouse
from tests.app.identity.deeds.ground import Ground
from tests.app.identity.deeds.in_charge import IN_CHARGE
from tests.app.identity.deeds.of_the_house import OF_THE_HOUSE
from tests.conftest import FakeClock

GONE = "Somebody else has removed this meanwhile: it is not there any more."
REMOVABLE = (
    "/admin/hooks/{endpoint_id}/secret",
    "/admin/hooks/{endpoint_id}/switch",
    "/admin/hooks/{endpoint_id}/remove",
    "/admin/hooks/{endpoint_id}/test",
    "/admin/hooks/{endpoint_id}",
    "/admin/figures/goals/{goal_id}/remove",
    "/admin/words/{word_id}/remove",
    "/admin/words/{word_id}",
)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(database, clock)


def remove_under_everybodys_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read to decide on it is removed before it is held, as by another transaction."""
    read = DecisionContext.row

    def row(self: DecisionContext, table: type[SQLModel], row_id: int, what: str) -> Any:
        found = read(self, table, row_id, what)
        kept = table_of(table)
        self.session.connection().execute(delete(kept).where(kept.c.id == row_id))
        return found

    monkeypatch.setattr(DecisionContext, "row", row)


@pytest.mark.parametrize("deed", REMOVABLE)
def test_what_was_removed_in_the_same_moment_is_no_failure(
    desk: BoardHouse, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    _, prepare = {**OF_THE_HOUSE, **IN_CHARGE}[deed]
    address, fields = prepare(Ground(desk, desk.mei))
    before = desk.audited()
    remove_under_everybodys_hands(monkeypatch)
    answer = desk.browser.post(deed.format(**address), fields)
    assert (answer.status_code, GONE in answer.text) == (409, True), answer.text
    assert desk.audited() == before


def test_a_row_that_is_gone_cannot_be_held(desk: BoardHouse) -> None:
    goal = GoalRow(percent=80, within_seconds=600, set_at=desk.clock())
    with desk.house.database.write() as session:
        session.add(goal)
        session.flush()
        session.connection().execute(delete(table_of(GoalRow)))
        with pytest.raises(RowGone):
            lock_row(session, goal)
