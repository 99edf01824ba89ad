"""Whoever can wait rests while posts storm in, and no longer."""

import pytest

from bot.store.storm import Storm


class House:
    """A worker's clock and processor time, moved by hand; what happens in each nap is up to the test."""

    def __init__(self) -> None:
        self.now = self.used = 100.0
        self.naps: list[float] = []
        self.senders_in_a_nap = 0
        self.storm = Storm(lambda: self.now, lambda: self.used, self.sleep)
        self.storm.give_way()

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds
        if self.senders_in_a_nap:
            self.commit(self.senders_in_a_nap, after=0.001)

    def commit(self, senders: int, *, after: float) -> None:
        self.now += after / 2
        self.storm.note(1)
        self.now += after / 2
        self.storm.note(senders)

    def work(self, processor: float) -> None:
        self.used += processor
        self.now += processor
        self.storm.give_way()


@pytest.fixture
def house() -> House:
    return House()


def test_nobody_rests_while_posts_come_in_one_by_one(house: House) -> None:
    for _ in range(50):
        house.commit(2, after=0.001)
    house.work(0.02)
    assert house.naps == []


def test_many_senders_in_a_slow_commit_are_no_storm(house: House) -> None:
    """A slow disk gathers many in one commit too, while the processor has nothing to do."""
    house.commit(32, after=0.1)
    house.work(0.02)
    assert house.naps == []


def test_a_storm_is_one_although_each_commit_waits_for_a_worker(house: House) -> None:
    """With a backlog, the worker's transactions and the commits of posts come in turn."""
    house.senders_in_a_nap = 32
    for _ in range(3):
        house.now += 0.02
        house.storm.waited(0.02)
        house.commit(32, after=0.001)
    house.work(0.02)
    assert sum(house.naps) > 20 * 0.02


def test_in_a_storm_the_rest_is_many_times_as_long_as_the_work(house: House) -> None:
    house.senders_in_a_nap = 32
    house.commit(32, after=0.001)
    house.work(0.02)
    assert 20 * 0.02 < sum(house.naps) < 60 * 0.02


def test_not_even_much_work_earns_a_rest_without_end(house: House) -> None:
    house.senders_in_a_nap = 32
    house.commit(32, after=0.001)
    house.work(0.09)
    assert sum(house.naps) == pytest.approx(2.0, abs=0.05)


def test_the_rest_ends_soon_after_the_storm(house: House) -> None:
    """A burst of a moment must not keep its own offers waiting."""
    house.commit(32, after=0.001)
    house.work(0.05)
    assert 0 < sum(house.naps) <= 0.15


def test_work_from_before_the_storm_is_not_paid_for_in_it(house: House) -> None:
    house.used += 30.0  # looks that found nothing, over hours
    house.now += 3_600.0
    house.senders_in_a_nap = 32
    house.commit(32, after=0.001)
    house.work(0.001)
    assert 0 < sum(house.naps) < 0.1
