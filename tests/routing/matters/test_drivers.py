"""Drivers: people by week, what is usual, and what is more than that."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.matters.drivers import AskedText, Driver, DriverPeriod, by_product_word, movers
from routing.model.text import SaidText

END = datetime(2026, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OLD = DriverPeriod(END, END - 400 * DAY)


def driver(*weeks: int, known: int = 4) -> Driver:
    return Driver("it", weeks, sum(weeks), 0, known)


def test_the_weeks_are_seven_days_each_and_end_now() -> None:
    assert OLD.weeks[0] == (END - 7 * DAY, END)
    assert OLD.weeks[4] == (OLD.start, END - 28 * DAY)
    assert OLD.start == END - 35 * DAY


@pytest.mark.parametrize(
    ("days", "known"), [(3, 0), (13.9, 0), (14, 1), (20.9, 1), (21, 2), (35, 4), (400, 4)]
)
def test_only_whole_weeks_of_the_houses_life_tell_what_is_usual(days: float, known: int) -> None:
    assert DriverPeriod(END, END - days * DAY).known == known


def test_without_a_past_nothing_is_usual_new_or_more() -> None:
    assert DriverPeriod(END, None).known == 0
    young = driver(40, 0, 0, 0, 0, known=0)
    assert (young.usual, young.is_new, young.is_more, young.change) == (None, False, False, 0.0)


def test_what_lies_before_the_house_does_not_make_the_usual_smaller() -> None:
    assert driver(9, 10, 6, 0, 0, known=2).usual == 8


@pytest.mark.parametrize(
    ("weeks", "is_more"),
    [
        ((41, 10, 12, 9, 11), True),
        ((14, 10, 12, 9, 11), False),
        ((3, 0, 0, 0, 0), False),
        ((9, 0, 0, 0, 0), True),
        ((5, 2, 1, 3, 2), False),
        ((3000, 1000, 1100, 900, 1000), True),
        ((1100, 1000, 1100, 900, 1000), False),
        ((200_000, 100_000, 100_000, 100_000, 100_000), True),
    ],
)
def test_more_than_usual_is_what_chance_hardly_brings(weeks: tuple[int, ...], is_more: bool) -> None:
    assert driver(*weeks).is_more is is_more


def test_new_is_what_nobody_asked_before() -> None:
    assert driver(2, 0, 0, 0, 0).is_new
    assert not driver(2, 0, 0, 0, 1).is_new
    assert not driver(0, 0, 0, 0, 0).is_new


def test_movers_are_what_changed_most_up_or_down() -> None:
    up, down, same = driver(30, 10, 10, 10, 10), driver(0, 20, 20, 20, 20), driver(10, 10, 10, 10, 10)
    assert movers([same, down, up], 5) == [up, down]
    assert movers([same, down, up], 1) == [up]


def asked(text: str, person: str, days_ago: float, *, waits: bool = False, language: str = "en") -> AskedText:
    return AskedText(SaidText(text, language, person), END - days_ago * DAY, waits)


def test_product_words_count_people_in_any_inflection_and_as_phrases() -> None:
    texts = [
        asked("My routers blink, the router is dead", "sam", 1, waits=True),
        asked("router again", "sam", 2),
        asked("Router?", "kim", 9),
        asked("the smart tv is dark", "ann", 3),
        asked("a smart idea", "bob", 3),
        asked("router", "old", 36),
        asked("Meine Router blinken", "eva", 4, language="de"),
    ]
    found = {one.key: one for one in by_product_word(texts, ["router", "smart tv", "modem"], OLD)}
    assert found.keys() == {"router", "smart tv"}
    assert (found["router"].weeks, found["router"].people, found["router"].waiting) == ((2, 1, 0, 0, 0), 3, 1)
    assert found["smart tv"].weeks == (1, 0, 0, 0, 0)


def test_without_keywords_there_are_no_product_words() -> None:
    assert by_product_word([asked("router", "sam", 1)], [], OLD) == []
