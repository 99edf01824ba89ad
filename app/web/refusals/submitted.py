"""What somebody typed into a form, kept while the form is handled, so that no refusal costs it.

It is kept with its request alone and goes back to whoever sent it, on the page that says what went wrong:
nothing is stored, and a form that another site made a browser send never gets here
(``app.web.guard.security``).
"""

from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.together.fields import SubmittedField, shown, typed_in_part
from app.web.together.markup import PAGE_FIELD
from app.web.together.sent import Beside, beside, own_part, shown_with_the_rest

_KEPT = "chorus.typed"
_FORM = b"application/x-www-form-urlencoded"
_MOST_FIELDS = 2000


class KeepSubmitted:
    """Reads a form before anything can refuse it; whoever reads it afterwards gets the same bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what is typed, then go on."""
        receive = await keep_submitted(scope, receive)
        await shown_with_the_rest(self._app, scope, receive, send)


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
    scope[_KEPT] = own = own_part(scope, bytes(body))
    return _first({"type": "http.request", "body": own, "more_body": False}, receive)


def submitted_to(scope: MutableMapping[str, Any]) -> tuple[SubmittedField, ...]:
    """What the form of this request holds: its fields in order, without the empty ones.

    What was typed in the other parts of its page comes after that, under the names that it has there.
    """
    body: bytes = scope.get(_KEPT, b"")
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), errors="replace", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ()
    kept = beside(scope)
    return (*shown(fields), *(_with_its_page(kept) if kept is not None and kept.parts else ()))


def _with_its_page(kept: Beside) -> Iterator[SubmittedField]:
    yield SubmittedField(PAGE_FIELD, kept.page, "")
    for part, fields in kept.parts.items():
        yield from typed_in_part(part, fields)


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
