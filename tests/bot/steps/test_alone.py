"""What one post, account or platform does to us takes no other's turn, and ends where a person sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.actions.rules import Rules
from bot.listener import Listener
from bot.platforms.accounts import Account
from bot.platforms.health import Health
from bot.posts import Author, Lookup, Page, Post, Refusal, Rejected, Retry, Visibility
from bot.states import PostState
from bot.steps.recheck import AGAIN, EVERY, Recheck
from bot.steps.watch import Watch
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.running import cursors
from bot.store.tables.conversations import PostRow
from bot.worker import Lane, Scheduled
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

BROKEN = OverflowError("date value out of range")


class Looked:
    """A local feed on which one post cannot be looked up, whoever is asked for beside it."""

    name = "local"

    def __init__(self, odd: str, failure: Exception) -> None:
        self.odd, self.failure = odd, failure
        self.gone: set[str] = set()
        self.asked: list[list[str]] = []

    def fetch(self, external_ids: Sequence[str], *_known: Any) -> list[Lookup]:
        self.asked.append(list(external_ids))
        if self.odd in external_ids:
            raise self.failure
        return [Lookup(one, gone=one in self.gone) for one in external_ids]


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    """Three questions that are answered and quoted in the archive."""
    made = House(database, clock)
    made.employee("Jane Doe", made.topic("tv", "TV", "tv", "picture"))
    for name in ("sam", "kim", "robin"):
        question = made.post(name, f"@brand no picture on my TV since the update of {name}")
        made.work()
        made.post("jane", f"@{name} Hold the power button for ten seconds, {name}. #chorus", question)
        made.work()
    return made


def recheck(house: House, platform: Any) -> Recheck:
    """The step with a platform of the test's own."""
    return Recheck(house.database, {"local": platform}, house.ingest)


def customers(house: House) -> dict[str, PostRow]:
    return {row.author_handle: row for row in house.posts() if row.verdict == "question"}


@pytest.mark.parametrize("failure", [BROKEN, Rejected("There is no such id.", Refusal.UNKNOWN_ACCOUNT)])
def test_r22_a_post_that_cannot_be_looked_up_hides_no_deletion(
    house: House, clock: FakeClock, failure: Exception
) -> None:
    before = customers(house)
    feed = Looked(before["sam"].external_id, failure)
    feed.gone = {before["kim"].external_id}
    clock.advance(EVERY + timedelta(minutes=1))
    recheck(house, feed).run()
    after = customers(house)
    assert after["kim"].text == ""
    assert after["robin"].checked_at == clock()
    assert after["sam"].state == PostState.DONE
    assert type(failure).__name__ in (after["sam"].last_error or "")


def test_r22_it_is_tried_again_within_the_hour_and_set_aside_in_the_end(
    house: House, clock: FakeClock
) -> None:
    feed = Looked(customers(house)["sam"].external_id, BROKEN)
    clock.advance(EVERY + timedelta(minutes=1))
    for _ in range(Rules().attempts):
        recheck(house, feed).run()
        clock.advance(AGAIN + timedelta(minutes=1))
    sam = customers(house)["sam"]
    assert (sam.state, sam.verdict) == (PostState.QUARANTINED, "question")
    assert "cannot be looked at again" in (sam.last_error or "")
    feed.asked.clear()
    recheck(house, feed).run()
    assert feed.asked == []
    assert customers(house)["kim"].state == PostState.DONE


def test_one_that_can_be_looked_up_again_begins_anew(house: House, clock: FakeClock) -> None:
    feed = Looked(customers(house)["sam"].external_id, BROKEN)
    clock.advance(EVERY + timedelta(minutes=1))
    for _ in range(Rules().attempts - 1):
        recheck(house, feed).run()
        clock.advance(AGAIN + timedelta(minutes=1))
    feed.odd = "nobody"
    recheck(house, feed).run()
    assert (customers(house)["sam"].attempts, customers(house)["sam"].state) == (0, PostState.DONE)


def test_a_platform_that_wants_to_be_left_alone_is_left_alone(house: House, clock: FakeClock) -> None:
    feed = Looked(customers(house)["sam"].external_id, Retry("slow down"))
    clock.advance(EVERY + timedelta(minutes=1))
    recheck(house, feed).run()
    assert len(feed.asked) == 1
    assert customers(house)["sam"].last_error is None


class Priceless:
    """What a platform asks for, which cannot be told."""

    @property
    def prices(self) -> None:
        raise BROKEN


def test_r22_a_platform_that_cannot_be_looked_at_again_keeps_no_other_from_it(
    house: House, clock: FakeClock
) -> None:
    feed = Looked("nobody", BROKEN)
    feed.gone = {customers(house)["kim"].external_id}
    clock.advance(EVERY + timedelta(minutes=1))
    both: Any = {"x": feed, "local": feed}
    terms: Any = {"x": Priceless()}
    with pytest.raises(OverflowError):
        Recheck(house.database, both, house.ingest, terms=terms).run()
    assert customers(house)["kim"].text == ""


class Healthy:
    """Looks after a platform, or fails at it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    def check(self, since: datetime | None, now: datetime) -> Health:
        if self.failure is not None:
            raise self.failure
        return Health(webhook="valid")


def test_r22_a_platform_that_cannot_be_checked_keeps_no_other_from_it(sqlite_database: Database) -> None:
    watch = Watch(sqlite_database, {}, {"x": Healthy(BROKEN), "mastodon": Healthy()})
    with pytest.raises(OverflowError):
        watch.check()
    with sqlite_database.read() as session:
        row = connections.of(session, "mastodon")
    assert row is not None
    assert row.webhook == "valid"


@dataclass
class Following(LedgerPlatform):
    """Follows everybody but one."""

    followed: list[str] = field(default_factory=list)

    def follow(self, employees: Sequence[Author]) -> None:
        if any(one.id == "odd" for one in employees):
            raise BROKEN
        self.followed.extend(one.id for one in employees)

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        return set()


def test_r22_an_employee_who_cannot_be_followed_keeps_no_other_from_it(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:

    feed = Following(tmp_path / "ledger")
    with sqlite_database.write() as session:
        for name in ("jane", "odd", "ravi"):
            details = Details(name, f"{name}@example.com")
            employees.add_employee(session, details, accounts=[Account("x", name, name)], now=clock())
    Watch(sqlite_database, {"x": feed}, {}).follow()
    assert feed.followed == ["jane", "ravi"]


def test_r22_a_step_that_fails_takes_no_other_steps_turn() -> None:
    done: list[str] = []

    def fails() -> int:
        raise BROKEN

    def works() -> int:
        done.append("worked")
        return 1

    with pytest.raises(OverflowError):
        Lane("house", [Scheduled(fails), Scheduled(works)]).turn()
    assert done == ["worked"]


class Half(LedgerPlatform):
    """A platform whose mentions cannot be read, for a reason of ours."""

    def poll(self, cursor: str | None) -> Page:
        raise BROKEN

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        post = Post(self.name, "7", handles[0], "Try this #chorus", visibility=Visibility.PUBLIC)
        return Page((post,), f"{cursor or ''}7")


def test_r22_mentions_that_cannot_be_read_keep_nobody_from_answering_and_people_hear_of_it(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:

    with database.write() as session:
        details = Details("Jane", "jane@example.com")
        employees.add_employee(session, details, accounts=[Account("x", "9", "jane")], now=clock())
    ingest = Ingest(database)
    listener = Listener(database, Half(tmp_path / "ledger"), ingest, "me", 10.0)
    assert listener.turn() > 10.0
    ingest.close()
    with database.read() as session:
        assert session.exec(select(PostRow.external_id)).all() == ["7"]
        assert cursors.at(session, "x:answers") == "7"
        row = connections.of(session, "x")
    assert row is not None
    assert "OverflowError" in (row.problem or "")


class Page3(LedgerPlatform):
    """One page with a post of which nothing can be made in the middle, then an empty one."""

    odd: Post

    def poll(self, cursor: str | None) -> Page:
        def post(number: int) -> Post:
            return Post(self.name, str(number), Author("2", "sam"), "help", visibility=Visibility.PUBLIC)

        return Page((post(1), self.odd, post(3)), "c1") if cursor is None else Page((), cursor)


@pytest.mark.parametrize(
    "odd",
    [
        Post("x", "odd", Author("2"), problem="Its record has no text."),
        Post("x", "odd", Author("2", followers=10**20), "help", language="en-US-x-abcdefghij"),
        Post("x", "o\x00dd", Author("2"), "h\x00elp", url="https://a/\x00"),
        Post("x", "odd" * 1200, Author("2"), "help"),
    ],
    ids=["unread", "too large", "characters", "id"],
)
def test_r22_a_page_with_one_odd_post_is_stored_and_the_cursor_moves(
    database: Database, tmp_path: Path, odd: Post
) -> None:
    feed = Page3(tmp_path / "ledger")
    feed.odd = odd
    ingest = Ingest(database)
    listener = Listener(database, feed, ingest, "me", 10.0)
    assert listener.turn() == 10.0
    ingest.close()
    with database.read() as session:
        stored = session.exec(select(PostRow.external_id)).all()
        assert cursors.at(session, "x:mentions") == "c1"
    assert len(stored) == 3
    assert {"1", "3"} < set(stored)
