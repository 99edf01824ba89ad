"""A platform whose only record is a file: it takes every post, even the same one twice, as X does.

The file outlives crashed processes and the outbox's database: it is the judge of lost and doubled posts.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from bot.platforms.registry import traits_of
from bot.platforms.traits import Traits
from bot.posts import Author, KnownPost, Lookup, Outgoing, Page, Post, Published
from bot.text.lengths import Measure, PlainLength


@dataclass
class LedgerPlatform:
    """Keeps ``bot.platforms.base.Platform``. ``fault`` is called after a post was accepted."""

    file: Path
    name: str = "x"
    fault: Callable[[Outgoing], None] = lambda _outgoing: None

    @property
    def traits(self) -> Traits:
        return traits_of(self.name)

    @property
    def measure(self) -> Measure:
        return PlainLength(280)

    def brand(self) -> Author:
        return Author("brand-id", "brand")

    def new_key(self, now: datetime) -> str:
        return uuid4().hex

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        return

    def parse(self, body: bytes) -> list[Post]:
        return []

    def poll(self, cursor: str | None) -> Page:
        return Page((), cursor)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        return Page((), cursor)

    def stream(self) -> Iterator[Post]:
        return iter(())

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        line = json.dumps({"text": outgoing.text, "to": outgoing.in_reply_to})
        with self.file.open("a", encoding="utf-8") as ledger:
            ledger.write(line + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())
            number = ledger.tell()
        self.fault(outgoing)
        return Published(f"post-{number}")

    def find(self, outgoing: Outgoing) -> Published | None:
        for number, line in enumerate(self.accepted()):
            if line == (outgoing.text, outgoing.in_reply_to):
                return Published(f"found-{number}")
        return None

    def delete(self, published: Published) -> None:
        return

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        return published

    def fetch(
        self,
        external_ids: Sequence[str],
        known: Mapping[str, KnownPost] | None = None,
    ) -> list[Lookup]:
        return []

    def identify(self, handle: str) -> Author:
        return Author(handle, handle)

    def close(self) -> None:
        return

    def accepted(self) -> list[tuple[str, str | None]]:
        """What the platform has taken, in order: text and the id replied to."""
        if not self.file.exists():
            return []
        lines = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        return [(line["text"], line["to"]) for line in lines]
