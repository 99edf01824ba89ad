"""A real Bluesky server (PDS) and DID directory (PLC), a process of their own: ``tests/bluesky_network``.

With ``APPVIEW`` and a PostgreSQL it is a whole network: what people see of each other, and notifications.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount
from tests.bluesky_network.install import PDS, Unavailable, install
from tests.bot.platforms.memory_tokens import MemoryTokens

START_SECONDS = 240
PATIENCE = 20.0
"""Seconds for what was written to be shown."""
T = TypeVar("T")
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the server."""

    did: str
    handle: str
    access: str
    refresh: str


class Network:
    """The running network, seen from outside."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.pds = addresses["pds"]
        self.plc = addresses["plc"]
        self._appview = addresses.get("appview")
        self._admin = ("admin", addresses["adminPassword"])
        self._client = httpx.Client(base_url=f"{self.pds}/xrpc/", timeout=20)

    def person(self, name: str) -> Person:
        """A new account; the handle gets a suffix that nobody else has."""
        handle = f"{name}{uuid4().hex[:8]}.test"
        told = self.call(
            "com.atproto.server.createAccount",
            {"handle": handle, "email": f"{handle}@example.com", "password": PASSWORD},
        )
        return Person(told["did"], handle, told["accessJwt"], told["refreshJwt"])

    def post(self, author: Person, text: str, facets: Sequence[Any] = (), **fields: Any) -> dict[str, str]:
        """A post by somebody: its ``uri`` and ``cid``."""
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": _now(),
            "facets": facets,
            **fields,
        }
        body = {"repo": author.did, "collection": "app.bsky.feed.post", "record": record}
        told: dict[str, str] = self.call("com.atproto.repo.createRecord", body, author)
        return told

    def remove(self, author: Person, uri: str) -> None:
        """Somebody deletes a post, or another record."""
        _, _, collection, key = uri.removeprefix("at:/").split("/")
        body = {"repo": author.did, "collection": collection, "rkey": key}
        self.call("com.atproto.repo.deleteRecord", body, author)

    def records(self, author: Person, collection: str = "app.bsky.feed.post") -> list[dict[str, Any]]:
        """What an account has published: the server's own ledger, the newest first."""
        query = {"repo": author.did, "collection": collection, "limit": "100"}
        told = self._client.get("com.atproto.repo.listRecords", params=query)
        found: list[dict[str, Any]] = told.raise_for_status().json()["records"]
        return found

    def commit(self, author: Person) -> str:
        """The revision of an account's repository: it changes with every commit."""
        told = self._client.get("com.atproto.sync.getLatestCommit", params={"did": author.did})
        return str(told.raise_for_status().json()["rev"])

    def remove_account(self, person: Person) -> None:
        """An account ends for good, by its server's administrator."""
        body = {"did": person.did}
        self._client.post("com.atproto.admin.deleteAccount", json=body, auth=self._admin).raise_for_status()

    def put(self, author: Person, collection: str, key: str, **fields: Any) -> None:
        """A record of somebody's under a key of their choice: a profile, a gate, a block, an edit."""
        record = {"$type": collection, "createdAt": _now(), **fields}
        body = {"repo": author.did, "collection": collection, "rkey": key, "record": record}
        self.call("com.atproto.repo.putRecord", body, author)

    def take_down(self, person: Person, post: Mapping[str, str] | None = None) -> None:
        """What moderators of the server, and of the AppView, do to an account or to one post."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": person.did}
        if post is not None:
            subject = {"$type": "com.atproto.repo.strongRef", "uri": post["uri"], "cid": post["cid"]}
        body = {"subject": subject, "takedown": {"applied": True, "ref": "test"}}
        for server in filter(None, (self.pds, self._appview)):
            address = f"{server}/xrpc/com.atproto.admin.updateSubjectStatus"
            self._client.post(address, json=body, auth=self._admin).raise_for_status()

    def settings(self, **fields: Any) -> BlueskyAccount:
        return BlueskyAccount(service=self.pds, plc_directory=self.plc, allow_loopback=True, **fields)

    def tokens(self, person: Person) -> MemoryTokens:
        return MemoryTokens(
            did=person.did, handle=person.handle, access=person.access, refresh=person.refresh
        )

    def adapter(
        self,
        person: Person,
        tokens: MemoryTokens | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        **fields: Any,
    ) -> Bluesky:
        """An adapter for somebody's account."""
        return Bluesky(self.settings(**fields), tokens or self.tokens(person), clock)

    def call(self, name: str, body: Any, person: Person | None = None) -> Any:
        headers = {"authorization": f"Bearer {person.access}"} if person else {}
        response = self._client.post(name, json=body, headers=headers)
        assert response.is_success, response.text
        return response.json() if response.content else {}

    def close(self) -> None:
        self._client.close()


def addressed(person: Person, text: str) -> tuple[str, list[dict[str, Any]]]:
    """A text that mentions somebody as an app writes it, and its facets."""
    start = f"@{person.handle}"
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": person.did}
    return f"{start} {text}", [{"index": {"byteStart": 0, "byteEnd": len(start)}, "features": [feature]}]


def below(root: Mapping[str, str], parent: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """Where a reply hangs."""
    pairs = (("root", root), ("parent", parent or root))
    return {name: {"uri": post["uri"], "cid": post["cid"]} for name, post in pairs}


def until(check: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What ``check`` says once it says something: the AppView is some tenths of a second behind."""
    ends_at = time.monotonic() + patience
    while time.monotonic() < ends_at:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"it did not happen within {patience:.0f} s")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def running_network(source: Path = PDS, **environment: str) -> Iterator[Network]:
    """Start a network and end it with the block. Skips where it cannot run, except in CI, where it must."""
    in_ci = os.environ.get("CI", "").lower() == "true"
    try:
        installed = install(source, bring_node=in_ci)
    except Unavailable as error:
        if in_ci:
            pytest.fail(f"The Bluesky network must run in CI: {error}")
        pytest.skip(f"No Bluesky network here: {error}")
    process = subprocess.Popen(
        [installed.node, "start.mjs"],
        cwd=installed.place,
        env={**os.environ, "LOG_ENABLED": "false", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        network = Network(_addresses(process))
        yield network
        network.close()
    finally:
        process.communicate(timeout=20)


def _addresses(process: "subprocess.Popen[bytes]") -> dict[str, str]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    if not line:
        pytest.fail("The Bluesky network did not start.")
    addresses: dict[str, str] = json.loads(line)
    return addresses
