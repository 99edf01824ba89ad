"""Announcements: proposed by one, approved by another, planned, and out once on each platform."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.actions.announce import decide
from bot.actions.announce.propose import Proposal, change, propose
from bot.actions.deliveries import stuck
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.posts import Outgoing, Reconnect, Refusal, Rejected, Retry
from bot.roles import Role
from bot.states import AnnouncementState, DeliveryCode, DeliveryKind, DeliveryState, PostKind
from bot.store import rows
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.house import announcements
from bot.store.running import switches
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

HOUR = timedelta(hours=1)
LONG = " ".join(f"Sentence number {number} says a little more about it." for number in range(12))


class Brand:
    """A house on two feeds with ledgers behind them, an employee, and two in charge."""

    def __init__(self, database: Database, clock: FakeClock, directory: Path) -> None:
        self.ledgers = {name: LedgerPlatform(directory / name, name) for name in ("x", "mastodon")}
        self.house = House(database, clock, platforms=self.ledgers)
        self.clock = clock
        self.jane = self.house.employee("Jane Doe").id
        self.mei = self.house.employee("Mei Tan", role=Role.MODERATOR).id
        self.ada = self.house.employee("Ada Ray", role=Role.ADMIN).id

    def proposed(
        self,
        text: str = "We are open on Sunday.",
        *,
        by: int | None = None,
        platforms: tuple[str, ...] = ("x", "mastodon"),
        variants: Mapping[str, str] | None = None,
        warning: str = "",
    ) -> int:
        proposal = Proposal(text, platforms, variants or {}, warning)
        with self.house.database.write() as session:
            chorus = self.house.chorus
            row = propose(session, proposal, chorus.platforms, chorus.rules, by or self.jane, self.clock())
            return row.id

    def approve(self, number: int, *, by: int | None = None, revision: int = 1) -> None:
        with self.house.database.write() as session:
            row = rows.one(session, AnnouncementRow, number)
            decide.approve(session, row, revision, by or self.mei, self.clock())

    def plan(self, number: int, at: datetime | None = None) -> None:
        with self.house.database.write() as session:
            row = rows.one(session, AnnouncementRow, number)
            chorus = self.house.chorus
            decide.plan(session, row, at or self.clock(), chorus.platforms, chorus.rules, self.clock())

    def planned(self, text: str = "We are open on Sunday.", at: datetime | None = None, **how: object) -> int:
        number = self.proposed(text, **how)  # type: ignore[arg-type]
        self.approve(number)
        self.plan(number, at)
        return number

    def withdraw(self, number: int) -> None:
        with self.house.database.write() as session:
            decide.withdraw(session, rows.one(session, AnnouncementRow, number), self.clock())

    def decline(self, number: int, why: str = "Too loud.") -> None:
        with self.house.database.write() as session:
            decide.decline(session, rows.one(session, AnnouncementRow, number), why, self.clock())

    def row(self, number: int) -> AnnouncementRow:
        return next(one for one in self.house.rows(AnnouncementRow) if one.id == number)

    def out(self) -> dict[str, list[str]]:
        """What the platforms have taken."""
        return {name: [text for text, _ in one.accepted()] for name, one in self.ledgers.items()}

    def deliver(self) -> None:
        self.house.worker.run_until_idle("deliver", turns=20)


@pytest.fixture
def brand(database: Database, clock: FakeClock, tmp_path: Path) -> Brand:
    return Brand(database, clock, tmp_path)


ONCE = {"x": ["We are open on Sunday."], "mastodon": ["We are open on Sunday."]}
NOWHERE: dict[str, list[str]] = {"x": [], "mastodon": []}


def test_it_goes_out_when_it_is_planned_and_once_on_each_platform(brand: Brand) -> None:
    at = brand.clock() + 2 * HOUR
    number = brand.planned(at=at)
    brand.clock.advance(HOUR)
    brand.deliver()
    assert brand.out() == NOWHERE
    assert brand.row(number).state == AnnouncementState.PLANNED

    brand.clock.advance(HOUR)
    for _ in range(3):
        brand.deliver()
    assert brand.out() == ONCE
    row = brand.row(number)
    assert (row.state, row.published_at) == (AnnouncementState.PUBLISHED, brand.clock())
    assert {one.kind for one in brand.house.deliveries()} == {DeliveryKind.ANNOUNCEMENT}
    assert {one.sends.created_at for one in brand.house.deliveries()} == {at.isoformat()}


def test_nothing_goes_out_unapproved(brand: Brand) -> None:
    number = brand.proposed()
    with pytest.raises(Undecidable, match="only one that is approved"):
        brand.plan(number)
    brand.deliver()
    assert brand.house.deliveries() == []


def test_a_second_person_approves(brand: Brand) -> None:
    number = brand.proposed(by=brand.mei)
    with pytest.raises(Undecidable, match="somebody else in charge"):
        brand.approve(number, by=brand.mei)
    brand.approve(number, by=brand.ada)
    assert brand.row(number).approved_by == brand.ada


def test_the_only_one_in_charge_may_approve_what_they_proposed(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    brand = Brand(database, clock, tmp_path)
    number = brand.proposed(by=brand.ada)
    with brand.house.database.write() as session:
        rows.one(session, EmployeeRow, brand.mei).role = Role.EMPLOYEE
    brand.approve(number, by=brand.ada)
    assert brand.row(number).state == AnnouncementState.APPROVED


def test_nobody_approves_words_that_they_have_not_read(brand: Brand) -> None:
    number = brand.proposed()
    with brand.house.database.write() as session:
        chorus = brand.house.chorus
        other = Proposal("We are closed on Sunday.", ("x",), {})
        row = rows.one(session, AnnouncementRow, number)
        change(session, row, other, chorus.platforms, chorus.rules, brand.clock())
    with pytest.raises(Undecidable, match="changed since you read it"):
        brand.approve(number, revision=1)
    brand.approve(number, revision=2)
    with brand.house.database.write() as session:
        row = rows.one(session, AnnouncementRow, number)
        with pytest.raises(Undecidable, match="cannot be changed"):
            change(session, row, other, chorus.platforms, chorus.rules, brand.clock())


def test_what_was_declined_is_changed_and_proposed_again(brand: Brand) -> None:
    number = brand.planned(at=brand.clock() + HOUR)
    brand.decline(number)
    assert (brand.row(number).state, brand.row(number).note) == (AnnouncementState.DECLINED, "Too loud.")
    brand.clock.advance(2 * HOUR)
    brand.deliver()
    assert brand.out() == NOWHERE
    with brand.house.database.write() as session:
        chorus, row = brand.house.chorus, rows.one(session, AnnouncementRow, number)
        change(session, row, Proposal("Open.", ("x",), {}), chorus.platforms, chorus.rules, brand.clock())
    brand.approve(number, revision=2)
    brand.plan(number)
    brand.deliver()
    assert brand.out() == {"x": ["Open."], "mastodon": []}


@pytest.mark.parametrize("text", ["", "#chorus", "See https://bit.ly/abc"])
def test_what_nobody_should_approve_cannot_be_proposed(brand: Brand, text: str) -> None:
    with pytest.raises(Invalid):
        brand.proposed(text)
    with pytest.raises(Invalid, match="Choose where"):
        brand.proposed(platforms=())


def test_it_is_taken_back_before_it_goes_out_and_not_after(brand: Brand) -> None:
    number = brand.planned(at=brand.clock() + HOUR)
    brand.withdraw(number)
    brand.clock.advance(2 * HOUR)
    brand.deliver()
    assert brand.out() == NOWHERE
    assert brand.row(number).state == AnnouncementState.WITHDRAWN

    late = brand.planned("Another one.")
    brand.deliver()
    with pytest.raises(Undecidable, match="too late"):
        brand.withdraw(late)


def test_what_is_just_being_sent_cannot_be_taken_back_or_moved(brand: Brand) -> None:
    number = brand.planned()
    rules = brand.house.chorus.rules
    deliveries.claim_ready(
        brand.house.database,
        owner="other",
        lease=rules.lease,
        sending_time=rules.sending_time,
        limit=1,
        platforms=["mastodon"],
    )
    with pytest.raises(Undecidable, match="too late"):
        brand.withdraw(number)
    with pytest.raises(Undecidable, match="too late"):
        brand.plan(number, brand.clock() + HOUR)


def test_planned_anew_it_goes_out_at_the_new_time_once(brand: Brand) -> None:
    number = brand.planned(at=brand.clock() + HOUR)
    brand.plan(number, brand.clock() + 3 * HOUR)
    brand.plan(number, brand.clock() + 3 * HOUR)  # pressed twice
    brand.clock.advance(2 * HOUR)
    brand.deliver()
    assert brand.out() == NOWHERE
    brand.clock.advance(HOUR)
    brand.deliver()
    assert brand.out() == ONCE


def test_nothing_makes_it_go_out_before_its_time(brand: Brand) -> None:
    """An account that is back makes everything due that waited for it, also what it only seemed to."""
    number = brand.planned(at=brand.clock() + timedelta(minutes=3), platforms=("mastodon",))
    with brand.house.database.write() as session:
        until = brand.clock() + timedelta(minutes=5)
        deliveries.postpone_platform(session, "mastodon", until, code=DeliveryCode.NO_ACCOUNT)
        deliveries.account_is_back(session, "mastodon", brand.clock())
    brand.deliver()
    assert brand.out() == NOWHERE
    (waiting,) = brand.house.deliveries()
    assert (waiting.state, waiting.due_at) == (DeliveryState.READY, brand.row(number).planned_at)
    brand.clock.advance(timedelta(minutes=3))
    brand.deliver()
    assert brand.out()["mastodon"] == ONCE["mastodon"]


def test_a_long_one_is_a_thread_on_each_platform_with_words_of_its_own(brand: Brand) -> None:
    number = brand.planned(LONG, variants={"x": "In short: " + LONG})
    brand.deliver()
    x, mastodon = brand.ledgers["x"].accepted(), brand.ledgers["mastodon"].accepted()
    for posts in (x, mastodon):
        assert len(posts) > 1
        assert posts[0][1] is None
        assert all(to for _, to in posts[1:])
        assert [text.rpartition(" ")[2] for text, _ in posts] == [
            f"({place}/{len(posts)})" for place in range(1, len(posts) + 1)
        ]
    assert x[0][0].startswith("In short")
    assert not mastodon[0][0].startswith("In short")
    assert brand.row(number).state == AnnouncementState.PUBLISHED


def test_a_message_to_somebody_that_fails_stops_no_thread_of_the_brands(brand: Brand) -> None:
    """Notices have no thread: what becomes of one concerns no other message."""
    brand.planned(LONG, platforms=("x",))
    with brand.house.database.write() as session:
        notice = DeliveryRow(kind=DeliveryKind.NOTICE, platform="x", key="a notice", created_at=brand.clock())
        rows.keep(session, notice)
        deliveries.stop_rest(session, notice, "It was refused.")
    brand.deliver()
    assert len(brand.out()["x"]) > 1


def test_what_one_platform_refuses_is_out_on_the_others_and_left_to_a_person(brand: Brand) -> None:
    def refuse(_: Outgoing, timeout: float) -> None:
        raise Rejected("Not like that.", Refusal.NOT_PERMITTED)

    publish, brand.ledgers["x"].publish = brand.ledgers["x"].publish, refuse  # type: ignore[assignment,method-assign]
    number = brand.planned()
    brand.deliver()
    assert brand.out() == {**ONCE, "x": []}
    assert brand.row(number).state == AnnouncementState.PUBLISHED

    brand.ledgers["x"].publish = publish  # type: ignore[method-assign]
    with brand.house.database.write() as session:
        (refused,) = [one for one in announcements.messages(session, number) if one.platform == "x"]
        stuck.send_again(session, refused, brand.clock())
    assert brand.row(number).state == AnnouncementState.PUBLISHING
    brand.deliver()
    assert brand.out() == ONCE
    assert brand.row(number).state == AnnouncementState.PUBLISHED


def test_refused_everywhere_it_has_failed_and_by_hand_it_is_out(brand: Brand) -> None:
    def refuse(_: Outgoing, timeout: float) -> None:
        raise Rejected("Not like that.", Refusal.NOT_PERMITTED)

    brand.ledgers["x"].publish = refuse  # type: ignore[assignment,method-assign]
    number = brand.planned(platforms=("x",))
    brand.deliver()
    assert brand.row(number).state == AnnouncementState.FAILED
    with brand.house.database.write() as session:
        (refused,) = announcements.messages(session, number)
        stuck.mark_sent(session, refused, "https://x.com/brand/status/77", brand.clock())
    row = brand.row(number)
    assert (row.state, row.published_at) == (AnnouncementState.PUBLISHED, brand.clock())


def test_where_nothing_is_out_yet_it_can_still_be_taken_back(brand: Brand) -> None:
    def later(_: Outgoing, timeout: float) -> None:
        raise Retry("Not now.", brand.clock() + 5 * HOUR)

    brand.ledgers["x"].publish = later  # type: ignore[assignment,method-assign]
    number = brand.planned()
    brand.deliver()
    assert brand.row(number).state == AnnouncementState.PUBLISHING
    brand.withdraw(number)
    assert brand.row(number).state == AnnouncementState.PUBLISHED
    brand.clock.advance(6 * HOUR)
    brand.deliver()
    assert brand.out() == {**ONCE, "x": []}


def test_paused_publishing_and_a_lost_account_hold_it_too(brand: Brand) -> None:
    with brand.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=True, by="test", now=brand.clock())
    number = brand.planned(platforms=("x",))
    brand.deliver()
    assert brand.out() == NOWHERE
    with brand.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=False, by="test", now=brand.clock())

    def lost(_: Outgoing, timeout: float) -> None:
        raise Reconnect("Sign in again.")

    publish, brand.ledgers["x"].publish = brand.ledgers["x"].publish, lost  # type: ignore[assignment,method-assign]
    brand.deliver()
    (waiting,) = brand.house.deliveries()
    assert (waiting.state, waiting.code) == (DeliveryState.READY, DeliveryCode.NO_ACCOUNT)
    brand.ledgers["x"].publish = publish  # type: ignore[method-assign]
    brand.clock.advance(timedelta(minutes=6))
    brand.deliver()
    assert brand.out()["x"] == ONCE["x"]
    assert brand.row(number).state == AnnouncementState.PUBLISHED


def test_the_same_words_do_not_go_out_twice_within_a_day(brand: Brand) -> None:
    brand.planned()
    twin = brand.proposed()
    brand.approve(twin)
    with pytest.raises(Undecidable, match="says the same on"):
        brand.plan(twin)
    brand.plan(twin, brand.clock() + timedelta(days=2))


def test_nothing_is_planned_more_than_a_year_ahead(brand: Brand) -> None:
    number = brand.proposed()
    brand.approve(number)
    with pytest.raises(Invalid, match="more than a year"):
        brand.plan(number, brand.clock() + timedelta(days=400))


@pytest.fixture
def local(sqlite_database: Database, clock: FakeClock) -> House:
    return House(sqlite_database, clock)


def announced(house: House, text: str = "New boxes from today.") -> tuple[int, str]:
    """An announcement that is out on the local feed: its number, and its post's."""
    chorus, now = house.chorus, house.clock()
    with house.database.write() as session:
        row = propose(session, Proposal(text, ("local",), {}), chorus.platforms, chorus.rules, 1, now)
        decide.approve(session, row, 1, 2, now)
        decide.plan(session, row, now, chorus.platforms, chorus.rules, now)
        number = row.id
    house.work()
    return number, house.by_brand()[-1].id


@pytest.fixture
def talking(local: House) -> House:
    local.employee("Jane Doe")
    local.employee("Mei Tan", role=Role.MODERATOR)
    return local


def test_a_reply_to_an_announcement_is_a_question_that_knows_about_it(talking: House) -> None:
    number, post = announced(talking)
    talking.post("sam", "What does such a box cost?", in_reply_to=post)
    talking.work()
    (question,) = talking.questions()
    assert question.announcement_id == number
    assert question.state in (QuestionState.OFFERED, QuestionState.OPEN, QuestionState.ESCALATED)


def test_further_below_only_what_addresses_the_brand_is_for_us(talking: House) -> None:
    number, post = announced(talking)
    ours = talking.post("jane", "I packed them myself!", in_reply_to=post)
    talking.post("pat", "Green ones are ugly, are they not?", in_reply_to=ours)
    talking.post("lee", "@brand do they come in red?", in_reply_to=ours)
    talking.work()
    assert [(one.customer_handle, one.announcement_id) for one in talking.questions()] == [("lee", number)]
    assert [one.verdict for one in talking.posts()] == [
        PostKind.NOT_FOR_US,
        PostKind.NOT_FOR_US,
        PostKind.QUESTION,
    ]


def test_the_rest_of_the_thread_belongs_to_the_question_as_ever(talking: House) -> None:
    _, post = announced(talking)
    asked = talking.post("sam", "What does such a box cost?", in_reply_to=post)
    talking.work()
    talking.post("jane", "Ten euros. #chorus", in_reply_to=asked)
    talking.work()
    assert talking.by_brand()[-1].text == "Ten euros. ^Jane"
    assert talking.by_brand()[-1].in_reply_to == asked.id
