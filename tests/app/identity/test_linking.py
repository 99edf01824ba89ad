"""Linking an employee's account by the platform's own sign-in: its word counts, and only for who began."""

from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.platforms.mastodon.home_server import check_home
from bot.platforms.wire.http import Caller
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Rejected
from bot.roles import Role
from bot.store.engine import Database
from bot.store.people import staff
from bot.store.tables.people import IdentityRow
from tests.app.work_house import WorkHouse
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person, running_mastodon
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x import fake_x
from tests.bot.platforms.x.fake_x import FakeX
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock

KEY = "k" * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as running:
        yield running


@pytest.fixture
def x() -> FakeX:
    return FakeX()


@pytest.fixture
def house(
    sqlite_database: Database, clock: FakeClock, server: MastodonServer, x: FakeX
) -> Iterator[WorkHouse]:
    """A house that is connected to a Mastodon server and to X."""
    settings = {
        "secret_key": KEY,
        "mastodon": {"base_url": server.base_url, "allow_loopback": True},
        "x": {"client_id": "app"},
    }
    built = WorkHouse(sqlite_database, clock, **settings)
    account = XAccount(client_id="app", user_id=fake_x.BRAND, handle="ExampleBrand")
    tokens = MemoryTokens(access_token="access-1")
    mastodon = server.adapter(server.person("brand"))
    built.chorus.platforms["mastodon"] = mastodon
    built.chorus.platforms["x"] = X(account, tokens, clock, transport=x.transport())
    yield built
    mastodon.close()


def sent_away(browser: Browser, **fields: str) -> str:
    """Where the page leads after the sign-in has begun."""
    page = browser.post("/desk/link/sign-in", fields)
    assert page.status_code == 200, page.text
    address = page.headers["refresh"].partition("url=")[2]
    assert address in unescape(page.text)
    return address


def allowed_at_mastodon(server: MastodonServer, person: Person, address: str) -> str:
    """The person signs in there; where their browser goes then, as a path of ours."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["scope"] == "read:accounts"
    answer = httpx.post(f"{server.base_url}/oauth/authorize", data={**asked, "username": person.username})
    place = answer.headers["location"]
    assert place.startswith(f"{ADDRESS}/desk/link/back?")
    return place.removeprefix(ADDRESS)


def accounts(house: WorkHouse, employee: int) -> list[IdentityRow]:
    with house.database.read() as session:
        return staff.accounts_of(session, employee)


def test_an_account_on_mastodon_is_linked_by_its_id_with_host(
    house: WorkHouse, server: MastodonServer
) -> None:
    jane, person = house.employee(), server.person("jane")
    browser = house.browser(jane)
    address = sent_away(browser, platform="mastodon", server=server.base_url)
    done = browser.get(allowed_at_mastodon(server, person, address))
    assert done.headers["location"] == "/desk/profile?done=linked&at=accounts"
    [account] = accounts(house, jane)
    assert account.account_id.startswith(f"{person.id}@")
    assert (account.platform, account.proof) == ("mastodon", "oauth")
    assert server.statuses_of(person) == []
    assert "linked" in browser.get("/desk/profile").text


def test_an_account_on_x_is_linked_by_its_id(house: WorkHouse) -> None:
    jane = house.employee()
    browser = house.browser(jane)
    asked = parse_qs(urlsplit(sent_away(browser, platform="x")).query)
    assert asked["scope"] == ["tweet.read users.read"]
    assert asked["code_challenge_method"] == ["S256"]
    back = f"/desk/link/back?code=good-code&state={asked['state'][0]}"
    done = browser.get(back)
    assert "done=linked" in done.headers["location"]
    assert "oauth" in done.headers["set-cookie"]
    assert "Max-Age=0" in done.headers["set-cookie"], "a sign-in works once"
    assert [(one.platform, one.account_id) for one in accounts(house, jane)] == [("x", fake_x.BRAND)]


def test_a_sign_in_that_somebody_else_began_links_nothing(house: WorkHouse) -> None:
    """Otherwise a link sent to a colleague would tie the sender's account to them."""
    jane, ravi = house.employee(), house.employee("Ravi Kumar")
    mallory = house.browser(jane)
    state = parse_qs(urlsplit(sent_away(mallory, platform="x")).query)["state"][0]
    victim = house.browser(ravi)
    assert victim.get(f"/desk/link/back?code=good-code&state={state}").status_code == 409
    victim.cookies |= {name: value for name, value in mallory.cookies.items() if "oauth" in name}
    assert victim.get(f"/desk/link/back?code=good-code&state={state}").status_code == 403
    assert mallory.get("/desk/link/back?code=good-code&state=other").status_code == 403
    assert accounts(house, ravi) == []


def test_an_account_of_a_colleague_stays_theirs(house: WorkHouse) -> None:
    jane, ravi = house.employee(), house.employee("Ravi Kumar")
    for employee, status in ((jane, 303), (ravi, 409)):
        browser = house.browser(employee)
        state = parse_qs(urlsplit(sent_away(browser, platform="x")).query)["state"][0]
        assert browser.get(f"/desk/link/back?code=good-code&state={state}").status_code == status
    assert accounts(house, ravi) == []


def test_no_permission_links_nothing(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    state = parse_qs(urlsplit(sent_away(browser, platform="x")).query)["state"][0]
    refused = browser.get(f"/desk/link/back?error=access_denied&state={state}")
    assert "done=not_allowed" in refused.headers["location"]


def test_what_is_remembered_meanwhile_can_be_read_by_nobody(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    page = browser.post("/desk/link/sign-in", {"platform": "x"})
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie
    assert "verifier" not in cookie
    assert "Secure" not in cookie


def test_over_https_what_is_remembered_meanwhile_goes_over_nothing_else(
    sqlite_database: Database, clock: FakeClock
) -> None:
    site = "https://answers.test"
    house = WorkHouse(sqlite_database, clock, base_url=site, secret_key=KEY, x={"client_id": "app"})
    page = house.browser(house.employee(), base=site).post("/desk/link/sign-in", {"platform": "x"})
    assert "Secure" in page.headers["set-cookie"]


@pytest.mark.parametrize(
    "typed",
    [
        "http://169.254.169.254",
        "https://10.0.0.8",
        "@jane@localhost.localdomain:99999",
        "ftp://a.example",
        "https://u:p@a.example",
        "   ",
    ],
)
def test_s15_only_servers_on_the_public_internet_are_called(
    sqlite_database: Database, clock: FakeClock, typed: str
) -> None:
    settings = {"secret_key": KEY, "mastodon": {"base_url": "https://social.example"}}
    house = WorkHouse(sqlite_database, clock, **settings)
    browser = house.browser(house.employee())
    answer = browser.post("/desk/link/sign-in", {"platform": "mastodon", "server": typed})
    assert answer.status_code in (422, 502)


def test_the_profile_offers_sign_in_where_there_is_one_and_a_code_everywhere(house: WorkHouse) -> None:
    page = house.browser(house.employee()).get("/desk/profile").text
    assert "Sign in at Mastodon" in page
    assert "Sign in at X" in page
    for name in ("mastodon", "x", "local"):
        assert f'<option value="{name}">' in page


class Web:
    """Some hosts of the internet, for WebFinger."""

    def __init__(self, clock: FakeClock, answers: dict[str, httpx.Response]) -> None:
        def handle(request: httpx.Request) -> httpx.Response:
            return answers.get(request.url.host, httpx.Response(404))

        self.caller = Caller("https://evil.example", "x", clock, transport=httpx.MockTransport(handle))


def finger(host: str) -> httpx.Response:
    return httpx.Response(200, json={"links": [{"rel": "self", "href": f"https://{host}/users/jane"}]})


def test_s2_a_server_cannot_claim_accounts_of_another(clock: FakeClock) -> None:
    web = Web(clock, {"victim.example": finger("social.victim.example")})
    with pytest.raises(Rejected, match="does not say so"):
        check_home(web.caller, "jane@victim.example", "https://evil.example")
    with pytest.raises(Rejected):
        check_home(web.caller, "jane@unknown.example", "https://evil.example")


@pytest.mark.parametrize(
    "told",
    [
        httpx.Response(301, headers={"location": "https://another.example/.well-known/webfinger"}),
        httpx.Response(301, headers={"location": "http://evil.example/.well-known/webfinger"}),
        httpx.Response(
            200,
            json={"links": [{"rel": "http://ostatus.org/avatar", "href": "https://evil.example/jane.png"}]},
        ),
        httpx.Response(404, json={"links": [{"rel": "self", "href": "https://evil.example/users/jane"}]}),
    ],
)
def test_s2_only_the_domains_own_word_for_the_server_counts(clock: FakeClock, told: httpx.Response) -> None:
    """Not that it points somewhere, without TLS, shows a picture kept there or fails."""
    web = Web(clock, {"victim.example": told})
    with pytest.raises(Rejected, match="does not say so"):
        check_home(web.caller, "jane@victim.example", "https://evil.example")


@pytest.mark.parametrize(
    "told",
    [
        finger("social.example"),
        httpx.Response(301, headers={"location": "https://social.example/.well-known/webfinger?resource=x"}),
    ],
)
def test_a_domain_may_keep_its_accounts_on_another_host(clock: FakeClock, told: Any) -> None:
    check_home(Web(clock, {"example.org": told}).caller, "jane@example.org", "https://social.example")
    check_home(Web(clock, {}).caller, "jane@social.example", "https://social.example")


def test_a_reader_cannot_link_anything(house: WorkHouse) -> None:
    reader = house.browser(house.employee("Rita Reader", role=Role.READER))
    assert reader.post("/desk/link/sign-in", {"platform": "x"}).status_code == 403
