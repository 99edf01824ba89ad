"""Errors as people and machines need them: a page for a browser, RFC 9457 problem details for a program."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.web.refusals.near_misses import page_above, without_slash
from app.web.refusals.problem_page import is_at_work, problem_page
from app.web.refusals.submitted import KeepSubmitted
from bot.store.engine import DatabaseDown, is_passing
from routing.model.phrases import phrase

PROBLEM_JSON = "application/problem+json"
_MACHINES = ("/api/", "/webhooks/", "/local/posts", "/livez", "/readyz", "/metrics", "/openapi.json")
_ADVICE = {
    404: phrase("The address may be mistyped, or the page has moved. Perhaps a search finds it."),
    405: phrase("The page is there, but it does not take this kind of request."),
    410: phrase(
        "It was taken back, or the question was deleted by whoever asked it. Perhaps another answer helps."
    ),
    500: phrase("The error has been noted. Trying again in a moment may help."),
    503: phrase("The archive cannot reach its database just now. Please try again in a moment."),
}
_ADVICE_AT_WORK = {
    404: phrase("The address may be mistyped, or what was here is gone."),
    410: phrase("It was deleted or taken back."),
    503: phrase("Chorus cannot reach its database just now. Please try again in a moment."),
}
_MISSING = {
    "such question": phrase("There is no such question."),
    "such answer": phrase("There is no such answer."),
    "such kind": phrase("There is no such kind."),
    "such announcement": phrase("There is no such announcement."),
}
"""What those who answer may look for in vain."""
Found = TypeVar("Found")
_log = structlog.get_logger("chorus.web")


class Problem(HTTPException):
    """A request that is answered with an error. ``detail`` is written for whoever reads the answer.

    ``errors`` says which parameters or fields are wrong and why: pairs of name and explanation.
    """

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail or _ADVICE.get(status), headers)
        self.errors = tuple(errors)


def there(found: Found | None, what: str) -> Found:
    """What was looked for. Raises Problem 404 where there is no ``what``."""
    if found is None:
        raise Problem(404, _MISSING.get(what, f"There is no {what}."))
    return found


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a page or a problem document, whichever the reader understands."""
    app.add_exception_handler(HTTPException, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ClientDisconnect, _on_refusal)
    app.add_exception_handler(Exception, _on_failure)
    app.add_middleware(KeepSubmitted)


def document(status: int, detail: str | None, errors: Sequence[tuple[str, str]] = ()) -> bytes:
    """A problem document of the type ``about:blank``: its title is the status in words."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [{"name": name, "detail": explanation} for name, explanation in errors]
    return orjson.dumps(body)


def _wants_page(path: str, accept: str) -> bool:
    """Whether a person with a browser is asking, rather than a program."""
    return "text/html" in accept and not path.startswith(_MACHINES)


def respond(
    request: Request,
    status: int,
    detail: str | None,
    errors: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that failed: a page for a person, a problem document for a program."""
    kept = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if status in (204, 304):
        return Response(status_code=status, headers=kept)
    if not _wants_page(request.url.path, request.headers.get("accept", "")):
        return Response(document(status, detail, errors), status, kept, PROBLEM_JSON)
    if detail == _ADVICE.get(status) and is_at_work(request.url.path):
        detail = _ADVICE_AT_WORK.get(status, detail)
    return problem_page(request, status, detail, errors, kept)


def _answer_to(request: Request, error: HTTPException | ClientDisconnect) -> Response:
    """The answer to a request that was refused, or whose client went away before it was complete."""
    if isinstance(error, ClientDisconnect):
        # Nobody is left to read this, and nothing failed here: otherwise each would be logged as a failure.
        return respond(request, 408, phrase("The request was not complete when the connection ended."))
    detail = error.detail
    if not isinstance(error, Problem) and detail == HTTPStatus(error.status_code).phrase:
        detail = _ADVICE.get(error.status_code, "")  # the framework's own error: its text says nothing new
    errors = error.errors if isinstance(error, Problem) else ()
    return respond(request, error.status_code, detail, errors, error.headers)


def _on_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException | ClientDisconnect):
        raise error
    page = _meant(request, error)
    return RedirectResponse(*page) if page is not None else _answer_to(request, error)


def _meant(request: Request, error: Exception) -> tuple[str, int] | None:
    """The page that this request misses by little, and the status that leads there; None for none."""
    status = getattr(error, "status_code", None)
    if status == 404 and (bare := without_slash(request)) is not None:
        return bare, 307
    if status == 405 and _wants_page(request.url.path, request.headers.get("accept", "")):
        above = page_above(request)
        return (above, 303) if above is not None else None
    return None


def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [(_name(problem["loc"]), str(problem["msg"])) for problem in error.errors()]
    only_syntax = all(problem["type"] == "json_invalid" for problem in error.errors())
    detail = "; ".join(f"{name}: {explanation}" for name, explanation in errors)
    return respond(request, 400 if only_syntax else 422, detail, errors)


def _name(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _on_failure(request: Request, error: Exception) -> Response:
    if isinstance(error, DatabaseDown) or is_passing(error):
        return respond(request, 503, _ADVICE[503], headers={"Retry-After": "5"})
    _log.error("request failed", path=request.url.path, method=request.method, exc_info=error)
    return respond(request, 500, _ADVICE[500])
