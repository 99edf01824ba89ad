"""R1, R2 for what is taken back: whatever dies on the way, every post goes, once, the last part first."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.posts import Ambiguous, Outgoing, Published, Reconnect, Refusal, Rejected, Retry
from bot.states import AnswerState, DeliveryKind, DeliveryState
from bot.store.running import switches
from tests.mortals import Mortals
from tests.retracting import POINTS, Retracting


@pytest.fixture
def retracting(database_url: str, tmp_path: Path) -> Retracting:
    return Retracting(database_url, tmp_path / "ledger")


def downs(retracting: Retracting) -> list[tuple[int, str]]:
    """Which part is taken down, and how far that has come."""
    rows = [one for one in retracting.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    return sorted((one.part, one.state) for one in rows)


def assert_all_gone(retracting: Retracting, parts: int = 3) -> None:
    published = [
        one.external_id for one in retracting.house.deliveries() if one.kind == DeliveryKind.PUBLICATION
    ]
    assert retracting.ledger.shown() == []
    assert retracting.ledger.deleted() == published[:parts][::-1]
    assert {state for _, state in downs(retracting)} == {DeliveryState.SENT}
    assert retracting.house.answers()[0].state == AnswerState.RETRACTED


@pytest.mark.parametrize(
    ("database_url", "times"),
    [("sqlite", 1), ("sqlite", 2), ("sqlite", 3), ("postgresql", 2)],
    indirect=["database_url"],
)
@pytest.mark.parametrize("point", POINTS)
def test_r01_a_process_killed_anywhere_leaves_no_post_and_deletes_none_twice(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str, times: int
) -> None:
    ledger = tmp_path / "ledger"
    died = mortals.run("tests.retracting", database_url, ledger, point, times)
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Retracting(database_url, ledger)
    assert len(after.ledger.accepted()) == 3
    after.clock.advance(timedelta(minutes=5))
    after.work()
    assert_all_gone(after)


@pytest.mark.parametrize("error", [Ambiguous("timed out"), RuntimeError("broken body")])
def test_r02_what_was_deleted_before_a_failure_is_looked_up_and_not_deleted_again(
    retracting: Retracting, error: Exception
) -> None:
    def fail(_: str) -> None:
        raise error

    retracting.answer()
    retracting.work(1)
    retracting.ledger.deletion_fault = fail
    retracting.retract()
    retracting.work()
    assert_all_gone(retracting)
    assert {one.attempts for one in retracting.house.deliveries()} == {1}


def test_r02_what_was_not_deleted_after_all_is_deleted_once_that_is_known(retracting: Retracting) -> None:
    lost: list[Published] = []
    delete = retracting.ledger.delete

    def lose_once(published: Published) -> None:
        if not lost:
            lost.append(published)
            raise Ambiguous("connection reset")
        delete(published)

    retracting.ledger.delete = lose_once  # type: ignore[method-assign]
    retracting.answer()
    retracting.work(1)
    retracting.retract()
    retracting.work()
    assert_all_gone(retracting)


def test_s18_a_pause_of_publishing_does_not_keep_what_is_wrong_in_public(retracting: Retracting) -> None:
    retracting.answer()
    retracting.work(1)
    with retracting.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=True, by="test", now=retracting.clock())
    retracting.retract(tells_customer=True)
    retracting.work()
    assert retracting.ledger.shown() == []
    with retracting.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=False, by="test", now=retracting.clock())
    retracting.work()
    [told] = retracting.ledger.shown()
    assert told.startswith("@sam We have to take back wh")


def test_what_is_just_going_out_is_taken_down_once_it_is_known_to_be_there(retracting: Retracting) -> None:
    """The first post is on its way when the answer is taken back: the outcome comes after the deed."""
    done: list[object] = []
    retracting.house.checkpoint = lambda name: (
        done.append(retracting.retract()) if name == "after_send" and not done else None
    )
    retracting.answer()
    retracting.work()
    assert len(retracting.ledger.accepted()) == 1
    assert done[0].unsure == 1  # type: ignore[attr-defined]
    assert_all_gone(retracting, parts=1)
    assert not retracting.house.entries()


@pytest.mark.parametrize("arrives", [True, False])
def test_what_nobody_knows_of_is_taken_down_if_it_turns_out_to_be_there(
    retracting: Retracting, arrives: bool
) -> None:
    publish, tried = retracting.ledger.publish, list[Outgoing]()

    def lose(outgoing: Outgoing, timeout: float) -> Published:
        tried.append(outgoing)
        if arrives:
            publish(outgoing, timeout)
        raise Ambiguous("connection reset")

    retracting.ledger.publish = lose  # type: ignore[method-assign]
    retracting.answer()
    retracting.house.steps.deliver.run()
    retracting.retract()
    retracting.work()
    assert len(tried) == 1
    assert retracting.ledger.shown() == []
    states = [one.state for one in retracting.house.deliveries() if one.kind == DeliveryKind.PUBLICATION]
    withdrawn = [DeliveryState.WITHDRAWN] * 2
    assert states == [DeliveryState.SENT if arrives else DeliveryState.WITHDRAWN, *withdrawn]
    assert downs(retracting) == ([(0, DeliveryState.SENT)] if arrives else [])


def test_what_a_platform_refuses_waits_for_a_person_and_the_rest_of_the_thread_goes(
    retracting: Retracting,
) -> None:
    delete, refused = retracting.ledger.delete, list[str]()

    def refuse_last(published: Published) -> None:
        if not refused:
            refused.append(published.external_id)
            raise Rejected("Not by an app.", Refusal.NOT_PERMITTED)
        delete(published)

    retracting.ledger.delete = refuse_last  # type: ignore[method-assign]
    retracting.answer()
    retracting.work(1)
    retracting.retract()
    retracting.work()
    assert downs(retracting) == [
        (0, DeliveryState.SENT),
        (1, DeliveryState.SENT),
        (2, DeliveryState.REJECTED),
    ]
    [row] = [one for one in retracting.house.deliveries() if one.state == DeliveryState.REJECTED]
    assert row.link == f"https://x.example/brand/{refused[0]}"


def test_r08_deletions_wait_as_long_as_the_platform_says_and_publications_do_not(
    retracting: Retracting,
) -> None:
    until, calls = retracting.clock() + timedelta(minutes=10), list[object]()
    delete = retracting.ledger.delete

    def limited(published: Published) -> None:
        calls.append(retracting.clock())
        if retracting.clock() < until:
            raise Retry("too many deletions", at=until)
        delete(published)

    retracting.ledger.delete = limited  # type: ignore[method-assign]
    retracting.answer()
    retracting.work(1)
    retracting.retract(tells_customer=True)
    retracting.work(2)
    assert len(retracting.ledger.accepted()) == 4  # the customer is told meanwhile
    retracting.work(10)
    assert len([at for at in calls if at < until]) == 1  # type: ignore[operator]
    assert len(retracting.ledger.deleted()) == 3


def test_deletions_keep_to_the_platforms_pace(
    retracting: Retracting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from bot.platforms.planner import Window
    from bot.steps import take_back

    slow = replace(retracting.ledger.traits, deletions=Window(1, timedelta(minutes=5)))
    monkeypatch.setattr(take_back, "traits_of", lambda _: slow)
    retracting.answer()
    retracting.work(1)
    retracting.retract()
    for expected in (1, 2, 3):
        retracting.work(4)
        assert len(retracting.ledger.deleted()) == expected
        retracting.clock.advance(timedelta(minutes=2))


def test_what_waits_for_the_account_goes_when_it_is_back(retracting: Retracting) -> None:
    from bot.store.conversations import deliveries

    delete, away = retracting.ledger.delete, [True]

    def gone(published: Published) -> None:
        if away:
            raise Reconnect("The token is revoked.")
        delete(published)

    retracting.ledger.delete = gone  # type: ignore[method-assign]
    retracting.answer()
    retracting.work(1)
    retracting.retract()
    retracting.house.worker.run_until_idle("deliver", turns=5)
    assert [state for _, state in downs(retracting)].count(DeliveryState.READY) == 1
    away.clear()
    with retracting.house.database.write() as session:
        deliveries.account_is_back(session, "x", retracting.clock())
    retracting.house.worker.run_until_idle("deliver", turns=20)
    assert_all_gone(retracting)


def test_a_platform_that_is_not_connected_any_more_leaves_it_to_a_person(
    database_url: str, tmp_path: Path, retracting: Retracting
) -> None:
    retracting.answer("Try the other cable.")
    retracting.work(1)
    retracting.retract()
    retracting.house.steps.take_back.platforms = {}
    retracting.work(1)
    [row] = [one for one in retracting.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    assert (row.state, row.link) == (DeliveryState.REJECTED, row.takes_down.url)
