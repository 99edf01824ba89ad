"""R1 for announcements: whatever dies on the way, each part is out once on each feed, and in order."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.posts import Ambiguous, Outgoing
from bot.states import AnnouncementState, DeliveryState
from tests.announcing import FEEDS, POINTS, Announcing
from tests.mortals import Mortals


def assert_once(announcing: Announcing) -> None:
    for name in FEEDS:
        texts = [text for text, _ in announcing.ledgers[name].accepted()]
        assert [text.rpartition(" ")[2] for text in texts] == ["(1/2)", "(2/2)"], name
    assert {one.state for one in announcing.house.deliveries()} == {DeliveryState.SENT}
    assert announcing.announcement().state == AnnouncementState.PUBLISHED


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
def test_r01_a_process_killed_anywhere_loses_and_doubles_nothing(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str, times: int
) -> None:
    died = mortals.run("tests.announcing", database_url, tmp_path, point, times)
    if died == 0:
        assert times > 2  # both feeds together need fewer of these
        return
    assert died == -signal.SIGKILL
    after = Announcing(database_url, tmp_path)
    after.clock.advance(timedelta(minutes=5))
    after.work()
    assert_once(after)


def test_r02_what_was_accepted_before_a_failure_is_found_and_not_sent_again(
    database_url: str, tmp_path: Path
) -> None:
    announcing = Announcing(database_url, tmp_path)

    def fail(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    announcing.ledgers["x"].fault = fail
    announcing.plan()
    announcing.work()
    assert_once(announcing)
