"""Handing a message to an endpoint: bounded in time, to public addresses only, without redirects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any

import httpx
import orjson

from bot.channels import trackers
from bot.channels.trackers import Issue, TrackerRequest
from bot.platforms.base import Clock
from bot.platforms.wire.http import Caller, HttpResponse
from bot.platforms.wire.limits import retry_at
from bot.platforms.wire.signing import Signer
from bot.posts import PlatformError, Retry

SECONDS = 10.0
"""An endpoint answers within so long, or has not taken the message."""
_SHOWN = 300
_REASONS = ("detail", "message", "error", "errorMessages", "errors")
"""Where programs say why: Jira names each field in ``errors``, GitLab in ``message``."""
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class HookOutcome:
    """What came of an attempt; ``problem`` is None where the endpoint has taken the message.

    ``gone`` is an endpoint that wants nothing any more (410), ``url`` the issue that a tracker made or had,
    ``not_before`` when it wants to be asked again.
    """

    took: timedelta
    status: int | None = None
    problem: str | None = None
    gone: bool = False
    url: str | None = None
    not_before: datetime | None = None


class HookClient:
    """Talks to one endpoint. ``allow_private`` is for addresses that the operator of the house has named."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        allow_private: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._clock = clock
        self._caller = Caller(
            url, "The endpoint", clock, timeout=SECONDS, allow_private=allow_private, transport=transport
        )

    def send(self, message: Mapping[str, Any], message_id: str, signer: Signer) -> HookOutcome:
        """Send a signed message; ``message_id`` is the same however often it is sent."""
        body = orjson.dumps(message)
        headers = {"content-type": "application/json", **signer.sign(body, message_id, self._clock())}
        return self._timed(lambda: self._caller.call("POST", self._url, headers=headers, content=body))[0]

    def open_issue(self, template: str, token: str, issue: Issue, *, look_first: bool) -> HookOutcome:
        """Have a tracker make an issue; with ``look_first``, unless one with its mark is there already."""
        if look_first:
            seen, listed = self._ask(trackers.look_up(template, self._url, token, issue))
            if seen.problem is not None:
                return seen
            if (there := trackers.found(template, self._url, listed, issue.mark)) is not None:
                return replace(seen, url=there)
        done, answer = self._ask(trackers.make(template, self._url, token, issue))
        return done if done.problem else replace(done, url=trackers.made(template, self._url, answer))

    def close(self) -> None:
        self._caller.close()

    def _ask(self, wanted: TrackerRequest) -> tuple[HookOutcome, Any]:
        return self._timed(
            lambda: self._caller.call(
                "POST" if wanted.body is not None else "GET",
                wanted.url,
                params=wanted.params,
                headers=wanted.headers,
                json=wanted.body,
            )
        )

    def _timed(self, call: Callable[[], HttpResponse]) -> tuple[HookOutcome, Any]:
        """What came of a call, and the JSON that it brought where it was taken."""
        started = monotonic()
        try:
            answer = call()
        except PlatformError as error:
            at = error.at if isinstance(error, Retry) else None
            return HookOutcome(_since(started), problem=str(error), not_before=at), None
        took = _since(started)
        if answer.ok:
            return HookOutcome(took, answer.status), _json(answer)
        refused = HookOutcome(
            took,
            answer.status,
            _why(answer),
            gone=answer.status == HTTPStatus.GONE,
            not_before=retry_at(answer.headers, self._clock()),
        )
        return refused, None


def _json(answer: HttpResponse) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _told(reason: Any, depth: int = _DEPTH) -> str:
    """A reason in words, however deep in lists and names it lies."""
    if isinstance(reason, str):
        return reason
    if depth and isinstance(reason, list):
        return "; ".join(filter(None, (_told(one, depth - 1) for one in reason)))
    if depth and isinstance(reason, dict):
        parts = ((name, _told(one, depth - 1)) for name, one in reason.items())
        return "; ".join(f"{name}: {words}" for name, words in parts if words)
    return ""


def _since(started: float) -> timedelta:
    return timedelta(seconds=monotonic() - started)


def _why(answer: HttpResponse) -> str:
    if 300 <= answer.status < 400:
        return f"The endpoint answered {answer.status}: it leads elsewhere, and redirects are not followed."
    told = answer.mapping()
    named = (_told(told[key]) for key in _REASONS if told.get(key))
    detail = "; ".join(part for part in named if part)[:_SHOWN]
    return f"The endpoint answered {answer.status}." + (f" {detail}" if detail else "")
