"""The wire under every remote adapter: one deadline for a whole call, checked addresses, no proxies.

httpx bounds each single read and write, so a server that drips one byte a second can hold a call for ever.
Here every operation gets what is left of the call's total time, and nothing is written once it has run out.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

import httpcore
import httpx

from bot.platforms.wire.ssrf import SocketOptions

_deadline: ContextVar[float | None] = ContextVar("platform_call_deadline", default=None)


@contextmanager
def deadline(at: float) -> Iterator[None]:
    """Let network operations of this thread end by ``at`` on the monotonic clock, or by an outer deadline."""
    outer = _deadline.get()
    token = _deadline.set(at if outer is None else min(at, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """The shorter of ``timeout`` and the time left; raises ``error`` when none is."""
    at = _deadline.get()
    if at is None:
        return timeout
    left = at - time.monotonic()
    if left <= 0:
        raise error("the time for this call is over")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._has_written = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Out of time before the first byte: surely not sent, as if no connection had been made.
        left = _left(timeout, httpcore.WriteTimeout if self._has_written else httpcore.ConnectTimeout)
        self._has_written = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        # Another thread may be waiting in read(): only a shutdown wakes it up, a close does not.
        sock = self._inner.get_extra_info("socket")
        if isinstance(sock, socket.socket):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        # Resolving a name has no time-out of its own: look again before the first byte.
        _left(None, httpcore.ConnectTimeout)
        return _Stream(stream)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


@cache
def _usual_trust() -> ssl.SSLContext:
    """Whom this process trusts: reading all certificates takes longer than most requests do."""
    return httpx.create_ssl_context()


class Wire(httpx.BaseTransport):
    """HTTP/1.1 with keep-alive over ``backend``, raising httpcore's errors as they are."""

    def __init__(self, backend: httpcore.NetworkBackend, ssl_context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or _usual_trust(),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=30.0,
            network_backend=_Backend(backend),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the answer's body is read as the caller iterates over it."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(cast("Iterable[bytes]", response.stream)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()
