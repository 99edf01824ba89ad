"""The whole application as one process puts it together, through its HTTP doors alone."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from app.web.guard.security import MAX_BODY
from app.wiring.composition import Chorus
from bot.platforms.local.adapter import Local
from bot.posts import PostEvent
from tests.app.raw_asgi import half_sent
from tests.conftest import FakeClock
from tests.house import House


class Site(House):
    """Speaks to the application through its doors and lets it work; Jane answers."""

    def __init__(self, url: str, clock: FakeClock, **settings: Any) -> None:
        super().__init__(url, clock, platforms=None, **settings)
        self.hire("local", "jane", "jane")

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("GET", path, **how)

    def say(self, author: str, text: str, in_reply_to: str | None = None) -> str:
        """Somebody posts at the feed's page; the post's id."""
        body = {"author": author, "text": text, "in_reply_to": in_reply_to}
        answer = self.ask("POST", "/local/posts", json=body)
        assert answer.status_code == 201, answer.text
        self.work()
        return str(answer.json()["id"])

    def work(self) -> None:
        self.worker.run_until_idle()
        self.chorus.search.catch_up()


@pytest.fixture
def site(database_url: str, clock: FakeClock) -> Site:
    return Site(database_url, clock)


def test_a_mention_becomes_one_credited_publication_and_can_be_found(site: Site) -> None:
    question = site.say("sam", "@brand no picture since the update")
    site.say("mallory", "@sam throw it away #chorus", question)
    site.say("jane", "@sam Hold the power button for ten seconds. #chorus", question)
    posts = site.get("/local/posts").json()["items"]
    by_brand = [post for post in posts if post["author"] == "brand"]
    assert [(post["text"], post["in_reply_to"]) for post in by_brand] == [
        ("Hold the power button for ten seconds. ^Jane", question)
    ]
    [item] = site.get("/api/v1/answers", params={"q": "picture"}).json()["items"]
    assert item["answer"] == "Hold the power button for ten seconds."
    assert item["answered_by"] == "Jane"
    page = site.get(item["url"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert "Hold the power button" in page.text
    for path in (
        "/",
        "/search?q=power",
        "/topics",
        "/about",
        "/feed.atom",
        "/sitemap.xml",
        "/opensearch.xml",
    ):
        answer = site.get(path)
        assert answer.status_code == 200, path
    assert "no-picture" in site.get("/sitemap.xml").text
    assert "Hold the power button" in site.get("/feed.atom").text


def signed(chorus: Chorus, body: bytes) -> dict[str, str]:
    local = chorus.local
    assert isinstance(local, Local)
    return local._signer.sign(body, "test-message", chorus.clock())


def webhook(chorus: Chorus, text: str = "@brand help, no picture") -> tuple[bytes, dict[str, str]]:
    assert chorus.feed is not None
    assert chorus.local is not None
    return chorus.local.webhook(PostEvent.CREATED, chorus.feed.append("sam", text))


def test_r03_a_webhook_replayed_has_no_second_effect(site: Site) -> None:
    body, headers = webhook(site.chorus)
    for _ in range(3):
        assert site.ask("POST", "/webhooks/local", content=body, headers=headers).status_code == 200
    site.work()
    metrics = site.get("/metrics").text
    assert 'chorus_questions{state="offered"} 1.0' in metrics


def test_s01_an_unsigned_or_wrongly_signed_webhook_is_refused(site: Site) -> None:
    body, headers = webhook(site.chorus)
    forged = {**headers, "webhook-signature": "v1,AAAA"}
    for wrong in ({}, forged):
        answer = site.ask("POST", "/webhooks/local", content=body, headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    site.work()
    assert "chorus_questions{" not in site.get("/metrics").text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"type":"post.created"}',
        b'{"type":"post.created","post":NaN}',
        b"[" * 100_000,
        b'{"type":"post.created","post":{"id":"1","author":"sam","text":"\\ud800","posted_at":"2026-01-01T00:00:00Z"}}',
        b'{"type":"post.created","post":{"id":"1","author":"sam","text":"a\\u0000b","posted_at":"2026-01-01T00:00:00Z"}}',
        b'{"type":"post.created","post":{"id":"1","author":"sam","text":"hi","posted_at":"yesterday"}}',
    ],
)
def test_r11_a_body_that_is_no_post_is_refused_with_a_reason(site: Site, body: bytes) -> None:
    answer = site.ask("POST", "/webhooks/local", content=body, headers=signed(site.chorus, body))
    assert 400 <= answer.status_code < 500
    problem = orjson.loads(answer.content)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"]
    assert "chorus_posts{" not in site.get("/metrics").text


def test_r11_a_body_over_a_mebibyte_is_refused(site: Site) -> None:
    body = b'{"text":"' + b"x" * (1024 * 1024) + b'"}'
    answer = site.ask("POST", "/webhooks/local", content=body, headers=signed(site.chorus, body))
    assert answer.status_code == 413


def test_r11_a_body_of_unknown_size_is_counted_as_it_comes(site: Site) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield b"a" * MAX_BODY

    answer = site.ask("POST", "/webhooks/local", content=endless())
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert taken <= 3


def test_r11_a_sender_that_goes_before_its_body_is_there_is_no_failure_of_ours(site: Site) -> None:
    assert half_sent(site.app, "/webhooks/local")[0]["status"] == 408


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/webhooks/nobody", 404),
        ("POST", "/webhooks/mastodon", 404),  # not connected here
        ("POST", "/webhooks/", 404),
        ("POST", "/webhooks/local/more", 404),
        ("GET", "/webhooks/local", 405),
        ("PUT", "/webhooks/local", 405),
    ],
)
def test_what_is_no_webhook_of_ours_is_told_so(site: Site, method: str, path: str, status: int) -> None:
    answer = site.ask(method, path, content=b"{}" if method != "GET" else None)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["detail"]


def test_a_page_is_sent_compressed_and_the_desk_is_not(site: Site) -> None:
    assert site.get("/").headers["content-encoding"] == "gzip"
    assert site.get("/static/chorus.css").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in site.get("/sign-in").headers


def test_r10_a_webhook_that_cannot_be_stored_is_to_be_sent_again(site: Site) -> None:
    body, headers = webhook(site.chorus)
    site.chorus.ingest.close()
    answer = site.ask("POST", "/webhooks/local", content=body, headers=headers)
    assert answer.status_code == 503
    assert "send them again" in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    ['"', "*", "it's", "a:b", "🙂", "x" * 10_000, "AND OR NOT", "(", "\\", "%00", "[1 TO 2]", "^2", "~"],
)
def test_no_search_ever_fails(site: Site, query: str) -> None:
    for path in ("/search", "/api/v1/answers", "/api/v1/suggest"):
        answer = site.get(path, params={"q": query})
        assert answer.status_code in (200, 422), (path, answer.status_code)


def test_health_says_what_is_so(site: Site) -> None:
    assert site.get("/livez").json() == {"alive": True}
    ready = site.get("/readyz").json()
    assert ready["ready"] is True
    assert ready["database"] == "up"


def test_the_schema_describes_the_api(site: Site) -> None:
    schema = site.get("/openapi.json").json()
    assert "/api/v1/answers" in schema["paths"]
    assert schema["paths"]["/api/v1/answers"]["get"]["summary"]
    assert "/local/posts" in schema["paths"]
    refusals = [
        list(one["responses"]["422"]["content"])
        for path in schema["paths"].values()
        for one in path.values()
        if "422" in one["responses"]
    ]
    assert refusals
    assert all(kinds == ["application/problem+json"] for kinds in refusals), "as every door answers"
