"""A client that costs little: HTTP/1.1 over kept connections, written straight onto asyncio's transports.

It runs in a process of its own and knows only what it needs here: responses with a Content-Length. Latency
is from the request's last byte being handed over to the response's last byte coming in, in seconds.
"""

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass
class Load:
    """What came back: latencies, how long all took, and how many answers were not 2xx."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    refused: int = 0
    done_at: dict[int, float] = field(default_factory=dict)
    """Epoch seconds of each response, by the request's number; only ``paced`` notes them."""

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return percentile(self.latencies, share)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[bool] | None = None
        self.on_answer: Callable[[bool], None] = lambda _fine: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head = received.find(_END)
        if head < 0 or len(received) < head + len(_END) + _length(received[:head]):
            self._received = received
            return
        self._received = b""
        self.on_answer(received[9:10] == b"2")

    def connection_lost(self, _error: Exception | None) -> None:
        self.on_answer(False)

    def close(self) -> None:
        self.on_answer = lambda _fine: None
        assert self._transport is not None
        self._transport.close()


def _length(head: bytes) -> int:
    head = head.lower()
    start = head.index(_LENGTH) + len(_LENGTH)
    end = head.find(b"\r", start)
    return int(head[start:] if end < 0 else head[start:end])


async def _connect(port: int, count: int) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(_Connection, "127.0.0.1", port) for _ in range(count)]
    return [protocol for _, protocol in made]


async def _hard(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Each connection asks again as soon as it is answered, until the time or the requests are used up."""
    load, left = Load(), iter(requests)
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    opened = await _connect(port, connections)
    begin = time.perf_counter()
    busy = len(opened)

    def next_of(connection: _Connection) -> None:
        nonlocal busy
        request = next(left, None) if time.perf_counter() - begin < seconds else None
        if request is None:
            busy -= 1
            connection.close()
            if not busy and not over.done():
                over.set_result(None)
            return
        sent = time.perf_counter()

        def answered(fine: bool) -> None:
            load.latencies.append(time.perf_counter() - sent)
            load.refused += not fine
            next_of(connection)

        connection.on_answer = answered
        connection.send(request)

    for connection in opened:
        next_of(connection)
    await over
    load.seconds = time.perf_counter() - begin
    return load


async def _paced(port: int, requests: Sequence[bytes], connections: int, per_second: float) -> Load:
    """Requests leave on time, answered or not, as long as a connection is free; waiting counts as latency."""
    load, waiting = Load(), asyncio.Queue[tuple[int, float]]()
    opened = await _connect(port, connections)
    begin = time.perf_counter()

    async def serve(connection: _Connection) -> None:
        while True:
            number, due = await waiting.get()
            answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            connection.on_answer = answer.set_result
            connection.send(requests[number])
            load.refused += not await answer
            load.latencies.append(time.perf_counter() - due)
            load.done_at[number] = time.time()
            waiting.task_done()

    tasks = [asyncio.create_task(serve(connection)) for connection in opened]
    for number in range(len(requests)):
        due = begin + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.put_nowait((number, due))
    await waiting.join()
    load.seconds = time.perf_counter() - begin
    for task in tasks:
        task.cancel()
    for connection in opened:
        connection.close()
    return load


def _run(results: Any, kind: str, *arguments: Any) -> None:
    import uvloop

    results.send(uvloop.run({"hard": _hard, "paced": _paced}[kind](*arguments)))


@contextlib.contextmanager
def _elsewhere(kind: str, *arguments: Any) -> Iterator[Callable[[], Load]]:
    context = multiprocessing.get_context("spawn")
    results, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, kind, *arguments))
    process.start()
    theirs.close()
    try:
        yield results.recv
    finally:
        process.join()


def hard(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """As many requests as the server answers within ``seconds``, from another process."""
    with _elsewhere("hard", port, requests, connections, seconds) as result:
        return result()


@contextlib.contextmanager
def paced(
    port: int, requests: Sequence[bytes], *, per_second: float, connections: int = 16
) -> Iterator[Callable[[], Load]]:
    """Send ``requests`` evenly from another process; calling what is yielded waits for the end."""
    with _elsewhere("paced", port, requests, connections, per_second) as result:
        yield result


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode()
        + body
    )
