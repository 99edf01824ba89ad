"""The first person in charge: one, by a link that works once, whoever else has it too."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from bot.actions.people import first_person
from bot.roles import Role
from bot.store.engine import Database
from bot.store.people.access import hashed
from bot.store.running import setup_links
from bot.store.tables.house import AuditRow, SwitchRow
from bot.store.tables.people import EmployeeRow, IdentityRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

ADA = {"name": "Ada Admin", "email": "ada@example.com", "account": "local:ada", "timezone": "Europe/Berlin"}


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


def offered(house: WorkHouse) -> str:
    """The address of a new set-up link, without the site."""
    with house.database.write() as session:
        secret = first_person.offer_link(session, house.clock())
    assert secret is not None
    return f"/setup/{secret}"


def test_the_first_takes_charge_is_signed_in_and_led_on(house: WorkHouse) -> None:
    link, browser = offered(house), house.browser()
    assert "Nobody is in charge here yet" in browser.get(link).text
    taken = browser.post(link, ADA)
    assert (taken.status_code, taken.headers["location"]) == (303, "/admin/first-run")
    assert "First steps" in browser.get("/admin/first-run").text
    [ada] = house.rows(EmployeeRow)
    assert (ada.name, ada.role, ada.timezone) == ("Ada Admin", Role.ADMIN, "Europe/Berlin")
    assert ada.opted_in_at is not None
    assert [(one.platform, one.handle) for one in house.rows(IdentityRow)] == [("local", "ada")]
    assert [(one.action, one.actor) for one in house.rows(AuditRow)] == [("setup", "ada@example.com (1)")]


def test_a_link_works_once(house: WorkHouse) -> None:
    link = offered(house)
    house.browser().post(link, ADA)
    again = house.browser().post(link, {**ADA, "email": "eve@example.com"})
    assert again.status_code == 410
    assert "set-cookie" not in again.headers
    assert house.browser().get(link).status_code == 410
    assert len(house.rows(EmployeeRow)) == 1


def test_looking_at_a_link_uses_nothing_up(house: WorkHouse) -> None:
    link = offered(house)
    assert [house.browser().get(link).status_code for _ in range(3)] == [200] * 3


def test_a_new_link_takes_the_place_of_the_former(house: WorkHouse) -> None:
    former, new = offered(house), offered(house)
    assert house.browser().get(former).status_code == 410
    assert house.browser().post(former, ADA).status_code == 410
    assert house.browser().get(new).status_code == 200


def test_a_link_works_for_a_day(house: WorkHouse, clock: FakeClock) -> None:
    link = offered(house)
    clock.advance(setup_links.LASTS - timedelta(seconds=1))
    assert house.browser().get(link).status_code == 200
    clock.advance(1)
    assert house.browser().get(link).status_code == 410
    assert house.browser().post(link, ADA).status_code == 410
    assert house.rows(EmployeeRow) == []


def test_no_link_works_once_somebody_is_in_charge(house: WorkHouse) -> None:
    link = offered(house)
    house.employee("Mei Lin", role=Role.ADMIN)
    assert house.browser().get(link).status_code == 410
    assert house.browser().post(link, ADA).status_code == 410
    with house.database.write() as session:
        assert first_person.offer_link(session, house.clock()) is None


def test_employees_and_moderators_are_not_in_charge_of_people(house: WorkHouse) -> None:
    house.employee("Jo")
    house.employee("Mo", role=Role.MODERATOR)
    assert house.browser().post(offered(house), ADA).status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "A name has 1 to 80 characters"),
        ({"email": "ada"}, "is no"),
        ({"timezone": "Europe/Berln"}, "Europe/Berlin"),
        ({"account": "ada"}, "platform:handle"),
    ],
)
def test_what_cannot_be_stored_is_told_and_uses_nothing_up(
    house: WorkHouse, typed: dict[str, str], said: str
) -> None:
    link, browser = offered(house), house.browser()
    refused = browser.post(link, {**ADA, **typed})
    assert refused.status_code == 422
    assert said in refused.text
    assert all(value in refused.text for value in {**ADA, **typed}.values() if value)
    assert house.rows(EmployeeRow) == []
    assert browser.post(link, ADA).status_code == 303


def test_of_two_at_once_the_database_lets_one_in(house: WorkHouse) -> None:
    """Both with the one link, and two with a link each, as two processes that start at once make them."""
    link = offered(house)
    with house.database.write() as session:
        name = session.exec(select(SwitchRow.name).where(SwitchRow.name.startswith("setup_link:"))).one()  # type: ignore[attr-defined]
        until = session.get_one(SwitchRow, name).value
        other = f"setup_link:{hashed('other')}"
        session.add(SwitchRow(name=other, value=until, set_at=house.clock()))
    links = [link, link, "/setup/other", "/setup/other"]
    start, came = threading.Barrier(len(links)), []
    app = house.app  # built once, before they race

    def come(number: int) -> None:
        fields = {**ADA, "email": f"a{number}@example.com", "account": f"local:a{number}"}
        start.wait()
        came.append(house.browser().post(links[number], fields).status_code)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(len(links))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app is house.app
    assert sorted(came) == [303, 410, 410, 410]
    assert len(house.rows(EmployeeRow)) == 1


def test_nothing_but_a_hash_is_stored_or_logged_of_a_secret(house: WorkHouse) -> None:
    with capture_logs() as logged:
        link = offered(house)
        secret = link.removeprefix("/setup/")
        page = house.browser().get(link)
        house.browser().post(link, {**ADA, "name": ""})
        with house.database.read() as session:
            stored = [(one.name, str(one.value)) for one in session.exec(select(SwitchRow)).all()]
        house.browser().post(link, ADA)
    assert secret not in repr(stored)
    assert secret not in repr(logged)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"


def test_who_wants_to_sign_in_where_nobody_is_reads_how_somebody_comes_in(house: WorkHouse) -> None:
    page = house.browser().get("/sign-in")
    assert page.status_code == 200
    assert "chorus setup-link" in page.text
    assert "/setup/" not in page.text
    house.browser().post(offered(house), ADA)
    assert 'name="email"' in house.browser().get("/sign-in").text


def test_guessing_is_limited(house: WorkHouse) -> None:
    stranger = house.browser()
    statuses = [stranger.get(f"/setup/{number}").status_code for number in range(40)]
    assert statuses[0] == 410
    assert statuses[-1] == 429
