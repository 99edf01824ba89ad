"""The page on which a customer says how it went: to look at it says nothing, to send it does."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from fastapi import APIRouter, Request, Response

from app.identity.auth import see_other
from app.web.forms import LongText, ShortText, number_in
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.keys import survey_keys
from bot.actions.survey import say
from bot.actions.survey.say import CHANGE_FOR, LONGEST_COMMENT, PageVote, SaidAlready, SurveyStage
from bot.actions.survey.tokens import NoSuchSurvey, SurveyOver, survey_named
from bot.store.tables.figures import SurveyRow
from bot.text.characters import clean
from routing.figures.survey import SurveyKind
from routing.model.phrases import phrase

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_COOKIE = "chorus_survey"
"""The browser's own secret, sent to this page alone: who gave a score may change it."""
_LONGEST_SECRET = 100
_NO_SUCH_PAGE = phrase("There is no survey at this address. Please take the link from our reply.")

router = APIRouter(include_in_schema=False, default_response_class=Response)


@dataclass(frozen=True, slots=True)
class SurveyVisit:
    """What a browser finds at a survey's page."""

    kind: SurveyKind
    platform: str
    stage: SurveyStage
    changes_until: datetime | None = None
    """Until when it can be changed, where it was said and can be."""
    score: int | None = None
    comment: str = ""

    @classmethod
    def of(cls, row: SurveyRow, browser: str, now: datetime) -> Self:
        """As it is at this moment; what was said only its own browser sees."""
        kind, stage = SurveyKind(row.kind), say.stage_of(row, browser, now)
        if stage is not SurveyStage.CHANGEABLE or row.said_at is None:
            return cls(kind, row.platform, stage)
        return cls(kind, row.platform, stage, row.said_at + CHANGE_FOR, row.score, row.comment)


@router.get("/s/{token}")
def show(request: Request, chorus: Here, token: str) -> Response:
    """The question, or that it was answered."""
    try:
        with chorus.database.read() as session:
            now = chorus.database.now(session)
            row = say.survey(session, survey_named(survey_keys(chorus.settings), token, now))
            visit = SurveyVisit.of(row, _hashed(_secret(request)), now)
    except NoSuchSurvey:
        raise _no_such_page() from None
    except SurveyOver:
        return _over(request)
    return _page(request, visit)


@router.post("/s/{token}")
def send(
    request: Request, chorus: Here, token: str, score: ShortText = "", comment: LongText = ""
) -> Response:
    """Say it, or change it."""
    secret = _secret(request) or secrets.token_urlsafe(32)
    words, given = clean(comment).strip(), number_in(score, most_digits=2)
    try:
        with chorus.database.write() as session:
            now = chorus.database.now(session)
            number = survey_named(survey_keys(chorus.settings), token, now)
            visit = SurveyVisit.of(say.survey(session, number), _hashed(secret), now)
            why_not = _why_not(visit.kind, given, words)
            if why_not is None:
                say.say_on_page(session, number, PageVote(given or 0, words, _hashed(secret)), now)
    except NoSuchSurvey:
        raise _no_such_page() from None
    except SurveyOver:
        return _over(request)
    except SaidAlready:
        return _page(request, replace(visit, stage=SurveyStage.SAID), status=409)
    if why_not is not None:
        return _page(request, replace(visit, score=given, comment=words), why_not, status=422)
    chorus.bell.ring()
    response = see_other(f"/s/{token}")
    response.headers.update(_HEADERS)
    if request.cookies.get(_COOKIE) != secret:
        _remember(response, chorus, token, secret)
    return response


def _page(request: Request, visit: SurveyVisit, why_not: str | None = None, *, status: int = 200) -> Response:
    return render(
        request,
        "survey/page.html",
        status=status,
        headers=_HEADERS,
        visit=visit,
        kind=visit.kind,
        why_not=why_not,
        longest=LONGEST_COMMENT,
        path=request.url.path,
    )


def _why_not(kind: SurveyKind, score: int | None, comment: str) -> str | None:
    if score is None or score not in kind.scale:
        return phrase("Choose one of the numbers first.")
    if len(comment) > LONGEST_COMMENT:
        return phrase(
            "At most %(most)s characters are allowed; these are %(length)s.",
            most=LONGEST_COMMENT,
            length=len(comment),
        )
    return None


def _secret(request: Request) -> str:
    known = request.cookies.get(_COOKIE, "")
    return known if len(known) <= _LONGEST_SECRET else ""


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest() if secret else ""


def _remember(response: Response, chorus: Chorus, token: str, secret: str) -> None:
    response.set_cookie(
        _COOKIE,
        secret,
        max_age=int(CHANGE_FOR.total_seconds()),
        path=f"/s/{token}",
        secure=chorus.settings.is_https,
        httponly=True,
        samesite="lax",
    )


def _over(request: Request) -> Response:
    return render(request, "survey/over.html", status=410, headers=_HEADERS)


def _no_such_page() -> Problem:
    return Problem(404, _NO_SUCH_PAGE, headers=_HEADERS)
