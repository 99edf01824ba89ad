"""The page of the brand's accounts: how each is, what to do, and signing the brand in from there."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.wiring.adapters import stored_tokens
from bot.roles import Role
from bot.states import ConnectionState, DeliveryKind, DeliveryState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import identities
from bot.store.queries.gauges import gauges
from bot.store.tables.conversations import DeliveryRow
from tests.app.work_house import WorkHouse
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, running_mastodon
from tests.browser import ADDRESS
from tests.conftest import FakeClock


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as running:
        yield running


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock, server: MastodonServer) -> Iterator[WorkHouse]:
    settings = {"secret_key": "k" * 40, "mastodon": {"base_url": server.base_url, "allow_loopback": True}}
    built = WorkHouse(sqlite_database, clock, **settings)
    mastodon = server.adapter(server.person("old"))
    built.chorus.platforms["mastodon"] = mastodon
    yield built
    mastodon.close()


def page(house: WorkHouse, role: Role = Role.ADMIN) -> str:
    with house.database.read() as session:
        from bot.store.people import staff

        known = staff.by_email(session, f"{role}@example.com")
    person = known.id if known is not None else house.employee(f"{role} Person", role=role)
    return house.browser(person).get("/admin/connections").text


def test_each_platform_says_how_it_is_and_what_to_do(house: WorkHouse) -> None:
    text = page(house)
    assert "not connected" in text
    assert "chorus connect mastodon" in text
    assert "chorus connect x" in text
    with house.database.write() as session:
        connections.looked(session, "mastodon", house.clock())
    assert ">works<" in page(house)


def test_a_revoked_token_and_a_dead_webhook_are_seen_on_page_overview_and_metrics(house: WorkHouse) -> None:
    with house.database.write() as session:
        now = house.clock()
        connections.mark(session, "mastodon", ConnectionState.RECONNECT, "The token was revoked.", now)
        connections.checked(session, "mastodon", now, webhook="invalid", alarm="It stopped calling.")
    text = page(house)
    assert "The token was revoked." in text
    assert "It stopped calling." in text
    assert "Nothing goes out here until" in text
    overview = house.browser(house.employee("Ada Admin", role=Role.ADMIN)).get("/admin").text
    assert "The token was revoked." in overview
    assert "It stopped calling." in overview
    with house.database.read() as session:
        counted = gauges(session, house.clock())
    assert (counted.broken, counted.alarms) == ({"mastodon": 1}, {"mastodon": 1})


def test_an_employee_who_has_not_let_the_brand_follow_is_named(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    with house.database.write() as session:
        identities.link(
            session, jane, "mastodon", "7@x", "jane@social.example", proof="code", now=house.clock()
        )
    assert "asked to follow" not in page(house)
    with house.database.write() as session:
        identities.note_follows(session, "mastodon", {"7@x"})
    assert "asked to follow @jane@social.example, and has not been let in yet" in page(house)


def test_the_brand_is_signed_in_from_the_page(house: WorkHouse, server: MastodonServer) -> None:
    brand = server.person("brand")
    browser = house.browser(house.employee("Ada Admin", role=Role.ADMIN))
    away = browser.post("/admin/connections/mastodon/sign-in")
    asked = parse_qs(urlsplit(away.headers["refresh"].partition("url=")[2]).query)
    fields = {name: values[0] for name, values in asked.items()}
    assert "write:statuses" in fields["scope"]
    allowed = httpx.post(f"{server.base_url}/oauth/authorize", data={**fields, "username": brand.username})
    done = browser.get(allowed.headers["location"].removeprefix(ADDRESS))
    assert done.headers["location"] == "/admin/connections?done=connected", done.text
    stored = stored_tokens(house.chorus.settings, house.database, "mastodon").load()
    assert stored["access_token"]
    with house.database.read() as session:
        row = connections.of(session, "mastodon")
    assert row is not None
    assert row.state == ConnectionState.CONNECTED
    assert server.statuses_of(brand) == []


def test_whoever_comes_back_without_having_begun_is_told_what_that_means(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Ada Admin", role=Role.ADMIN))
    answer = browser.get("/admin/connections/back?code=c&state=s")
    assert answer.status_code == 409
    assert "copy the address of this page into the terminal" in answer.text


def test_a_sign_in_begun_for_ones_own_account_connects_no_brand(
    house: WorkHouse, server: MastodonServer
) -> None:
    browser = house.browser(house.employee("Ada Admin", role=Role.ADMIN))
    away = browser.post("/desk/link/sign-in", {"platform": "mastodon", "server": server.base_url})
    address = away.headers["refresh"].partition("url=")[2]
    state = parse_qs(urlsplit(address).query)["state"][0]
    refused = browser.get(f"/admin/connections/back?code=c&state={state}")
    assert refused.status_code == 403
    assert "belongs to another one" in refused.text


def test_a_moderator_reads_but_does_not_connect(house: WorkHouse) -> None:
    assert "Sign the brand in" not in page(house, Role.MODERATOR)
    moderator = house.browser(house.employee("Mo Moderator", role=Role.MODERATOR))
    assert moderator.post("/admin/connections/mastodon/sign-in").status_code == 403


def test_a_refused_post_leads_to_where_it_can_be_posted_by_hand(house: WorkHouse) -> None:
    link = "https://x.com/intent/post?in_reply_to=1&text=Hello"
    with house.database.write() as session:
        session.add(
            DeliveryRow(
                kind=DeliveryKind.PUBLICATION,
                platform="x",
                key="k",
                payload={"text": "Hello"},
                state=DeliveryState.REJECTED,
                code="not_permitted",
                reason="X does not permit this to an app.",
                link=link,
                created_at=house.clock(),
            )
        )
    text = house.browser(house.employee("Mo", role=Role.MODERATOR)).get("/admin/deliveries").text
    assert f'href="{link.replace("&", "&amp;")}"' in text
    assert "Post by hand" in text
