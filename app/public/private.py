"""The private page on which a customer who was asked to leaves what must not be public."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.web.forms import LongText
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.keys import proof_key, sealer_of
from bot.actions import private_details
from bot.actions.private_details import LINK_LASTS, LONGEST, NoSuchPage, PageOver
from bot.posts import PlatformError
from bot.store import rows
from bot.store.privacy import handoffs
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.handoffs import HandoffRow
from bot.text.characters import clean
from routing.model.phrases import phrase

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_COOKIE = "chorus_private"
"""The browser's own secret, sent to this page alone: the codes that it shows are made of it."""
_LONGEST_SECRET = 100
_NO_SUCH_PAGE = phrase("There is no private page at this address. Please take the link from our reply.")
_UNPROVED = phrase(
    "We do not know yet that it is you: post the code that this page shows from the account that asked us."
)

router = APIRouter(include_in_schema=False, default_response_class=Response)


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser at a private page, and the code that it shows there."""

    page: HandoffRow
    platform: str
    secret: str
    code: str

    @property
    def is_proved(self) -> bool:
        return self.code in self.page.proofs


@router.get("/private/{token}")
def show(request: Request, chorus: Here, token: str) -> Response:
    """The code to post and, once it was posted by who asked, the form."""
    try:
        with chorus.database.read() as session:
            page = private_details.open_page(session, token, chorus.database.now(session))
            platform = rows.one(session, QuestionRow, page.question_id).platform
    except NoSuchPage:
        raise _no_such_page() from None
    except PageOver:
        return _over(request)
    if page.opened_at is None:
        with chorus.database.write() as session:
            handoffs.note_opened(session, page.id, chorus.database.now(session))
    visit = _visit(request, chorus, page, platform)
    response = render(
        request,
        "private/page.html",
        headers=_HEADERS,
        visit=visit,
        brand=_brand_handle(chorus, platform),
        longest=LONGEST,
        days=chorus.settings.private.keep_days,
        path=f"/private/{token}",
    )
    if request.cookies.get(_COOKIE) != visit.secret:
        response.set_cookie(
            _COOKIE,
            visit.secret,
            max_age=int(LINK_LASTS.total_seconds()),
            path=f"/private/{token}",
            secure=chorus.settings.is_https,
            httponly=True,
            samesite="lax",
        )
    return response


@router.post("/private/{token}")
def leave(request: Request, chorus: Here, token: str, text: LongText = "") -> Response:
    """Leave it, once. Where the page is over by now, the words go back to who wrote them, nowhere else."""
    words = clean(text).strip()
    if not words:
        raise _unusable(phrase("Write it into the box first."))
    if len(words) > LONGEST:
        raise _unusable(
            phrase(
                "At most %(most)s characters are allowed; these are %(length)s.",
                most=LONGEST,
                length=len(words),
            )
        )
    sealer = sealer_of(chorus.settings)
    try:
        with chorus.database.write() as session:
            now = chorus.database.now(session)
            page = private_details.open_page(session, token, now)
            code = _code(request, chorus, page)
            private_details.leave(session, token, code, words, sealer, now)
    except NoSuchPage:
        raise _no_such_page() from None
    except PageOver:
        return _over(request, text)
    except PermissionError:
        raise Problem(403, _UNPROVED, headers=_HEADERS) from None
    chorus.bell.ring()
    return render(request, "private/left.html", headers=_HEADERS, days=chorus.settings.private.keep_days)


def _visit(request: Request, chorus: Chorus, page: HandoffRow, platform: str) -> Visit:
    known = request.cookies.get(_COOKIE, "")
    secret = known if 0 < len(known) <= _LONGEST_SECRET else secrets.token_urlsafe(32)
    return Visit(page, platform, secret, private_details.code_of(proof_key(chorus.settings), page, secret))


def _code(request: Request, chorus: Chorus, page: HandoffRow) -> str:
    """The code of the browser that sends this; of one that was never here, none that anybody has posted."""
    return _visit(request, chorus, page, "").code


def _brand_handle(chorus: Chorus, platform: str) -> str:
    """What the brand is called there; empty where the platform does not tell now."""
    adapter = chorus.platforms.get(platform)
    with suppress(PlatformError):
        return adapter.brand().handle if adapter is not None else ""
    return ""


def _over(request: Request, typed: str = "") -> Response:
    """The page is not to be used any more; ``typed`` is what somebody has just written on it."""
    return render(request, "private/over.html", status=410, headers=_HEADERS, typed=typed)


def _no_such_page() -> Problem:
    return Problem(404, _NO_SUCH_PAGE, headers=_HEADERS)


def _unusable(why: str) -> Problem:
    return Problem(422, why, errors=[("text", why)], headers=_HEADERS)
