"""R1: whatever dies while an answer follows its author's post, or a challenge that was agreed to."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.states import DeliveryKind, DeliveryState
from bot.store.tables.house import ChallengeRow, ChallengeState
from tests.following import POINTS, RIGHT, Following
from tests.mortals import Mortals

MARKS = {"edit": "Jane", "challenge": "Ann"}


@pytest.mark.parametrize(
    ("way", "point"), [(way, point) for way, points in POINTS.items() for point in points]
)
def test_r01_a_process_killed_anywhere_leaves_the_right_words_once_and_tells_once(
    mortals: Mortals, database_url: str, tmp_path: Path, way: str, point: str
) -> None:
    ledger = tmp_path / "ledger"
    died = mortals.run("tests.following", database_url, ledger, point, way)
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Following(database_url, ledger)
    after.clock.advance(timedelta(minutes=5))
    if way != "challenge":
        after.change(way)  # the platform tells it again
    after.work(12)
    right = [] if way == "delete" else [f"{RIGHT} ^{MARKS[way]}"]
    assert after.ledger.shown() == right
    assert len(after.ledger.accepted()) == 1 + len(right)
    assert len(after.ledger.deleted()) == 1
    [row] = after.house.rows(ChallengeRow)
    assert row.state == ChallengeState.ACCEPTED
    sent = [one for one in after.house.deliveries() if one.kind != DeliveryKind.NOTICE]
    assert {one.state for one in sent} == {DeliveryState.SENT}
    told = [one.tells.challenge for one in after.house.deliveries() if one.kind == DeliveryKind.NOTICE]
    assert [one for one in told if one is not None] == ([1] if way == "challenge" else [])
