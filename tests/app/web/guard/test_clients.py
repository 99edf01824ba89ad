"""Who is asking, by what name, and how often: the doors of the whole application."""

from collections.abc import Callable
from functools import partial

import pytest

from app.web.guard.clients import client_address
from tests.app.raw_asgi import asked
from tests.conftest import FakeClock
from tests.house import House

BASE = "https://help.example.com"


class Doors(House):
    """One application, asked by clients of any address."""

    def status(self, path: str, client: str = "127.0.0.1", method: str = "GET", **headers: str) -> int:
        data = {"email": "jane@example.com"} if method == "POST" else None
        browser = self.browser(client=client, base=BASE, raises=True)
        return browser.request(method, path, headers={"accept": "*/*", **headers}, data=data).status_code


Open = Callable[..., Doors]


@pytest.fixture
def doors(sqlite_url: str, clock: FakeClock) -> Open:
    return partial(Doors, sqlite_url, clock, platforms=None, base_url=BASE)


def test_s17_sign_in_links_of_one_client_are_limited(doors: Open) -> None:
    site = doors()

    tried = [site.status(f"/sign-in/guess-{number}") for number in range(20)]
    sent = [site.status("/sign-in", method="POST") for _ in range(12)]

    assert tried == [410] * 20
    assert sent == [200] * 10 + [429] * 2
    assert site.status("/sign-in/guess", method="POST") == 429
    assert site.status("/sign-in") == 200, "the page that asks for an address costs nothing"
    assert site.status("/sign-in/guess", client="192.0.2.77") == 410


@pytest.mark.parametrize("path", ["/metrics", "/local"])
def test_s17_what_is_for_this_machine_is_not_for_a_proxys_clients(doors: Open, path: str) -> None:
    site = doors()

    assert site.status(path) == 200
    assert site.status(path, client="::1") == 200
    assert site.status(path, client="::ffff:127.0.0.1") == 200
    assert site.status(path, client="192.0.2.7") == 403
    assert site.status(path, x_forwarded_for="192.0.2.7") == 403
    assert site.status(path, x_forwarded_for="127.0.0.1") == 403
    assert site.status(path, forwarded="for=127.0.0.1") == 403
    assert site.status(path, host="evil.example", sec_fetch_site="none") == 403


@pytest.mark.parametrize("path", ["/metrics", "/local"])
def test_s17_a_trusted_proxy_says_whether_its_client_is_this_machine(doors: Open, path: str) -> None:
    site = doors(trusted_proxies=["127.0.0.1"])

    assert site.status(path, x_forwarded_for="127.0.0.1:4711") == 200
    assert site.status(path, x_forwarded_for="192.0.2.7") == 403
    assert site.status(path, forwarded="for=192.0.2.7") == 403


def test_s16_two_hosts_in_one_request_are_refused(doors: Open) -> None:
    sent = asked(doors().app, "/", [(b"host", b"help.example.com"), (b"host", b"evil.example")])

    assert sent[0]["status"] == 400


@pytest.mark.parametrize("host", [b"[", b"help.example.com:port", b"", b"a b", b"\xff"])
def test_s16_a_host_that_is_none_is_no_failure_of_ours(doors: Open, host: bytes) -> None:
    app = doors().app

    for path in ("/", "/local", "/metrics", "/nothing", "/sign-in"):
        headers = [(b"host", host), (b"sec-fetch-site", b"none"), (b"accept", b"text/html")]
        assert asked(app, path, headers)[0]["status"] < 500, path


@pytest.mark.parametrize(
    ("path", "query", "leads_to"),
    [
        ("/topics/", "", "/topics"),
        ("/topics/", "page=2", "/topics?page=2"),
        ("//topics//", "", "/topics"),
        ("/about/", "", "/about"),
        ("/sign-in/", "to=/desk", "/sign-in?to=/desk"),
    ],
)
def test_s22_a_slash_too_many_leads_to_the_page_on_whatever_host_it_is(
    doors: Open, path: str, query: str, leads_to: str
) -> None:
    sent = asked(doors().app, path, [(b"host", b"evil.example")], query)

    assert sent[0]["status"] == 307
    assert dict(sent[0]["headers"])[b"location"] == leads_to.encode()


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/\\evil.example/", "//evil.example//", "/nothing/", "//"]
)
def test_s22_a_slash_too_many_makes_no_page_of_what_is_none(doors: Open, path: str) -> None:
    sent = asked(doors().app, path, [(b"host", b"help.example.com")])

    assert sent[0]["status"] in (200, 404)
    assert b"location" not in dict(sent[0]["headers"])


def test_what_is_longer_than_any_address_is_none() -> None:
    told = [(b"x-forwarded-for", b"192.0.2.7, fe80::1%" + b"e" * 200)]
    scope = {"client": ("127.0.0.1", 4711), "headers": told}

    assert client_address(scope, ["127.0.0.1"]) == "127.0.0.1"
