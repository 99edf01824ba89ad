"""A real server that speaks Mastodon's API, as a process of its own: the package ``mastodon-mock``."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from tests.bot.platforms.memory_tokens import MemoryTokens

CONFIG = """
title = "A server for tests"
[streaming]
heartbeat_seconds = 0.2
"""
START_SECONDS = 90


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the server."""

    id: str
    username: str
    token: str


class MastodonServer:
    """The running server, seen from outside: people sign up, post, and rules make it fail."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._client = httpx.Client(base_url=base_url, timeout=10)

    def person(self, name: str) -> Person:
        """A new account; the name gets a suffix that nobody else has."""
        told = self._send("POST", "/api/v1/_mock/dev_user", {"username": f"{name}_{uuid4().hex[:8]}"})
        return Person(told["id"], told["username"], told["access_token"])

    def post(self, author: Person, text: str, **fields: str) -> dict[str, Any]:
        """A status by somebody."""
        told: dict[str, Any] = self._send("POST", "/api/v1/statuses", {"status": text, **fields}, author)
        return told

    def edit(self, author: Person, status: str, text: str) -> None:
        self._send("PUT", f"/api/v1/statuses/{status}", {"status": text}, author)

    def delete(self, author: Person, status: str) -> None:
        self._send("DELETE", f"/api/v1/statuses/{status}", None, author)

    def statuses_of(self, author: Person, **page: Any) -> list[dict[str, Any]]:
        """What an account has posted: the server's own ledger. The newest comes first; ``page`` is which."""
        path = f"/api/v1/accounts/{author.id}/statuses"
        found: list[dict[str, Any]] = self._send("GET", path, None, author, page)
        return found

    def liked_by(self, author: Person) -> list[dict[str, Any]]:
        """What an account has favourited."""
        found: list[dict[str, Any]] = self._send("GET", "/api/v1/favourites", None, author)
        return found

    def fail(self, method: str, path: str, count: int = 1, **effect: Any) -> None:
        """Let the next calls to ``path`` (``*`` stands for anything) go wrong."""
        rule = {"match": {"methods": [method], "path": path}, "effect": effect, "count": count}
        self._send("POST", "/api/v1/_mock/faults", rule)

    def heal(self) -> None:
        """Forget every rule."""
        self._send("DELETE", "/api/v1/_mock/faults", None)

    def adapter(self, person: Person, base_url: str | None = None) -> Mastodon:
        """An adapter for somebody's account, by way of another address if one is given."""
        settings = MastodonAccount(base_url or self.base_url, allow_loopback=True)
        return Mastodon(settings, MemoryTokens(access_token=person.token), lambda: datetime.now(UTC))

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, path: str, body: Any, person: Person | None = None, page: Any = None) -> Any:
        headers = {"authorization": f"Bearer {person.token}"} if person else {}
        response = self._client.request(method, path, json=body, headers=headers, params=page)
        response.raise_for_status()
        return response.json()


@contextmanager
def running_mastodon(directory: Path) -> Iterator[MastodonServer]:
    """Start the server on a free port of the loopback and end it with the block."""
    config = directory / "mastodon_mock.toml"
    config.write_text(CONFIG)
    port = _free_port()
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", str(config), "--in-memory"]
    log = directory / "mastodon_mock.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
            stdout=output,
            stderr=output,
            cwd=directory,
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait_until_ready(base_url, process, log)
            server = MastodonServer(base_url)
            yield server
            server.close()
        finally:
            process.kill()  # it keeps everything in memory, and a rule may have it hang for half a minute
            process.wait()


def _wait_until_ready(base_url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends_at = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=1) as client:
        while time.monotonic() < ends_at and process.poll() is None:
            with suppress(httpx.TransportError):
                client.get(f"{base_url}/api/v1/streaming/health")
                return
            time.sleep(0.05)
    raise RuntimeError(f"mastodon-mock did not start:\n{log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
