"""Pages: one door, ``render``, in front of the templates.

Texts are stored as they were written and escaped here, once, at the very end: the environment escapes
everything that is not explicitly markup.
"""

import hashlib
import zlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.display import plain, slug, to_html

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
"""Style sheet, script and icon; the application serves them under ``/static``."""
_VOICES = 8
_PLATFORMS = {
    "x": "X",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "local": "the local feed",
    "generic": "another feed",
}
_STEPS = ((60, "minute"), (60, "hour"), (24, "day"))


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """A page made of ``template`` (a path below ``templates``) with ``context``.

    Every template also sees ``request``, ``settings``, ``now`` and ``local_on``. A page that may be cached
    (the caller set ``Cache-Control``) gets an ETag, and 304 when the reader has that version already.
    """
    chorus = request.app.state.chorus
    body = (
        templates()
        .get_template(template)
        .render(
            request=request,
            settings=chorus.settings,
            now=chorus.clock(),
            zone=_zone(chorus.settings.timezone),
            local_on="local" in chorus.platforms,
            **context,
        )
    )
    return cacheable(
        request, body.encode("utf-8", "replace"), "text/html; charset=utf-8", headers, status=status
    )


def cacheable(
    request: Request,
    body: bytes,
    media_type: str,
    headers: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    """A response with an ETag of its body where it may be cached; 304 when the reader has it already."""
    headers = {"Cache-Control": "no-store"} if headers is None else dict(headers)
    if status == 200 and headers.get("Cache-Control", "no-store") != "no-store":
        tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = tag
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type)


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
    )
    environment.filters.update(
        said=lambda text: Markup(to_html(text)),  # noqa: S704 - bot.display escapes it
        plain=plain,
        slug=slug,
        voice=voice,
        platform=lambda name: _PLATFORMS.get(name, name),
        ago=ago,
        day=day,
        minute=minute,
    )
    environment.globals["static"] = static
    return environment


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """The address of a file in ``static``, with its fingerprint, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def voice(key: str | None) -> str:
    """The class that colours what belongs to ``key`` (a topic, a person), always the same one."""
    return f"voice-{zlib.crc32((key or '').encode()) % _VOICES}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """A date for people: ``5 March 2026``."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """A time for people: ``5 March 2026, 14:05``."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit, or how long until: ``3 hours ago``, ``in 5 minutes``, ``just now``."""
    seconds = (now - moment).total_seconds()
    amount, unit = abs(seconds), "second"
    if amount < 45:
        return "just now"
    for size, larger in _STEPS:
        if amount < size * 0.95:
            break
        amount, unit = amount / size, larger
    count = max(1, round(amount))
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if seconds > 0 else f"in {words}"
