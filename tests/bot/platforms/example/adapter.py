"""The adapter of the notice board: a small feed with an HTTP interface of its own.

A note is put under a key that the writer chooses, and the same key again is the same note.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from bot.platforms.base import AnswerTags, Clock, TokenStore
from bot.platforms.wire.http import Caller, HttpResponse
from bot.platforms.wire.listing import readable
from bot.platforms.wire.timestamps import time_of
from bot.posts import (
    Absence,
    Author,
    Forged,
    KnownPost,
    Lookup,
    Malformed,
    Mention,
    Outgoing,
    Page,
    Post,
    Published,
    Refusal,
    Rejected,
    Visibility,
)
from bot.text.lengths import Measure, PlainLength
from tests.bot.platforms.example.traits import TRAITS

MOST_IDS = 50
"""Ids in one look-up."""


@dataclass(frozen=True, slots=True)
class BoardAccount:
    """Where the board is, and what tells the tags of employees' answers."""

    base_url: str
    tags: AnswerTags


class Board:
    """The brand's account on the board; keeps ``bot.platforms.base.Platform``."""

    name = "board"
    traits = TRAITS

    def __init__(
        self,
        account: BoardAccount,
        tokens: TokenStore,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._account = account
        self._tokens = tokens
        self._caller = Caller(account.base_url, "The notice board", clock, transport=transport)

    @property
    def measure(self) -> Measure:
        """400 characters as a reader counts them."""
        return PlainLength(400)

    def new_key(self, now: datetime) -> str:
        """A random key; the time plays no part in it."""
        del now
        return uuid4().hex

    def brand(self) -> Author:
        """Whose token it is."""
        return _author(self._read("/me"))

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The board sends no webhooks, so there are no genuine ones. Raises Forged."""
        del body, headers
        raise Forged("The notice board sends no webhooks.")

    def parse(self, body: bytes) -> list[Post]:
        """The board sends no webhooks. Raises Malformed."""
        del body
        raise Malformed("The notice board sends no webhooks.")

    def poll(self, cursor: str | None) -> Page:
        """Notes that mention the brand, after the number of the last one."""
        return self._page({"mentions": self.brand().id}, cursor)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Notes of these employees that carry a tag of ours: the board looks for both by itself."""
        tags = ",".join(tag.lstrip("#") for tag in self._account.tags())
        wanted = {"tags": tags, "authors": ",".join(one.id for one in handles)}
        return self._page(wanted, cursor)

    def stream(self) -> Iterator[Post]:
        """No stream."""
        return iter(())

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Put the note under its key. Raises Retry, Rejected, Ambiguous or Reconnect."""
        note = {
            "text": outgoing.text,
            "reply_to": outgoing.in_reply_to,
            "repost_of": outgoing.repost_of,
            "written_at": outgoing.created_at.isoformat(),
        }
        answer = self._call("PUT", f"/notes/{outgoing.key}", json=note, timeout=timeout, writes=True)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise Rejected("The note to reply to is no longer on the board.", Refusal.GONE)
        return self._published(answer, writes=True)

    def find(self, outgoing: Outgoing) -> Published | None:
        """Look under the key; 404 means that nothing was accepted."""
        answer = self._call("GET", f"/notes/{outgoing.key}", writes=False)
        return None if answer.status == HTTPStatus.NOT_FOUND else self._published(answer, writes=False)

    def delete(self, published: Published) -> None:
        """Take a note down; one that is gone already is fine."""
        answer = self._call("DELETE", f"/notes/{published.external_id}", writes=True)
        if not answer.ok and answer.status != HTTPStatus.NOT_FOUND:
            raise self._caller.refusal(answer, writes=True)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """The board has no edits. Raises Rejected("unsupported")."""
        del published, outgoing, timeout
        raise Rejected("The notice board has no edits: write another note.", Refusal.UNSUPPORTED)

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        """Which notes are there, some at a time; what the board does not know was taken down."""
        del known
        found: list[Lookup] = []
        for start in range(0, len(external_ids), MOST_IDS):
            ids = external_ids[start : start + MOST_IDS]
            told = self._read("/notes", ids=",".join(ids))
            there = {post.external_id: post for post in self._posts(told)}
            for one in ids:
                post = there.get(one)
                gone = Lookup.missing(one, Absence.DELETED)
                found.append(Lookup(one, gone=False, post=post) if post is not None else gone)
        return found

    def identify(self, handle: str) -> Author:
        """The account behind a handle. Raises Rejected."""
        name = handle.strip().lstrip("@")
        if not name:
            raise Rejected("Write the name that somebody has on the board.", Refusal.NOT_FOUND)
        return _author(self._read("/accounts", handle=name))

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()

    def _page(self, wanted: Mapping[str, str], cursor: str | None) -> Page:
        told = self._read("/notes", after=cursor or "0", **wanted)
        return Page(tuple(self._posts(told)), str(told["last"]), more=bool(told["more"]))

    def _posts(self, told: Mapping[str, Any]) -> Iterator[Post]:
        # A note that cannot be read costs itself alone: it is set aside for a person.
        return readable(self.name, told["notes"], self._post, lambda note: str(note.get("id")))

    def _post(self, note: Mapping[str, Any]) -> Post:
        return Post(
            platform=self.name,
            external_id=str(note["id"]),
            author=_author(note["author"]),
            text=str(note["text"]),
            posted_at=time_of(note["written_at"]),
            in_reply_to=note["reply_to"],
            mentions=tuple(Mention(one["handle"], one["id"]) for one in note["mentions"]),
            tags=tuple(note["tags"]),
            visibility=Visibility.PUBLIC,
            url=self._address(note["id"]),
            is_repost=note["repost_of"] is not None,
        )

    def _address(self, note_id: str) -> str:
        return f"{self._account.base_url}/notes/{note_id}"

    def _published(self, answer: HttpResponse, *, writes: bool) -> Published:
        if not answer.ok:
            raise self._caller.refusal(answer, writes=writes, detail=str(answer.mapping().get("error", "")))
        note_id = answer.mapping().get("id")
        if not isinstance(note_id, str):
            raise self._caller.garbled(writes=writes)
        return Published(note_id, self._address(note_id))

    def _read(self, path: str, **params: str) -> dict[str, Any]:
        answer = self._call("GET", path, params=params, writes=False)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise Rejected(f"The notice board knows nothing at {path}.", Refusal.NOT_FOUND)
        if not answer.ok:
            raise self._caller.refusal(answer, writes=False)
        return answer.mapping()

    def _call(self, method: str, path: str, **options: Any) -> HttpResponse:
        token = self._tokens.load().get("token", "")
        return self._caller.call(method, path, headers={"authorization": f"Bearer {token}"}, **options)


def _author(told: Mapping[str, Any]) -> Author:
    return Author(id=str(told["id"]), handle=str(told["handle"]), name=str(told.get("name") or ""))
