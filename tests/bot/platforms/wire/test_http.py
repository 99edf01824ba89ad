"""The shared wire, against a real server that misbehaves."""

import gzip
import socket
import struct
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from bot.platforms.wire.http import GREATEST_BODY, LONGEST_LINE, Caller
from bot.platforms.wire.transport import deadline
from bot.posts import Ambiguous, Reconnect, Rejected, Retry
from tests.bot.platforms.raw_server import Handle, answer, read_request, serving

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def caller(url: str, **options: object) -> Caller:
    return Caller(url, "the feed", lambda: NOW, allow_loopback=True, **options)  # type: ignore[arg-type]


def saying(data: bytes) -> Handle:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(data)

    return handle


def test_an_answer_arrives_with_status_headers_and_body() -> None:
    with serving(saying(answer(b'{"id": "1"}', "201 Created", X_Thing="a"))) as url:
        got = caller(url).call("POST", "/posts", json={"text": "hi"})
    assert (got.status, got.ok, got.json(), got.headers["x-thing"]) == (201, True, {"id": "1"}, "a")


def test_connections_are_kept_alive() -> None:
    opened = []

    def handle(connection: socket.socket) -> None:
        opened.append(1)
        while read_request(connection):
            connection.sendall(answer(b"{}"))

    with serving(handle) as url:
        client = caller(url)
        for _ in range(3):
            client.call("GET", "/")
        client.close()
    assert len(opened) == 1


def test_a_connection_never_made_is_a_retry_even_when_writing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Retry, match="cannot be reached"):
        caller(f"http://127.0.0.1:{port}").call("POST", "/posts", json={})


def test_a_name_that_does_not_exist_is_a_retry() -> None:
    with pytest.raises(Retry, match="cannot be resolved"):
        caller("http://nowhere.invalid").call("POST", "/posts", json={})


@pytest.mark.parametrize(
    "data",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort", b"HTTP/1.1 2", b"nonsense\r\n\r\n"],
    ids=["closed", "truncated body", "truncated head", "no http"],
)
def test_r02_an_answer_that_breaks_off_is_ambiguous_for_writing_and_a_retry_for_reading(data: bytes) -> None:
    with serving(saying(data)) as url:
        client = caller(url)
        with pytest.raises(Ambiguous):
            client.call("POST", "/posts", json={})
        with pytest.raises(Retry):
            client.call("GET", "/posts")


def test_r02_a_reset_after_the_request_is_ambiguous() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(handle) as url, pytest.raises(Ambiguous):
        caller(url).call("POST", "/posts", json={})


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b""], ids=["body", "head"]
)
def test_a_server_that_drips_cannot_hold_a_call_beyond_its_time(head: bytes) -> None:
    stop = threading.Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head)
        while not stop.wait(0.02):
            connection.sendall(b"H")

    with serving(handle) as url:
        begun = time.monotonic()
        with pytest.raises(Ambiguous):
            caller(url).call("POST", "/posts", json={}, timeout=0.3)
        took = time.monotonic() - begun
        stop.set()
    assert took < 1.0


def test_nothing_is_sent_once_the_time_is_over() -> None:
    with pytest.raises(Retry, match="no time left"):
        caller("http://127.0.0.1:9").call("POST", "/posts", json={}, timeout=0)


def test_a_redirect_is_not_followed() -> None:
    followed = []

    def handle(connection: socket.socket) -> None:
        if b"GET /elsewhere" in read_request(connection):
            followed.append(1)
        connection.sendall(answer(b"", "302 Found", Location="/elsewhere"))

    with serving(handle) as url:
        got = caller(url).call("GET", "/")
        assert isinstance(caller(url).refusal(got, writes=False), Rejected)
    assert not followed


def test_r11_a_gzip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = gzip.compress(b"\0" * (64 * 2**20))
    with serving(saying(answer(bomb, Content_Encoding="gzip"))) as url:
        tracemalloc.start()
        with pytest.raises(Retry, match="longer than"):
            caller(url).call("GET", "/")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 6 * GREATEST_BODY


def test_a_packed_answer_is_unpacked() -> None:
    with serving(saying(answer(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip"))) as url:
        assert caller(url).call("GET", "/").json() == {"a": 1}


def test_r08_after_a_refusal_nothing_is_called_before_the_reset() -> None:
    calls = []

    def handle(connection: socket.socket) -> None:
        while read_request(connection):
            calls.append(1)
            connection.sendall(answer(b"{}", "429 Too Many Requests", Retry_After="120"))

    now = [NOW]
    with serving(handle) as url:
        client = Caller(url, "the feed", lambda: now[0], allow_loopback=True)
        client.call("GET", "/", bucket="read")
        with pytest.raises(Retry) as refused:
            client.call("GET", "/", bucket="read")
        client.call("GET", "/", bucket="another")
        now[0] = datetime(2026, 11, 22, 12, 2, tzinfo=UTC)
        client.call("GET", "/", bucket="read")
        client.close()
    assert refused.value.at == datetime(2026, 11, 22, 12, 2, tzinfo=UTC)
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("status", "writes", "kind"),
    [
        (401, True, Reconnect),
        (429, True, Retry),
        (500, True, Ambiguous),
        (503, True, Ambiguous),
        (503, False, Retry),
        (408, True, Ambiguous),
        (404, True, Rejected),
        (302, True, Rejected),
    ],
)
def test_refusals_are_sorted(status: int, writes: bool, kind: type[Exception]) -> None:
    with serving(saying(answer(b"{}", f"{status} Whatever"))) as url:
        client = caller(url)
        assert type(client.refusal(client.call("GET", "/"), writes=writes)) is kind


def test_json_nested_too_deeply_is_a_value_error() -> None:
    with serving(saying(answer(b"[" * 100_000))) as url:
        got = caller(url).call("GET", "/")
    with pytest.raises(ValueError, match="nested"):
        got.json()
    assert got.mapping() == {}


def test_lines_are_read_as_they_come_and_a_break_is_a_retry() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\none\r\n\r\ntwo\nthr")

    with serving(handle) as url:
        lines = caller(url).lines("/stream")
        assert [next(lines), next(lines), next(lines)] == ["one", "", "two"]
        with pytest.raises(Retry):
            next(lines)


def test_a_stream_that_is_refused_says_until_when() -> None:
    too_many = answer(b"{}", "429 Too Many Requests", Retry_After="60")
    with serving(saying(too_many)) as url, pytest.raises(Retry) as refused:
        next(caller(url).lines("/stream"))
    assert refused.value.at == datetime(2026, 11, 22, 12, 1, tzinfo=UTC)


def test_r08_no_stream_is_opened_before_the_reset() -> None:
    opened = []

    def handle(connection: socket.socket) -> None:
        while read_request(connection):
            opened.append(1)
            connection.sendall(answer(b"{}", "429 Too Many Requests", Retry_After="60"))

    with serving(handle) as url:
        client = caller(url)
        for _ in range(2):
            with pytest.raises(Retry) as refused:
                next(client.lines("/stream"))
        client.close()
    assert refused.value.at == datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
    assert len(opened) == 1


def test_r11_a_line_without_an_end_is_left_before_it_fills_the_memory() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
        for _ in range(4):
            connection.sendall(b"x" * LONGEST_LINE)

    with serving(handle) as url, pytest.raises(Retry, match="too long"):
        next(caller(url).lines("/stream"))


def test_r11_what_is_packed_in_a_way_that_nobody_asked_for_is_no_answer() -> None:
    packed = zlib.compress(b'{"a": 1}')
    with (
        serving(saying(answer(packed, Content_Encoding="deflate"))) as url,
        pytest.raises(Retry, match="not asked for"),
    ):
        caller(url).call("GET", "/")


def test_within_a_shorter_time_a_call_has_no_longer_one() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)  # says nothing

    begun = time.monotonic()
    with serving(handle) as url, deadline(begun + 0.2), pytest.raises(Retry):
        caller(url).call("GET", "/", timeout=10)
    assert time.monotonic() - begun < 5


def test_a_connection_that_was_closed_here_is_not_opened_again() -> None:
    client = caller("http://127.0.0.1:9")
    client.close()
    with pytest.raises(Retry, match="closed here"):
        client.call("POST", "/posts", json={})


def test_closing_from_another_thread_ends_a_stream_at_once() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\none\n")
        connection.recv(1)

    with serving(handle) as url:
        client = caller(url)
        lines = client.lines("/stream", idle=60)
        assert next(lines) == "one"
        timer = threading.Timer(0.1, client.close)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(Retry):
            next(lines)
        assert time.monotonic() - begun < 5
        timer.join()
