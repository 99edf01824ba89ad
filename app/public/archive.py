"""The public pages: home, search, topics and what this archive is."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from app.public import entry
from app.public.about import retired, sections
from app.public.caches import PageCache, kept_by_app
from app.public.matters import matter_path
from app.public.reading import (
    Found,
    Overview,
    QueryText,
    led_to,
    look_up,
    overview,
    public_topic,
    tidy,
    topic_now,
)
from app.web.forms import number_in
from app.web.html import LIVE, render
from app.web.languages.negotiation import interface_of
from app.wiring.composition import Chorus, Here
from bot.archive.lexical.query import QueryTooLong
from bot.live import ENTRIES
from bot.store import changes
from bot.store.engine import Session
from bot.store.queries.pages import archive, public_matters
from bot.store.queries.pages.archive import EntryFilter
from bot.store.queries.voice import announcements
from bot.text.language import language_of

PAGE = {"Cache-Control": "public, no-cache"}
"""A page may be kept, but is asked for again each time: what is taken back must be gone at once."""

_PER_PAGE = 20
_FOUND_PER_PAGE = 10
"""The best come first, and few look further; each costs marks and an excerpt."""
_MOST_PAGES = 100
_ON_HOME = 8
_HOMES = 32
"""Front pages that are remembered: one for each language that somebody reads, and what lives on them."""
_SEARCHES = 512
"""Pages of what was found that are remembered: people search for the same, and go back to what they saw."""
_PINNED = 3

router = APIRouter(include_in_schema=False, default_response_class=Response)
router.include_router(entry.router)


@router.get("/")
def home(request: Request, chorus: Here) -> Response:
    """Search first, then what is new and what is asked most."""
    seen, figures = chorus.live.seen(ENTRIES), overview(request)  # before anything is read
    with chorus.database.read() as session:
        spoken = (interface_of(request).code, LIVE in request.headers)
        made_of = (changes.head(session), chorus.rulebook.key, _minute(chorus), figures, *spoken)
        return _homes(request).serve(request, made_of, lambda: _home(request, session, figures, seen))


def _home(request: Request, session: Session, figures: Overview, seen: int) -> Response:
    return render(
        request,
        "archive/home.html",
        headers=PAGE,
        latest=archive.latest(session, EntryFilter(), _ON_HOME),
        most_asked=archive.most_asked(session, _ON_HOME),
        pinned=[(one, matter_path(one)) for one in public_matters.pinned(session, _PINNED)],
        announces=announcements.is_any_public(session),
        campaigns=public_matters.is_any_campaign(session),
        overview=figures,
        seen=seen,
    )


def _homes(request: Request) -> PageCache:
    return kept_by_app(request, "homes", lambda: PageCache(_HOMES))


def _minute(chorus: Chorus) -> int:
    """Pages say how long ago things were."""
    return int(chorus.clock().timestamp()) // 60


@router.get("/search")
def search(request: Request, chorus: Here) -> Response:
    """What was found, as a page or, for the script, while somebody is typing.

    The address says ``q``, ``topic``, ``language``, ``platform`` and ``page``; whether the words count as
    they are (``exact``), and whether they are still being typed (``typing``).
    """
    found_in, figures = chorus.search.taken_in, overview(request)  # before anything is read
    wanted = _Wanted.of(request)
    if not chorus.search.is_complete:  # more is found from moment to moment
        return _found(request, chorus, wanted, figures)
    with chorus.database.read() as session:
        head = changes.head(session)
    spoken = (interface_of(request).code, LIVE in request.headers)
    made_of = (head, found_in, chorus.rulebook.key, _minute(chorus), figures, wanted, *spoken)
    pages = kept_by_app(request, "searches", lambda: PageCache(_SEARCHES))
    return pages.serve(request, made_of, lambda: _found(request, chorus, wanted, figures))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is searched for, as it stands in the address."""

    query: str
    topic: str
    language: str
    platform: str
    number: int
    typing: bool
    exact: bool

    @classmethod
    def of(cls, request: Request) -> "_Wanted":
        # Not as arguments: nothing is to be checked of these texts, and the checking takes its time.
        asked = request.query_params
        return cls(
            query=tidy(asked.get("q")),
            topic=tidy(asked.get("topic")),
            language=tidy(asked.get("language")),
            platform=tidy(asked.get("platform")),
            number=_page_number(asked.get("page", "1")),
            typing=bool(asked.get("typing")),
            exact=bool(asked.get("exact")),
        )


def _found(request: Request, chorus: Chorus, wanted: _Wanted, figures: Overview) -> Response:
    query, number = wanted.query, wanted.number
    per_page = _FOUND_PER_PAGE if query else _PER_PAGE
    chosen = {
        "topic": topic_now(chorus, wanted.topic) or "",
        "language": wanted.language,
        "platform": wanted.platform,
    }
    context: dict[str, Any] = {"query": query, "number": number, "overview": figures, **chosen}
    context |= {"exact": wanted.exact, "tongue": language_of(query)}
    try:
        found = look_up(
            chorus,
            query,
            EntryFilter(**{name: value or None for name, value in chosen.items()}),
            limit=per_page,
            offset=(number - 1) * per_page,
            typing=wanted.typing,
            exact=wanted.exact,
            marked=True,
        )
    except QueryTooLong as error:
        return _unsearchable(request, context, error.words)
    more = found.next_offset is not None and number < _MOST_PAGES
    return render(
        request,
        "archive/search.html",
        headers=PAGE,
        found=found,
        more=more,
        trouble=None,
        **context,
    )


def _unsearchable(request: Request, context: dict[str, Any], trouble: str) -> Response:
    nothing = Found((), 0, total_is_exact=True, next_offset=None)
    context |= {"query": "", "found": nothing, "more": False, "trouble": trouble}
    return render(request, "archive/search.html", status=422, **context)


@router.get("/topics")
def topics(request: Request) -> Response:
    return render(request, "archive/topics.html", headers=PAGE, overview=overview(request))


@router.get("/topics/{slug}")
def topic(request: Request, chorus: Here, slug: str, page: QueryText = "1") -> Response:
    """One topic's entries, newest first."""
    number = _page_number(page)
    subject = public_topic(chorus, slug)
    if isinstance(subject, str):
        return led_to(request, f"/topics/{subject}")
    found = look_up(
        chorus, "", EntryFilter(topic=subject.slug), limit=_PER_PAGE, offset=(number - 1) * _PER_PAGE
    )
    return render(
        request,
        "archive/topic.html",
        headers=PAGE,
        topic=subject,
        found=found,
        number=number,
        overview=overview(request),
    )


@router.get("/about")
def about(request: Request, chorus: Here) -> Response:
    """What this is, the terms, the moderation policy and the guidelines, in the versions in force."""
    with chorus.database.read() as session:
        texts = archive.texts(session)
    return render(
        request,
        "archive/about.html",
        headers=PAGE,
        sections=sections(texts, chorus.settings, interface_of(request)),
        retired=retired(texts, chorus.settings),
    )


def _page_number(text: str) -> int:
    """The page meant; the first one where what stands in the address is no page's number."""
    return max(1, number_in(text, most_digits=5) or 1)
