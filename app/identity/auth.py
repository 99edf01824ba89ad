"""Signing in: one-time links, server-side sessions, and who may do what.

Every page behind a sign-in says what it needs (``needs(...)``; who has it is in ``bot.roles``);
``deny_undeclared``, which every such router carries, refuses a page that does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import BackgroundTasks, Depends, Form, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRouter
from starlette.exceptions import HTTPException

from app.web.addresses import behind_a_sign_in, with_return_path
from app.web.html import LIVE, render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.settings import Settings
from app.wiring.steering.rules import joining_terms_of
from bot.roles import Permission, Role
from bot.store.engine import Database, Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.people import access, staff
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState
from routing.model.phrases import phrase

log = structlog.get_logger(__name__)

SendLink = Callable[[str, str, str | None], None]
"""Sends a sign-in link: e-mail address, link, the language that its reader has chosen."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; the role says what they may do."""

    id: int
    name: str
    email: str
    role: Role
    opted_in: bool
    timezone: str
    session_secret: str
    language: str | None = None
    """What they chose that the desk speaks; None: what their browser asks for."""
    accepts_anew: bool = False
    """Whether the guidelines have changed since they accepted them."""
    shortcuts: bool = True
    """Whether single keys do something at their desk."""

    @property
    def home(self) -> str:
        """The page they start at."""
        return _home(self.role)

    def may(self, permission: Permission) -> bool:
        """Whether their role permits it."""
        return self.role.may(permission)


def _home(role: Role) -> str:
    if role.may(Permission.WATCH):
        return "/admin"
    return "/desk" if role.may(Permission.ANSWER) else "/admin/questions"


def create_login_link(database: Database, settings: Settings, employee: EmployeeRow) -> str:
    """A one-time link with which ``employee`` signs in within a day."""
    with database.write() as session:
        return new_login_link(session, settings, employee, database.now(session))


def new_login_link(session: Session, settings: Settings, employee: EmployeeRow, now: datetime) -> str:
    """As ``create_login_link``, in the caller's transaction."""
    return _address(settings, access.new_login_link(session, employee, now))


def address_of_setup(site: str, secret: str) -> str:
    """Where the first person in charge comes in, at a site's address."""
    return f"{site}/setup/{secret}"


def cookie_name(settings: Settings) -> str:
    """The session cookie's name; over https one that no other host or path can set."""
    return "__Host-chorus" if settings.is_https else "chorus"


def visitor(request: Request, chorus: Here) -> Person | None:
    """Who is signed in, if anybody is. What a page asks for by itself is no use of a session."""
    request.state.seen = chorus.live.seen()  # before anything is read for the page
    secret = request.cookies.get(cookie_name(chorus.settings), "")
    if not secret:
        return None
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        employee = access.person_of_session(session, secret, now)
        notice = employee is not None and not by_itself(request) and access.wants_notice(session, secret, now)
    if employee is None:
        return None
    if notice:
        with chorus.database.write() as session:
            access.note_use(session, secret, now)
    person = Person(
        id=employee.id,
        name=employee.name,
        email=employee.email,
        role=Role(employee.role),
        opted_in=employee.opted_in_at is not None,
        accepts_anew=employee.accepts_anew,
        shortcuts=employee.shortcuts,
        timezone=employee.timezone,
        language=employee.language,
        session_secret=secret,
    )
    request.state.person = person  # for what every page and every error page shows
    return person


def by_itself(request: Request) -> bool:
    """Whether an open page asks for this to keep itself up to date, and nobody pressed anything."""
    return LIVE in request.headers or "text/event-stream" in request.headers.get("accept", "")


Visitor = Annotated[Person | None, Depends(visitor)]


class Needs:
    """A dependency that lets in who may do something, and hands the page who it is."""

    def __init__(self, permission: Permission, *, guidelines: bool) -> None:
        self.permission = permission
        self._guidelines = guidelines

    async def __call__(self, request: Request, person: Visitor) -> Person:
        """The person, or a redirect to the sign-in, or 401 or 403."""  # async, for it would go to a thread
        if person is None:
            raise _sign_in_first(request)
        if not person.may(self.permission):
            raise Problem(
                403,
                phrase(
                    "You are signed in as %(name)s (%(role)s), who may not do this.",
                    name=person.name,
                    role=person.role,
                ),
            )
        # What somebody has just typed is taken first: they read what has changed on the page after that.
        anew = person.accepts_anew and request.method == "GET" and not by_itself(request)
        if self._guidelines and (anew or not person.opted_in):
            wanted = _wanted(request)
            raise _elsewhere(with_return_path("/desk/welcome", "" if wanted == "/desk" else wanted))
        return person


def needs(permission: Permission, *, guidelines: bool = False) -> Any:
    """Let in those who have this permission; the page gets a ``Person``.

    With ``guidelines`` only those who have accepted them come in; the others are asked to first.
    """
    return Depends(Needs(permission, guidelines=guidelines))


MayFollow = Annotated[Person, needs(Permission.FOLLOW)]
Newcomer = Annotated[Person, needs(Permission.ANSWER)]
"""They may answer once they have accepted the guidelines."""
MayAnswer = Annotated[Person, needs(Permission.ANSWER, guidelines=True)]
MayAccept = Annotated[Person, needs(Permission.ACCEPT, guidelines=True)]
MayNote = Annotated[Person, needs(Permission.NOTE, guidelines=True)]
MayRegroup = Annotated[Person, needs(Permission.REGROUP, guidelines=True)]
MayListen = Annotated[Person, needs(Permission.LISTEN, guidelines=True)]
MayPropose = Annotated[Person, needs(Permission.PROPOSE, guidelines=True)]
MayAnnounce = Annotated[Person, needs(Permission.ANNOUNCE)]
MayReadQuestions = Annotated[Person, needs(Permission.READ_QUESTIONS)]
MayWatch = Annotated[Person, needs(Permission.WATCH)]
MayDecide = Annotated[Person, needs(Permission.DECIDE)]
MayChallenge = Annotated[Person, needs(Permission.CHALLENGE, guidelines=True)]
MayJudgeChallenges = Annotated[Person, needs(Permission.JUDGE_CHALLENGES)]
MayRetractOwn = Annotated[Person, needs(Permission.RETRACT_OWN, guidelines=True)]
MayRetract = Annotated[Person, needs(Permission.RETRACT)]
MayStopPublishing = Annotated[Person, needs(Permission.STOP_PUBLISHING)]
MayReadPeople = Annotated[Person, needs(Permission.READ_PEOPLE)]
MayManagePeople = Annotated[Person, needs(Permission.MANAGE_PEOPLE)]
MayManageTopics = Annotated[Person, needs(Permission.MANAGE_TOPICS)]
MayReadDepartments = Annotated[Person, needs(Permission.READ_DEPARTMENTS)]
MayAnswerMatters = Annotated[Person, needs(Permission.ANSWER_MATTERS)]
MayManageDepartments = Annotated[Person, needs(Permission.MANAGE_DEPARTMENTS)]
MayManageWords = Annotated[Person, needs(Permission.MANAGE_WORDS)]
MayReadTexts = Annotated[Person, needs(Permission.READ_TEXTS)]
MayManageTexts = Annotated[Person, needs(Permission.MANAGE_TEXTS)]
MayReadRules = Annotated[Person, needs(Permission.READ_RULES)]
MayManageRules = Annotated[Person, needs(Permission.MANAGE_RULES)]
MayConnect = Annotated[Person, needs(Permission.CONNECT)]
MayManageHooks = Annotated[Person, needs(Permission.MANAGE_HOOKS)]
MaySetGoals = Annotated[Person, needs(Permission.SET_GOALS)]
MayReadAudit = Annotated[Person, needs(Permission.READ_AUDIT)]


async def deny_undeclared(request: Request) -> None:
    """Refuse every page that does not say who may use it."""  # async, for it would go to a thread and back
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if permission_of(dependant) is None:
        raise Problem(403, "Nobody may use this page: it does not say who may.")


def guarded(prefix: str) -> APIRouter:
    """A router for pages behind the sign-in: one that does not say who may use it is refused to everybody."""
    return APIRouter(prefix=prefix, dependencies=[Depends(deny_undeclared)], include_in_schema=False)


def permission_of(dependant: Dependant | None) -> Permission | None:
    """What a route needs; None where it does not say."""
    for dependency in dependant.dependencies if dependant is not None else ():
        if isinstance(dependency.call, Needs):
            return dependency.call.permission
    return None


def actor(person: Person | EmployeeRow) -> str:
    """How the audit log names somebody: by what stays the same and what people recognise."""
    return f"{person.email} ({person.id})"


def see_other(address: str) -> RedirectResponse:
    """Where to go after a form was sent."""
    return RedirectResponse(address, status_code=303)


@router.get("/sign-in")
def sign_in_page(request: Request, chorus: Here, person: Visitor, to: str = "") -> Response:
    """Ask for a new link; where there is nobody who could, say how somebody comes in."""
    wanted = behind_a_sign_in(to)
    if person is not None:
        return see_other(wanted or person.home)
    with chorus.database.read() as session:
        nobody = not staff.anybody(session)
    if nobody:
        return render(request, "admin/first_run/nobody_yet.html")
    return render(
        request,
        "auth/sign_in.html",
        asked=False,
        by_mail=_sender(request) is not None,
        to=wanted,
        joins=joining_terms_of(chorus.settings).is_open,
    )


@router.post("/sign-in")
def ask_for_link(
    request: Request,
    chorus: Here,
    work: BackgroundTasks,
    email: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Send a link, if there is such a person: the answer and its time are the same either way."""
    sender, wanted = _sender(request), behind_a_sign_in(to)
    if sender is not None:
        work.add_task(_send_link, chorus, sender, email, wanted)
    return render(
        request,
        "auth/sign_in.html",
        asked=True,
        by_mail=sender is not None,
        to=wanted,
        joins=joining_terms_of(chorus.settings).is_open,
        command=_LINK_COMMAND,
    )


@router.get("/sign-in/{secret}")
def confirm_page(request: Request, chorus: Here, secret: str, to: str = "") -> Response:
    """Show a button: whatever only previews links must not use one up."""
    with chorus.database.read() as session:
        employee = access.person_of_link(session, secret, chorus.database.now(session))
    if employee is None:
        return _used_up(request, to)
    return render(
        request,
        "auth/confirm.html",
        headers=SECRET_PAGE,
        name=employee.name,
        address=request.url.path,
        to=behind_a_sign_in(to),
    )


@router.post("/sign-in/{secret}")
def use_link(request: Request, chorus: Here, secret: str, to: Annotated[str, Form()] = "") -> Response:
    """Sign in, once per link."""
    with chorus.database.write() as session:
        now = chorus.database.now(session)
        used = access.use_link(session, secret, now)
        if used is not None:
            audit.append(session, actor(used[0]), AuditAction.SIGN_IN, "", {}, now)
    if used is None:
        return _used_up(request, to)
    employee, session_secret = used
    response = see_other(behind_a_sign_in(to) or _home(Role(employee.role)))
    return signed_in(response, chorus.settings, session_secret)


def signed_in(response: Response, settings: Settings, session_secret: str) -> Response:
    """The response with the cookie of a new session."""
    response.set_cookie(
        cookie_name(settings),
        session_secret,
        max_age=int(access.LONGEST.total_seconds()),
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


@router.post("/sign-out")
def sign_out(chorus: Here, person: Visitor) -> Response:
    if person is not None:
        with chorus.database.write() as session:
            access.end_session(session, person.session_secret)
    response = see_other("/sign-in")
    response.delete_cookie(
        cookie_name(chorus.settings),
        path="/",
        secure=chorus.settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


_LINK_COMMAND = "chorus login-link your@address"
SECRET_PAGE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of a page whose address is a key."""


def _used_up(request: Request, to: str) -> Response:
    return render(request, "auth/used_up.html", status=410, again=with_return_path("/sign-in", to))


def _address(settings: Settings, secret: str, to: str = "") -> str:
    return settings.base_url + with_return_path(f"/sign-in/{secret}", to)


def _sender(request: Request) -> SendLink | None:
    sender: SendLink | None = getattr(request.app.state, "send_login_link", None)
    return sender


def _send_link(chorus: Chorus, sender: SendLink, email: str, wanted: str) -> None:
    with chorus.database.write() as session:
        now = chorus.database.now(session)
        employee = staff.by_email(session, email)
        if employee is None or employee.state == EmployeeState.LEFT:
            return
        if access.has_fresh_link(session, employee, now, access.MAILED_LINK_LASTS):
            return
        secret = access.new_login_link(session, employee, now, access.MAILED_LINK_LASTS)
        address, language = employee.email, employee.language
    try:
        sender(address, _address(chorus.settings, secret, wanted), language)
    except Exception:
        log.exception("sign-in link not sent", employee_id=employee.id)


def _sign_in_first(request: Request) -> HTTPException:
    if request.method != "GET":
        return Problem(401, phrase("You are not signed in (any more). Sign in, then send this again."))
    if "text/html" not in request.headers.get("accept", ""):
        return Problem(401, phrase("Sign in first."))
    return _elsewhere(with_return_path("/sign-in", _wanted(request)))


def _wanted(request: Request) -> str:
    """The page somebody wanted to see; nothing where they sent a form."""
    if request.method != "GET":
        return ""
    return quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")


def _elsewhere(address: str) -> HTTPException:
    return HTTPException(303, headers={"Location": address})
