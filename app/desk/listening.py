"""The tray at the desk: what people say of the brand without addressing it, and what becomes of that."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from app.identity.auth import MayListen, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId
from app.web.html import render
from app.wiring.composition import Here
from bot.actions.listening import decide
from bot.platforms.registry import traits_of
from bot.roles import Permission
from bot.store.house.audit_actions import AuditAction
from bot.store.listening import days, words
from bot.store.listening import tray as stored_tray
from bot.store.queries.pages import listening as reads
from bot.store.queries.pages.listening import TrayFilter
from routing.model.phrases import phrase

router = guarded("/desk")

_DAYS = 7
_LET_BE = "let_be"
_NOTICES = {
    _LET_BE: phrase("Let be: it waits for nobody any more."),
    "put_back": phrase("It is on the tray again."),
    "asked": phrase("It is a question now, marked as one that nobody asked: people are asked who may know."),
}
_Text = Annotated[str, Query(max_length=20)]


def _wanted(
    platform: _Text = "",
    word: _Text = "",
    language: Annotated[str, Query(max_length=2)] = "",
    show: _Text = "",
    before: PageStart = None,
) -> TrayFilter:
    """What of the tray an address asks for; what it cannot mean is no filter."""
    number = int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else None
    return TrayFilter(platform, number, language, let_be=show == _LET_BE, before=before)


Wanted = Annotated[TrayFilter, Depends(_wanted)]


@router.get("/listening")
def tray(
    request: Request, chorus: Here, person: MayListen, wanted: Wanted, done: str = "", item: int = 0
) -> Response:
    """The newest posts that hold one of our words and ask us nothing."""
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        posts, older = reads.posts(session, wanted, now)
        unseen = stored_tray.unseen(session, chorus.platforms, now)
        known = words.listed(session)
        counts = reads.counts(session, known, now, _DAYS)
        today = days.of_today(session, now)
        languages = reads.languages(session)
    return render(
        request,
        "desk/listening.html",
        person=person,
        posts=posts,
        older=older,
        unseen=unseen,
        wanted=wanted,
        kept=_kept(wanted),
        words=known,
        counts=[one for one in counts if one.word.is_on or one.total],
        today=[today[name] for name in sorted(today) if today[name].cut or today[name].problem],
        most=chorus.rules.listened_a_day,
        platforms=list(chorus.platforms),
        languages=languages,
        by_hand={name: made for name in chorus.platforms if (made := traits_of(name).by_hand) is not None},
        manages=person.may(Permission.MANAGE_WORDS),
        notice=_NOTICES.get(done),
        undo=item if done == _LET_BE and item > 0 else None,
    )


@router.post("/listening/{listened_id}/let-be")
def let_be(chorus: Here, person: MayListen, listened_id: RowId, wanted: Wanted) -> Response:
    """Nothing needs to be said to this."""
    with decision(chorus, person) as at:
        decide.let_be(at.session, listened_id, person.id, at.now)
        at.record(AuditAction.LISTENED_LET_BE, f"listened {listened_id}")
    return _back(wanted, done=_LET_BE, item=str(listened_id))


@router.post("/listening/{listened_id}/put-back")
def put_back(chorus: Here, person: MayListen, listened_id: RowId, wanted: Wanted) -> Response:
    """It waits on the tray again."""
    with decision(chorus, person) as at:
        decide.put_back(at.session, listened_id, at.now)
        at.record(AuditAction.LISTENED_PUT_BACK, f"listened {listened_id}")
    return _back(wanted, done="put_back")


@router.post("/listening/{listened_id}/ask")
def ask(chorus: Here, person: MayListen, listened_id: RowId, wanted: Wanted) -> Response:
    """Make a question of it."""
    with decision(chorus, person) as at:
        question_id = decide.ask(at.session, listened_id, at.now, let_be=wanted.let_be)
        at.record(AuditAction.LISTENED_ASK, f"question {question_id}", listened=listened_id)
    return _back(wanted, done="asked")


def _back(wanted: TrayFilter, **said: str) -> Response:
    """To the tray, as it was looked at."""
    at = {"before": str(wanted.before)} if wanted.before else {}
    return see_other(f"/desk/listening?{urlencode({**_kept(wanted), **at, **said})}")


def _kept(wanted: TrayFilter) -> dict[str, str]:
    """The parameters of an address that asks for the same part of the tray."""
    given = {
        "platform": wanted.platform,
        "word": str(wanted.word) if wanted.word is not None else "",
        "language": wanted.language,
        "show": _LET_BE if wanted.let_be else "",
    }
    return {name: value for name, value in given.items() if value}
