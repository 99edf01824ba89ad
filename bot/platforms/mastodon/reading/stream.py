"""The brand's live stream: WebSocket where the server offers it, server-sent events otherwise.

Servers replay nothing after an interruption, so every connection begins with a catch-up by REST, made once
the connection stands: whatever happens in between comes twice rather than never.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson

from bot.platforms.base import AnswerTags
from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json
from bot.platforms.mastodon.reading.events import id_in, post_from_event
from bot.platforms.wire.listing import readable
from bot.platforms.wire.ssrf import NotPublic, public_addresses
from bot.posts import Post, PostEvent, Rejected, Retry

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

OPEN_SECONDS = 10.0
SILENCE_SECONDS = 90.0
"""Servers send a sign of life every 15 to 30 s; a connection silent for longer is dead."""
MAX_EVENT_BYTES = 1 << 20
REMEMBERED = 1_000
ASKED_AGAIN = timedelta(hours=1)
"""When a server that does not stream is asked again whether it does."""

CatchUp = Callable[[], Iterator[Post]]

_silent = logging.getLogger("bot.platforms.mastodon.websocket")
_silent.disabled = True  # the library logs the address it connects to, and with it the token


class StreamNotOffered(Exception):
    """The server does not stream this way."""


class Stream:
    """One live connection at a time, which ``close`` ends from another thread."""

    def __init__(self, api: Api, tags: AnswerTags) -> None:
        self._api = api
        self._tags = tags
        self._connection: ClientConnection | None = None
        self._closed = False
        self._not_before: datetime | None = None

    def posts(self, catch_up: CatchUp) -> Iterator[Post]:
        """What ``catch_up`` brings, then posts as they happen; nothing where the server does not stream.

        A mention by somebody the brand follows is announced twice by the server and handed out once.

        Raises:
            Retry: when the connection cannot be made or breaks.
            Reconnect: when the brand's token is not accepted any more.
        """
        seen: deque[str] = deque(maxlen=REMEMBERED)
        for post in self._announced(catch_up):
            if post.event is PostEvent.CREATED:
                if post.external_id in seen:
                    continue
                seen.append(post.external_id)
            yield post

    def close(self) -> None:
        """End the connection that stands, and take no further one."""
        self._closed = True
        connection = self._connection
        if connection is not None:
            connection.close()

    def _announced(self, catch_up: CatchUp) -> Iterator[Post]:
        if self._closed or (self._not_before and self._api.clock() < self._not_before):
            return
        for way in (self._by_websocket, self._by_server_sent_events):
            with suppress(StreamNotOffered):
                yield from way(catch_up)
                return
        self._not_before = self._api.clock() + ASKED_AGAIN

    def _by_websocket(self, catch_up: CatchUp) -> Iterator[Post]:
        from websockets.exceptions import ConnectionClosed

        with self._opened() as connection:
            yield from catch_up()
            if self._closed:
                return
            try:
                for message in connection:
                    yield from self._posts_of(_frame(message))
            except ConnectionClosed as error:
                if not self._closed:
                    raise Retry(f"The stream of {self._api.host} broke off: {error}.") from error

    @contextmanager
    def _opened(self) -> "Iterator[ClientConnection]":
        from websockets.exceptions import InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect

        address = streaming_address(self._api, "websocket")
        token = self._api.token()
        # Servers differ in where they look for the token; the address is never logged.
        query = urlencode({"stream": "user", "access_token": token})
        try:
            self._connection = connect(
                f"{address}/api/v1/streaming?{query}",
                sock=self._checked_socket(address),
                additional_headers={"Authorization": f"Bearer {token}"},
                open_timeout=OPEN_SECONDS,
                ping_interval=SILENCE_SECONDS / 3,
                ping_timeout=SILENCE_SECONDS / 3,
                max_size=MAX_EVENT_BYTES,
                user_agent_header=self._api.user_agent,
                logger=_silent,
                proxy=None,
            )
        except InvalidStatus as error:
            raise self._refused(error.response.status_code) from None
        except (InvalidHandshake, OSError, EOFError) as error:
            raise Retry(
                f"The stream of {self._api.host} cannot be opened ({type(error).__name__})."
            ) from None
        try:
            with self._connection as connection:
                yield connection
        finally:
            self._connection = None

    def _checked_socket(self, address: str) -> socket.socket:
        """A connection to the streaming host, which the server names and which must be a public one."""
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
        try:
            addresses = public_addresses(host, port, allow_loopback=self._api.settings.allow_loopback)
        except NotPublic as error:
            raise Retry(str(error)) from error
        for address in addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, port), timeout=OPEN_SECONDS)
        return socket.create_connection((addresses[-1], port), timeout=OPEN_SECONDS)

    def _refused(self, status: int) -> Exception:
        """The error a refused WebSocket stands for. Raises Reconnect when the token is not accepted."""
        if status >= 500 or status == 429:
            return Retry(f"The stream of {self._api.host} was refused with status {status}.")
        self._api.read("/api/v1/accounts/verify_credentials")
        return StreamNotOffered()

    def _by_server_sent_events(self, catch_up: CatchUp) -> Iterator[Post]:
        address = f"{streaming_address(self._api, 'sse')}/api/v1/streaming/user"
        headers = {"authorization": f"Bearer {self._api.token()}", "accept": "text/event-stream"}
        lines = self._api.caller.lines(address, headers=headers, idle=SILENCE_SECONDS)
        try:
            next(lines, None)  # the server greets with a comment: the connection stands
        except Rejected as error:
            raise StreamNotOffered from error
        yield from catch_up()
        try:
            for event in _records(lines):
                yield from self._posts_of(event)
                if self._closed:
                    return
        except Retry:
            if not self._closed:
                raise

    def _posts_of(self, event: Json) -> Iterator[Post]:
        return readable("mastodon", [event], lambda one: post_from_event(one, self._api, self._tags()), id_in)


def streaming_address(api: Api, way: str) -> str:
    """Where the server streams, as it says itself. Raises NotOffered where it names no usable place.

    A server reached over TLS may not lead us, and the brand's token, away from TLS.
    """
    parts = urlsplit(api.instance().streaming or "")
    secure = parts.scheme in ("wss", "https")
    if parts.scheme not in ("ws", "wss", "http", "https") or (api.is_secure and not secure):
        raise StreamNotOffered
    scheme = {"websocket": ("ws", "wss"), "sse": ("http", "https")}[way][secure]
    path = parts.path.rstrip("/").removesuffix("/api/v1/streaming")
    return urlunsplit((scheme, parts.netloc, path, "", ""))


def _frame(message: str | bytes) -> Json:
    """The event in a WebSocket message; an empty one where it is none of ours."""
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) else {}


def _records(lines: Iterator[str]) -> Iterator[Json]:
    """The events of a server-sent stream: ``event:`` and ``data:`` lines up to an empty one.

    A comment, the server's heartbeat, is an event without a name: it lets the reader notice that it is to
    end.
    """
    name, data = "", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        if not line:
            yield {"event": name, "payload": "\n".join(data)}
            name, data = "", []
        elif field == "event":
            name = value.strip()
        elif field == "data":
            data.append(value.removeprefix(" "))
