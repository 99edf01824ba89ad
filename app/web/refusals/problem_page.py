"""The page of an error: it belongs to the room somebody is in, leads back into it, keeps what they typed."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from app.web.addresses import on_board, with_return_path
from app.web.html import render
from app.web.refusals.meanwhile import last_deed, page_of_form, place_of_form
from app.web.refusals.submitted import submitted_to
from routing.model.phrases import phrase

_HEADINGS = {
    400: phrase("That request could not be understood"),
    401: phrase("Please sign in"),
    403: phrase("This is not for you to see"),
    404: phrase("There is nothing here"),
    405: phrase("That cannot be done here"),
    408: phrase("That took too long"),
    409: phrase("That cannot be done any more"),
    410: phrase("This answer is gone"),
    413: phrase("That is too much at once"),
    422: phrase("Something about that is not right"),
    429: phrase("A little slower, please"),
    500: phrase("Something went wrong on our side"),
    503: phrase("We will be back in a moment"),
}
_HEADINGS_AT_WORK = {410: phrase("This is no longer there")}
_ROOMS = ("/desk", "/admin")
_PUBLIC_HOME = ("/", phrase("Back to the answers"))
_FEED = ("/local", phrase("Back to the feed"))
_HOMES = {
    "/desk": ("/desk", phrase("Back to the desk")),
    "/admin": ("/admin", phrase("Back to the overview")),
    "/admin/questions": ("/admin/questions", phrase("Back to the questions")),
}
_WORTH_ANOTHER_TRY = frozenset({401, 409, 413, 422, 429, 500, 502, 503})
_NOT_AS_IT_IS = frozenset({409, 413, 422})
"""Sent once more without a word changed, it would be refused once more."""


def is_at_work(path: str) -> bool:
    """Whether an address belongs to the desk or to the people in charge."""
    return any(path == room or path.startswith(f"{room}/") for room in _ROOMS)


def problem_page(
    request: Request,
    status: int,
    detail: str | None,
    errors: Sequence[tuple[str, str]],
    headers: dict[str, str],
) -> Response:
    """What went wrong, what to do, and the form that was sent, to be sent again.

    What cannot be done any more (409) is not to be sent again as it is: the page says who did what meanwhile,
    leads to where it stands now, and keeps what was typed. Nor is what was not given as it has to be, where
    there is no word that could be changed here: the page leads back to the form.
    """
    path = request.url.path
    person = getattr(request.state, "person", None)
    heading = _HEADINGS.get(status, HTTPStatus(status).phrase)
    frame, home = _room(path, person, refused=status == 403)
    sends = request.method == "POST"
    typed = submitted_to(request.scope) if sends else ()
    board = next((on_board(one.value) for one in typed if one.name == "back"), "")
    if board and person is not None and status != 403:
        home = (board, "Back to the board")
    overtaken = sends and status == 409
    refused = sends and status in _NOT_AS_IT_IS
    place = place_of_form(request) if refused and person is not None else ""
    last = None
    if overtaken and person is not None and path.startswith("/admin/"):
        last = last_deed(request.app.state.chorus.database, path)
    return render(
        request,
        "problem.html",
        status=status,
        headers=headers,
        frame=frame,
        person=person,
        home=home,
        code=status,
        heading=_HEADINGS_AT_WORK.get(status, heading) if is_at_work(path) else heading,
        detail=detail,
        errors=errors,
        searches=status in (404, 410) and not is_at_work(path),
        sign_in=with_return_path("/sign-in", page_of_form(request)) if status == 401 else None,
        typed=typed,
        opening="",
        again=_here(request) if sends and status in _WORTH_ANOTHER_TRY else None,
        sends_as_it_is=sends and status in _WORTH_ANOTHER_TRY - _NOT_AS_IT_IS,
        overtaken=overtaken,
        place=place if place != home[0] else "",
        last=last,
    )


def _room(path: str, person: Any, *, refused: bool) -> tuple[str, tuple[str, str]]:
    """The frame of the page, and where it leads back to: address and words."""
    if not is_at_work(path):
        return "base.html", _FEED if path == "/local" or path.startswith("/local/") else _PUBLIC_HOME
    if person is None:
        return "base.html", _HOMES["/desk" if path.startswith("/desk") else "/admin"]
    home = person.home if refused or path.startswith("/admin") else "/desk"
    return ("desk/frame.html" if home == "/desk" else "admin/frame.html"), _HOMES[home]


def _here(request: Request) -> str:
    """The address of this request as a form may be sent to it again: always one of ours."""
    query = f"?{request.url.query}" if request.url.query else ""
    return "/" + quote(request.url.path.lstrip("/")) + query
