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
from bot.posts import Author, KnownPost, Lookup, Outgoing, Page, Post, Published, Refusal, Rejected
from bot.text.lengths import Measure, PlainLength


@dataclass
class LedgerPlatform:
    """Keeps ``bot.platforms.base.Platform``. ``fault`` is called after a post was accepted or deleted."""

    file: Path
    name: str = "x"
    fault: Callable[[Outgoing], None] = lambda _outgoing: None
    deletion_fault: Callable[[str], None] = lambda _external_id: None

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
        number = self._append({"text": outgoing.text, "to": outgoing.in_reply_to})
        self.fault(outgoing)
        return self._post(f"post-{number}")

    def find(self, outgoing: Outgoing) -> Published | None:
        wanted = (outgoing.text, outgoing.in_reply_to)
        for external_id, line in self._there().items():
            if (line["text"], line["to"]) == wanted:
                return self._post(external_id)
        return None

    def delete(self, published: Published) -> None:
        if published.external_id in self._there():
            self._append({"deleted": published.external_id})
        self.deletion_fault(published.external_id)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """The same words again change nothing, as on Mastodon."""
        there = self._there()
        if published.external_id not in there:
            raise Rejected("It is gone.", Refusal.NOT_FOUND)
        if there[published.external_id]["text"] != outgoing.text:
            self._append({"edited": published.external_id, "words": outgoing.text})
        self.fault(outgoing)
        return self._post(published.external_id)

    def fetch(
        self,
        external_ids: Sequence[str],
        known: Mapping[str, KnownPost] | None = None,
    ) -> list[Lookup]:
        there = self._there()
        return [Lookup(one, gone=one not in there) for one in external_ids if one.startswith("post-")]

    def identify(self, handle: str) -> Author:
        return Author(handle, handle)

    def close(self) -> None:
        return

    def accepted(self) -> list[tuple[str, str | None]]:
        """What the platform has taken, in order: text and the id replied to."""
        return [(line["text"], line["to"]) for _, line in self._lines() if "text" in line]

    def deleted(self) -> list[str]:
        """The ids of the posts that were deleted, in order: as often as they were there to delete."""
        return [line["deleted"] for _, line in self._lines() if "deleted" in line]

    def edited(self) -> list[str]:
        """The ids of the posts whose words were changed, in order: as often as that changed them."""
        return [line["edited"] for _, line in self._lines() if "edited" in line]

    def shown(self) -> list[str]:
        """What people can read there now, in order."""
        return [line["text"] for line in self._there().values()]

    def _append(self, entry: dict[str, str | None]) -> int:
        with self.file.open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(entry) + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())
            return ledger.tell()

    def _lines(self) -> list[tuple[int, dict[str, str]]]:
        """Every line, with where it ends in the file."""
        if not self.file.exists():
            return []
        found, end = [], 0
        for line in self.file.read_bytes().splitlines(keepends=True):
            end += len(line)
            found.append((end, json.loads(line)))
        return found

    def _there(self) -> dict[str, dict[str, str]]:
        """The posts that are there, by their ids."""
        gone = set(self.deleted())
        posts = {f"post-{end}": line for end, line in self._lines() if "text" in line}
        for _, line in self._lines():
            if "edited" in line:
                posts[line["edited"]] = {**posts[line["edited"]], "text": line["words"]}
        return {external_id: line for external_id, line in posts.items() if external_id not in gone}

    def _post(self, external_id: str) -> Published:
        return Published(external_id, f"https://{self.name}.example/brand/{external_id}")
