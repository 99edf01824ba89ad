"""Accounts that agree in age, likeness or timing look like a net; what cannot be known is not claimed."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.campaigns.nets import LEAST, Joiner, NetSign, nets

DAY = 86_400.0
NOW = 20_000 * DAY
NAMES = ("anna", "ben", "carla", "dev", "emre", "fay", "gus", "hana", "ivo", "june", "kofi", "lena", "mo")
OWN = "please give us the dark theme back in the app"


def person(number: int, **beside: object) -> Joiner:
    """Somebody like nobody else: an old account, a name of their own, joined hours from the others."""
    name = f"{NAMES[number % len(NAMES)]}_{'xyz'[number % 3] * (number // 3 + 1)}"
    one = Joiner(("x", f"p{number}"), name, NOW + number * 3 * 3_600, NOW - (200 + 37 * number) * DAY)
    return replace(one, **beside)  # type: ignore[arg-type]


def bots(count: int = 8, **beside: object) -> list[Joiner]:
    """Made within minutes three days ago, numbered, and all there within minutes."""
    made = [
        Joiner(("x", f"b{n}"), f"fan{n:04}", NOW + 40 * n, NOW - 3 * DAY + 90 * n, OWN) for n in range(count)
    ]
    return [replace(one, **beside) for one in made]  # type: ignore[arg-type]


def test_people_are_no_net() -> None:
    assert nets([person(number) for number in range(40)]) == ()


def test_a_net_is_found_among_people_with_its_reasons() -> None:
    people = [person(number) for number in range(30)]
    [net] = nets([*people, *bots()])
    assert {one.account[1][0] for one in net.members} == {"b"}
    assert net.signs == set(NetSign)
    assert str(net) == (
        "8 accounts: made within 10 minutes of each other, 14 days ago at the most when they joined; "
        "names that differ by a number, as fan0000; the same words of their own; "
        "joined within 5 minutes of each other"
    )


@pytest.mark.parametrize(
    "beside",
    [
        {"made": None, "text": ""},
        {"made": None, "joined": NOW},
        {"text": ""},
        {"handle": "someone"},
        {"made": None},
    ],
)
def test_two_signs_are_enough_whichever_is_missing(beside: dict[str, object]) -> None:
    [net] = nets(bots(**beside))
    assert len(net.members) == 8


@pytest.mark.parametrize(
    "alike",
    [
        [person(n, handle=f"fan{n:04}") for n in range(9)],
        [person(n, made=NOW - DAY + n, joined=NOW + n * 3 * 3_600) for n in range(9)],
        [person(n, joined=NOW + n) for n in range(9)],
        [person(n, text=OWN) for n in range(9)],
        [person(n, text=OWN, joined=NOW + n) for n in range(9)],
        [person(n, handle=f"fan{n}", joined=NOW + n) for n in range(9)],
        [person(n, text="yes please", handle=f"fan{n:03}") for n in range(9)],
    ],
    ids=["names", "age", "timing", "words", "copied in a rush", "short numbers", "short words"],
)
def test_one_sign_alone_is_none(alike: list[Joiner]) -> None:
    assert nets(alike) == ()


def test_one_person_with_accounts_unlike_each_other_is_not_to_be_told_from_several() -> None:
    """What cannot be seen is not claimed: five accounts of one person are five, unless they give it away."""
    assert nets([person(number) for number in range(5)]) == ()


def test_fewer_than_the_least_are_none() -> None:
    assert nets(bots(LEAST - 1)) == ()
    assert len(nets(bots(LEAST))) == 1


def test_an_account_counts_once_however_often_it_joined() -> None:
    again = [replace(one, joined=one.joined + 5) for one in bots(LEAST - 1)]
    assert nets([*bots(LEAST - 1), *again]) == ()


JOINERS = st.lists(
    st.builds(
        Joiner,
        account=st.tuples(st.sampled_from(["x", "bluesky"]), st.sampled_from([f"a{n}" for n in range(30)])),
        handle=st.sampled_from(["fan001", "fan002", "fan003", "ben", "b_777", "öre1234", ""]),
        joined=st.sampled_from([NOW, NOW + 60, NOW + 500, NOW + 4_000, NOW + DAY]),
        made=st.sampled_from([None, NOW - DAY, NOW - DAY + 60, NOW - 300 * DAY, NOW + 9 * DAY]),
        text=st.sampled_from(["", "yes", OWN]),
    ),
    max_size=40,
)


@given(JOINERS, st.integers(0, 99))
def test_the_order_in_which_they_are_told_changes_nothing(joiners: list[Joiner], seed: int) -> None:
    shuffled = random.Random(seed).sample(joiners, len(joiners))
    assert nets(shuffled) == nets(joiners)


@given(JOINERS)
def test_each_account_is_in_one_net_and_each_net_has_reasons(joiners: list[Joiner]) -> None:
    found = nets(joiners)
    members = [one.account for net in found for one in net.members]
    assert len(members) == len(set(members))
    for net in found:
        assert len(net.members) >= LEAST
        assert len(net.signs) >= 2
        assert str(net).startswith(f"{len(net.members)} accounts: ")


@given(JOINERS, st.integers(0, 12))
def test_people_who_are_like_nobody_change_nothing(joiners: list[Joiner], count: int) -> None:
    """Given old accounts with names of their own, hours from all others, then the nets are the same."""
    people = [person(number, joined=NOW + 10 * DAY + number * 3_600) for number in range(count)]
    assert nets([*joiners, *people]) == nets(joiners)
