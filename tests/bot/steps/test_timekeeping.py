"""R12: a clock that was a day ahead leaves nothing due tomorrow, and whoever runs Chorus hears of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions.deliveries.alarms import queue_alarms
from bot.posts import Author, Post, PostEvent, Retry, Visibility
from bot.states import DeliveryState, PostState
from bot.steps.recheck import EVERY, FREE
from bot.steps.timekeeping import Timekeeping
from bot.store import claim
from bot.store.claim import LostLease
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.people import access
from bot.store.queries import rechecks
from bot.store.running import clock, leases, nodes
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from bot.store.tables.house import CursorRow
from bot.store.tables.people import LinkCodeRow, LoginLinkRow, SessionRow
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.house import House

DAY = timedelta(days=1)
SOON = timedelta(minutes=10)


class Town:
    """A house, and what keeps an eye on its clock."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.house = House(database, clock)
        self.database, self.clock = database, clock
        self.seconds = 0.0
        self.keeping = Timekeeping(database, lambda: self.seconds)
        self.house.employee("Jane Doe", self.house.topic("tv", "TV", "tv", "picture"))

    def pass_by(self, seconds: float) -> None:
        """Time goes by for everybody."""
        self.seconds += seconds
        self.clock.advance(seconds)

    def jump(self, by: timedelta) -> None:
        """Somebody sets the clock."""
        self.clock.advance(by)

    def run_ahead(self) -> None:
        """The clock is set a day too late, and Chorus runs on for a moment."""
        self.jump(DAY)
        self.look()

    def look(self) -> int:
        self.pass_by(10)
        return self.keeping.run() or self.keeping.look()

    def trouble(self) -> list[str]:
        with self.database.read() as session:
            return self.keeping.trouble(session, self.clock())

    def late(self) -> list[Any]:
        """What is due, or lent, later than anything should be."""
        with self.database.read() as session:
            return [
                (table.__tablename__, row.id, row.state, row.due_at, row.lease_until)
                for table in (PostRow, QuestionRow, DeliveryRow)
                for row in session.exec(select(table)).all()
                if any(at is not None and at > self.clock() + SOON for at in (row.due_at, row.lease_until))
            ]


@pytest.fixture
def town(database: Database, clock: FakeClock) -> Town:
    made = Town(database, clock)
    made.look()
    return made


def refuse(town: Town) -> None:
    """The platform takes nothing for now."""

    def publish(*_: Any, **__: Any) -> None:
        raise Retry("not now")

    town.house.local.publish = publish  # type: ignore[method-assign]


def test_r12_nothing_stays_due_tomorrow_and_everybody_is_answered_today(town: Town) -> None:
    house = town.house
    before = house.post("kim", "@brand no picture on my TV")
    house.work()
    town.run_ahead()
    asked = house.post("sam", "@brand no picture on my TV at all")
    orphan = Post("local", "o", Author("robin", "robin"), "@brand help", in_reply_to="gone")
    house.ingest.write([orphan])
    house.work()
    publish = house.local.publish
    refuse(town)
    house.post("jane", "@sam Hold the power button for ten seconds. #chorus", asked)
    house.work()
    house.post("alex", "@brand is my TV broken? no picture")  # comes in, and nobody looks at it
    town.jump(-DAY)
    assert town.late()

    assert town.look() == 1
    assert town.late() == []
    house.local.publish = publish  # type: ignore[method-assign]
    for _ in range(10):
        town.pass_by(60)
        house.work()
    assert [post.text for post in house.by_brand()] == ["Hold the power button for ten seconds. ^Jane"]
    assert {row.state for row in house.posts()} == {PostState.DONE}
    assert {row.customer_handle for row in house.questions()} == {"kim", "sam", "robin", "alex"}
    assert house.questions()[0].text == before.text


def test_r12_an_offer_made_meanwhile_lasts_as_long_as_it_was_meant_to(town: Town) -> None:
    town.run_ahead()
    town.house.post("sam", "@brand no picture on my TV")
    town.house.work()
    [offer] = town.house.offers()
    [question] = town.house.questions()
    meant = offer.expires_at - offer.offered_at
    ladder = question.due_at - offer.offered_at
    town.jump(-DAY)
    town.look()
    [offer], [question] = town.house.offers(), town.house.questions()
    assert (offer.state, offer.offered_at) == (OfferState.OPEN, town.clock())
    assert offer.expires_at - offer.offered_at == meant
    assert abs(question.due_at - town.clock() - ladder) <= timedelta(minutes=2)
    town.pass_by(meant.total_seconds() + 60)
    town.house.work()
    assert town.house.offers()[0].state != OfferState.OPEN


def test_r12_moments_that_have_happened_do_not_lie_ahead(town: Town) -> None:
    house = town.house
    town.run_ahead()
    asked = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", "@sam Hold the power button for ten seconds. #chorus", asked)
    house.work()
    town.jump(-DAY)
    town.look()
    now = town.clock()
    [question], [answer], [sent] = house.questions(), house.answers(), house.deliveries()
    happened = [
        *(row.received_at for row in house.posts()),
        question.answered_at,
        answer.written_at,
        answer.published_at,
        sent.created_at,
        sent.first_sent_at,
        sent.sent_at,
        *(row.offered_at for row in house.offers()),
    ]
    assert all(at <= now for at in happened)


def test_r12_an_edit_of_today_is_no_older_than_one_of_a_day_that_never_was(town: Town) -> None:
    post = Post("x", "1", Author("sam"), "first", visibility=Visibility.PUBLIC)
    town.house.ingest.write([post])
    town.run_ahead()
    second = Post("x", "1", Author("sam"), "second", event=PostEvent.EDITED, visibility=Visibility.PUBLIC)
    town.house.ingest.write([second])
    town.jump(-DAY)
    town.look()
    town.pass_by(1)
    third = Post("x", "1", Author("sam"), "third", event=PostEvent.EDITED, visibility=Visibility.PUBLIC)
    town.house.ingest.write([third])
    assert town.house.posts()[0].text == "third"


def test_r12_a_post_looked_at_in_a_day_that_never_was_is_looked_at_again(town: Town) -> None:
    house = town.house
    asked = house.post("sam", "@brand no picture on my TV")
    house.work()
    told = house.post("jane", "@sam Hold the power button for ten seconds. #chorus", asked)
    house.work()
    town.run_ahead()
    with town.database.write() as session:
        rechecks.note(session, "local", [asked.id, told.id], town.clock())
    town.jump(-DAY)
    town.look()
    town.pass_by(EVERY.total_seconds() + 60)
    with town.database.read() as session:
        due = rechecks.Rounds().due(session, "local", FREE, town.clock(), 10)
    assert sorted(due) == [asked.id, told.id]


def delivery(town: Town, **values: Any) -> int:
    with town.database.write() as session:
        row = DeliveryRow(kind="notice", platform="x", key="k", created_at=town.clock(), **values)
        session.add(row)
        session.flush()
        return row.id


def row_of(town: Town, number: int) -> DeliveryRow:
    with town.database.read() as session:
        return session.get_one(DeliveryRow, number)


def test_r12_a_message_whose_sender_died_meanwhile_is_looked_up_today(town: Town) -> None:
    town.run_ahead()
    number = delivery(
        town,
        state=DeliveryState.SENDING,
        due_at=town.clock(),
        lease_until=town.clock() + timedelta(seconds=60),
        deadline_at=town.clock() + timedelta(seconds=20),
        owner="gone",
    )
    town.jump(-DAY)
    town.look()
    assert row_of(town, number).fence == 0, "whoever sends it may still say so"
    town.pass_by(61)
    with town.database.write() as session:
        assert deliveries.lapse(session, town.clock()) == 1
    assert row_of(town, number).deadline_at <= town.clock()  # type: ignore[operator]


def test_r12_whoever_decided_by_the_wrong_clock_puts_nothing_off_any_more(town: Town) -> None:
    town.house.post("sam", "@brand no picture on my TV")
    town.house.steps.intake.run()
    town.run_ahead()
    with town.database.write() as session:
        [taken] = claim.claim(
            session,
            QuestionRow,
            [QuestionState.OPEN],
            now=town.clock(),
            lease=timedelta(seconds=60),
            owner="slow",
            limit=1,
        )
    wrong = town.clock() + timedelta(minutes=5)
    with town.database.write() as session:
        claim.finish(session, taken, due_at=wrong)
    with town.database.write() as session:
        [taken] = claim.claim(
            session,
            QuestionRow,
            [QuestionState.OPEN],
            now=wrong,
            lease=timedelta(seconds=60),
            owner="slow",
            limit=1,
        )
    town.jump(-DAY)
    town.look()
    with pytest.raises(LostLease), town.database.write() as session:
        claim.finish(session, taken, due_at=wrong)
    assert town.late() == []


def test_r12_a_lease_of_a_day_that_never_was_binds_nobody(town: Town) -> None:
    lasts = timedelta(seconds=60)
    town.jump(DAY)
    with town.database.write() as session:
        assert leases.take(session, "listen:x", "dead", town.clock(), lasts)
    town.jump(-DAY)
    with town.database.write() as session:
        assert leases.take(session, "listen:x", "alive", town.clock(), lasts)
        assert not leases.take(session, "listen:x", "third", town.clock(), lasts)


def test_r12_a_node_that_spoke_in_the_future_does_not_work_now(town: Town) -> None:
    town.jump(DAY)
    with town.database.write() as session:
        nodes.report(session, "dead", town.clock(), started_at=town.clock(), works=True)
    town.jump(-DAY)
    with town.database.read() as session:
        assert nodes.working(session, town.clock()) == []


def test_r12_links_codes_and_sessions_last_no_longer_than_they_may(town: Town) -> None:
    [jane] = {row.employee_id for row in town.house.offers()} or {1}
    town.run_ahead()
    now = town.clock()
    with town.database.write() as session:
        session.add(SessionRow(secret_hash="s", employee_id=jane, created_at=now, seen_at=now))
        session.add(LoginLinkRow(secret_hash="l", employee_id=jane, expires_at=now + access.LINK_LASTS))
        session.add(LinkCodeRow(code="c", employee_id=jane, platform="x", expires_at=now + access.CODE_LASTS))
    town.jump(-DAY)
    town.look()
    with town.database.read() as session:
        assert session.exec(select(LoginLinkRow)).all() == []
        assert session.exec(select(LinkCodeRow)).all() == []
        assert session.exec(select(SessionRow)).one().seen_at == town.clock()


def test_r12_people_in_charge_hear_of_new_things_today(town: Town) -> None:
    def held() -> None:
        delivery_key = f"h{town.seconds}"
        with town.database.write() as session:
            session.add(
                DeliveryRow(
                    kind="publication",
                    platform="x",
                    key=delivery_key,
                    state=DeliveryState.REJECTED,
                    created_at=town.clock(),
                )
            )

    def told() -> int:
        with town.database.write() as session:
            return queue_alarms(session, town.clock(), personal=[], team=["webhook"])

    town.jump(DAY)
    held()
    assert told() == 1
    town.jump(-DAY)
    town.pass_by(1)
    held()
    assert told() == 1


@pytest.mark.parametrize("by", [timedelta(minutes=5), DAY])
def test_r12_who_runs_it_hears_of_a_jump_and_no_more_when_it_is_taken_back(town: Town, by: timedelta) -> None:
    assert town.trouble() == []
    town.jump(by)
    [said] = town.trouble()
    assert f"put forward by {by}" in said
    assert "time server" in said
    town.look()
    town.jump(-by)
    [said] = town.trouble()
    assert "lie" in said
    assert "ahead" in said
    town.look()
    assert town.trouble() == []


def test_r12_a_clock_that_was_wrong_before_the_start_is_told_when_it_is_set_back(town: Town) -> None:
    town.jump(-DAY)
    said = " ".join(town.trouble())
    assert "put back by 1 day" in said
    assert "23:59" in said or "1 day" in said
    town.pass_by(25 * 3600)
    town.look()
    assert town.trouble() == []


@pytest.mark.parametrize("passed", [0.0, 30.0, 3600.0, 86_400.0])
def test_r12_time_that_goes_by_is_no_jump_and_nothing_is_touched(town: Town, passed: float) -> None:
    number = delivery(town, state=DeliveryState.READY, due_at=town.clock() + timedelta(days=3))
    town.pass_by(passed)
    assert town.look() == 0
    assert town.trouble() == []
    assert row_of(town, number).due_at == town.clock() + timedelta(days=3, seconds=-passed - 10)


def test_how_far_the_clock_has_come_is_not_written_at_every_look(town: Town) -> None:
    def marked() -> datetime:
        with town.database.read() as session:
            return session.get_one(CursorRow, "clock").moved_at

    first = marked()
    town.look()
    assert marked() == first
    town.pass_by(60)
    town.look()
    assert marked() > first


def test_two_that_look_at_once_bring_it_back_once(town: Town) -> None:
    town.run_ahead()
    town.jump(-DAY)
    with town.database.write() as session:
        assert clock.set_right(session, town.clock()) > timedelta(hours=23)
    with town.database.write() as session:
        assert clock.set_right(session, town.clock()) == timedelta(0)


@pytest.mark.parametrize("by", [timedelta(minutes=5), DAY], ids=["5min", "1d"])
@pytest.mark.parametrize("is_asked", [False, True], ids=["", "readyz"])
def test_r12_an_offer_keeps_the_time_it_has_left_when_the_clock_jumps_there_and_back(
    town: Town, by: timedelta, is_asked: bool
) -> None:
    town.house.post("sam", "@brand no picture on my TV")
    town.house.work()
    [offer], [question] = town.house.offers(), town.house.questions()
    left, climbs = offer.expires_at - town.clock(), question.due_at - town.clock()

    for way in (by, -by):
        town.jump(way)
        if is_asked:
            assert town.trouble()
        town.keeping.run()  # as the worker does just before it ends what has run out
        town.house.work()
        [offer], [question] = town.house.offers(), town.house.questions()
        assert offer.state == OfferState.OPEN
        assert offer.expires_at - town.clock() == left
        assert abs(question.due_at - town.clock() - climbs) <= timedelta(minutes=2)
    town.pass_by(left.total_seconds() + 60)
    town.keeping.run()
    town.house.work()
    assert town.house.offers()[0].state == OfferState.EXPIRED


def test_r12_several_workers_that_see_one_jump_follow_it_once(town: Town) -> None:
    other = Timekeeping(town.database, lambda: town.seconds)
    other.run()
    town.house.post("sam", "@brand no picture on my TV")
    town.house.work()
    left = town.house.offers()[0].expires_at - town.clock()
    town.jump(DAY)
    town.keeping.run()
    other.run()
    assert town.house.offers()[0].expires_at - town.clock() == left


def test_r12_an_offer_made_after_the_jump_is_not_lengthened_by_it(town: Town) -> None:
    town.jump(DAY)
    town.house.post("sam", "@brand no picture on my TV")
    town.house.work()
    left = town.house.offers()[0].expires_at - town.clock()
    town.keeping.run()
    assert town.house.offers()[0].expires_at - town.clock() == left
