"""Looking again: everything within a day where that is free, ever more rarely with age where it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.platforms.planner import Budget
from bot.platforms.x.traits import PRICES
from bot.posts import KnownPost, Lookup, Read, Visibility
from bot.states import EntryState, PostKind, PostState
from bot.steps.recheck import CHARGED, FREE, Recheck
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.house import reading
from bot.store.house.budgets import Terms
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock

DAY = timedelta(days=1)
CHARGING = Terms(Budget(), PRICES)


@dataclass
class Feed:
    """A platform that notes what it is asked for; all posts are still there."""

    asked: list[str] = field(default_factory=list)
    known: dict[str, KnownPost] = field(default_factory=dict)
    name: str = "x"

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        self.asked += external_ids
        self.known.update(known or {})
        return [Lookup(one, gone=False) for one in external_ids]


def quoted(database: Database, age: timedelta, *names: str) -> None:
    """Posts in the archive that came in so long ago, and were looked at last when they came."""
    with database.write() as session:
        came = database.now(session) - age
        for name in names:
            post = PostRow(
                platform="x", external_id=name, author_id="200", text="no picture", received_at=came,
                visibility=Visibility.PUBLIC, state=PostState.DONE, verdict=PostKind.QUESTION,
            )  # fmt: skip
            session.add(post)
            session.flush()
            question = QuestionRow(
                platform="x", state=QuestionState.ANSWERED, asked_at=came, post_id=post.id, reply_to=post.id
            )
            session.add(question)
            session.flush()
            post.question_id = question.id
            entry = EntryRow(
                question_id=question.id, platform="x", title="No picture", state=EntryState.PUBLIC,
                published_at=came, updated_at=came,
            )  # fmt: skip
            session.add(entry)


def looked_at(
    database: Database, clock: FakeClock, terms: Terms | None, days: int, feed: Feed | None = None
) -> Feed:
    """Look every four hours for so many days; each time as a process that has just started."""
    feed = feed or Feed()
    ingest, given = Ingest(database), {"x": terms} if terms is not None else {}
    for _ in range(days * 6):
        clock.advance(timedelta(hours=4))
        Recheck(database, {"x": feed}, ingest, terms=given).run()  # type: ignore[dict-item]
    return feed


def test_s12_where_looking_is_free_every_post_is_looked_at_within_a_day(
    sqlite_database: Database, clock: FakeClock
) -> None:
    quoted(sqlite_database, timedelta(hours=1), "young")
    quoted(sqlite_database, 800 * DAY, "old")
    feed = looked_at(sqlite_database, clock, None, 4)
    assert feed.asked.count("young") >= 6
    assert 4 <= feed.asked.count("old") <= 5
    assert all(pace.every < DAY for pace in FREE)


def test_where_looking_costs_money_it_thins_out_with_age(sqlite_database: Database, clock: FakeClock) -> None:
    for name, age in (("young", timedelta(0)), ("weeks", 20 * DAY), ("months", 60 * DAY), ("old", 500 * DAY)):
        quoted(sqlite_database, age, name)
    feed = looked_at(sqlite_database, clock, CHARGING, 8)
    counts = {name: feed.asked.count(name) for name in ("young", "weeks", "months", "old")}
    assert counts["young"] in (7, 8)
    assert counts["weeks"] == 2
    assert counts["months"] == 1
    assert counts["old"] == 1  # it was never looked at before
    everies = [pace.every for pace in CHARGED]
    assert everies == sorted(everies)


def test_each_age_has_its_turn_on_both_databases(database: Database, clock: FakeClock) -> None:
    quoted(database, DAY, *(f"young{number}" for number in range(60)))
    quoted(database, 500 * DAY, *(f"old{number}" for number in range(60)))
    feed = Feed()
    Recheck(database, {"x": feed}, Ingest(database), terms={"x": CHARGING}).run()  # type: ignore[dict-item]
    assert len(feed.asked) == 100
    assert sum(one.startswith("old") for one in feed.asked) == 50


@pytest.mark.parametrize("left", [0, 7])
def test_no_more_is_looked_at_than_the_budget_has_for_it(
    sqlite_database: Database, clock: FakeClock, left: int
) -> None:
    quoted(sqlite_database, 3 * DAY, *(f"post{number}" for number in range(20)))
    terms = Terms(Budget((), Decimal("1.00")), PRICES)
    with sqlite_database.write() as session:
        now = sqlite_database.now(session)
        reading.note(session, "x", {Read.AGAIN: 50 - left}, PRICES, now)
    feed = Feed()
    Recheck(sqlite_database, {"x": feed}, Ingest(sqlite_database), terms={"x": terms}).run()  # type: ignore[dict-item]
    assert len(feed.asked) == left


def test_the_platform_hears_what_we_know_of_the_posts(sqlite_database: Database, clock: FakeClock) -> None:
    quoted(sqlite_database, 3 * DAY, "post")
    feed = Feed()
    Recheck(sqlite_database, {"x": feed}, Ingest(sqlite_database)).run()  # type: ignore[dict-item]
    assert {one: known.author_id for one, known in feed.known.items()} == {"post": "200"}
