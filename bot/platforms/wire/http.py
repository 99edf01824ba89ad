"""How every remote adapter talks to its platform: bounded, without redirects, with failures sorted.

A call ends within its total time, its answer has a greatest size, and each failure says what is known of
the request: ``Retry`` means that it was surely not accepted, ``Ambiguous`` that its bytes may have gone out.
"""

import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpcore
import httpx

from bot.platforms.wire.limits import Gate, exhausted_until, retry_at
from bot.platforms.wire.ssrf import PublicBackend
from bot.platforms.wire.transport import Wire, deadline
from bot.posts import Ambiguous, PlatformError, Reconnect, Refusal, Rejected, Retry, TooLong

USER_AGENT = "Chorus/0.1 (support bot)"
GREATEST_BODY = 4 * 2**20
"""Bytes of an answer, unpacked: far more than 100 posts with all their fields."""
LONGEST_LINE = 2**20
_UNTOLD_PAUSE = timedelta(seconds=60)
"""How long a platform that says 429 and nothing more is left alone."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
)
_TRANSPORT = (
    httpx.TransportError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ConnectionNotAvailable,
    httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
)

Params = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a platform answered, whatever its status; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status says that it was done (2xx)."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def mapping(self) -> dict[str, Any]:
        """The body as a JSON object, empty where it is none: for reading errors, never for results."""
        try:
            value = self.json()
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class _TooLong(httpx.ReadError):
    """The answer is longer than what is read of one."""


class Caller:
    """Calls one platform: one client, one rate-limit gate, one way to sort what goes wrong."""

    def __init__(
        self,
        base_url: str,
        platform: str,
        clock: Callable[[], datetime],
        *,
        timeout: float = 20.0,
        allow_loopback: bool = False,
        allow_private: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare to call ``base_url``; nothing is sent yet.

        Args:
            base_url: What paths are relative to.
            platform: Its name, for messages to the operator.
            clock: Tells the time, for rate limits.
            timeout: Seconds a call takes at most where it does not say itself.
            allow_loopback: Whether addresses of this machine may be called (tests).
            allow_private: Whether any address may be called: only for one that the operator set for that.
            transport: Stands in for the network in tests.
        """
        self._base_url = base_url.rstrip("/")
        self._platform = platform
        self._clock = clock
        self._timeout = timeout
        self._transport = transport
        self._backend = (
            httpcore.SyncBackend() if allow_private else PublicBackend(allow_loopback=allow_loopback)
        )
        self._made: httpx.Client | None = None
        self._is_closed = False
        self.gate = Gate(clock)

    @property
    def _client(self) -> httpx.Client:
        if self._is_closed:
            raise Retry(f"The connection to {self._platform} has been closed here.")
        # Made at the first call: loading the certificates costs 20 ms that a start need not pay.
        if self._made is None:
            self._made = httpx.Client(
                transport=self._transport or Wire(self._backend),
                follow_redirects=False,
                headers={"user-agent": USER_AGENT, "accept-encoding": "gzip"},
            )
        return self._made

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        timeout: float | None = None,
        bucket: str = "",
        writes: bool | None = None,
    ) -> HttpResponse:
        """Send one request and read the whole answer, whatever its status.

        Args:
            method: The HTTP method.
            path: Path below the base address, or a whole address.
            params: Query parameters.
            headers: Further headers.
            json: A value to send as JSON.
            form: Fields to send as a form.
            content: A raw body.
            timeout: Seconds in all, from the look-up of the name to the last byte.
            bucket: Which of the platform's rate limits the call counts against.
            writes: Whether a lost answer leaves something unknown; by default all but GET and HEAD.

        Raises:
            Retry: Surely not accepted (or, for a reading call, not answered).
            Ambiguous: A writing call's bytes may have gone out and no whole answer came back.
        """
        self.gate.check(bucket)
        writing = method not in SAFE_METHODS if writes is None else writes
        seconds = self._timeout if timeout is None else timeout
        if seconds <= 0:
            raise Retry(f"There was no time left to call {self._platform}.")
        at = time.monotonic() + seconds
        request = self._client.build_request(
            method, self._url(path), params=_flat(params), headers=headers, json=json, data=form,
            content=content, timeout=httpx.Timeout(seconds),
        )  # fmt: skip
        try:
            with deadline(at):
                response = self._client.send(request, stream=True)
                try:
                    body = _read(response, at)
                finally:
                    response.close()
        except _TRANSPORT as error:
            raise self._lost(error, writing) from error
        answer = HttpResponse(response.status_code, dict(response.headers), body)
        self._note_limits(answer, bucket)
        return answer

    def lines(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idle: float = 60.0,
        bucket: str = "stream",
        refused: Callable[[HttpResponse], PlatformError] | None = None,
    ) -> Iterator[str]:
        """Read an endless answer line by line, empty lines included, until the platform ends it.

        ``idle`` is how long (seconds) the connection may be silent. Raises Retry when it breaks and what
        ``refused`` (by default ``refusal``) says when the platform does not open it.
        """
        self.gate.check(bucket)
        plain = {**(headers or {}), "accept-encoding": "identity"}
        request = self._client.build_request(
            "GET", self._url(path), params=_flat(params), headers=plain, timeout=httpx.Timeout(idle)
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                if response.status_code != HTTPStatus.OK:
                    body = _read(response, time.monotonic() + self._timeout)
                    answer = HttpResponse(response.status_code, dict(response.headers), body)
                    self._note_limits(answer, bucket)
                    raise refused(answer) if refused is not None else self.refusal(answer, writes=False)
                yield from _lines(response)
            finally:
                response.close()
        except _TRANSPORT as error:
            raise self._lost(error, writing=False) from error

    def refusal(self, answer: HttpResponse, *, writes: bool, detail: str = "") -> PlatformError:
        """The error that an answer without success stands for, where the platform has no rule of its own.

        A 5xx (or 408) after a writing call is ambiguous: servers fail after accepting, too. 401 asks for a
        new connection of the account, 429 waits for the reset, everything else is final.
        """
        what = f"{self._platform} answered {answer.status}" + (f": {detail}" if detail else ".")
        now = self._clock()
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Retry(f"{self._platform} asks to slow down (429).", _slower(answer, now))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return Reconnect(f"{what} The account has to be connected again.")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.REQUEST_TIMEOUT:
            return Ambiguous(what) if writes else Retry(what, retry_at(answer.headers, now))
        return Rejected(what, Refusal.HTTP, status=answer.status)

    def garbled(self, *, writes: bool) -> PlatformError:
        """The error for an answer of success whose content is not what it should be."""
        message = f"{self._platform} answered with something that cannot be read."
        return Ambiguous(message) if writes else Retry(message)

    def now(self) -> datetime:
        """The time by this platform's clock."""
        return self._clock()

    def close(self) -> None:
        """Close every connection, a stream that another thread is reading included."""
        self._is_closed = True
        if self._made is not None:
            self._made.close()

    def _url(self, path: str) -> str:
        return path if path.startswith(("https://", "http://")) else f"{self._base_url}{path}"

    def _note_limits(self, answer: HttpResponse, bucket: str) -> None:
        now = self._clock()
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.gate.close(bucket, _slower(answer, now))
        else:
            self.gate.close(bucket, exhausted_until(answer.headers, now))

    def _lost(self, error: Exception, writing: bool) -> PlatformError:
        reason = str(error) or type(error).__name__
        if isinstance(error, _NEVER_SENT):
            return Retry(f"{self._platform} cannot be reached: {reason}.")
        if writing:
            return Ambiguous(f"{self._platform} did not answer in full ({reason}); it may have accepted.")
        kind = TooLong if isinstance(error, _TooLong) else Retry
        return kind(f"{self._platform} did not answer in full: {reason}.")


def _slower(answer: HttpResponse, now: datetime) -> datetime:
    """When to call again after a 429, also where nothing tells: no one message is to blame for it."""
    return retry_at(answer.headers, now) or now + _UNTOLD_PAUSE


def _flat(params: Params | None) -> dict[str, Any] | None:
    return None if params is None else dict(params)


def _read(response: httpx.Response, at: float) -> bytes:
    """The whole body, unpacked, bounded in size and time. Raises httpx.ReadError or ReadTimeout."""
    if response.is_stream_consumed:  # a transport that answers from memory has unpacked it already
        return response.content
    unpack = _unpacker(response)
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_raw():
        part = unpack(chunk, GREATEST_BODY + 1 - size)
        size += len(part)
        if size > GREATEST_BODY:
            raise _TooLong(f"the answer is longer than {GREATEST_BODY} bytes")
        if time.monotonic() > at:
            raise httpx.ReadTimeout("the time for this call is over")
        parts.append(part)
    return b"".join(parts)


def _unpacker(response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """What turns raw bytes into content, bounded: a small answer cannot become a huge one."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return lambda chunk, _room: chunk
    if encoding not in {"gzip", "x-gzip"}:
        raise httpx.ReadError(f"the answer is packed as {encoding}, which was not asked for")
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def unpack(chunk: bytes, room: int) -> bytes:
        try:
            return engine.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise httpx.ReadError("the answer is packed wrongly") from error

    return unpack


def _lines(response: httpx.Response) -> Iterator[str]:
    rest = b""
    chunks = (response.content,) if response.is_stream_consumed else response.iter_raw()
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise httpx.ReadError("a line of the stream is too long")
        for line in whole:
            yield line.rstrip(b"\r").decode("utf-8", "replace")
