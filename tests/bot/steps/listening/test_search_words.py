"""Searching for words: in its turn, within its bounds, from where it was; and it says what it left out."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.platforms.planner import Budget
from bot.platforms.x.traits import PRICES
from bot.platforms.x.traits import TRAITS as X
from bot.posts import (
    Absence,
    Author,
    Lookup,
    Page,
    PlatformError,
    Post,
    PostEvent,
    Read,
    Reconnect,
    Retry,
    Visibility,
)
from bot.states import ListeningCut, PostKind, PostState
from bot.steps.listening import search_words
from bot.store.engine import Database
from bot.store.house import reading
from bot.store.house.budgets import Terms
from bot.store.listening import days
from bot.store.queries.pages import listening as reads
from bot.store.queries.pages.listening import TrayFilter
from bot.store.running import cursors
from bot.store.tables.conversations import PostRow
from bot.store.tables.listening import ListenedRow
from routing.dialogue.brand_words import BrandWord
from tests.conftest import FakeClock
from tests.house import House
from tests.listened import listening, on_the_tray


@dataclass
class Searched:
    """A platform whose searches bring what a test says, as far as they are asked for so much."""

    name: str = "x"
    traits: Any = X
    said: list[Post] = field(default_factory=list)
    asked: list[tuple[list[str], str | None, int]] = field(default_factory=list)
    trouble: list[PlatformError] = field(default_factory=list)
    more: bool = False

    def says(self, number: int, text: str = "my acme is dead", **fields: Any) -> Post:
        author = Author(f"u{number}", f"user{number}")
        post = Post("x", str(number), author, text, visibility=Visibility.PUBLIC, **fields)
        self.said.append(post)
        return post

    def search(self, words: list[BrandWord], cursor: str | None, most: int) -> Page:
        self.asked.append(([word.text for word in words], cursor, most))
        if self.trouble:
            raise self.trouble.pop(0)
        new = [post for post in self.said if int(post.external_id) > int(cursor or 0)]
        found, self.more = new[-most:], False
        newest = found[-1].external_id if found else cursor
        return Page(tuple(found), newest, cut=len(new) > most)

    def brand(self) -> Author:
        return Author("b", "acmebrand")

    def close(self) -> None:
        """There is nothing to close."""

    def fetch(self, external_ids: list[str], known: Any = None) -> list[Any]:
        del known
        return []


@pytest.fixture
def x() -> Searched:
    return Searched()


@pytest.fixture
def house(database: Database, clock: FakeClock, x: Searched) -> House:
    house = House(database, clock, platforms={"x": x})
    listening(house, "acme")
    return house


def search(house: House) -> int:
    found = house.steps.search_words.run()
    house.steps.intake.run()
    return found


def later(house: House, seconds: float = 120) -> int:
    house.clock.advance(seconds)
    return search(house)


def today(house: House) -> tuple[int, int, str, str]:
    with house.database.read() as session:
        row = days.of_today(session, house.clock())["x"]
    return row.searched, row.kept, row.cut, row.problem


def test_what_a_search_brings_comes_onto_the_tray_by_our_own_rules(house: House, x: Searched) -> None:
    x.says(1)
    x.says(2, "acmeology")  # a platform may take it for the word
    x.says(3, "@acmebrand acme")  # and what addresses us is a mention
    assert search(house) == 3
    assert on_the_tray(house) == ["my acme is dead"]
    assert [post.verdict for post in house.posts()] == [
        PostKind.LISTENED,
        PostKind.NOT_FOR_US,
        PostKind.QUESTION,
    ]
    assert today(house) == (3, 1, "", "")


@pytest.mark.parametrize("mention_first", [True, False])
def test_a_post_that_mentions_us_is_one_question_in_whichever_order_it_comes(
    house: House, x: Searched, mention_first: bool
) -> None:
    post = x.says(1, "@acmebrand my acme is dead")
    if mention_first:
        house.ingest.write([post])
        house.steps.intake.run()
    search(house)
    house.ingest.write([post])
    house.steps.intake.run()
    assert (len(house.questions()), house.rows(ListenedRow)) == (1, [])


def test_it_looks_as_often_as_the_platform_lets_it_and_goes_on_from_its_cursor(
    house: House, x: Searched
) -> None:
    x.says(1)
    search(house)
    assert later(house, 119) == 0
    x.says(2)
    assert later(house, 1) == 1
    assert [cursor for _, cursor, _ in x.asked] == [None, "1"]
    assert x.asked[0][0] == ["acme"]


def test_another_process_goes_on_from_the_same_cursor(house: House, x: Searched, clock: FakeClock) -> None:
    x.says(1)
    search(house)
    clock.advance(400)
    other = House(house.database.engine.url.render_as_string(hide_password=False), clock, platforms={"x": x})
    assert search(other) == 0
    assert x.asked[-1][1] == "1"


def test_one_node_searches_at_a_time(house: House, x: Searched, clock: FakeClock) -> None:
    search(house)
    other = House(house.database.engine.url.render_as_string(hide_password=False), clock, platforms={"x": x})
    other.steps.search_words.run()
    assert len(x.asked) == 1


def test_what_dies_between_storing_and_the_cursor_comes_again_and_counts_once(
    house: House, x: Searched
) -> None:
    x.says(1)
    search(house)
    with house.database.write() as session:
        cursors.move(session, "x:words", "0", house.clock())
    assert later(house) == 1
    assert len(house.rows(ListenedRow)) == len(house.posts()) == 1


def test_without_words_nothing_is_asked(database: Database, clock: FakeClock, x: Searched) -> None:
    house = House(database, clock, platforms={"x": x})
    assert search(house) == 0
    listening(house, "acme", platforms=["mastodon"])
    assert later(house) == 0
    assert x.asked == []


def test_one_look_takes_so_many_and_says_that_there_were_more(house: House, x: Searched) -> None:
    for number in range(1, 131):
        x.says(number)
    house.steps.search_words.terms = {}
    assert search(house) == 100
    assert today(house)[2] == ListeningCut.TURN


def test_a_day_has_its_bound_and_the_next_one_its_own(
    database: Database, clock: FakeClock, x: Searched
) -> None:
    house = House(database, clock, platforms={"x": x}, listening={"daily_posts": 3})
    listening(house, "acme")
    for number in range(1, 6):
        x.says(number)
    assert search(house) == 3
    assert today(house)[:3] == (3, 3, ListeningCut.DAY)
    x.says(7)
    assert later(house) == 0
    assert len(x.asked) == 1
    clock.advance(timedelta(days=1))
    assert search(house) == 1
    assert today(house)[:3] == (1, 1, "")


def terms(per_day: str) -> dict[str, Terms]:
    return {"x": Terms(Budget((), Decimal(per_day), None), PRICES)}


def test_where_reading_costs_a_quarter_of_the_money_is_the_most(house: House, x: Searched) -> None:
    house.steps.search_words.terms = terms("1.00")  # $0.25 at $0.02 a post, with all that comes along
    for number in range(1, 41):
        x.says(number)
    assert search(house) == 12
    assert today(house)[2] == ListeningCut.MONEY
    with house.database.write() as session:
        reading.note(session, "x", {Read.LISTENED: 12}, PRICES, house.clock())
    assert later(house) == 0
    assert len(x.asked) == 1
    assert today(house)[2] == ListeningCut.MONEY


def test_money_that_is_spent_otherwise_is_not_there_for_listening(house: House, x: Searched) -> None:
    house.steps.search_words.terms = terms("1.00")
    with house.database.write() as session:
        reading.note(session, "x", {Read.OWN: 1_000}, PRICES, house.clock())
    assert search(house) == 0
    assert (x.asked, today(house)[2]) == ([], ListeningCut.MONEY)


def test_a_platform_in_trouble_is_told_of_and_tried_when_it_says(house: House, x: Searched) -> None:
    x.trouble = [Retry("X is limited.", house.clock() + timedelta(minutes=15)), Reconnect("Connect again.")]
    x.says(1)
    assert search(house) == 0
    assert today(house)[3] == "X is limited."
    assert later(house) == 0
    assert len(x.asked) == 1
    assert later(house, 800) == 0
    assert today(house)[3] == "Connect again."
    assert later(house) == 1
    assert today(house) == (1, 1, "", "")


def test_the_tray_is_looked_at_again_and_what_is_gone_goes(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    x.says(1)
    x.says(2, "acme acme")
    search(house)
    looked: list[str] = []

    def fetch(external_ids: list[str], known: Any = None) -> list[Lookup]:
        del known
        looked.extend(external_ids)
        there = {post.external_id: post for post in x.said}
        return [
            Lookup.missing(one, Absence.DELETED) if one == "1" else Lookup(one, gone=False, post=there[one])
            for one in external_ids
        ]

    monkeypatch.setattr(x, "fetch", fetch)
    house.steps.recheck.run()
    assert looked == []
    clock.advance(timedelta(hours=20))
    house.steps.recheck.run()
    house.steps.recheck.run()
    house.steps.intake.run()
    assert looked == ["1", "2"]
    assert on_the_tray(house) == ["acme acme"]


def test_where_looking_costs_the_tray_is_looked_at_as_far_as_the_money_reaches(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        x.says(number)
    search(house)
    looked: list[str] = []
    monkeypatch.setattr(x, "fetch", lambda ids, _known=None: looked.extend(ids) or [])
    house.steps.recheck.terms = terms("0.04")  # $0.01 at $0.005 a look
    clock.advance(timedelta(hours=21))
    house.steps.recheck.run()
    assert len(looked) == 2


def test_an_edit_that_the_look_shows_is_judged_anew(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = x.says(1)
    search(house)
    edited = replace(post, text="never mind", event=PostEvent.EDITED, edited_at=clock())
    monkeypatch.setattr(x, "fetch", lambda _ids, _known=None: [Lookup("1", gone=False, post=edited)])
    clock.advance(timedelta(hours=21))
    house.steps.recheck.run()
    house.steps.intake.run()
    assert on_the_tray(house) == []


def shown(house: House) -> list[str]:
    """What somebody at the desk reads on the tray."""
    with house.database.read() as session:
        posts, _ = reads.posts(session, TrayFilter(), house.clock())
    return [one.post.text for one in posts]


def test_what_nobody_could_look_at_for_a_day_is_shown_to_nobody_until_somebody_has(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    x.says(1)
    x.says(2, "acme acme")
    search(house)
    monkeypatch.setattr(
        x,
        "fetch",
        lambda ids, _known=None: [
            Lookup.missing(one, Absence.DELETED) if one == "1" else Lookup(one, gone=False) for one in ids
        ],
    )
    house.steps.recheck.terms = terms("0.0001")  # too little for a single look
    clock.advance(timedelta(hours=23))
    house.steps.recheck.run()
    assert shown(house) == ["acme acme", "my acme is dead"]
    clock.advance(timedelta(hours=1))
    house.steps.recheck.run()
    assert shown(house) == []
    jane = house.browser(house.employee("Jane Doe").id)
    tray = jane.get("/desk/listening").text
    assert "2 posts on X are not shown" in tray
    assert "my acme is dead" not in tray
    late = jane.post("/desk/listening/1/ask")
    assert (late.status_code, house.questions()) == (409, [])

    house.steps.recheck.terms = {}
    house.steps.recheck.run()
    house.steps.intake.run()
    assert shown(house) == ["acme acme"]
    assert "not shown" not in jane.get("/desk/listening").text


def test_a_look_that_fails_does_not_count_and_is_tried_again_in_an_hour(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    x.says(1)
    search(house)
    asked: list[list[str]] = []

    def fetch(ids: list[str], _known: object = None) -> list[Lookup]:
        asked.append(ids)
        raise ValueError("nobody can read that")

    monkeypatch.setattr(x, "fetch", fetch)
    clock.advance(timedelta(hours=20))
    for _ in range(3):
        house.steps.recheck.run()
        clock.advance(timedelta(minutes=59))
    assert len(asked) == 2  # once, and once more an hour later
    clock.advance(timedelta(hours=2))
    assert shown(house) == []


def seen_last(house: House, clock: FakeClock, days: float) -> int:
    """Nobody can look for so many days; how many posts went."""
    house.steps.recheck.terms = terms("0.0001")
    clock.advance(timedelta(days=days))
    house.steps.recheck.run()
    return house.steps.search_words.forget()


def test_on_x_what_nobody_could_look_at_for_a_day_is_kept_no_longer(
    house: House, x: Searched, clock: FakeClock
) -> None:
    """What is gone there has to be gone here within a day, and nobody can tell whether it is."""
    x.says(1)
    search(house)
    assert seen_last(house, clock, 0.9) == 0
    x.says(2, "acme is back")
    later(house)
    assert seen_last(house, clock, 0.2) == 1
    assert [post.text for post in house.posts()] == ["acme is back"]
    assert on_the_tray(house) == ["acme is back"]


def test_elsewhere_it_is_kept_out_of_sight_for_three_days_more(house: House, clock: FakeClock) -> None:
    """Also where the platform is not connected any more."""
    house.post("sam", "my acme is dead")
    house.work()
    assert seen_last(house, clock, 3.9) == 0
    assert (shown(house), len(house.rows(ListenedRow))) == ([], 1)
    assert seen_last(house, clock, 0.2) == 1
    assert (house.rows(ListenedRow), house.posts()) == ([], [])


def test_what_was_set_aside_after_too_many_looks_goes_in_due_time_and_keeps_nothing_else(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_words, "_FORGOTTEN_AT_ONCE", 1)
    x.says(1)
    search(house)
    with house.database.write() as session:
        session.get_one(PostRow, 1).state = PostState.QUARANTINED
    x.says(2)
    later(house)
    assert seen_last(house, clock, 1.1) == 2
    assert (house.rows(ListenedRow), house.posts()) == ([], [])


def test_what_intake_has_yet_to_look_at_stays_and_keeps_nothing_else(
    house: House, x: Searched, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_words, "_FORGOTTEN_AT_ONCE", 1)
    x.says(1)
    x.says(2)
    search(house)
    with house.database.write() as session:
        session.get_one(PostRow, 1).state = PostState.NEW
    assert seen_last(house, clock, 15) == 1
    assert [post.id for post in house.posts()] == [1]
