"""A lane runs what is due, and leaves the rest of its steps until their seconds are over."""

from contextlib import suppress

from bot.worker import Lane, Scheduled


def test_a_step_runs_at_each_turn_or_at_most_once_in_its_seconds() -> None:
    ran: list[str] = []

    def step(name: str, handled: int) -> int:
        ran.append(name)
        return handled

    lane = Lane(
        "house", [Scheduled(lambda: step("each", 0)), Scheduled(lambda: step("tenth", 1), every=10.0)]
    )
    assert [lane.turn(at) for at in (100.0, 100.0, 109.9, 110.0, 119.0)] == [1, 0, 0, 1, 0]
    assert [ran.count(name) for name in ("each", "tenth")] == [5, 2]


def test_a_step_asked_for_out_of_turn_runs_at_once_and_keeps_its_seconds() -> None:
    lane = Lane("house", [Scheduled(lambda: 1, every=10.0)])
    assert [lane.turn(at) for at in (0.0, None, None, 9.0, 10.0)] == [1, 1, 1, 0, 1]


def test_a_timer_that_was_put_back_keeps_no_step_from_running() -> None:
    lane = Lane("house", [Scheduled(lambda: 1), Scheduled(lambda: 1, every=10.0)])
    assert [lane.turn(at) for at in (100.0, 95.0, 50.0)] == [2, 1, 2]


def test_a_step_that_fails_is_left_for_its_seconds_all_the_same() -> None:
    tries = []

    def fails() -> int:
        tries.append(1)
        raise ValueError

    lane = Lane("house", [Scheduled(fails, every=10.0), Scheduled(lambda: 1)])
    for at in (0.0, 1.0, 10.0):
        with suppress(ValueError):
            lane.turn(at)
    assert len(tries) == 2
