"""The guard in front of every request."""

import asyncio
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from app.web.guard.clients import client_address
from app.web.guard.security import MAX_BODY
from app.web.guard.throttle import Limit, Throttle, client_key
from bot.store.engine import Database, DatabaseDown
from tests.app.archive_house import ArchiveHouse
from tests.app.raw_asgi import half_sent


@pytest.fixture
def site(sqlite_database: Database) -> ArchiveHouse:
    built = ArchiveHouse(sqlite_database)

    @built.app.post("/webhooks/here/echo")
    async def echo(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @built.app.post("/desk/echo")
    async def desk(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    return built


def test_every_response_forbids_what_pages_do_not_need(site: ArchiveHouse) -> None:
    for path in ("/", "/nothing", "/api/v1/answers", "/feed.atom"):
        headers = site.get(path).headers
        policy = headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "form-action 'self'", "base-uri 'none'"} < set(policy)
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "camera=(), geolocation=(), microphone=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


def test_over_https_browsers_are_told_to_stay_there(sqlite_database: Database) -> None:
    site = ArchiveHouse(sqlite_database, base_url="https://answers.test")
    assert site.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_pages_hold_no_inline_script_or_style(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    entry = site.shelf.entry(topic="tv")

    for path in ("/", "/search?q=picture", "/topics/tv", f"/q/{entry}-why-is-there-no-picture", "/about"):
        page = site.get(path).text
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") + page.count(
            '<script type="application/ld+json"'
        )
        assert "<style" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://answers.test.evil.example"},
        {"origin": "http://["},
        {"origin": "http://[::1"},
        {"origin": "//answers.test]"},
        {"origin": ""},
    ],
)
def test_s16_another_site_cannot_make_a_browser_change_anything(
    site: ArchiveHouse, headers: dict[str, str]
) -> None:
    entry = site.shelf.entry()

    assert site.post(f"/q/{entry}/helpful", {"helpful": "yes"}, **headers).status_code == 403
    assert site.post("/desk/echo", {}, **headers).status_code == 403
    assert "It helped" not in site.get(f"/q/{entry}-why-is-there-no-picture").text


@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}, {"origin": "http://answers.test"}, {}],
)
def test_s16_our_own_pages_and_programs_pass(site: ArchiveHouse, headers: dict[str, str]) -> None:
    assert site.post("/desk/echo", {}, **headers).status_code == 200


def test_s16_signed_webhooks_need_no_origin(site: ArchiveHouse) -> None:
    assert site.post("/webhooks/here/echo", {}, origin="https://platform.example").status_code == 200


def test_s16_only_the_public_api_is_open_to_other_origins(site: ArchiveHouse) -> None:
    elsewhere = {"origin": "https://elsewhere.example", "access_control_request_method": "GET"}

    allowed = site.request("OPTIONS", "/api/v1/answers", headers=elsewhere)

    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "access-control-allow-credentials" not in allowed.headers
    for path in ("/", "/desk/echo", "/feed.atom"):
        assert "access-control-allow-origin" not in site.get(path, origin="https://elsewhere.example").headers


@pytest.mark.parametrize("path", ["/webhooks/here/echo", "/desk/echo"])
def test_r11_a_body_above_one_mebibyte_is_refused(site: ArchiveHouse, path: str) -> None:
    fits = site.request("POST", path, content=b"a" * MAX_BODY)
    declared = site.request("POST", path, content=b"a" * (MAX_BODY + 1))

    assert fits.json() == {"size": MAX_BODY}
    assert declared.status_code == 413


def test_r11_a_body_that_does_not_say_how_large_it_is_is_counted_as_it_comes(site: ArchiveHouse) -> None:
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield b"a" * MAX_BODY

    async def send() -> Any:
        import httpx

        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://answers.test") as client:
            return await client.post("/webhooks/here/echo", content=endless())

    answer = asyncio.run(send())

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert taken <= 3


def test_r11_a_client_that_goes_before_its_body_is_there_is_no_failure_of_ours(site: ArchiveHouse) -> None:
    assert half_sent(site.app, "/webhooks/here/echo")[0]["status"] == 408


def test_head_answers_like_get_without_a_body(site: ArchiveHouse) -> None:
    for path in ("/", "/api/v1/answers", "/sitemap.xml"):
        full, head = site.get(path), site.request("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == full.headers["content-type"]


def test_s17_a_client_that_searches_too_much_has_to_wait(sqlite_database: Database) -> None:
    site = ArchiveHouse(sqlite_database, search={"requests_per_minute": 2})

    first, second, third = (site.get("/api/v1/answers?q=a") for _ in range(3))

    assert first.headers["ratelimit-policy"] == '"search";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"search";r=1;')
    assert second.headers["ratelimit"].startswith('"search";r=0;')
    assert third.status_code == 429
    assert third.headers["retry-after"] == "30"
    assert third.headers["content-type"] == "application/problem+json"
    assert site.get("/about").status_code == 200
    other = site.request("GET", "/search", address="192.0.2.77")
    assert other.status_code == 200
    site.seconds = 31
    assert site.get("/search").status_code == 200, "half a minute later one more is free"


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/search", "search"),
        ("GET", "/feed.atom", "search"),
        ("GET", "/api/v1/suggest?q=a", "search"),
        ("POST", "/q/1/helpful", "reader"),
        ("GET", "/staff", "staff"),
        *[(method, f"/private/{'a' * 30}", "private") for method in ("GET", "POST")],
        *[(method, f"/s/{'b' * 45}", "private") for method in ("GET", "POST")],
        *[
            (method, f"{place}/guess", "sign-in")
            for method in ("GET", "POST")
            for place in ("/sign-in", "/join", "/setup", "/announcements/confirm")
        ],
        *[("POST", path, "sign-in") for path in ("/sign-in", "/join", "/announcements/tell-first")],
        *[("GET", path, "") for path in ("/", "/sign-in", "/join", "/announcements/tell-first", "/about")],
    ],
)
def test_s17_each_door_says_what_is_counted_there(
    site: ArchiveHouse, method: str, path: str, counted: str
) -> None:
    told = site.request(method, path).headers.get("ratelimit-policy", "")
    assert told.partition(";")[0].strip('"') == counted


def test_s17_votes_and_reports_of_one_client_are_limited(site: ArchiveHouse) -> None:
    entry = site.shelf.entry()

    answers = [site.post(f"/q/{entry}/helpful", {"helpful": "yes"}).status_code for _ in range(21)]

    assert answers == [303] * 20 + [429]


def test_s17_a_client_cannot_change_who_it_is_by_a_header(sqlite_database: Database) -> None:
    site = ArchiveHouse(sqlite_database, search={"requests_per_minute": 1})

    statuses = [site.get("/search", x_forwarded_for=f"10.0.0.{number}").status_code for number in range(3)]

    assert statuses == [200, 429, 429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.9:50123", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.9, ::ffff:10.0.0.5", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.5:8443", "203.0.113.9"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, [10.0.0.5", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, a:b:c", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
    ],
)
def test_s17_forwarded_addresses_count_only_as_far_as_trusted_proxies_wrote_them(
    peer: str, forwarded: str, client: str
) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}

    assert client_address(scope, ("10.0.0.0/8",)) == client


def test_s17_one_ipv6_customer_counts_once() -> None:
    assert client_key("2001:db8:1:2::1") == client_key("2001:db8:1:2:ffff::9")
    assert client_key("2001:db8:1:2::1") != client_key("2001:db8:1:3::1")
    assert client_key("::ffff:192.0.2.1") == client_key("192.0.2.1")


def test_s17_many_addresses_cannot_fill_the_memory() -> None:
    throttle = Throttle(Limit("search", 1, 60), lambda: 0.0, most_clients=10)

    for number in range(1000):
        throttle.take(f"client {number}")

    assert len(throttle._buckets) == 10


@given(
    steps=st.lists(st.floats(0, 120, allow_nan=False), max_size=200),
    quota=st.integers(1, 20),
    window=st.integers(1, 60),
)
def test_s17_no_pattern_of_requests_gets_more_than_the_limit(
    steps: list[float], quota: int, window: int
) -> None:
    now = [0.0]
    throttle = Throttle(Limit("search", quota, window), lambda: now[0])
    passed = []
    for step in steps:
        now[0] += step
        if throttle.take("somebody").passes:
            passed.append(now[0])

    for start in passed:
        within = sum(1 for at in passed if start <= at <= start + window)
        assert within <= 2 * quota, "the full bucket at first, and what flows in meanwhile"


def test_errors_are_pages_for_people_and_documents_for_programs(site: ArchiveHouse) -> None:
    person, program = site.get("/nothing"), site.get("/nothing", accept="*/*")

    assert person.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in person.text
    assert program.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "The address may be mistyped, or the page has moved. Perhaps a search finds it.",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("secret detail"), 500),
        (DatabaseDown("secret detail"), 503),
        (OperationalError("secret detail", {}, Exception("secret detail")), 503),
    ],
)
def test_a_failure_says_nothing_of_the_inside(site: ArchiveHouse, error: Exception, status: int) -> None:
    @site.app.get("/fails")
    def fail() -> None:
        raise error

    for accept in ("text/html", "*/*"):
        answer = site.get("/fails", accept=accept)
        assert answer.status_code == status
        assert "secret" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_a_method_that_is_not_offered_is_said_so(site: ArchiveHouse) -> None:
    answer = site.request("PUT", "/search", headers={"accept": "*/*"})

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_s16_what_another_site_typed_is_not_handed_to_whoever_has_to_wait(site: ArchiveHouse) -> None:
    entry = site.shelf.entry()
    for _ in range(20):
        site.post(f"/q/{entry}/helpful", {"helpful": "yes"})

    page = site.post(
        f"/q/{entry}/report", {"why": "Call this number"}, accept="text/html", sec_fetch_site="cross-site"
    )

    assert page.status_code == 403
    assert "Call this number" not in page.text
