"""The archive for machines that read feeds, sitemaps and descriptions."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from jinja2 import Environment
from markupsafe import escape

from app.public.reading import (
    Item,
    Overview,
    QueryText,
    led_to,
    look_up,
    overview,
    public_topic,
    tidy,
    too_long,
    topic_now,
)
from app.web.addresses import entry_path
from app.web.forms import number_in
from app.web.html import cacheable, static, templates
from app.web.languages.interface import interface
from app.web.languages.negotiation import VARIES, interface_of
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.archive.lexical.query import QueryTooLong
from bot.store.queries.pages import archive
from bot.store.queries.pages.archive import EntryFilter
from bot.wording.languages.catalogues import languages
from routing.model.phrases import phrase

_KEPT = {"Cache-Control": "public, max-age=300"}
_KEPT_LONG = {"Cache-Control": "public, max-age=3600"}
_IN_FEED = 50
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When an empty feed changed last: with the present time no reader could keep it."""
_XML = "application/xml; charset=utf-8"
_ATOM = "application/atom+xml; charset=utf-8"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = ("/", "/topics", "/about")

router = APIRouter(include_in_schema=False)


@router.get("/feed.atom")
def site_feed(
    request: Request,
    chorus: Here,
    q: QueryText = "",
    topic: QueryText = "",
    language: QueryText = "",
    platform: QueryText = "",
) -> Response:
    """The latest answers, or the ones that a search finds."""
    query = tidy(q)
    wanted = EntryFilter(topic_now(chorus, topic), tidy(language) or None, tidy(platform) or None)
    try:
        found = look_up(chorus, query, wanted, limit=_IN_FEED)
    except QueryTooLong as error:
        raise too_long(error) from None
    brand = chorus.settings.brand_name
    title = phrase("%(brand)s answers", brand=brand)
    if query:
        title = phrase("%(brand)s answers: what a search finds", brand=brand)
    page = "/search" if request.url.query else "/"
    return _feed(request, chorus, title, page, found.items, language=wanted.language)


@router.get("/topics/{slug}/feed.atom")
def topic_feed(request: Request, chorus: Here, slug: str) -> Response:
    """The latest answers about one topic."""
    topic = public_topic(chorus, slug)
    if isinstance(topic, str):
        return led_to(request, f"/topics/{topic}/feed.atom")
    found = look_up(chorus, "", EntryFilter(topic=topic.slug), limit=_IN_FEED)
    title = phrase("%(brand)s answers: %(topic)s", brand=chorus.settings.brand_name, topic=topic.name)
    return _feed(request, chorus, title, f"/topics/{topic.slug}", found.items)


def _feed(
    request: Request,
    chorus: Chorus,
    title: str,
    page: str,
    items: tuple[Item, ...],
    *,
    language: str | None = None,
) -> Response:
    """A feed of these items; its own words are in the language of its entries, else in the reader's."""
    spoken = interface(language) if language in languages() else interface_of(request)
    records = [item.record for item in items]
    base, query = chorus.settings.base_url, request.url.query
    changed = max((record.updated_at for record in records), default=_NEVER)
    body = _template("feed.atom").render(
        interface=spoken,
        title=spoken.said(title),
        address=base + request.url.path + (f"?{query}" if query else ""),
        page=base + page + (f"?{query}" if query else ""),
        updated=changed.isoformat(timespec="seconds"),
        records=records,
        base=base,
        brand=chorus.settings.brand_name,
    )
    headers = _KEPT | {"Vary": VARIES} | ({"X-Robots-Tag": "noindex"} if query else {})
    return cacheable(request, body.encode("utf-8", "replace"), _ATOM, headers)


@router.get("/sitemap.xml")
def sitemap(request: Request, chorus: Here) -> Response:
    """All pages, or, where they are more than one sitemap covers, all sitemaps."""
    figures = overview(request)
    pages = _pages(chorus, figures)
    if len(figures.blocks) <= 1 and figures.entries + len(pages) <= archive.SITEMAP_BLOCK:
        block = figures.blocks[0][0] if figures.blocks else 0
        return _urls(request, [*pages, *_addresses(chorus, block)])
    base = escape(chorus.settings.base_url)
    lines = [f"<sitemap><loc>{base}/sitemap-pages.xml</loc></sitemap>"]
    lines += [
        f"<sitemap><loc>{base}/sitemap-{block}.xml</loc><lastmod>{changed:%Y-%m-%dT%H:%M:%SZ}</lastmod></sitemap>"
        for block, changed in figures.blocks
    ]
    return _xml(request, "sitemapindex", lines)


@router.get("/sitemap-pages.xml")
def sitemap_pages(request: Request, chorus: Here) -> Response:
    """One of several sitemaps: the pages that are no entries."""
    return _urls(request, _pages(chorus, overview(request)))


@router.get("/sitemap-{block}.xml")
def sitemap_block(request: Request, chorus: Here, block: str) -> Response:
    """One of several sitemaps: the entries of a block of numbers."""
    number = number_in(block, most_digits=11)
    if number is None:
        raise Problem(404)
    return _urls(request, _addresses(chorus, number))


def _pages(chorus: Chorus, figures: Overview) -> list[str]:
    topics = [f"/topics/{topic.slug}" for topic in figures.topics if topic.entries]
    return [f"<loc>{escape(chorus.settings.base_url + path)}</loc>" for path in (*_PAGES, *topics)]


def _addresses(chorus: Chorus, block: int) -> list[str]:
    base = escape(chorus.settings.base_url)
    with chorus.database.read() as session:
        entries = archive.sitemap(session, block)
    return [
        f"<loc>{base}{escape(entry_path(entry.id, entry.title))}</loc>"
        f"<lastmod>{entry.updated_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>"
        for entry in entries
    ]


def _urls(request: Request, urls: list[str]) -> Response:
    return _xml(request, "urlset", [f"<url>{url}</url>" for url in urls])


def _xml(request: Request, name: str, lines: list[str]) -> Response:
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_SITEMAP}">\n'
    body = opening + "\n".join(lines) + f"\n</{name}>\n"
    return cacheable(request, body.encode("utf-8", "replace"), _XML, _KEPT_LONG)


@router.get("/robots.txt")
def robots(chorus: Here) -> Response:
    """What crawlers may read: the public archive, not the desk."""
    lines = [
        "User-agent: *",
        "Disallow: /desk",
        "Disallow: /admin",
        "Disallow: /live/",
        "Allow: /",
        f"Sitemap: {chorus.settings.base_url}/sitemap.xml",
    ]
    return PlainTextResponse("\n".join(lines) + "\n", headers=_KEPT_LONG)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Whoever asks without having read a page: the icon that the pages name."""
    return RedirectResponse(static("chorus.svg"), 301, headers=_KEPT_LONG)


@router.get("/opensearch.xml")
def opensearch(request: Request, chorus: Here) -> Response:
    """How a browser adds this archive to its search engines (OpenSearch 1.1)."""
    body = _template("opensearch.xml").render(
        interface=interface_of(request), brand=chorus.settings.brand_name, base=chorus.settings.base_url
    )
    media_type = "application/opensearchdescription+xml; charset=utf-8"
    return Response(body, headers=_KEPT_LONG | {"Vary": VARIES}, media_type=media_type)


def _template(name: str) -> Any:
    environment: Environment = templates()
    return environment.get_template(f"archive/{name}")
