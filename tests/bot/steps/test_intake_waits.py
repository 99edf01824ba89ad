"""A post whose thread is odd, or that fails, is decided or set aside, and holds up no other."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.local.adapter import Local
from bot.posts import Author, Lookup, Mention, Post, Refusal, Rejected, Retry, Visibility
from bot.states import PostKind, PostState
from bot.store.engine import Database
from bot.store.running.clock import set_right
from tests.conftest import FakeClock
from tests.house import House

PATIENCE = Rules().parent_patience.total_seconds()


class Odd:
    """The local feed, which fails in the ways that a test gives it."""

    def __init__(self, local: Local) -> None:
        self._local = local
        self.fetched: list[Sequence[str]] = []
        self.fetching: Mapping[str, Exception] = {}
        self.brand_trouble: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._local, name)

    def brand(self) -> Author:
        if self.brand_trouble is not None:
            raise self.brand_trouble
        return self._local.brand()

    def fetch(self, external_ids: Sequence[str], *known: Any) -> list[Lookup]:
        self.fetched.append(external_ids)
        for one in external_ids:
            if one in self.fetching:
                raise self.fetching[one]
        return [
            Lookup(one, gone=False, post=post(one, "above", author="kim"))
            for one in external_ids
            if "p" in one
        ]


class Town:
    """A house on such a feed."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.odd: Odd
        self.house = House(database, clock, wrap=self._wrap)
        self.clock = clock

    def _wrap(self, local: Platform) -> Platform:
        assert isinstance(local, Local)
        self.odd = Odd(local)
        return self.odd

    def take_in(self, *posts: Post) -> None:
        self.house.ingest.write(posts)

    def asked(self) -> list[str]:
        """Whose questions are open."""
        return sorted(question.customer_handle for question in self.house.questions())

    def states(self) -> dict[str, str]:
        return {row.external_id: row.state for row in self.house.posts()}

    def tries(self, turns: int, seconds: float = 2.0) -> None:
        for _ in range(turns):
            self.house.wait(seconds)


@pytest.fixture
def town(database: Database, clock: FakeClock) -> Town:
    return Town(database, clock)


def post(external_id: str, text: str = "@brand help", *, author: str = "sam", **values: Any) -> Post:
    mentions = (Mention("brand", "brand"),) if "@brand" in text else ()
    return Post(
        "local",
        external_id,
        Author(author, author),
        text=text,
        mentions=mentions,
        visibility=Visibility.PUBLIC,
        **values,
    )


def test_r22_a_parent_that_cannot_be_read_holds_up_nobody_else(town: Town) -> None:
    town.odd.fetching = {"odd": OverflowError("date value out of range")}
    town.take_in(
        post("1", in_reply_to="odd", author="mallory"), post("2", in_reply_to="p", author="robin"), post("3")
    )
    town.house.work()
    assert town.asked() == ["sam"]
    town.tries(1)
    assert ["odd"] in town.odd.fetched
    assert town.states()["p"] == PostState.DONE, "the other parent was stored"
    town.tries(15)
    assert town.asked() == ["mallory", "robin", "sam"]


def test_r22_a_platform_that_refuses_one_parent_tells_of_the_others(town: Town) -> None:
    town.odd.fetching = {"bad id": Rejected("There is no such id.", Refusal.UNKNOWN_ACCOUNT)}
    town.take_in(post("1", in_reply_to="bad id"), post("2", in_reply_to="p", author="robin"))
    town.house.work()
    town.tries(1)
    assert town.states()["p"] == PostState.DONE


def test_a_platform_that_wants_to_be_left_alone_is_not_asked_one_by_one(town: Town) -> None:
    town.odd.fetching = {"p1": Retry("slow down"), "p2": Retry("slow down")}
    town.take_in(post("1", in_reply_to="p1"), post("2", in_reply_to="p2"))
    town.house.work()
    town.tries(1)
    assert town.odd.fetched == [["p1", "p2"]]


def test_r22_a_door_that_takes_nothing_holds_up_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.take_in(post("1", in_reply_to="p"), post("2", author="robin"))
    town.house.work()
    monkeypatch.setattr("bot.store.conversations.ingest._MOST_HELD", 0)
    town.tries(1)
    assert town.asked() == ["robin"]


Thread = Callable[[], Sequence[Post]]


@pytest.mark.parametrize(
    "thread",
    [
        lambda: [post("1", in_reply_to="1")],
        lambda: [post("1", in_reply_to="2"), post("2", "more", in_reply_to="1", author="kim")],
        lambda: [
            post("1", in_reply_to="3"),
            post("2", "and", in_reply_to="1", author="kim"),
            post("3", "more", in_reply_to="2", author="kim"),
        ],
        lambda: [post("1", in_reply_to="gone")],
        lambda: [
            post("1", in_reply_to="2"),
            post("2", "more", in_reply_to="3", author="kim"),
            post("3", "more", in_reply_to="2", author="kim"),
        ],
    ],
    ids=["itself", "two in a circle", "three in a circle", "a parent that never comes", "below a circle"],
)
def test_r23_a_thread_without_a_beginning_is_decided_and_the_question_opens(
    town: Town, thread: Thread
) -> None:
    town.take_in(*thread())
    town.house.work()
    town.tries(int(PATIENCE))
    assert "sam" in town.asked()
    assert set(town.states().values()) == {PostState.DONE}


@pytest.mark.parametrize("parent", ["answer", "other answer", "gone"])
def test_r23_so_is_a_tagged_answer(town: Town, parent: str) -> None:
    town.house.employee("Jane Doe")
    town.take_in(
        post("answer", "Try this. #chorus", author="jane", tags=("chorus",), in_reply_to=parent),
        post("other answer", "Or this. #chorus", author="jane", tags=("chorus",), in_reply_to="answer"),
    )
    town.house.work()
    town.tries(int(PATIENCE))
    assert {row.verdict for row in town.house.posts()} == {PostKind.UNMATCHED}


def test_r23_a_thread_too_long_to_walk_is_decided_all_the_same(town: Town) -> None:
    """Whoever it leads to, it is tried so often and no more."""
    ring = [f"r{number}" for number in range(21)]
    above = dict(zip(ring, [*ring[1:], ring[0]], strict=True))
    town.take_in(*(post(one, in_reply_to=above[one]) for one in ring))
    town.house.work()
    town.tries(17, 130)
    assert set(town.states().values()) == {PostState.DONE}


def test_r12_a_clock_set_back_by_a_day_lets_nobody_wait_for_a_day(town: Town) -> None:
    town.clock.advance(timedelta(days=1))
    town.take_in(post("1", in_reply_to="gone"))
    town.clock.advance(timedelta(days=-1))
    with town.house.database.write() as session:
        set_right(session, town.clock())
    town.tries(20)
    assert town.asked() == ["sam"]


def test_r16_a_post_that_waited_has_as_many_tries_as_any_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.take_in(post("1", in_reply_to="gone"))
    town.house.work()
    town.tries(9)
    looks = iter(range(100))

    def fails_at_first(_text: str) -> bool:
        if next(looks) < 6:  # a try has three looks: ahead, with the others, and alone
            raise RuntimeError("not yet")
        return False

    monkeypatch.setattr("bot.steps.intake.reading.is_not_for_us", fails_at_first)
    town.tries(2, 60)
    assert town.states() == {"1": PostState.WAITING}
    town.tries(20, 300)
    assert town.asked() == ["sam"]


def test_r16_a_platform_that_is_down_sets_no_post_aside(town: Town) -> None:
    town.odd.brand_trouble = Retry("It does not answer.")
    town.take_in(post("1"))
    town.tries(40, 60)
    assert (town.states(), [row.last_error for row in town.house.posts()]) == (
        {"1": PostState.NEW},
        ["It does not answer."],
    )
    town.odd.brand_trouble = None
    town.tries(1, 60)
    assert town.asked() == ["sam"]
