"""Who is asking, by what name, and how often: the doors of the whole application."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from app.main import create_app
from app.wiring.composition import build
from app.wiring.settings import load_settings
from tests.app.raw_asgi import asked
from tests.conftest import FakeClock

BASE = "https://help.example.com"


class Doors:
    """Asks one application as clients of any address."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def status(self, path: str, client: str = "127.0.0.1", method: str = "GET", **headers: str) -> int:
        async def go() -> int:
            transport = httpx.ASGITransport(app=self.app, client=(client, 5000))
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as asking:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                data = {"email": "jane@example.com"} if method == "POST" else None
                return (await asking.request(method, path, headers=named, data=data)).status_code

        return anyio.run(go)


Open = Callable[..., Doors]


@pytest.fixture
def doors(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(**more: str) -> Doors:
            given = {
                "CHORUS_DATABASE_URL": sqlite_url,
                "CHORUS_SECRET_KEY": "k" * 40,
                "CHORUS_BASE_URL": BASE,
                "CHORUS_DATA_DIRECTORY": str(tmp_path / "var"),
                "CHORUS_SEARCH__MEANING": "false",
                **more,
            }
            chorus = build(load_settings(given, tmp_path), clock=clock)
            stack.callback(chorus.stop)
            return Doors(create_app(chorus))

        yield opened


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
    site = doors(CHORUS_TRUSTED_PROXIES="127.0.0.1")

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
