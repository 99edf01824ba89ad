"""Being told first, by mail: a customer leaves an address, proves it, and ends it whenever they like.

Nobody learns here whether an address is known: every one gets the same page, as quickly. Looking at a page
changes nothing, for mail programs look at links by themselves.
"""

from collections.abc import Callable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, BackgroundTasks, Form, Path, Request, Response

from app.identity.auth import SECRET_PAGE
from app.web.forms import ShortText
from app.web.html import render, spoken
from app.web.languages.interface import named_languages
from app.web.problems import Problem
from app.wiring.channels import tells_first
from app.wiring.composition import Chorus, Here
from app.wiring.keys import stop_keys
from bot.actions.announce import tell_first
from bot.actions.announce.tell_first import ConfirmMail
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.store.house import subscribers
from bot.wording.languages.catalogues import SOURCE, languages
from routing.model.phrases import phrase

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False, default_response_class=Response)

_FORM = "announcements/tell_first.html"
_Secret = Annotated[str, Path(max_length=200)]
SendConfirmMail = Callable[[ConfirmMail], None]
"""Mails a customer the link that proves their mailbox."""


@router.get("/announcements/tell-first")
def page(request: Request, chorus: Here) -> Response:
    """A field for an address, and the language of the mails."""
    _must_tell(chorus)
    return _page(request)


@router.post("/announcements/tell-first")
def ask(
    request: Request,
    chorus: Here,
    work: BackgroundTasks,
    email: Annotated[str, Form(max_length=200)] = "",
    language: ShortText = "",
) -> Response:
    """Mail a link, unless there is nothing to mail: the page is the same, and as quick."""
    _must_tell(chorus)
    code = language if language in languages() else spoken(request, _FORM).code
    try:
        mailbox = tell_first.mailbox_typed(email)
    except Invalid as error:
        return _page(request, status=422, email=email, error=str(error), chosen=code)
    work.add_task(
        _mail, chorus, request.app.state.send_confirm_mail, mailbox, None if code == SOURCE else code
    )
    return _page(request, sent=True, chosen=code)


@router.get("/announcements/confirm/{secret}")
def look(request: Request, chorus: Here, secret: _Secret) -> Response:
    """The button that confirms; looking does not."""
    _must_tell(chorus)
    with chorus.database.read() as session:
        found = subscribers.of_link(session, secret, chorus.database.now(session))
    if found is None:
        return _over(request)
    return _secret_page(request, "announcements/confirm.html", mailbox=found.address, done=False)


@router.post("/announcements/confirm/{secret}")
def confirm(request: Request, chorus: Here, secret: _Secret) -> Response:
    """They are told from now on."""
    _must_tell(chorus)
    try:
        with chorus.database.write() as session:
            tell_first.confirm(session, secret, chorus.database.now(session))
    except Undecidable:
        return _over(request)
    return _secret_page(request, "announcements/confirm.html", mailbox="", done=True)


@router.get("/announcements/stop/{token}")
def before_the_end(request: Request, chorus: Here, token: _Secret) -> Response:
    """The button that ends it; also where the house tells nobody any more."""
    _named(chorus, token)
    return _secret_page(request, "announcements/stop.html", done=False)


@router.post("/announcements/stop/{token}")
def stop(request: Request, chorus: Here, token: _Secret) -> Response:
    """They are told no more, by the button or by their mail program's (RFC 8058), and forgotten."""
    number = _named(chorus, token)
    with chorus.database.write() as session:
        subscribers.forget(session, number)
    return _secret_page(request, "announcements/stop.html", done=True)


def _mail(chorus: Chorus, send: SendConfirmMail | None, mailbox: str, language: str | None) -> None:
    with chorus.database.write() as session:
        mail = tell_first.ask(session, mailbox, language, chorus.database.now(session))
    if mail is None or send is None:
        return
    try:
        send(mail)
    except Exception:
        log.exception("link to confirm not sent")


def _must_tell(chorus: Chorus) -> None:
    """Raises Problem 404 where announcements are not mailed."""
    if not tells_first(chorus.settings):
        raise Problem(404, phrase("Announcements are not mailed here. They are on the page and in its feed."))


def _named(chorus: Chorus, token: str) -> int:
    number = tell_first.subscriber_named(stop_keys(chorus.given), token)
    if number is None:
        raise Problem(
            404,
            phrase("There is nothing to stop at this address. Please take the link from our mail."),
            headers=SECRET_PAGE,
        )
    return number


def _page(request: Request, *, status: int = 200, **given: Any) -> Response:
    filled = {"email": "", "error": None, "sent": False, "chosen": spoken(request, _FORM).code, **given}
    return render(request, _FORM, status=status, headers=SECRET_PAGE, tongues=named_languages(), **filled)


def _secret_page(request: Request, template: str, **given: Any) -> Response:
    return render(request, template, headers=SECRET_PAGE, path=request.url.path, **given)


def _over(request: Request) -> Response:
    return render(request, "announcements/confirm_over.html", status=410, headers=SECRET_PAGE)
