"""All matters can be found by words, number, kind, department and state, in an order, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from bot.actions.departments import manage
from bot.roles import Role
from bot.states import MatterState
from bot.store.engine import Database
from bot.store.queries.voice.matter_list import PAGE
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import CampaignRow, MatterRow
from bot.store.tables.values import NoticedSurge
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock


class Listed(WorkHouse):
    """A house with two departments, of one of which Lea is in charge, and what she and Mei see."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.topic("tv", "Televisions")
        self.topic("wifi", "Wi-Fi")
        mei = self.employee("Mei Tan", role=Role.MODERATOR)
        lea = self.employee("Lea Lind", role=Role.LEAD)
        self.mei, self.lea = self.browser(mei), self.browser(lea)
        for name, slug in (("Screens", "tv"), ("Networks", "wifi")):
            with database.write() as session:
                row = manage.make(session, name, "", "", clock())
                manage.edit(session, row, name, "", "", [slug], clock())
                if name == "Screens":
                    manage.put_in(session, row, "lea@example.com", leads=True, now=clock())
        self.first = self.add("It flickers", "tv", people_lately=9, people_before=8)
        self.second = self.add("It drops", "wifi", people_lately=7, people_before=1)
        self.third = self.add("Too loud", None, people_lately=1, state=MatterState.SETTLED)

    def add(self, title: str, topic: str | None, **columns: Any) -> int:
        self.clock.advance(timedelta(minutes=1))
        with self.database.write() as session:
            row = MatterRow(
                title=title, topic=topic, first_at=self.clock(), last_at=self.clock(), questions=1, **columns
            )
            session.add(row)
            session.flush()
            return row.id

    def numbers(self, address: str, who: Browser | None = None) -> list[int]:
        page = (who or self.mei).get(address).text
        return [int(row.split('"')[0]) for row in page.split('<tr data-key="')[1:]]


@pytest.fixture
def house(database: Database, clock: FakeClock) -> Listed:
    return Listed(database, clock)


def test_the_list_is_in_the_order_that_is_asked_for(house: Listed) -> None:
    one, two, three = house.first, house.second, house.third
    assert house.numbers("/admin/matters") == [one, two, three]
    assert house.numbers("/admin/matters?order=trend") == [two, three, one]
    assert house.numbers("/admin/matters?order=newest") == [three, two, one]
    assert house.numbers("/admin/matters?order=nonsense") == [one, two, three]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=flickers", ["first"]),
        ("words=it", ["first", "second"]),
        ("words=televisions", ["first"]),
        ("words=loud+too", ["third"]),
        ("words=%25", []),
        ("words=1", ["first"]),
        ("words=%232", ["second"]),
        ("words=404", []),
        ("department=1", ["first"]),
        ("department=0", ["third"]),
        ("state=settled", ["third"]),
        ("state=open&kind=driver", ["first", "second"]),
        ("kind=surge", []),
        ("kind=campaign", []),
        ("department=99999999999999999999", ["first", "second", "third"]),
        ("kind=nonsense&state=nonsense&department=x", ["first", "second", "third"]),
    ],
)
def test_the_list_is_narrowed_by_what_the_address_says(house: Listed, query: str, found: list[str]) -> None:
    assert house.numbers(f"/admin/matters?{query}") == [getattr(house, name) for name in found]


def test_each_row_says_how_many_ask_and_wait_who_answers_and_leads_to_more_like_it(house: Listed) -> None:
    with house.database.write() as session:
        for state in ("escalated", "answered"):
            session.add(
                QuestionRow(
                    platform="local", state=state, text="?", asked_at=house.clock(), matter_id=house.first
                )
            )
        row = session.get_one(MatterRow, house.second)
        row.surge, row.surge_at = "9 people", house.clock()
        row.noticed = NoticedSurge(house.clock(), 9, 20, 1.0).stored()
    page = house.mei.get("/admin/matters").text
    rows = page.split('<tr data-key="')
    assert '<td class="number">9</td>' in rows[1]
    assert "+1" in rows[1]
    assert "8 before" in rows[1]
    assert rows[1].count('<td class="number">1</td>') == 1  # waits
    assert 'href="/admin/matters?department=1">Screens</a>' in rows[1]
    assert 'href="/admin/matters?kind=surge">more than usual</a>' in rows[2]
    assert house.numbers("/admin/matters?kind=surge") == [house.second]
    assert 'href="/admin/matters?state=settled">settled</a>' in rows[3]
    assert "with 9 people in 20 minutes" in page


def test_a_campaign_is_found_as_such_and_one_that_was_merged_by_its_number(house: Listed) -> None:
    mei = house.employee("Bo Boss", role=Role.ADMIN)
    with house.database.write() as session:
        session.add(
            CampaignRow(
                matter_id=house.second, demand="More", made_by=mei, made_at=house.clock(), goal_days=7
            )
        )
        gone = session.get_one(MatterRow, house.third)
        gone.state, gone.merged_into = MatterState.MERGED, house.first
    assert house.numbers("/admin/matters?kind=campaign") == [house.second]
    assert house.numbers(f"/admin/matters?words={house.third}") == [house.first]
    assert house.numbers("/admin/matters") == [house.first, house.second]


def test_pages_follow_each_other_and_keep_what_was_chosen(house: Listed) -> None:
    numbers = [house.add(f"Lamp {place}", "tv", people_lately=5) for place in range(PAGE + 3)]
    address, found = "/admin/matters?words=lamp&order=newest", []
    for _ in range(2):
        page = house.mei.get(address).text
        found += house.numbers(address)
        if 'rel="next"' not in page:
            break
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert "words=lamp" in address
    assert found == numbers[::-1]
    assert len(house.mei.get("/admin/matters.csv?words=lamp").text.splitlines()) == len(numbers) + 1


def test_who_is_in_charge_of_a_department_finds_its_matters_and_no_others(house: Listed) -> None:
    assert house.numbers("/admin/departments/1/matters", house.lea) == [house.first]
    assert house.numbers("/admin/departments/1/matters?department=2", house.lea) == [house.first]
    assert house.numbers("/admin/departments/1/matters?words=2", house.lea) == []
    assert house.lea.get("/admin/departments/2/matters").status_code == 403
    assert house.lea.get("/admin/matters").status_code == 403
    assert 'href="/admin/departments/1/matters"' in house.lea.get("/admin/departments/1").text
