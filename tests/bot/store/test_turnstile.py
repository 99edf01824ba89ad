"""Writers of one process pass one at a time, in the order in which they came."""

import threading

import pytest

from bot.store.turnstile import Turnstile


def test_whoever_has_waited_longest_passes_next() -> None:
    turnstile, passed = Turnstile(30.0), list[int]()

    def pass_through(number: int) -> None:
        with turnstile.passing():
            passed.append(number)

    threads = []
    with turnstile.passing():
        for number in range(5):
            thread = threading.Thread(target=pass_through, args=(number,))
            thread.start()
            while len(turnstile._waiting) == number:
                pass
            threads.append(thread)
    for thread in threads:
        thread.join()

    assert passed == [0, 1, 2, 3, 4]


def test_a_failure_inside_lets_the_next_one_in() -> None:
    turnstile = Turnstile(30.0)
    with pytest.raises(ZeroDivisionError), turnstile.passing():
        _ = 1 // 0

    with turnstile.passing():
        assert turnstile._is_taken
    assert not turnstile._is_taken


def test_who_has_waited_too_long_goes_on_and_leaves_the_line() -> None:
    turnstile = Turnstile(0.0)

    with turnstile.passing():
        with turnstile.passing():
            assert not turnstile._waiting
        assert turnstile._is_taken
