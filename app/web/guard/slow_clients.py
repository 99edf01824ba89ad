"""How long a client may take to say what it wants, and how much it may say before it comes to the point.

The web server waits for ever for a request that was begun and is not ended, and remembers every byte of its
head. So its protocol is guarded here, in front of the parser: ``run_server`` hands ``TimeoutProtocol`` to
uvicorn. A request that comes in one piece costs a few comparisons and assignments (about a microsecond), and
one round a second goes over all connections.

A rest between two requests is uvicorn's own business (``timeout_keep_alive``), and a response may take as
long as it likes: live updates are not cut.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from math import inf
from typing import Any, ClassVar
from weakref import WeakSet

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from app.web.problems import PROBLEM_JSON, document

_FRAMING = 16
"""Bytes that a chunk may have around its data: its size in hexadecimal and two line ends (RFC 9112, 7.1)."""
_log = structlog.get_logger("chorus.web")


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What a client is granted.

    ``head`` and ``body`` are the seconds within which a request's head, then its body, have to be complete;
    ``head_bytes`` is how large a head (or what follows a chunked body) has to stay below. Connections are
    looked at once in ``every`` seconds, so that somebody may get up to two of these more.
    """

    head: float = 10.0
    body: float = 30.0
    head_bytes: int = 32 * 1024
    every: float = 1.0


class _Stage(StrEnum):
    """Which part of a request is coming in."""

    QUIET = "quiet"  # none has begun: the connection is new, or the last request is complete
    HEAD = "head"
    BODY = "body"


# Looked up only here: to find a member of an enumeration, Python 3.11 needs longer than for all that we do.
_QUIET, _HEAD, _BODY = _Stage


class TimeoutProtocol(HttpToolsProtocol):
    """uvicorn's protocol for clients that come to the point; the others get 408 or 431 and are cut off."""

    # Slots, because Python finds no more than 30 attributes of an instance the fast way, and uvicorn has 28.
    __slots__ = ("_body", "_loose", "_most", "_stage", "due")

    request_limits: ClassVar[RequestLimits] = RequestLimits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.due = inf
        """When what is coming in has to be complete, in the event loop's seconds."""
        self._most = self.request_limits.head_bytes
        self._stage = _QUIET
        self._loose = 0  # bytes that came since the stage began and belong to no body
        self._body = 0  # bytes of body, with their framing, in what is being parsed

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: from now on it has the time of a head to begin one."""
        super().connection_made(transport)
        self.due = self.loop.time() + self.request_limits.head
        _watch(self.server_state, self.loop, self.request_limits.every)

    def data_received(self, data: bytes) -> None:
        """Let the parser have what came, in pieces that are no larger than a head may be."""
        if len(data) > self._most:
            for start in range(0, len(data), self._most):
                if not self.transport.is_closing():
                    self.data_received(data[start : start + self._most])
            return
        before = self.cycle
        HttpToolsProtocol.data_received(self, data)  # super() would cost more than all the rest of this
        cycle = self.cycle
        if cycle is not before and cycle.scope is self.scope and not cycle.more_body:
            # by far the most frequent: a request came whole, or the rest of its head did
            self.due, self._stage, self._body = inf, _QUIET, 0
        else:
            self._note(len(data), is_new=cycle is not before)

    def on_body(self, body: bytes) -> None:
        """A piece of the body: its size is not limited here, but that of what comes between and behind."""
        self._body += len(body) + _FRAMING
        HttpToolsProtocol.on_body(self, body)

    def _note(self, size: int, *, is_new: bool) -> None:
        """See which part of a request is coming in, since when, and whether it grows too large.

        ``size`` bytes have just been parsed; ``is_new`` says that a head ended in them.
        """
        stage = self._stage_now()
        if stage is not self._stage or is_new:
            self._loose = 0 if is_new else max(0, size - self._body)
            self._stage, self.due = stage, self._due_of(stage)
        else:
            self._loose = max(0, self._loose + size - self._body)
            if self.due == inf and not self._is_answering():
                # Line ends between two requests: uvicorn has just taken back its time limit for idle
                # connections, and nothing else would set one again.
                self.due = self._due_of(_HEAD)
        self._body = 0
        if self._loose >= self._most:
            self._refuse(431, f"The head of a request has to be smaller than {self._most / 1024:g} KiB.")

    def _stage_now(self) -> _Stage:
        """A head that begins gets a scope from uvicorn, and a cycle with that scope when it is complete.

        Before the first one there is neither, whatever uvicorn's types say.
        """
        cycle = self.cycle
        if cycle is None or cycle.scope is not self.scope:  # type: ignore[redundant-expr]
            return _QUIET if self.scope is None else _HEAD  # type: ignore[redundant-expr]
        return _BODY if cycle.more_body else _QUIET

    def _due_of(self, stage: _Stage) -> float:
        if stage is _QUIET:
            return inf
        return self.loop.time() + (self.request_limits.body if stage is _BODY else self.request_limits.head)

    def look(self, now: float, passed: float, late: float) -> None:
        """Cut the connection off if its time is over at ``now``.

        ``passed`` seconds have gone since the last look, ``late`` of them because this process was held up.
        Time in which we did not read is not the client's.
        """
        is_closing = self.transport.is_closing()
        self.due += passed if not is_closing and self._keeps_it_waiting() else late
        if now < self.due:
            return
        if is_closing:  # the client does not take our last words either
            self.transport.abort()
        elif self._stage is _BODY:
            self._refuse(
                408, f"The request's body was not complete after {self.request_limits.body:g} seconds."
            )
        else:
            self._refuse(
                408, f"The request's head was not complete after {self.request_limits.head:g} seconds."
            )

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _keeps_it_waiting(self) -> bool:
        """Whether it is us who are not ready for what the client has to say."""
        if self.flow.read_paused:
            return True
        if self._stage is _BODY:
            return bool(self.pipeline) or self.cycle.waiting_for_100_continue
        return self._is_answering()

    def _can_answer(self) -> bool:
        """Whether a response would be taken for one to the request that is coming in."""
        if self._stage is _QUIET:
            return False  # unasked, a proxy would hand it to whoever uses the connection next
        if self._stage is _HEAD:
            return not self._is_answering()
        return not self.cycle.response_started and not self.pipeline

    def _refuse(self, status: int, detail: str) -> None:
        if self.transport.is_closing():
            return
        answers = self._can_answer()
        _log.info("request cut off", status=status, reason=detail, answered=answers)
        if answers:
            fields = b"".join(b"%b: %b\r\n" % field for field in self.server_state.default_headers)
            self.transport.write(STATUS_LINE[status] + fields + _rest_of_answer(status, detail))
        self.transport.close()
        self.due = self.loop.time() + self.request_limits.every


@lru_cache(maxsize=16)
def _rest_of_answer(status: int, detail: str) -> bytes:
    """A problem document's own header fields, and the document."""
    body = document(HTTPStatus(status), detail)
    head = f"content-type: {PROBLEM_JSON}\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"cache-control: no-store\r\nconnection: close\r\n\r\n" + body


_watched: WeakSet[ServerState] = WeakSet()


def _watch(server: ServerState, loop: asyncio.AbstractEventLoop, every: float) -> None:
    """Look at all connections of ``server`` every so many seconds, for as long as there are any."""
    if server in _watched:
        return
    _watched.add(server)
    began = loop.time()

    def go_round(last: float) -> None:
        now = loop.time()
        connections = tuple(server.connections)
        if connections:
            loop.call_later(every, go_round, now)  # first of all, so that no mishap ends the rounds
        else:
            _watched.discard(server)
        passed = now - last
        for connection in connections:
            if isinstance(connection, TimeoutProtocol) and connection.due != inf:
                connection.look(now, passed, max(0.0, passed - every))

    loop.call_later(every, go_round, began)
