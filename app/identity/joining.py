"""Joining by oneself: an address at work is typed, a link proves it, and its owner says what they know.

Nobody learns here whether an address is known: every address at a domain of the house gets the same page.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from zoneinfo import available_timezones

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Form, Path, Request, Response

from app.identity.auth import SECRET_PAGE, Visitor, actor, see_other, signed_in
from app.web.forms import Fields, levels
from app.web.html import render, spoken
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import joining_terms_of
from bot.actions.people import joining
from bot.actions.people.details import Details, Invalid
from bot.actions.people.joining import JoiningTerms, JoinMail
from bot.actions.undecidable import Undecidable
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.people import access
from bot.store.queries.pages import desk
from bot.store.tables.people import EmployeeRow
from bot.wording.languages.catalogues import SOURCE
from routing.model.phrases import phrase

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)

_ASKED, _FORM = "auth/join.html", "auth/join_form.html"
_Secret = Annotated[str, Path(max_length=200)]
SendJoinMail = Callable[[JoinMail], None]
"""Mails somebody what became of their wish to take part."""


def _post(request: Request, work: BackgroundTasks) -> SendJoinMail:
    """Sends once the page is out; nothing where this house sends no mail."""
    send: SendJoinMail | None = request.app.state.send_join_mail

    def later(mail: JoinMail) -> None:
        if send is not None:
            work.add_task(_sent, send, mail)

    return later


JoinPost = Annotated[SendJoinMail, Depends(_post)]


def _sent(send: SendJoinMail, mail: JoinMail) -> None:
    try:
        send(mail)
    except Exception:
        log.exception("mail to a newcomer not sent", kind=mail.kind)


@router.get("/join")
def page(request: Request, chorus: Here, person: Visitor) -> Response:
    """What Chorus asks of an employee, and a field for an address at work."""
    if person is not None:
        return see_other(person.home)
    return _asked(request, _open_terms(chorus))


@router.post("/join")
def ask(
    request: Request,
    chorus: Here,
    work: BackgroundTasks,
    email: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Mail a link, or what else there is to say to that mailbox: the page is the same, and as quick."""
    terms = _open_terms(chorus)
    try:
        mailbox = joining.mailbox_for(terms, email)
    except Invalid as error:
        return _asked(request, terms, email=email, error=str(error), status=422)
    send: SendJoinMail | None = request.app.state.send_join_mail
    work.add_task(_mail, chorus, send, mailbox, _language(request))
    return _asked(request, terms, sent=True)


@router.get("/join/{secret}")
def proved(request: Request, chorus: Here, secret: _Secret) -> Response:
    """Who they are and what they know; looking does not use the link up."""
    terms = _open_terms(chorus)
    with chorus.database.read() as session:
        mailbox = joining.mailbox_of(session, terms, secret, chorus.database.now(session))
    if mailbox is None:
        return _over(request)
    return _form(request, chorus, mailbox, {"timezone": chorus.settings.timezone})


@router.post("/join/{secret}")
def join(request: Request, chorus: Here, secret: _Secret, fields: Fields) -> Response:
    """Take part, and be signed in; or wait until a person in charge has decided."""
    terms = _open_terms(chorus)
    with chorus.database.read() as session:
        mailbox = joining.mailbox_of(session, terms, secret, chorus.database.now(session))
    if mailbox is None:
        return _over(request)
    try:
        session_secret = _join(chorus, terms, secret, _details(request, chorus, fields))
    except Undecidable:
        return _over(request)
    except Invalid as error:
        return _form(request, chorus, mailbox, fields, {error.field: str(error)})
    chorus.bell.ring()
    if session_secret is None:
        return render(request, "auth/join_waits.html", headers=SECRET_PAGE)
    return signed_in(see_other("/desk/welcome"), chorus.settings, session_secret)


def _join(chorus: Chorus, terms: JoiningTerms, secret: str, details: Details) -> str | None:
    """The secret of the new session; None where a person in charge is to decide."""
    with chorus.database.write() as session:
        now = chorus.database.now(session)
        joined = joining.join(session, terms, secret, details, now)
        if isinstance(joined, EmployeeRow):
            audit.append(session, actor(joined), AuditAction.JOIN, f"employee {joined.id}", {}, now)
            return access.start_session(session, joined, now)
        audit.append(session, joined.email, AuditAction.JOIN_ASK, f"join request {joined.id}", {}, now)
        return None


def _details(request: Request, chorus: Chorus, fields: Mapping[str, str]) -> Details:
    return Details(
        name=fields.get("name", ""),
        email="",
        timezone=fields.get("timezone", "") or chorus.settings.timezone,
        language=_language(request) or "",
        topics=levels(fields),
    )


def _language(request: Request) -> str | None:
    """The language in which they are written to; None: English."""
    code = spoken(request, _ASKED).code
    return code if code != SOURCE else None


def _mail(chorus: Chorus, send: SendJoinMail | None, mailbox: str, language: str | None) -> None:
    with chorus.database.write() as session:
        mail = joining.ask(session, mailbox, language, chorus.database.now(session))
    if mail is not None and send is not None:
        _sent(send, mail)


def _open_terms(chorus: Chorus) -> JoiningTerms:
    """Who may join. Raises Problem 404 where nobody may."""
    terms = joining_terms_of(chorus.settings)
    if not terms.is_open:
        raise Problem(
            404,
            phrase("Nobody joins by themselves here. Ask the person in charge of Chorus to invite you."),
        )
    return terms


def _asked(request: Request, terms: JoiningTerms, *, status: int = 200, **typed: Any) -> Response:
    given = {"email": "", "error": None, "sent": False, **typed}
    return render(request, _ASKED, status=status, terms=terms, **given)


def _form(
    request: Request,
    chorus: Chorus,
    mailbox: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    with chorus.database.read() as session:
        topics = desk.topic_names(session)
    return render(
        request,
        _FORM,
        status=422 if errors else 200,
        headers=SECRET_PAGE,
        address=request.url.path,
        mailbox=mailbox,
        terms=joining_terms_of(chorus.settings),
        typed=typed,
        levels=levels(typed),
        topics=topics,
        timezones=sorted(available_timezones()),
        errors=errors or {},
    )


def _over(request: Request) -> Response:
    return render(request, "auth/join_over.html", status=410, headers=SECRET_PAGE)
