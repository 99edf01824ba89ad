"""R1, R2 for corrections: whatever dies on the way, the right words are out once, the wrong ones are not."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.posts import Ambiguous, Outgoing, Published
from bot.states import AnswerState, DeliveryKind, DeliveryState
from tests.mortals import Mortals
from tests.retracting import CORRECTING, PLATFORMS, RIGHT, Retracting


def assert_put_right(way: Retracting, how: str) -> None:
    ledger = way.ledger
    right = [text for text in ledger.shown() if "socket" in text]
    wrong = [text for text in ledger.shown() if "cable" in text]
    assert len(right) == 3
    assert [text.rpartition("(")[2][0] for text in right] == ["1", "2", "3"]
    assert len(wrong) == (3 if how == "below" else 0)
    assert len(ledger.accepted()) == (3 if how == "edit" else 6)
    assert len(ledger.edited()) == (3 if how == "edit" else 0)
    assert len(ledger.deleted()) == (3 if how == "replace" else 0)
    first, second = way.house.answers()
    assert (first.state, second.state) == (AnswerState.CORRECTED, AnswerState.PUBLISHED)
    assert (second.lead, second.text) == (True, RIGHT)
    assert {one.state for one in way.house.deliveries()} == {DeliveryState.SENT}
    assert len(way.house.entries()) == 1


@pytest.mark.parametrize(
    ("database_url", "times"), [("sqlite", 1), ("sqlite", 3), ("postgresql", 1)], indirect=["database_url"]
)
@pytest.mark.parametrize("point", CORRECTING)
@pytest.mark.parametrize("how", PLATFORMS)
def test_r01_a_process_killed_anywhere_leaves_the_right_words_once(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str, times: int, how: str
) -> None:
    ledger = tmp_path / "ledger"
    died = mortals.run("tests.retracting", database_url, ledger, point, times, how)
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Retracting(database_url, ledger, way=how)
    after.clock.advance(timedelta(minutes=5))
    after.work(12)
    assert_put_right(after, how)


@pytest.mark.parametrize("how", PLATFORMS)
def test_r02_what_was_accepted_before_a_failure_is_found(database_url: str, tmp_path: Path, how: str) -> None:
    def fail(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    way = Retracting(database_url, tmp_path / "ledger", way=how)
    way.answer()
    way.work(1)
    way.ledger.fault = fail
    way.correct()
    way.work(12)
    assert_put_right(way, how)


def test_r02_an_edit_that_never_arrived_is_made_again(database_url: str, tmp_path: Path) -> None:
    way = Retracting(database_url, tmp_path / "ledger", way="edit")
    lost: list[Published] = []
    edit = way.ledger.edit

    def lose_once(published: Published, outgoing: Outgoing, timeout: float) -> Published:
        if not lost:
            lost.append(published)
            raise Ambiguous("connection reset")
        return edit(published, outgoing, timeout)

    way.ledger.edit = lose_once  # type: ignore[method-assign]
    way.answer()
    way.work(1)
    way.correct()
    way.work(12)
    assert_put_right(way, "edit")


def test_until_the_right_words_are_out_the_former_ones_stand(database_url: str, tmp_path: Path) -> None:
    way = Retracting(database_url, tmp_path / "ledger")
    way.answer()
    way.work(1)
    way.correct()
    assert [one.state for one in way.house.answers()] == [AnswerState.PUBLISHED, AnswerState.QUEUED]
    assert len(way.ledger.shown()) == 3


def test_taking_a_correction_back_that_stands_below_takes_both(database_url: str, tmp_path: Path) -> None:
    from bot.actions.taking_back.retract import Wish, retract
    from bot.store.tables.conversations import AnswerRow

    way = Retracting(database_url, tmp_path / "ledger", way="below")
    way.answer()
    way.work(1)
    way.correct()
    way.work()
    with way.house.database.write() as session:
        answer = session.get_one(AnswerRow, 2)
        assert retract(session, way.house.answering, answer, Wish("All wrong.", 99), way.clock()).posts == 6
    way.work()
    assert way.ledger.shown() == []
    assert {one.state for one in way.house.answers()} == {AnswerState.RETRACTED}
    downs = [one for one in way.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    assert len(downs) == 6
