"""Who is led where: a wanted page survives the sign-in, errors lead back into the room, deeds have a page."""

from html import unescape
from urllib.parse import quote

import pytest

from app.web.addresses import behind_a_sign_in
from bot.roles import Role
from bot.store.engine import Database
from tests.app.archive_house import ArchiveHouse
from tests.app.work_house import WorkHouse
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock

WANTED = "/admin/questions?state=open&words=no picture"


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def _field(page: str) -> str:
    return unescape(page.partition('name="to" value="')[2].partition('"')[0])


def test_a_wanted_page_survives_the_sign_in_by_mail(house: WorkHouse) -> None:
    house.employee(role=Role.MODERATOR)
    sent: list[str] = []
    house.app.state.send_login_link = lambda _address, link, _language: sent.append(link)
    browser = house.browser()

    door = browser.request("GET", WANTED).headers["location"]
    asked = browser.post("/sign-in", {"email": "jane@example.com", "to": _field(browser.get(door).text)})
    assert asked.status_code == 200
    elsewhere = house.browser()  # the mail is opened on another machine
    link = sent[0].removeprefix(ADDRESS)
    confirm = elsewhere.get(link).text
    in_ = elsewhere.post(link.partition("?")[0], {"to": _field(confirm)})

    assert in_.headers["location"] == WANTED.replace(" ", "%20")
    assert elsewhere.get(in_.headers["location"]).status_code == 200


def test_a_link_that_is_used_up_still_knows_what_was_wanted(house: WorkHouse) -> None:
    page = house.browser().get("/sign-in/used?to=/desk/open")
    assert page.status_code == 410
    assert 'href="/sign-in?to=/desk/open"' in page.text


def test_a_wanted_page_survives_the_guidelines(house: WorkHouse) -> None:
    browser = house.browser(house.employee(opted_in=False))
    door = browser.get("/desk/open?x=1").headers["location"]
    assert door == "/desk/welcome?to=/desk/open%3Fx%3D1"
    to = _field(browser.get(door).text)
    assert browser.post("/desk/welcome", {"to": to}).headers["location"] == "/desk/open?x=1"


def test_coming_back_from_a_platform_survives_the_sign_in(house: WorkHouse) -> None:
    back = "/desk/link/back?code=a%2Fb&state=s"
    door = house.browser().get(back).headers["location"]
    assert door == f"/sign-in?to={quote(back)}"
    signed_in = house.browser(house.employee())
    assert signed_in.get(door).headers["location"] == back


ELSEWHERE = [
    "//evil.test",
    "https://evil.test/desk",
    "/desk\\@evil.test",
    "/\\evil.test",
    "/desk\t//evil.test",
    "/desk/\r\nSet-Cookie: a=b",
    "/deskevil",
    "/desk@evil.test",
    "/about",
    "//[",
    "javascript:alert(1)",
    "/desk/" + "x" * 2000,
    " /desk",
]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_s22_a_sign_in_leads_to_our_own_pages_only(house: WorkHouse, to: str) -> None:
    assert behind_a_sign_in(to) == ""
    signed_in = house.browser(house.employee())
    assert signed_in.request("GET", "/sign-in", params={"to": to}).headers["location"] == "/desk"
    stranger = house.browser()
    assert 'name="to"' not in stranger.request("GET", "/sign-in", params={"to": to}).text
    assert 'name="to"' not in stranger.post("/sign-in", {"email": "x@example.com", "to": to}).text
    assert signed_in.post("/desk/welcome", {"to": to}).headers["location"] == "/desk?done=welcome"


def test_s22_a_used_link_leads_to_our_own_pages_only(house: WorkHouse) -> None:
    sent: list[str] = []
    house.app.state.send_login_link = lambda _address, link, _language: sent.append(link)
    house.employee()
    for to in ELSEWHERE:
        house.clock.advance(120)
        house.browser().post("/sign-in", {"email": "jane@example.com", "to": to})
        link = sent.pop().removeprefix(ADDRESS)
        assert "?" not in link
        assert house.browser().post(link, {"to": to}).headers["location"] == "/desk"


@pytest.mark.parametrize(
    ("deed", "page"),
    [
        ("/desk/questions/{question}/answer", "/desk/questions/{question}"),
        ("/desk/questions/{question}/pass", "/desk/questions/{question}"),
        ("/desk/answers/1/retract", "/desk/answers"),
        ("/desk/pause", "/desk/profile"),
        ("/desk/link", "/desk/profile"),
        ("/desk/link/sign-in", "/desk/profile"),
        ("/desk/accounts/1/unlink", "/desk/profile"),
        ("/admin/employees/1/link", "/admin/employees/1"),
        ("/admin/employees/1/accounts/3/unlink", "/admin/employees/1"),
        ("/admin/connections/mastodon/sign-in", "/admin/connections"),
        ("/admin/answers/1/approve", "/admin/answers"),
        ("/admin/posts/1/match", "/admin/answers"),
        ("/admin/posts/1/again", "/admin/posts"),
        ("/admin/entries/1/hide", "/admin/review"),
        ("/admin/deliveries/1/again", "/admin/deliveries"),
        ("/admin/publishing/pause", "/admin"),
        ("/local/1/delete", "/local"),
        ("/sign-out", "/sign-in"),
    ],
)
def test_the_address_of_a_form_shows_its_page(house: WorkHouse, deed: str, page: str) -> None:
    question = house.question()
    browser = house.browser(house.employee(role=Role.ADMIN))
    answer = browser.get(deed.format(question=question))
    assert (answer.status_code, answer.headers["location"]) == (303, page.format(question=question))
    program = browser.get(deed.format(question=question), accept="application/json")
    assert program.status_code == 405


def test_a_slash_too_many_costs_one_step(sqlite_database: Database) -> None:
    house = ArchiveHouse(sqlite_database)
    entry = house.shelf.entry("Why is there no picture?")
    answer = house.get(f"/q/{entry}/")
    assert answer.status_code == 301
    assert answer.headers["location"] == f"/q/{entry}-why-is-there-no-picture"
    assert house.get(f"/q/{entry}/helpful").headers["location"] == f"/q/{entry}"


@pytest.mark.parametrize(
    ("path", "role", "home"),
    [
        ("/desk/questions/4711", Role.EMPLOYEE, "/desk"),
        ("/desk/questions/4711", Role.ADMIN, "/desk"),
        ("/admin/questions/4711", Role.ADMIN, "/admin"),
        ("/admin/questions/4711", Role.READER, "/admin/questions"),
        ("/admin/questions/4711", Role.EMPLOYEE, "/desk"),
        ("/desk", Role.READER, "/admin/questions"),
        ("/desk/nowhere", None, "/desk"),
        ("/admin/nowhere", None, "/admin"),
        ("/nowhere", Role.ADMIN, "/"),
    ],
)
def test_an_error_leads_back_into_the_room(house: WorkHouse, path: str, role: Role | None, home: str) -> None:
    browser = house.browser(house.employee(role=role) if role else None)
    page = browser.get(path)
    assert page.status_code in (403, 404)
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert f'href="{home}"' in main
    assert home == "/" or "/search" not in main


def test_an_error_at_work_has_the_menu_of_the_room(house: WorkHouse) -> None:
    browser = house.browser(house.employee(role=Role.MODERATOR))
    assert 'href="/desk/answers"' in browser.get("/desk/questions/4711").text
    assert 'href="/admin/deliveries"' in browser.get("/admin/questions/4711").text


def test_a_question_that_never_was_is_not_called_deleted(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    missing = browser.get("/desk/questions/4711")
    assert (missing.status_code, "There is no question 4711" in missing.text) == (404, True)
    gone = browser.get(f"/desk/questions/{house.question(state='withdrawn')}")
    assert (gone.status_code, "deleted this question" in gone.text) == (410, True)


def test_a_colleague_is_chosen_by_a_number_that_can_be_one(house: WorkHouse) -> None:
    question, jane = house.question(), house.employee()
    for wrong in ("²", "9" * 30, "-1"):
        answer = house.browser(jane).post(f"/desk/questions/{question}/refer", {"colleague": wrong})
        assert answer.status_code == 422, wrong


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def test_the_example_of_an_account_is_one_of_the_feeds_that_are_on(house: WorkHouse, mei: Browser) -> None:
    assert "like local:jane" in mei.get("/admin/employees/1").text
    house.chorus.platforms["x"] = house.chorus.local
    page = mei.post("/admin/employees/1/accounts", {"account": "jane"}).text
    assert "like x:jane" in page
    assert "local:jane" not in page
