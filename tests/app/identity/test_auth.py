"""S16: one-time links, server-side sessions with limits, and a cookie no script and no other site can use."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.identity.auth import create_login_link
from bot.actions import leaving
from bot.roles import Role
from bot.store import rows
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow, LoginLinkRow, SessionRow
from tests.app.work_house import WorkHouse
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


def _link(house: WorkHouse, employee: int) -> str:
    row = house.row(EmployeeRow, employee)
    link = create_login_link(house.database, house.chorus.settings, row)
    assert link.startswith(f"{house.chorus.settings.base_url}/sign-in/")
    return link.removeprefix(house.chorus.settings.base_url)


def test_s16_a_preview_of_the_link_does_not_use_it_up(house: WorkHouse) -> None:
    link = _link(house, house.employee())
    browser = house.browser()

    for _ in range(3):
        page = browser.get(link)
        assert page.status_code == 200
        assert "Sign in as" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in page.headers

    signed_in = browser.post(link)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/desk")
    assert browser.get("/desk").status_code == 200


def test_s16_a_link_works_once_and_for_a_day(house: WorkHouse) -> None:
    jane = house.employee()
    used, old = _link(house, jane), _link(house, jane)
    assert house.browser().post(used).status_code == 303
    assert house.browser().post(used).status_code == 410
    assert house.browser().get(used).status_code == 410

    house.clock.advance(timedelta(hours=24))
    assert house.browser().post(old).status_code == 410
    assert house.browser().post("/sign-in/nonsense").status_code == 410


def test_s16_the_cookie_is_out_of_reach_for_scripts_and_other_sites(house: WorkHouse) -> None:
    cookie = house.browser().post(_link(house, house.employee())).headers["set-cookie"]
    assert cookie.startswith("chorus=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"):
        assert part in cookie
    assert "Secure" not in cookie


def test_s16_over_https_the_cookie_is_bound_to_this_host(sqlite_database: Database, clock: FakeClock) -> None:
    house = WorkHouse(sqlite_database, clock, base_url="https://answers.test")
    link = _link(house, house.employee())
    cookie = house.browser(base="https://answers.test").post(link).headers["set-cookie"]
    assert cookie.startswith("__Host-chorus=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_s16_only_hashes_of_secrets_are_stored(house: WorkHouse) -> None:
    browser = house.browser()
    link = _link(house, house.employee())
    browser.post(link)
    with house.database.read() as session:
        stored = [row.secret_hash for row in session.exec(select(SessionRow)).all()]
        stored += [row.secret_hash for row in session.exec(select(LoginLinkRow)).all()]
    assert stored
    for secret in (link.rpartition("/")[2], browser.cookies["chorus"]):
        assert not any(secret in one for one in stored)


def test_s16_a_session_ends_after_twelve_idle_hours(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for _ in range(3):
        house.clock.advance(timedelta(hours=11))
        assert browser.get("/desk").status_code == 200
    house.clock.advance(timedelta(hours=12))
    assert browser.get("/desk").headers["location"] == "/sign-in?to=/desk"


def test_s16_a_session_ends_after_seven_days_whatever_happens(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for _ in range(15):
        house.clock.advance(timedelta(hours=11))
        assert browser.get("/desk").status_code == 200
    house.clock.advance(timedelta(hours=3))
    assert browser.get("/desk").status_code == 303


def test_signing_out_ends_the_session_on_the_server(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    stolen = Browser(house.app, cookies=dict(browser.cookies))
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert stolen.get("/desk").status_code == 303


def test_s3_who_has_left_is_signed_out_and_gets_no_further(house: WorkHouse) -> None:
    jane = house.employee()
    browser, link = house.browser(jane), _link(house, jane)
    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, jane), house.clock())
    assert browser.get("/desk").status_code == 303
    assert house.browser().post(link).status_code == 410


def test_s16_nobody_learns_whether_an_address_is_known(house: WorkHouse) -> None:
    house.employee("Jane Doe")
    sent: list[tuple[str, str]] = []
    house.app.state.send_login_link = lambda address, link, _language: sent.append((address, link))

    known = house.browser().post("/sign-in", {"email": "JANE@example.com"})
    unknown = house.browser().post("/sign-in", {"email": "eve@example.com"})
    again = house.browser().post("/sign-in", {"email": "jane@example.com"})

    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text == again.text
    assert [address for address, _ in sent] == ["jane@example.com"]  # not twice within a minute
    assert house.browser().post(sent[0][1].removeprefix(ADDRESS)).status_code == 303


def test_a_link_is_mailed_in_the_language_that_its_reader_chose(house: WorkHouse) -> None:
    sent: list[str | None] = []
    house.app.state.send_login_link = lambda _address, _link, language: sent.append(language)
    jane = house.employee("Jane Doe")
    with house.database.write() as session:
        rows.one(session, EmployeeRow, jane).language = "nl"
    house.browser().post("/sign-in", {"email": "jane@example.com"})
    assert sent == ["nl"]


def test_a_failing_mail_server_is_no_error_for_the_visitor(house: WorkHouse) -> None:
    house.employee("Jane Doe")

    def fails(_address: str, _link: str, _language: str | None) -> None:
        raise OSError("no route to host")

    house.app.state.send_login_link = fails
    assert house.browser().post("/sign-in", {"email": "jane@example.com"}).status_code == 200


def test_without_mail_the_page_says_whom_to_ask(house: WorkHouse) -> None:
    assert "chorus login-link" in house.browser().post("/sign-in", {"email": "jane@example.com"}).text


def test_s16_forms_from_other_sites_are_refused(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for headers in ({"origin": "https://evil.test"}, {"sec_fetch_site": "cross-site"}):
        assert browser.post("/desk/pause", **headers).status_code == 403
    assert browser.post("/desk/pause", origin=ADDRESS).status_code == 303


@pytest.mark.parametrize("to", ["//evil.test", "https://evil.test", "/desk\\@evil.test", "/about"])
def test_s16_the_sign_in_leads_only_to_our_own_pages(house: WorkHouse, to: str) -> None:
    browser = house.browser(house.employee())
    assert browser.request("GET", "/sign-in", params={"to": to}).headers["location"] == "/desk"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.EMPLOYEE, "/desk"),
        (Role.ADMIN, "/admin"),
        (Role.READER, "/admin/questions"),
        (Role.AUDITOR, "/admin"),
    ],
)
def test_everybody_starts_where_their_work_is(house: WorkHouse, role: Role, home: str) -> None:
    browser = house.browser()
    assert browser.post(_link(house, house.employee(role=role))).headers["location"] == home
    assert browser.get(home).status_code == 200


def test_who_has_not_accepted_the_guidelines_is_asked_first(house: WorkHouse) -> None:
    jane = house.employee(opted_in=False)
    browser = house.browser(jane)
    assert browser.get("/desk").headers["location"] == "/desk/welcome"
    assert "I take part" in browser.get("/desk/welcome").text
    assert browser.post("/desk/welcome").headers["location"] == "/desk?done=welcome"
    assert browser.get("/desk").status_code == 200
    employee = house.row(EmployeeRow, jane)
    assert (employee.state, employee.accepted_terms) == ("active", "as delivered")
