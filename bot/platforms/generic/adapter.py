"""Any other feed, through signed webhooks both ways (docs/platforms/generic.md).

A bridge that somebody writes sends normalised posts to ``POST /webhooks/generic``; the brand's publications
go out as signed webhooks to one configured address, whose answer gives the post's id. The delivery's key is
the ``webhook-id`` of every attempt: a bridge that sees one twice answers as it did the first time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import httpx
import orjson
from pydantic import ValidationError

from bot.platforms.base import Clock
from bot.platforms.generic.schema import (
    MOST_POSTS,
    GenericBatch,
    GenericLookups,
    is_id,
    looked_up,
    mistake,
    normalised,
)
from bot.platforms.generic.traits import LONGEST_POST, TRAITS
from bot.platforms.wire.http import Caller, HttpResponse
from bot.platforms.wire.signing import Signer
from bot.posts import (
    Author,
    KnownPost,
    Lookup,
    Malformed,
    Outgoing,
    Page,
    PlatformName,
    Post,
    Published,
    Refusal,
    Rejected,
)
from bot.text.lengths import Measure, PlainLength

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_NOT_OFFERED = (*_GONE, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)


@dataclass(frozen=True, slots=True)
class GenericAccount:
    """The settings of the generic feed; ``publish_url`` may lie inside the operator's own network."""

    secrets: tuple[str, ...] = field(repr=False)
    handle: str = "brand"
    account_id: str = "brand"
    publish_url: str | None = None
    longest_post: int = LONGEST_POST


class Generic:
    """The adapter of the generic feed; keeps ``bot.platforms.base.Platform``."""

    name = PlatformName.GENERIC.value
    traits = TRAITS

    def __init__(
        self, account: GenericAccount, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._account = account
        self._clock = clock
        self._signer = Signer(account.secrets)
        self._caller = Caller(
            account.publish_url or "", "The feed's bridge", clock, allow_private=True, transport=transport
        )

    @property
    def measure(self) -> Measure:
        """Characters as a reader counts them, as many as the settings say."""
        return PlainLength(self._account.longest_post)

    def new_key(self, now: datetime) -> str:
        """A random key; the time plays no part in it."""
        del now
        return uuid4().hex

    def brand(self) -> Author:
        """The account that the settings name."""
        return Author(id=self._account.account_id, handle=self._account.handle.lstrip("@"))

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check the Standard Webhooks signature. Raises Forged."""
        self._signer.verify(body, headers, self._clock())

    def parse(self, body: bytes) -> list[Post]:
        """The posts of a webhook, all of them or none. Raises Malformed with the place of the mistake."""
        try:
            batch = GenericBatch.model_validate_json(body)
        except ValidationError as error:
            advice = "Nothing was stored, and the same again will be refused again: mend it first."
            raise Malformed(f"{mistake(error)}. {advice}") from error
        return [normalised(post) for post in batch.posts]

    def poll(self, cursor: str | None) -> Page:
        """Nothing: this feed calls us."""
        return Page((), cursor)

    def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
        """Nothing: the bridge sends the employees' posts like all others."""
        del handles
        return Page((), cursor)

    def stream(self) -> Iterator[Post]:
        """No stream: this feed calls us."""
        return iter(())

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        """Send the publication to the bridge, which answers ``{"id": ..., "url": ...}``.

        Raises Retry, Rejected, Ambiguous or Reconnect (the bridge refuses our signature).
        """
        answer = self._send("publication.create", outgoing.key, _publication(outgoing), timeout)
        if not answer.ok:
            raise self._refusal(answer)
        return self._published(answer)

    def find(self, outgoing: Outgoing) -> Published | None:
        """Ask the bridge for the post that it made of this key; 404 means that there is none."""
        answer = self._send("publication.find", str(uuid4()), {"key": outgoing.key}, None, writes=False)
        if answer.status in _GONE:
            return None
        if not answer.ok:
            raise self._caller.refusal(answer, writes=False, detail=_reason(answer))
        return self._published(answer, writes=False)

    def delete(self, published: Published) -> None:
        """Ask the bridge to take a post down; one that is gone already is fine."""
        answer = self._send(
            "publication.delete",
            _message_id("delete", published.external_id),
            {"id": published.external_id},
            None,
        )
        if not answer.ok and answer.status not in _GONE:
            raise self._refusal(answer)

    def edit(self, published: Published, outgoing: Outgoing, timeout: float) -> Published:
        """Ask the bridge to replace a post's text. Raises Rejected("unsupported") where it cannot."""
        message_id = _message_id("edit", published.external_id, outgoing.text)
        content = {**_publication(outgoing), "id": published.external_id}
        answer = self._send("publication.edit", message_id, content, timeout)
        if answer.status in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
            raise Rejected("The feed's bridge cannot edit posts.", Refusal.UNSUPPORTED)
        if not answer.ok:
            raise self._refusal(answer)
        return self._published(answer)

    def fetch(
        self,
        external_ids: Sequence[str],
        known: Mapping[str, KnownPost] | None = None,  # noqa: ARG002
    ) -> list[Lookup]:
        """Ask the bridge which of these posts are gone; one that does not offer this says nothing."""
        found: list[Lookup] = []
        if self._account.publish_url is None:
            return found
        for start in range(0, len(external_ids), MOST_POSTS):
            ids = list(external_ids[start : start + MOST_POSTS])
            answer = self._send("posts.lookup", str(uuid4()), {"ids": ids}, None, writes=False)
            if answer.status in _NOT_OFFERED:
                return found
            if not answer.ok:
                raise self._caller.refusal(answer, writes=False, detail=_reason(answer))
            found += self._lookups(answer, ids)
        return found

    def identify(self, handle: str) -> Author:
        """The account of an id: this feed has no directory, so an employee is linked by account id."""
        account = handle.strip()
        if not account or "\0" in account:
            raise Rejected(
                "On this feed an account is linked by its id; none was given.", Refusal.UNKNOWN_ACCOUNT
            )
        return Author(id=account, handle=account)

    def close(self) -> None:
        """Close the connections to the bridge."""
        self._caller.close()

    def _send(
        self,
        kind: str,
        message_id: str,
        content: Mapping[str, Any],
        timeout: float | None,
        *,
        writes: bool = True,
    ) -> HttpResponse:
        if self._account.publish_url is None:
            raise Rejected(
                "No address is set to publish to on this feed; a person has to answer.", Refusal.NOT_PERMITTED
            )
        body = orjson.dumps({"type": kind, "data": content})
        headers = {"content-type": "application/json", **self._signer.sign(body, message_id, self._clock())}
        return self._caller.call(
            "POST", self._account.publish_url, headers=headers, content=body, timeout=timeout, writes=writes
        )

    def _refusal(self, answer: HttpResponse) -> Exception:
        if answer.status in _GONE:
            return Rejected(
                f"The feed's bridge says that the post is gone. {_reason(answer)}".strip(), Refusal.GONE
            )
        return self._caller.refusal(answer, writes=True, detail=_reason(answer))

    def _published(self, answer: HttpResponse, *, writes: bool = True) -> Published:
        content = answer.mapping()
        post_id, url = content.get("id"), content.get("url")
        if not isinstance(post_id, str) or not is_id(post_id):
            raise self._caller.garbled(writes=writes)
        safe = isinstance(url, str) and url.startswith(("https://", "http://"))
        return Published(post_id, url if safe else None)

    def _lookups(self, answer: HttpResponse, ids: Sequence[str]) -> list[Lookup]:
        try:
            told = GenericLookups.model_validate_json(answer.body)
        except ValidationError as error:
            raise self._caller.garbled(writes=False) from error
        found = [looked_up(one) for one in told.posts]
        return [look for look in found if look is not None and look.external_id in ids]


def _publication(outgoing: Outgoing) -> dict[str, Any]:
    """What the bridge is told; fields that do not apply are null."""
    return {
        "key": outgoing.key,
        "text": outgoing.text,
        "in_reply_to": outgoing.in_reply_to,
        "repost_of": outgoing.repost_of,
        "created_at": outgoing.created_at.isoformat(),
        "language": outgoing.language,
        "visibility": outgoing.visibility.value,
        "warning": outgoing.warning or None,
    }


def _message_id(*parts: str) -> str:
    """The same id for the same deed, so that a repetition is recognised."""
    return str(uuid5(NAMESPACE_URL, "\0".join(parts)))


def _reason(answer: HttpResponse) -> str:
    """Why the bridge refuses, in its own words."""
    content = answer.mapping()
    return str(content.get("detail") or content.get("error") or "")[:300]
