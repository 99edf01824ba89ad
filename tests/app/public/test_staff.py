"""Whoever is written to can ask whether an account is really one of ours, and learns nothing else."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.actions import leaving
from bot.roles import Role
from bot.store.engine import Database
from bot.store.people import identities
from bot.store.tables.people import EmployeeRow, IdentityRow
from routing.model.domain import EmployeeState
from tests.conftest import FakeClock
from tests.house import House

YES = "Whoever holds this account works for Acme."
BRANDS = "That is the account of Acme itself."
NO = "We do not know this account as one of ours."


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock, brand_name="Acme")


def ask(house: House, account: str, client: str = "192.0.2.1") -> httpx.Response:
    return house.browser(client=client).request("GET", "/staff", params={"account": account})


def link(house: House, employee: EmployeeRow, platform: str, account_id: str, handle: str) -> None:
    with house.database.write() as session:
        identities.link(
            session, employee.id, platform, account_id, handle, proof="operator", now=house.clock()
        )


def on(house: House, *platforms: str) -> None:
    """The house is on these feeds, too (each says the same of the brand as the local one)."""
    house.give(platforms={"local": house.local} | dict.fromkeys(platforms, house.local))


def change(house: House, employee: EmployeeRow, **columns: Any) -> None:
    with house.database.write() as session:
        row = session.get_one(EmployeeRow, employee.id)
        for name, value in columns.items():
            setattr(row, name, value)


def test_of_an_account_of_ours_it_says_where_how_it_signs_and_since_when(house: House) -> None:
    house.employee("Jane Doe", title="Head of TVs", role=Role.ADMIN)
    page = ask(house, "local:jane").text
    assert YES in page
    facts = re.findall(r"<d[td]>(.*?)</d[td]>", page)
    assert [re.sub(r"<[^>]*>", "", one) for one in facts] == [
        *("Account", "jane", "Where", "the local feed", "Signs answers as", "^Jane"),
        *("Linked since", f"{house.clock():%-d %B %Y}"),
    ]
    assert not any(said in page for said in ("Doe", "jane@example.com", "Head of TVs", "admin"))


def test_who_is_credited_by_no_name_is_told_of_without_one(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, brand_name="Acme", publish={"credit": "none"})
    house.employee("Jane Doe")
    page = ask(house, "local:jane").text
    assert YES in page
    assert "Signs answers as" not in page


def test_the_brands_own_account_is_called_that(house: House) -> None:
    page = ask(house, "@brand").text
    assert BRANDS in page
    assert YES not in page


def test_without_an_account_there_is_the_question_alone(house: House) -> None:
    page = house.browser().get("/staff").text
    assert 'name="account"' in page
    assert not any(said in page for said in (YES, BRANDS, NO))


@pytest.mark.parametrize(
    ("platform", "account_id", "handle", "asked"),
    [
        ("mastodon", "7@m.example", "jane@m.example", "@Jane@m.example"),
        ("mastodon", "7@m.example", "jane@m.example", "mastodon:jane@M.example"),
        ("mastodon", "7@m.example", "jane@m.example", " https://m.example/@jane "),
        ("bluesky", "did:plc:abc", "jane.example", "jane.example"),
        ("bluesky", "did:plc:abc", "jane.example", "https://bsky.app/profile/Jane.example"),
        ("x", "77", "Jane_D", "x:jane_d"),
        ("x", "77", "Jane_D", "@JANE_D"),
        ("x", "77", "Jane_D", "twitter.com/jane_d"),
    ],
)
def test_an_account_is_found_however_people_write_it(
    house: House, platform: str, account_id: str, handle: str, asked: str
) -> None:
    on(house, platform)
    link(house, house.employee("Kim Lee"), platform, account_id, handle)
    assert YES in ask(house, asked).text


@pytest.mark.parametrize(
    "asked",
    [
        *("x:jan", "x:janes", "x:jane%", "x:_ane", "x:ｊane", "x:jаne", "x:77", "mastodon:jane@m.example"),
        *("x:jane jane", "https://x.com.evil.example/jane", "https://x.com@evil.example/jane", "did:plc:abc"),
        *("https://x.com/jane/status/12", "https://evil.example/@jane@x.com", "*", "%", "x:", "jane\\", "77"),
    ],
)
def test_only_exactly_the_account_itself_is_ours(house: House, asked: str) -> None:
    on(house, "x", "mastodon", "bluesky")
    link(house, house.employee("Kim Lee"), "x", "77", "jane")
    page = ask(house, asked).text
    assert NO in page
    assert YES not in page


@pytest.mark.parametrize(
    "asked",
    [
        *("https://m.example:8443/@jane", "https://kim@m.example/@jane", "https://m.example/%40jane"),
        *("https://evil.example/@jane@m.example", "https://m.example/@jane/12", "ftp://m.example/@jane"),
    ],
)
def test_an_address_that_may_show_anybody_is_nobodys(house: House, asked: str) -> None:
    on(house, "mastodon")
    link(house, house.employee("Kim Lee"), "mastodon", "7@m.example", "jane@m.example")
    assert YES in ask(house, "https://m.example/@jane").text
    assert NO in ask(house, asked).text


def test_an_account_of_the_same_name_elsewhere_is_nobodys(house: House) -> None:
    on(house, "x")
    link(house, house.employee("Kim Lee"), "x", "77", "jane")
    assert NO in ask(house, "local:jane").text
    both = ask(house, "jane").text
    assert "<dd>X</dd>" in both
    assert "the local feed" not in both


def _pauses(house: House, jane: EmployeeRow) -> None:
    with house.database.write() as session:
        until = house.clock() + timedelta(days=3)
        leaving.pause(session, session.get_one(EmployeeRow, jane.id), house.clock(), until)


def _leaves(house: House, jane: EmployeeRow) -> None:
    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, jane.id), house.clock())


@pytest.mark.parametrize(
    "away",
    [
        _pauses,
        _leaves,
        lambda house, jane: change(house, jane, state=EmployeeState.PAUSED),
        lambda house, jane: change(house, jane, state=EmployeeState.INVITED),
        lambda house, jane: change(house, jane, state=EmployeeState.LEFT),
        lambda house, jane: change(house, jane, opted_in_at=None),
        lambda house, jane: change(house, jane, role=Role.READER),
        lambda house, jane: change(house, jane, listed=False),
    ],
)
def test_who_is_away_or_not_listed_is_answered_for_like_a_stranger(house: House, away: Any) -> None:
    kim = house.employee("Kim Lee")
    assert YES in ask(house, "local:kim").text
    away(house, kim)
    of_kim, of_nobody = ask(house, "local:kim"), ask(house, "local:nobody")
    assert NO in of_kim.text
    assert of_kim.text.replace("local:kim", "…") == of_nobody.text.replace("local:nobody", "…")
    assert of_kim.headers.keys() == of_nobody.headers.keys()


def test_a_pause_that_is_over_is_none(house: House) -> None:
    jane = house.employee("Jane Doe")
    change(house, jane, paused_until=house.clock() - timedelta(minutes=1))
    assert YES in ask(house, "local:jane").text


def test_an_employee_hides_at_the_profile_and_shows_again(house: House) -> None:
    jane = house.employee("Jane Doe")
    browser = house.browser(jane.id)
    form = {"timezone": "UTC", "languages": "", "daily_cap": "20", "open_cap": "3"}
    for choice, answer in (("no", NO), ("yes", YES)):
        assert browser.post("/desk/profile", {**form, "listed": choice}).status_code == 303
        assert answer in ask(house, "local:jane").text
        assert re.search(
            rf'name="listed@/desk/profile" value="{choice}" checked', browser.get("/desk/profile").text
        )


def test_the_profile_without_the_choice_leaves_it_as_it_was(house: House) -> None:
    jane = house.employee("Jane Doe", listed=False)
    form = {"timezone": "UTC", "languages": "", "daily_cap": "20", "open_cap": "3"}
    assert house.browser(jane.id).post("/desk/profile", form).status_code == 303
    assert NO in ask(house, "local:jane").text


def test_nobody_keeps_the_page_and_no_search_engine_lists_it(house: House) -> None:
    house.employee("Jane Doe")
    for path in ("/staff", "/staff?account=local:jane", "/staff?account=nobody"):
        page = house.browser().get(path)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex"
        assert 'content="noindex, nofollow"' in page.text
        assert "etag" not in page.headers
    assert "/staff" not in house.browser().get("/sitemap.xml").text


def test_one_client_cannot_try_a_list_of_names(house: House) -> None:
    answers = [ask(house, f"local:name{number}").status_code for number in range(25)]
    assert answers[:20] == [200] * 20
    assert set(answers[20:]) == {429}
    assert ask(house, "local:jane", client="198.51.100.7").status_code == 200


def test_a_handle_that_has_passed_to_another_account_is_not_vouched_for(
    database: Database, clock: FakeClock
) -> None:
    house = House(database, clock, brand_name="Acme")
    house.employee("Jane Doe")
    with database.write() as session:
        identities.note_handles(session, "local", {"jane": "jane_new"})
    assert NO in ask(house, "local:jane").text
    assert YES in ask(house, "local:jane_new").text


def test_an_employees_own_post_tells_what_the_account_is_called_now(house: House) -> None:
    house.employee("Jane Doe")
    house.post("Jane", "hello")  # of the same account, which writes its name differently now
    house.work()
    assert [row.handle for row in house.rows(IdentityRow)] == ["Jane"]


def test_a_credit_and_the_about_page_lead_there(house: House) -> None:
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    asked = house.post("sam", "@brand no picture on my tv")
    house.work()
    house.post("jane", "Hold its button for ten seconds, then it is back. #chorus", asked)
    house.work()
    browser = house.browser()
    there = browser.get(f"/q/{house.entries()[0].id}").headers["location"]
    assert 'href="/staff"' in browser.get(there).text.partition('<p class="credit')[2].partition("</p>")[0]
    assert 'href="/staff"' in browser.get("/about").text


def test_an_answer_that_names_nobody_leads_to_no_check(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, publish={"credit": "none"})
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    asked = house.post("sam", "@brand no picture on my tv")
    house.work()
    house.post("jane", "Hold its button for ten seconds, then it is back. #chorus", asked)
    house.work()
    browser = house.browser()
    there = browser.get(f"/q/{house.entries()[0].id}").headers["location"]
    assert 'href="/staff"' not in browser.get(there).text
