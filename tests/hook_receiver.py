"""Programs on loopback that take outgoing hooks: one that checks signatures, and one that keeps issues."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Received:
    """One request, as it came in; header names are lower-case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HookReceiver:
    """Answers every request with ``status`` and ``answer``, or as ``reply`` says."""

    status: int = 204
    answer: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    reply: Callable[[Received], tuple[int, Any]] | None = None

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._take()

            def do_GET(self) -> None:
                self._take()

            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                one = Received(self.command, self.path, headers, body)
                receiver.received.append(one)
                status, answer = (
                    receiver.reply(one) if receiver.reply is not None else (receiver.status, receiver.answer)
                )
                raw = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    @property
    def ids(self) -> list[str]:
        """The ``webhook-id`` of each request."""
        return [one.headers.get("webhook-id", "") for one in self.received]

    @property
    def kinds(self) -> list[str]:
        """The type of each message."""
        return [one.json["type"] for one in self.received]


@dataclass
class Tracker(HookReceiver):
    """Keeps issues as GitHub, GitLab and Jira do, as far as the templates ask for it."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    vanishes: bool = False
    """It makes an issue and then fails."""

    def __post_init__(self) -> None:
        self.reply = self._reply

    def _reply(self, one: Received) -> tuple[int, Any]:
        parts = urlsplit(one.path)
        if one.method == "GET":
            return 200, self._listed(parts.path, parse_qs(parts.query))
        issue = self._new(one.json, f"http://127.0.0.1:{self.port}/issue/{len(self.issues) + 1}")
        self.issues.append(issue)
        return (502, None) if self.vanishes else (201, issue)

    def _new(self, told: dict[str, Any], url: str) -> dict[str, Any]:
        if "fields" in told:
            return {"key": f"SUP-{len(self.issues) + 1}", "fields": told["fields"]}
        return {**told, "html_url": url, "web_url": url}

    def _listed(self, path: str, query: dict[str, list[str]]) -> Any:
        return {"issues": self.issues} if "/rest/api/" in path else self.issues
