import subprocess
import sys

import httpx
import pytest

from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.reading.events import post_from_event
from bot.platforms.mastodon.reading.stream import StreamNotOffered, streaming_address
from bot.posts import Post, PostEvent, Reconnect, Retry
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon

SSE = "/api/v1/streaming/user"
HEAD = {"content-type": "text/event-stream"}


@pytest.fixture
def server() -> FakeMastodon:
    return FakeMastodon(FakeClock())


def _adapter(
    server: FakeMastodon, streaming: str | None, base_url: str = "https://social.example"
) -> Mastodon:
    """An adapter that has been told where its server streams, without a WebSocket to try first."""
    mastodon = server.adapter()
    api = mastodon._api
    api.instance()
    api._instance = Instance("example.social", streaming=streaming)
    api.is_secure = base_url.startswith("https")
    return mastodon


@pytest.mark.parametrize(
    ("told", "way", "address"),
    [
        ("wss://streaming.example", "websocket", "wss://streaming.example"),
        ("wss://streaming.example", "sse", "https://streaming.example"),
        ("https://streaming.example/", "websocket", "wss://streaming.example"),
        ("wss://gts.example/api/v1/streaming", "websocket", "wss://gts.example"),
        ("wss://web.example/mastodon", "sse", "https://web.example/mastodon"),
    ],
)
def test_stream_is_where_the_server_says(server: FakeMastodon, told: str, way: str, address: str) -> None:
    assert streaming_address(_adapter(server, told)._api, way) == address


@pytest.mark.parametrize(
    "told", [None, "", "ws://streaming.example", "http://streaming.example", "ftp://x", "nonsense"]
)
def test_token_is_not_carried_away_from_tls(server: FakeMastodon, told: str | None) -> None:
    with pytest.raises(StreamNotOffered):
        streaming_address(_adapter(server, told)._api, "websocket")


def test_server_without_tls_may_stream_without_it(server: FakeMastodon) -> None:
    api = _adapter(server, "ws://127.0.0.1:3000", "http://127.0.0.1:3000")._api
    assert streaming_address(api, "sse") == "http://127.0.0.1:3000"


def _streamed(server: FakeMastodon, reply: httpx.Response, monkeypatch: pytest.MonkeyPatch) -> list[Post]:
    mastodon = _adapter(server, "wss://streaming.social.example")
    monkeypatch.setattr(mastodon._stream, "_by_websocket", _no_websocket)
    server.fail("GET", SSE, reply)
    return list(mastodon.stream())


def _no_websocket(_: object) -> list[Post]:
    raise StreamNotOffered


def test_events_of_the_stream_are_read(server: FakeMastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        ":)",
        "",
        "event: delete",
        "data: 42",
        "",
        ":thump",
        "",
        "event: filters_changed",
        "data: null",
        "",
    ]
    lines += [
        "event: update",
        "data: not json",
        "",
        "event: status.update",
        'data: {"id": "1"}',
        "",
        "event: x",
        "",
    ]
    body = "\n".join(lines) + "\n"
    told = _streamed(server, httpx.Response(200, text=body, headers=HEAD), monkeypatch)
    assert [(post.event, post.external_id) for post in told] == [(PostEvent.DELETED, "42")]


def test_missed_mentions_come_before_what_is_live(
    server: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = server.post(server.sign_up("sam"), "@brand while nobody listened")
    body = ":)\n\nevent: delete\ndata: 42\n\n"
    told = _streamed(server, httpx.Response(200, text=body, headers=HEAD), monkeypatch)
    assert [post.external_id for post in told] == [missed["id"], "42"]


def test_server_that_offers_no_events_is_no_failure(
    server: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _streamed(server, httpx.Response(404, json={"error": "Not Found"}), monkeypatch) == []


@pytest.mark.parametrize(("status", "error"), [(401, Reconnect), (503, Retry), (429, Retry)])
def test_refused_stream_says_what_is_wrong(
    server: FakeMastodon, monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _streamed(server, httpx.Response(status, json={}), monkeypatch)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event": "delete", "payload": None},
        {"event": "notification", "payload": "[]"},
        {"event": "notification", "payload": {"type": "mention", "status": None}},
        {"event": "notification", "payload": {"type": "follow", "account": {"id": "1"}}},
        {"event": "update", "payload": {"id": "1", "account": None}},
        {"event": "announcement", "payload": "{}"},
    ],
)
def test_events_that_tell_of_no_post_are_passed_over(server: FakeMastodon, event: dict[str, object]) -> None:
    assert post_from_event(event, server.adapter()._api, ("#chorus",)) is None


def test_own_posts_are_not_announced_back(server: FakeMastodon) -> None:
    own = server.post(server.brand, "Hold it. #chorus")
    assert post_from_event({"event": "update", "payload": own}, server.adapter()._api, ("#chorus",)) is None


def test_edit_that_takes_the_tag_away_is_still_told(server: FakeMastodon) -> None:
    edited = server.post(server.sign_up("jane"), "never mind")
    post = post_from_event({"event": "status.update", "payload": edited}, server.adapter()._api, ("#chorus",))
    assert post is not None
    assert post.event is PostEvent.EDITED


def test_streaming_library_is_imported_only_for_streaming() -> None:
    adapters = "bot.platforms.mastodon.adapter, bot.platforms.bluesky.adapter"
    code = f"import sys, {adapters}; sys.exit('websockets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
