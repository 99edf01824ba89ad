"""A real Bluesky server (PDS) and DID directory (PLC), a process of their own: ``tests/bluesky_network``."""

import json
import os
import select
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.platforms.bluesky import Bluesky, BlueskyAccount
from tests.bluesky_network.install import PDS, Unavailable, install
from tests.platforms.memory_tokens import MemoryTokens

START_SECONDS = 60
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
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now, "facets": facets, **fields}
        body = {"repo": author.did, "collection": "app.bsky.feed.post", "record": record}
        told: dict[str, str] = self.call("com.atproto.repo.createRecord", body, author)
        return told

    def remove(self, author: Person, uri: str) -> None:
        """Somebody deletes a post."""
        body = {"repo": author.did, "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2]}
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

    def take_down(self, person: Person) -> None:
        """What a moderator of the server does."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": person.did}
        body = {"subject": subject, "takedown": {"applied": True, "ref": "test"}}
        self._client.post(
            "com.atproto.admin.updateSubjectStatus", json=body, auth=self._admin
        ).raise_for_status()

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
