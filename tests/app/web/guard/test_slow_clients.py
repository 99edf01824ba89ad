"""Clients that do not come to the point, against a real server on this machine."""

import asyncio
import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from select import select
from time import monotonic

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.cli.serve import web_server
from app.web.guard.slow_clients import RequestLimits, TimeoutProtocol

HASTY = RequestLimits(head=0.4, body=0.6, head_bytes=4096, every=0.05)
SOON = 2.0
"""Seconds within which hasty bounds have to have ended things."""
NEVER = 1.0
"""Seconds well over all hasty bounds."""
GET = b"GET /size HTTP/1.1\r\nhost: answers.test\r\n\r\n"


def test_this_uvicorn_has_all_that_the_guard_builds_on() -> None:
    """Where a new version fails the tests below, this one says by name what it no longer has."""
    wanted = {"transport", "loop", "scope", "cycle", "server_state", "flow", "pipeline"}
    assert wanted <= set(HttpToolsProtocol.__init__.__code__.co_names)
    assert {"connection_made", "data_received", "on_body"} <= set(vars(HttpToolsProtocol))
    assert {"scope", "more_body"} <= set(RequestResponseCycle.__init__.__code__.co_names)
    assert STATUS_LINE[408].startswith(b"HTTP/1.1 408")


class Application:
    """Says how large a body was, streams for longer than any bound, or waits before it reads."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.told: SimpleQueue[str] = SimpleQueue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.loop = asyncio.get_running_loop()
        await {
            "/size": self.size,
            "/late": self.late,
            "/early": self.early,
            "/large": self.large,
            "/live": self.live,
        }[scope["path"]](receive, send)

    async def size(self, receive: Receive, send: Send) -> None:
        size, is_more = 0, True
        while is_more:
            message = await receive()
            self.told.put(message["type"])
            if message["type"] == "http.disconnect":
                # an application that answers all the same, as ours does with its error pages
                await _answer(send, 500, b"nobody is there")
                return
            size, is_more = size + len(message["body"]), message["more_body"]
        await _answer(send, 200, b"%d" % size)

    async def late(self, receive: Receive, send: Send) -> None:
        await self.may_read.wait()
        await self.size(receive, send)

    async def early(self, _receive: Receive, send: Send) -> None:
        await _answer(send, 413, b"too much")

    async def large(self, _receive: Receive, send: Send) -> None:
        await _answer(send, 200, b"a" * 16 * 1024 * 1024)

    async def live(self, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        end = monotonic() + NEVER
        while monotonic() < end:
            await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
            await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"data: the end\n\n"})

    def is_told(self, what: str) -> bool:
        """Whether a request's application is told so soon; queue.Empty says that it is not."""
        while self.told.get(timeout=SOON) != what:
            pass
        return True

    def let_it_read(self) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.may_read.set)

    def hold_up(self, seconds: float) -> None:
        """Keep the whole server from doing anything."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(threading.Event().wait, seconds)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Site:
    """A served application, and clients that speak to it byte by byte."""

    def __init__(self, application: Application, port: int) -> None:
        self.application = application
        self.port = port

    @contextmanager
    def client(self, *said: bytes) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=SOON) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in said:
                connection.sendall(part)
            yield connection


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Our server as ``chorus serve`` runs it, with bounds that a test can wait for."""
    monkeypatch.setattr(TimeoutProtocol, "request_limits", HASTY)
    application = Application()
    server = web_server(application, "127.0.0.1", 0)
    server.config.lifespan = "off"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield Site(application, listening.getsockname()[1])
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)


def everything_from(connection: socket.socket, seconds: float = SOON) -> bytes:
    """All that the server says until it closes the connection, which it has to do in time."""
    end, heard = monotonic() + seconds, b""
    while True:
        connection.settimeout(max(end - monotonic(), 0.001))
        try:
            said = connection.recv(65536)
        except ConnectionResetError:
            return heard
        if not said:
            return heard
        heard += said


def answer_on(connection: socket.socket, end: bytes) -> bytes:
    """What the server says up to ``end``; the connection stays open."""
    heard = b""
    while not heard.endswith(end):
        said = connection.recv(65536)
        assert said, f"closed after {heard!r}"
        heard += said
    return heard


def drip(connection: socket.socket, dripped: bytes, seconds: float = SOON) -> bytes:
    """Send the same little again and again; what the server said until it closed, which it has to do."""
    end = monotonic() + seconds
    while monotonic() < end:
        try:
            connection.sendall(dripped)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        if select([connection], [], [], 0.05)[0]:
            return everything_from(connection)
    raise AssertionError("the server went on listening")


def stays_open(connection: socket.socket, seconds: float) -> bool:
    """Whether the server neither says anything nor closes for so long."""
    return not select([connection], [], [], seconds)[0]


def assert_refused(heard: bytes, status: int) -> None:
    head, _, body = heard.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0].startswith(f"HTTP/1.1 {status} ")
    assert "connection: close" in lines
    assert "content-type: application/problem+json" in lines
    assert f"content-length: {len(body)}" in lines
    assert json.loads(body)["status"] == status


def post(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "host: answers.test", *fields, "", ""]).encode()


@pytest.mark.parametrize(
    "said", [b"G", b"GET /size HTTP/1.1\r\n", b"GET /size HTTP/1.1\r\nhost: answers.test\r\nx-half: a"]
)
def test_r11_a_head_that_stays_half_sent_is_answered_with_408(site: Site, said: bytes) -> None:
    with site.client(said) as client:
        assert_refused(everything_from(client), 408)


def test_r11_a_half_sent_head_on_a_connection_that_was_used_before_ends_too(site: Site) -> None:
    with site.client(GET) as client:
        answer_on(client, b"\r\n\r\n0")
        client.sendall(GET[:-1])
        assert_refused(everything_from(client), 408)


def test_r11_a_head_begun_behind_another_request_ends_too(site: Site) -> None:
    with site.client(GET + GET[:-1]) as client:
        heard = everything_from(client)
        first, _, second = heard.partition(b"\r\n\r\n0")
        assert first.startswith(b"HTTP/1.1 200 ")
        assert_refused(second, 408)


def test_r11_dripping_a_head_does_not_extend_its_time(site: Site) -> None:
    with site.client(b"GET /size HTTP/1.1\r\nx-slow: ") as client:
        assert_refused(drip(client, b"a"), 408)


def test_r11_dripping_line_ends_before_a_request_does_not_extend_its_time(site: Site) -> None:
    with site.client() as client:
        assert drip(client, b"\r\n") == b""
    with site.client(GET) as client:
        answer_on(client, b"\r\n\r\n0")
        assert drip(client, b"\r\n") == b""


def test_r11_a_connection_on_which_nothing_comes_is_closed_without_a_word(site: Site) -> None:
    with site.client() as client:
        assert everything_from(client) == b""


def test_r11_a_head_just_over_its_size_is_answered_with_431(site: Site) -> None:
    begun = b"GET /size HTTP/1.1\r\nx-large: "
    with site.client(begun + b"a" * (HASTY.head_bytes - len(begun))) as client:
        assert_refused(everything_from(client), 431)


def test_r11_a_large_head_is_refused_even_when_it_is_complete(site: Site) -> None:
    fields = b"".join(b"x-%d: a\r\n" % number for number in range(HASTY.head_bytes))
    with site.client(b"GET /size HTTP/1.1\r\n" + fields[: HASTY.head_bytes] + b"\r\n\r\n") as client:
        heard = everything_from(client)
        assert heard == b"" or heard.startswith(b"HTTP/1.1 431 ")
    assert site.application.told.empty()


@pytest.mark.parametrize("repeated", [b"a", b"x: y\r\n"])
def test_r11_an_endless_head_is_cut_off_before_it_fills_the_memory(site: Site, repeated: bytes) -> None:
    tracemalloc.start()
    with site.client(b"GET /size HTTP/1.1\r\nx-large: a") as client:
        sent = _send_for_ever(client, repeated * (65536 // len(repeated)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent < 32 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


def test_r11_endless_fields_behind_a_chunked_body_are_cut_off_too(site: Site) -> None:
    head = post("/size", "transfer-encoding: chunked")
    with site.client(head + b"1\r\na\r\n0\r\n") as client:
        assert _send_for_ever(client, b"x: y\r\n" * 10_000) < 32 * 1024 * 1024
    assert site.application.is_told("http.disconnect")


def _send_for_ever(connection: socket.socket, piece: bytes) -> int:
    """How many bytes the server let somebody send who does not stop; at most 64 MiB."""
    sent = 0
    try:
        while sent < 64 * 1024 * 1024:
            sent += connection.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


@pytest.mark.parametrize("framing", ["content-length: 10", "transfer-encoding: chunked"])
def test_r11_a_body_that_does_not_come_is_answered_with_408_and_nothing_more(
    site: Site, framing: str
) -> None:
    with site.client(post("/size", framing)) as client:
        assert_refused(everything_from(client), 408)
    assert site.application.is_told("http.disconnect")


def test_r11_dripping_a_body_does_not_extend_its_time(site: Site) -> None:
    with site.client(post("/size", "content-length: 100000")) as client:
        assert_refused(drip(client, b"a"), 408)


def test_r11_a_body_that_drips_on_after_its_answer_is_cut_off(site: Site) -> None:
    with site.client(post("/early", "content-length: 100000")) as client:
        answer_on(client, b"too much")
        assert drip(client, b"a") == b"", "one request has one answer"


def test_r11_a_connection_is_not_forgotten_after_the_rest_of_a_refused_body(site: Site) -> None:
    with site.client(post("/early", "content-length: 10")) as client:
        answer_on(client, b"too much")
        client.sendall(b"a" * 10)
        assert everything_from(client) == b""


def test_r11_a_client_that_does_not_take_its_refusal_is_cut_off_all_the_same(site: Site) -> None:
    large = b"GET /large HTTP/1.1\r\nhost: answers.test\r\n\r\n"
    with (
        site.client(large + GET[:-2] + b"x-slow: ") as client,
        pytest.raises((BrokenPipeError, ConnectionResetError)),
    ):
        _send_slowly(client, SOON)


def _send_slowly(connection: socket.socket, seconds: float) -> None:
    end = monotonic() + seconds
    while monotonic() < end:
        connection.sendall(b"a")
        select([], [], [], 0.05)


def test_r11_a_body_in_two_parts_arrives(site: Site) -> None:
    with site.client(post("/size", "content-length: 10") + b"12345") as client:
        assert stays_open(client, HASTY.body / 3)
        client.sendall(b"67890")
        assert answer_on(client, b"\r\n\r\n10").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("size", [HASTY.head_bytes - 1, HASTY.head_bytes, 1024 * 1024])
def test_r11_a_large_body_arrives_whole(site: Site, size: int) -> None:
    with site.client(post("/size", f"content-length: {size}") + b"a" * size + GET) as client:
        heard = answer_on(client, b"\r\n\r\n0")
    assert b"\r\n\r\n%dHTTP/1.1 200 " % size in heard


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_r11_a_chunked_body_arrives_whole_whatever_its_chunks(site: Site, size: int) -> None:
    number = max(20_000 // size, 3)
    chunks = (b"%x\r\n" % size + b"a" * size + b"\r\n") * number
    head = post("/size", "transfer-encoding: chunked")
    with site.client(head + chunks + b"0\r\nx-sum: 1\r\n\r\n" + GET) as client:
        heard = answer_on(client, b"\r\n\r\n0")
    assert b"\r\n\r\n%dHTTP/1.1 200 " % (size * number) in heard


def test_r11_requests_sent_in_one_go_are_all_answered(site: Site) -> None:
    with site.client(GET * 500) as client:
        heard = b""
        while heard.count(b"HTTP/1.1 200 ") < 500:
            heard += client.recv(65536)
        assert heard.count(b"HTTP/1.1 ") == 500


def test_r11_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on(site: Site) -> None:
    with site.client(post("/size", "content-length: 3", "expect: 100-continue")) as client:
        assert answer_on(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"123")
        assert answer_on(client, b"\r\n\r\n3").startswith(b"HTTP/1.1 200 ")


def test_r11_a_client_is_not_blamed_for_what_we_do_not_read(site: Site) -> None:
    asking = post("/late", "content-length: 3", "expect: 100-continue")
    large = post("/late", "content-length: 200000") + b"a" * 150_000
    behind = post("/late", "content-length: 0") + post("/size", "content-length: 3")
    with site.client(asking) as first, site.client(large) as second, site.client(behind) as third:
        assert not select([first, second, third], [], [], NEVER)[0]
        site.application.let_it_read()
        answer_on(first, b"\r\n\r\n")
        first.sendall(b"123")
        answer_on(first, b"\r\n\r\n3")
        second.sendall(b"a" * 50_000)
        answer_on(second, b"\r\n\r\n200000")
        answer_on(third, b"\r\n\r\n0")
        third.sendall(b"123")
        answer_on(third, b"\r\n\r\n3")


def test_r11_a_client_is_not_blamed_when_the_server_was_held_up(site: Site) -> None:
    with site.client(GET) as client:
        answer_on(client, b"\r\n\r\n0")
        client.sendall(GET[:-5])
        assert stays_open(client, 0.1)
        site.application.hold_up(NEVER)
        assert stays_open(client, NEVER + 0.1)
        client.sendall(GET[-5:])
        assert answer_on(client, b"\r\n\r\n0").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("parts", [(GET,), (GET[:-5], GET[-5:]), (post("/size", "content-length: 1"), b"a")])
def test_r11_a_connection_may_rest_between_two_requests(site: Site, parts: tuple[bytes, ...]) -> None:
    with site.client() as client:
        for part in parts:
            assert stays_open(client, 0.05)
            client.sendall(part)
        assert answer_on(client, b"\r\n\r\n%d" % (len(parts[-1]) == 1)).startswith(b"HTTP/1.1 200 ")
        assert stays_open(client, NEVER)
        client.sendall(GET)
        answer_on(client, b"\r\n\r\n0")


def test_r11_a_stream_of_events_may_last(site: Site) -> None:
    with site.client(b"GET /live HTTP/1.1\r\nhost: answers.test\r\n\r\n") as client:
        began = monotonic()
        answer_on(client, b"data: the end\n\n\r\n0\r\n\r\n")
        assert monotonic() - began >= NEVER
