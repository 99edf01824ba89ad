"""What an announcement costs bounds when it goes out; its content warning goes along on each feed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.platforms.planner import Budget
from bot.platforms.x.traits import PRICES
from bot.posts import Outgoing
from bot.roles import Role
from bot.states import AnnouncementState, DeliveryCode, DeliveryState
from bot.store.engine import Database
from bot.store.house.budgets import Terms
from tests.bot.actions.announce.test_announcements import Brand
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

HOUR = timedelta(hours=1)
WORDS = "We are open on Sunday."
COST = PRICES.of(WORDS, is_reply_to_mention=False)


@dataclass
class Purse:
    """A brand whose money for a day on X is enough for so many announcements."""

    brand: Brand

    def __post_init__(self) -> None:
        self.brand.clock.at = datetime(2026, 3, 5, 20, tzinfo=UTC)

    def holds(self, posts: int) -> None:
        self.brand.house.steps.deliver.terms = {"x": Terms(Budget((), COST * posts + COST / 2), PRICES)}


@pytest.fixture
def purse(database: Database, clock: FakeClock, tmp_path: Path) -> Purse:
    return Purse(Brand(database, clock, tmp_path))


def test_what_the_day_has_no_money_for_waits_for_the_next_and_says_so(purse: Purse) -> None:
    brand = purse.brand
    purse.holds(1)
    first, second = brand.planned(WORDS), brand.planned("We are open on Monday.")
    brand.deliver()
    out = brand.out()
    assert out["x"] == [WORDS]
    assert sorted(out["mastodon"]) == ["We are open on Monday.", WORDS], "two at one moment, in any order"
    assert brand.row(first).state == AnnouncementState.PUBLISHED
    assert brand.row(second).state == AnnouncementState.PUBLISHING
    (waiting,) = (one for one in brand.house.deliveries() if one.state == DeliveryState.READY)
    assert (waiting.code, waiting.due_at) == (
        DeliveryCode.OVER_BUDGET,
        datetime(2026, 3, 6, tzinfo=UTC),
    )
    brand.clock.advance(4 * HOUR)
    brand.deliver()
    assert brand.out()["x"] == [WORDS, "We are open on Monday."]
    assert brand.row(second).state == AnnouncementState.PUBLISHED


def test_one_planned_long_ago_goes_no_sooner_than_what_was_planned_for_an_earlier_moment(
    purse: Purse,
) -> None:
    brand = purse.brand
    purse.holds(1)
    brand.planned("Written first, for later.", at=brand.clock() + 2 * HOUR, platforms=("x",))
    brand.clock.advance(HOUR)
    brand.planned(WORDS, platforms=("x",))
    brand.clock.advance(HOUR)
    brand.deliver()
    assert brand.out()["x"] == [WORDS]


def test_what_no_day_has_money_for_goes_to_a_person(purse: Purse) -> None:
    brand = purse.brand
    brand.house.steps.deliver.terms = {"x": Terms(Budget((), COST / 2), PRICES)}
    number = brand.planned(WORDS)
    brand.deliver()
    assert brand.out() == {"x": [], "mastodon": [WORDS]}
    assert brand.row(number).state == AnnouncementState.PUBLISHED
    (dear,) = (one for one in brand.house.deliveries() if one.platform == "x")
    assert dear.state == DeliveryState.REJECTED
    assert "Raise the budget" in (dear.reason or "")


def test_those_in_charge_read_what_it_costs_before_they_approve_it(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    house = House(
        sqlite_database, clock, platforms={"x": LedgerPlatform(tmp_path / "x", "x")}, x={"client_id": "a"}
    )
    mei = house.employee("Mei Tan", role=Role.MODERATOR).id
    words = {"text": " ".join(["Every sentence makes it longer."] * 12), "platform-x": "1", "step": "send"}
    house.browser(mei).post("/desk/announcements", words)
    page = house.browser(mei).get("/admin/announcements/1").text
    assert f"X asks ${2 * COST:.3f} for it." in page  # two posts


def test_its_content_warning_goes_along_in_every_part_and_is_counted(
    purse: Purse, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand = purse.brand
    sent: list[Outgoing] = []
    for ledger in brand.ledgers.values():
        publish = ledger.publish
        monkeypatch.setattr(
            ledger,
            "publish",
            lambda outgoing, timeout, publish=publish: sent.append(outgoing) or publish(outgoing, timeout),
        )
    words = " ".join(["The end of the series is told here."] * 7) + " Really."
    number = brand.planned(words, warning="  Spoilers:   the last part ")
    for _ in range(3):
        brand.deliver()
    assert brand.row(number).warning == "Spoilers: the last part"
    assert {one.warning for one in sent} == {"Spoilers: the last part"}
    for name in ("x", "mastodon"):
        parts = [one.text for one in sent if one.platform == name]
        assert len(parts) == 2  # by its words alone it would fit into one
        assert all(len(text) + len("Spoilers: the last part") <= 280 for text in parts)
    page = brand.house.ask("GET", "/announcements").text
    assert "<summary><bdi" in page
    assert "Spoilers: the last part" in page
