"""What somebody typed into a form, kept while the form is handled, so that no refusal costs it.

It is kept with its request alone and goes back to whoever sent it, on the page that says what went wrong:
nothing is stored, and a form that another site made a browser send never gets here
(``app.web.guard.security``).
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from routing.model.phrases import phrase

_KEPT = "chorus.typed"
_FORM = b"application/x-www-form-urlencoded"
_MOST_FIELDS = 2000
_ONE_LINE = 30
_CHOSEN = frozenset(
    {
        "accept_anew",
        "afterwards",
        "agreed",
        "audience",
        "back",
        "by",
        "colleague",
        "counts",
        "deed",
        "department",
        "digest",
        "do",
        "follows",
        "helpful",
        "in_reply_to",
        "into",
        "kept",
        "kind",
        "language",
        "leads",
        "level",
        "like",
        "listed",
        "main",
        "measure",
        "message",
        "nets",
        "of",
        "on",
        "only_look",
        "opted_in",
        "parent",
        "person",
        "persona",
        "place",
        "platform",
        "private",
        "put_off",
        "query",
        "question",
        "revision",
        "role",
        "score",
        "seen",
        "seen_before",
        "shortcuts",
        "show",
        "state",
        "step",
        "successor",
        "sure",
        "template",
        "tracker",
        "unit",
        "unnamed",
        "what",
        "word",
    }
)
"""Fields that are chosen or come with the form: sent again as they are, not shown as words."""
_CHOSEN_KINDS = (
    "also-",
    "answer-",
    "chosen-",
    "copy-",
    "department-",
    "event-",
    "matter-",
    "on-",
    "pick-",
    "platform-",
    "question-",
    "scope-",
    "topic-",
)
_EITHER = frozenset({"other", "tell", "to"})
"""Fields that are chosen on one page, where they hold a number, a switch or a page, and typed on another."""
_LABELS = {
    "text": phrase("Your text"),
    "why": phrase("Because"),
    "below": phrase("What the brand says below it"),
    "server": phrase("Your server or handle"),
    "open_cap": phrase("At one time"),
}


@dataclass(frozen=True, slots=True)
class SubmittedField:
    """One field of a form that was sent. ``label`` is empty for what was chosen rather than typed."""

    name: str
    value: str
    label: str

    @property
    def is_long(self) -> bool:
        """Whether it wants a box of several lines."""
        return "\n" in self.value or len(self.value) > _ONE_LINE


class KeepSubmitted:
    """Reads a form before anything can refuse it; whoever reads it afterwards gets the same bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what is typed, then go on."""
        await self._app(scope, await keep_submitted(scope, receive), send)


async def keep_submitted(scope: Scope, receive: Receive) -> Receive:
    """Read a form into its request; what is given back reads it once more. Anything else stays unread."""
    if not _is_form(scope) or _KEPT in scope:
        return receive
    body = bytearray()
    while True:
        try:
            message = await receive()
        except HTTPException as error:  # larger than a request may be
            return _refusing(error)
        body += message.get("body", b"")
        if message["type"] != "http.request":
            return _first(message, receive)
        if not message.get("more_body"):
            break
    scope[_KEPT] = bytes(body)
    return _first({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def submitted_to(scope: MutableMapping[str, Any]) -> tuple[SubmittedField, ...]:
    """What the form of this request holds: its fields in order, without the empty ones."""
    body: bytes = scope.get(_KEPT, b"")
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), errors="replace", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ()
    return tuple(SubmittedField(name, value, _label(name, value)) for name, value in fields if value.strip())


def _label(name: str, value: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    if name in _CHOSEN or name.startswith(_CHOSEN_KINDS) or (name in _EITHER and _is_choice(value)):
        return ""
    return name.replace("-", " ").replace("_", " ").capitalize()


def _is_choice(value: str) -> bool:
    return value.isdecimal() or value.startswith("/") or value in ("on", "off")


def _is_form(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    return any(
        name == b"content-type" and value.lower().startswith(_FORM) for name, value in scope["headers"]
    )


def _first(message: Message, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return message

    return again


def _refusing(error: HTTPException) -> Receive:
    async def refuse() -> Message:
        raise error

    return refuse
