"""One question's page, and what its readers can say about it."""

from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from app.identity.auth import Visitor
from app.public.reading import in_conversation, public_record, related, tidy
from app.public.schema_org import qa_page
from app.web.addresses import entry_path
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.archive import review
from bot.store.archive import reports
from bot.store.archive.records import Record
from bot.text.characters import clean
from routing.model.phrases import phrase

_PAGE = {"Cache-Control": "public, no-cache"}
_OWN_PAGE = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
"""Who is signed in sees what they may do, in their own time zone: nobody else is handed that."""
_RELATED = 5
_LONGEST_REPORT = 2000
_THANKS = {
    "helped": phrase("Thank you. It is good to know that this helped."),
    "not_helped": phrase("Thank you. If something is wrong with the answer, please report it below."),
    "reported": phrase("Thank you. A person will look at it."),
}

router = APIRouter(include_in_schema=False, default_response_class=Response)


@router.get("/q/{reference}")
@router.get("/q/{reference}/")
def show(request: Request, chorus: Here, person: Visitor, reference: str, said: str = "") -> Response:
    """The question and its answers; any address with its number leads to the one with its words."""
    number = reference.partition("-")[0]
    record = public_record(chorus, number)
    path = entry_path(record.id, record.title)
    if path != quote(request.url.path):
        return RedirectResponse(path, 301)
    earlier, following = in_conversation(chorus, record)
    return render(
        request,
        "archive/question.html",
        headers=_PAGE if person is None else _OWN_PAGE,
        record=record,
        path=path,
        earlier=earlier,
        following=following,
        related=related(chorus, record, _RELATED),
        schema=qa_page(record, chorus.settings),
        thanks=_THANKS.get(said),
    )


@router.post("/q/{reference}/helpful")
def vote(chorus: Here, reference: str, helpful: Annotated[str, Form()]) -> Response:
    """Count whether the answer helped."""
    record = public_record(chorus, reference)
    if helpful not in ("yes", "no"):
        raise Problem(422, phrase("Please say yes or no."), errors=[("helpful", "should be yes or no")])
    with chorus.database.write() as session:
        today = chorus.database.now(session).astimezone(ZoneInfo(chorus.settings.timezone)).date()
        reports.vote(session, record.id, today, helpful=helpful == "yes")
    return _back(record, "helped" if helpful == "yes" else "not_helped")


@router.post("/q/{reference}/report")
def report(
    chorus: Here,
    reference: str,
    reason: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Tell the people in charge that something is wrong with an entry."""
    record = public_record(chorus, reference)
    if tidy(reason) not in list(review.ReportReason):
        raise Problem(
            422, phrase("Please choose what is wrong."), errors=[("reason", "is none of the choices")]
        )
    if len(text) > _LONGEST_REPORT:
        detail = phrase("Please say it in at most %(most)s characters.", most=_LONGEST_REPORT)
        raise Problem(422, detail, errors=[("text", detail)])
    with chorus.database.write() as session:
        now = chorus.database.now(session)
        review.report(session, record.id, review.ReportReason(tidy(reason)), clean(text).strip(), now)
    return _back(record, "reported")


def _back(record: Record, said: str) -> Response:
    return RedirectResponse(f"{entry_path(record.id, record.title)}?said={said}#said", 303)
