"""Pages: one door, ``render``, in front of the templates.

Texts are stored as they were written and escaped here, once, at the very end: the environment escapes
everything that is not explicitly markup.
"""

import hashlib
import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.web import phrasing
from app.web.addresses import entry_path, is_web
from app.web.languages.interface import ENGLISH, Interface, interface
from app.web.languages.negotiation import VARIES, interface_of
from app.web.together.fields import SubmittedField, typed_in_part
from app.web.together.markup import HAS_PARTS, filled, form_part, marked_as_typed, page_form
from app.web.together.sent import Beside, beside
from bot.roles import Permission
from bot.store.counting import MOST_COUNTED
from bot.text.display import plain, slug, to_html
from bot.wording.languages.catalogues import languages

_HERE = Path(__file__).parents[1]
STATIC = _HERE / "static"
"""Style sheet, script and icon; the application serves them under ``/static``."""
LIVE = "Chorus-Live"
"""The request header of an open page that keeps itself up to date."""
_PIECES = 2_048
_GAP = Markup("\x00")
"""Stands in a remembered piece where something else comes each time: no text that is shown holds a NUL."""
_MESSAGES = 16_384
"""Messages that are kept ready: all that templates say, in every language."""
_LIVES = "data-live="
"""Stands in pages to which parts may come while they are open."""
_AT_WORK = ("admin/", "desk/")
"""Where the templates are of those pages whose forms are sent together."""
_IN_ENGLISH = "admin/"
"""Where the templates are that speak English alone; the others speak the reader's language."""
_OF_EMPLOYEES = "desk/"
"""Where the templates are that speak the language that whoever is signed in has chosen."""
_OPAQUE_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    stands_at: str = "",
    **context: Any,
) -> Response:
    """A page made of ``template`` (a path below ``templates``) with ``context``.

    Every template also sees ``request``, ``settings``, ``now``, ``local_on``, ``zone`` (the time zone of
    whoever is signed in, else the brand's), ``interface`` (the page's language: for people in charge English,
    at the desk what they chose, everywhere else the reader's), ``seen`` (up to which change it shows
    everything) and ``may``: whether they may do something, as in ``may(Permission.DECIDE)``. A page that may
    be cached (the caller set ``Cache-Control``) gets an ETag, and 304 when the reader has that version
    already.

    ``stands_at`` is given by what answers a form whose deed is done: the address of the page that it shows,
    or stood on, for the address bar, so that loading it again does not do the deed again.

    An open page that keeps itself up to date gets the parts that live alone (``live`` and ``live_beside`` of
    the template), by the same rules of ETag and 304.
    """
    chorus = request.app.state.chorus
    person = getattr(request.state, "person", None)
    is_part = LIVE in request.headers
    frame = context.get("frame", template)
    kept = beside(request.scope)
    says = spoken(request, frame)
    is_at_work = frame.startswith(_AT_WORK)
    body = (
        templates()
        .get_template(template)
        .render(
            request=request,
            settings=chorus.settings,
            now=chorus.clock(),
            zone=zone_of(person, chorus.settings.timezone),
            may=person.may if person is not None else _may_nothing,
            local_on=chorus.local is not None,
            is_part=is_part,
            interface=says,
            stands_at=stands_at or (kept.stands_at if kept is not None else ""),
            **{
                "opening": _GAP if is_at_work else "",
                "seen": getattr(request.state, "seen", 0),
                **context,
            },
        )
    )
    if is_at_work:
        body = _with_its_form(request, body, stands_at or _page_of(request, kept), kept, says)
    content = body.encode("utf-8", "replace")
    if headers is not None:  # what may be kept must not be taken for the other form
        varies = (headers.get("Vary"), LIVE, None if frame.startswith(_IN_ENGLISH) else VARIES)
        headers = {**headers, "Vary": ", ".join(one for one in varies if one)}
    return cacheable(request, content, "text/html; charset=utf-8", headers, status=status, is_tagged=is_part)


def _page_of(request: Request, kept: Beside | None) -> str:
    """The address of the page on which the form stands that is about to be shown."""
    if request.method != "GET":
        return kept.page if kept is not None else ""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _with_its_form(request: Request, body: str, page: str, kept: Beside | None, says: Interface) -> str:
    """A page with the one form that its parts are of, and with what was typed in parts that were not sent.

    What has no place on the page any more stands at its top.
    """
    left: list[SubmittedField] = []
    if kept is not None:
        body, left = _with_the_rest(request, body, kept)
    opening = page_form(page) if HAS_PARTS in body or _LIVES in body else Markup()
    if left:
        opening += Markup(templates().get_template("left_over.html").render(left=left, interface=says))  # noqa: S704
    return body.replace(_GAP, opening)


def _with_the_rest(request: Request, body: str, kept: Beside) -> tuple[str, list[SubmittedField]]:
    if request.method == "POST":
        body = marked_as_typed(body, kept.own)
    body, met = filled(body, kept.fields)
    left = [
        one
        for part, fields in kept.parts.items()
        if not any(f"{name}@{part}" in met for name, _ in fields)
        for one in typed_in_part(part, fields)
        if one.label
    ]
    return body, left


def spoken(request: Request, template: str) -> Interface:
    """The language in which a page made of this template is written for this reader."""
    if template.startswith(_IN_ENGLISH):
        return ENGLISH
    person = getattr(request.state, "person", None)
    if template.startswith(_OF_EMPLOYEES) and person is not None and person.language in languages():
        return interface(person.language)
    return interface_of(request)


class Remembered:
    """Pieces of pages by everything that they are made of: of the same words, the same piece.

    Nothing in here can go out of date: whoever asks has just read the words, and looks them up by those.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: dict[Hashable, Markup] = {}

    def __call__(self, made_of: Hashable, make: Callable[..., Markup], *arguments: Any) -> Markup:
        """What ``make`` makes of the arguments; ``made_of`` has all that the piece depends on."""
        piece = self._pieces.get(made_of)
        if piece is None:
            if len(self._pieces) >= self._most:
                self._pieces.clear()
            piece = self._pieces[made_of] = make(*arguments)
        return piece


def _may_nothing(_permission: Permission) -> bool:
    return False


def cacheable(
    request: Request,
    body: bytes,
    media_type: str,
    headers: dict[str, str] | None = None,
    *,
    status: int = 200,
    is_tagged: bool = False,
) -> Response:
    """A response with an ETag of its body where it may be cached; 304 when the reader has it already.

    ``is_tagged`` gives it a tag in any case: whoever keeps no copy may still know what they show.
    """
    headers = {"Cache-Control": "no-store"} if headers is None else dict(headers)
    if status == 200 and (is_tagged or headers.get("Cache-Control", "no-store") != "no-store"):
        tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = tag
        if _has_already(request, tag):
            return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type)


def _has_already(request: Request, tag: str) -> bool:
    """Whether the reader has this (RFC 9110, 13.1.2): weak comparison, a list of tags, ``*`` for any."""
    held = ", ".join(request.headers.getlist("if-none-match")).strip()
    return held == "*" or tag.removeprefix("W/") in _OPAQUE_TAG.findall(held)


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The environment of all templates; compiled once per process."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters.update(
        said=to_html,
        plain=plain,
        slug=slug,
        path=lambda record: entry_path(record.id, record.title),
        web=is_web,
        voice=phrasing.voice,
        unbroken=phrasing.unbroken,
        sentence=phrasing.sentence,
        platform=phrasing.platform,
        base=phrasing.base,
        tongue=phrasing.tongue,
        counted=lambda number: phrasing.counted(number, MOST_COUNTED),
        did=phrasing.did,
        lasted=phrasing.lasted,
        filled=_filled,
        differences=lambda former, later: phrasing.differences(plain(former), plain(later)),
    )
    environment.filters.update(
        language=_spoken(phrasing.language),
        ago=_spoken(phrasing.ago),
        when=_spoken(phrasing.when),
        day=_spoken(phrasing.day),
        calendar_day=_spoken(phrasing.calendar_day),
        minute=_spoken(phrasing.minute),
        weekday=_spoken(phrasing.weekday),
        weekday_minute=_spoken(phrasing.weekday_minute),
        clock=_spoken(phrasing.clock),
        end=_spoken(phrasing.end),
        tongue_of=_spoken(phrasing.tongue_of),
        number=_spoken(lambda number, spoken: spoken.number(number)),
        translated=_spoken(lambda text, spoken: spoken.said(text)),
    )
    environment.globals.update(
        form_part=form_part, static=static, Permission=Permission, remembered=Remembered(_PIECES), gap=_GAP
    )
    _speak(environment)
    return environment


def _filled(piece: Markup, said: Markup) -> Markup:
    """A remembered piece with what changes in the place of its gap."""
    return Markup(piece.replace(_GAP, said))  # noqa: S704 - both are markup already


def _spoken(put: Callable[..., str]) -> Callable[..., str]:
    """A filter that puts a value into the words of the page's language."""

    @pass_context
    def filtered(context: Context, *values: Any) -> str:
        return put(*values, context["interface"])

    return filtered


def _speak(environment: Environment) -> None:
    """Let the templates' ``_``, ``ngettext`` and ``trans`` look into the catalogue of the page's language."""
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
    environment.globals.update(_=_words, gettext=_words, ngettext=_words_for)
    environment.policies["ext.i18n.trimmed"] = True


@pass_context
def _words(context: Context, message: str, /, **values: Any) -> Markup:
    """A message in the page's language, with the values put in, escaped."""
    if values:
        return _translated(context["interface"], message) % values
    return _finished(context["interface"], message)


@pass_context
def _words_for(context: Context, one: str, many: str, number: int, /, **values: Any) -> Markup:
    """The same of a message that speaks of a number of things; ``num`` is that number."""
    catalogue = context["interface"].catalogue
    return Markup(catalogue.ngettext(one, many, number)) % {"num": number, **values}  # noqa: S704 - ours


# A page says fifty of them: the extension's own way to each takes three times as long.
@lru_cache(maxsize=_MESSAGES)
def _translated(spoken: Interface, message: str) -> Markup:
    return Markup(spoken.catalogue.gettext(message))  # noqa: S704 - templates and catalogues are ours


@lru_cache(maxsize=_MESSAGES)
def _finished(spoken: Interface, message: str) -> Markup:
    """A message that no values are put into: ``%%`` stands for one ``%`` in these, too."""
    return _translated(spoken, message) % {}


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """The address of a file in ``static``, with its fingerprint, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


class _Lives(Protocol):
    """Somebody who lives in a time zone."""

    @property
    def timezone(self) -> str: ...


def zone_of(somebody: _Lives | None, house: str) -> ZoneInfo:
    """The time zone of somebody; the house's where they have none that this machine knows."""
    return (_zone(somebody.timezone) if somebody is not None else None) or _zone(house) or ZoneInfo("UTC")


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # tables of time zones differ between machines
        return None
