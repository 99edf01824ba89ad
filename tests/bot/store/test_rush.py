"""The worker rests while posts rush in, and no longer."""

import pytest

from bot.store.rush import Rush


class House:
    def __init__(self) -> None:
        self.now = self.rested = 0.0
        self.rush = Rush(lambda: self.now, self.sleep)
        self.arriving = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.rested += seconds
        self.rush.note(self.arriving)


@pytest.fixture
def house() -> House:
    return House()


def test_nobody_rests_for_a_hundred_posts_a_second(house: House) -> None:
    for _ in range(20):
        house.now += 0.05
        house.rush.note(5)
        house.rush.give_way()
    assert house.rested == 0.0


def test_a_large_page_of_a_feed_is_waited_for_but_not_for_long(house: House) -> None:
    house.rush.note(500)
    house.rush.give_way()
    assert 0.0 < house.rested <= 0.25


def test_in_a_rush_that_does_not_end_the_work_goes_on_after_half_a_second(house: House) -> None:
    house.arriving = 150
    house.rush.note(150)
    house.rush.give_way()
    assert house.rested == pytest.approx(0.5, abs=0.06)


def test_the_rest_ends_with_the_rush(house: House) -> None:
    house.rush.note(150)
    house.now += 0.3
    house.rush.give_way()
    assert house.rested == 0.0
