"""All of a page's form, sent with one button: the deed gets its own part, the rest stays on the page.

Nothing is stored: what was typed in the other parts goes back, with the page on which it stands, to whoever
sent it. No deed sees a field of another part, and what is shown is read as any page is, with all its guards.
"""

from collections import defaultdict
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.addresses import behind_a_sign_in
from app.web.together.markup import AS_IT_CAME, OF, PAGE_FIELD, Pairs, digest

_BESIDE = "chorus.beside"
_OUTCOME = ("done", "at")
"""What the address of a page says of what has just been done."""
_MOST_FIELDS = 5_000
_MOST_LEAPS = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """What stood in the other parts of a page's form, where somebody had changed them since the page came."""

    own: str
    """The part that was sent."""
    page: str
    """Where the form stands; empty where it does not say so."""
    parts: Mapping[str, Pairs] = field(default_factory=dict)
    stands_at: str = ""
    """The address of the page that is shown once the deed is done."""

    @property
    def fields(self) -> dict[str, list[str]]:
        """The values by the names that the fields have on the page."""
        found: dict[str, list[str]] = defaultdict(list)
        for part, pairs in self.parts.items():
            for name, value in pairs:
                found[f"{name}@{part}"].append(value)
        return dict(found)


def beside(scope: MutableMapping[str, Any]) -> Beside | None:
    """What was sent with this request beside its own part; None where it is no part of a page's form."""
    found: Beside | None = scope.get(_BESIDE)
    return found


def own_part(scope: Scope, body: bytes) -> bytes:
    """The fields of a form that its deed is to have. What else was typed is kept with the request."""
    if b"%40" not in body and b"@" not in body:
        return body
    try:
        sent = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return body
    if not any("@" in name for name, _ in sent):
        return body
    own = _part_of(scope)
    mine: list[tuple[str, str]] = []
    page = ""
    others: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, value in sent:
        called, at, part = name.replace("\0", "").partition("@")
        value = value.replace("\0", "")
        if name == PAGE_FIELD:
            page = behind_a_sign_in(value)
        elif not at or own in (part, unquote(part)):
            mine.append((called, value))
        else:
            others[part].append((called, value))
    mine = [(name, value) for name, value in mine if name != AS_IT_CAME]
    scope[_BESIDE] = Beside(
        own, page, {part: pairs for part, held in others.items() if (pairs := _typed(held, mine))}
    )
    return urlencode(mine).encode()


def _part_of(scope: Scope) -> str:
    """The part that a button is of: the one it names, else the one that is called as its address."""
    query = scope["query_string"].decode("latin-1")
    address = f"{scope['path']}?{query}" if query else str(scope["path"])
    return str(parse_qs(query).get(OF, [address])[0])


def _typed(held: Pairs, mine: Pairs) -> Pairs:
    """The fields of a part that somebody has changed; none where they are as they came, or just sent."""
    came = next((value for name, value in held if name == AS_IT_CAME), "")
    fields = [(name, value) for name, value in held if name != AS_IT_CAME]
    said = [one for one in fields if one[1].strip()]
    if digest(fields) == came or (said and all(one in mine for one in said)):
        return []
    return fields


async def shown_with_the_rest(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the deed be done; where it leads on, answer with the page of the form and what stays on it."""
    kept = beside(scope)
    if kept is None or not kept.parts:
        await app(scope, receive, send)
        return
    answer = _Answer()
    before = {**scope, "state": dict(scope.get("state", {}))}
    await app(scope, receive, answer.take)
    leads_to = answer.leads_to
    if not leads_to:
        await answer.give(send)
        return
    for address in dict.fromkeys((_with_outcome(kept.page, leads_to), leads_to)):
        shown = await _page(app, before, kept, address) if address else None
        if shown is not None:
            await shown.give(send, answer.cookies)
            return
    await answer.give(send)


def _with_outcome(page: str, leads_to: str) -> str:
    """The page's address with what the deed says of how it went."""
    if not page:
        return ""
    there, told = urlsplit(page), parse_qs(urlsplit(leads_to).query)
    query = [one for one in parse_qsl(there.query, keep_blank_values=True) if one[0] not in _OUTCOME]
    query += [(name, told[name][0]) for name in _OUTCOME if name in told]
    return there.path + (f"?{urlencode(query)}" if query else "")


async def _page(app: ASGIApp, before: Scope, kept: Beside, address: str) -> "_Answer | None":
    """The page at an address of ours, as it is shown to whoever sent the form; None where there is none."""
    leaps = _MOST_LEAPS
    while behind_a_sign_in(address) and leaps:
        parts = urlsplit(address)
        answer = _Answer()
        reading = {
            **before,
            "method": "GET",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [one for one in before["headers"] if not one[0].startswith((b"content-", b"if-"))],
            "state": dict(before["state"]),
            _BESIDE: replace(kept, stands_at=address),
        }
        await app(reading, _nothing, answer.take)
        if answer.status == 200:
            return answer
        address, leaps = answer.leads_to, leaps - 1
    return None


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


class _Answer:
    """An answer that is held back until it is known whether it is the one to give."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self._messages.append(message)

    @property
    def status(self) -> int:
        return int(self._messages[0]["status"]) if self._messages else 0

    @property
    def leads_to(self) -> str:
        """The page of ours behind a sign-in that it leads on to; empty where it leads to none."""
        if self.status not in (303, 307):
            return ""
        found = (
            value.decode("latin-1") for name, value in self._messages[0]["headers"] if name == b"location"
        )
        return behind_a_sign_in(next(found, ""))

    @property
    def cookies(self) -> list[tuple[bytes, bytes]]:
        return [one for one in self._messages[0]["headers"] if one[0] == b"set-cookie"]

    async def give(self, send: Send, cookies: Any = ()) -> None:
        for message in self._messages:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *cookies]}
            await send(message)
