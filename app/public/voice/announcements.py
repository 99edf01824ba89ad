"""What the brand has said of its own accord: a page for everybody, and the same as a feed."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from app.public.archive import PAGE
from app.web.forms import PageStart
from app.web.html import cacheable, render, templates
from app.web.languages.interface import named_languages
from app.web.languages.negotiation import VARIES, interface_of
from app.wiring.channels import tells_first
from app.wiring.composition import Here
from bot.store.queries.voice import announcements
from routing.model.phrases import phrase

_ON_A_PAGE = 20
_IN_FEED = 50
_KEPT = {"Cache-Control": "public, max-age=300", "Vary": VARIES}
_ATOM = "application/atom+xml; charset=utf-8"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When an empty feed changed last: with the present time no reader could keep it."""

router = APIRouter(include_in_schema=False, default_response_class=Response)


@router.get("/announcements")
def announced(request: Request, chorus: Here, before: PageStart = None) -> Response:
    """The announcements that are out, the latest first."""
    with chorus.database.read() as session:
        found, older = announcements.public(session, before, _ON_A_PAGE)
    return render(
        request,
        "announcements/page.html",
        headers=PAGE,
        announcements=found,
        older=older,
        before=before,
        tells_first=tells_first(chorus.settings),
        tongues=named_languages(),
        chosen=interface_of(request).code,
        email="",
        error=None,
    )


@router.get("/announcements/feed.atom")
def feed(request: Request, chorus: Here) -> Response:
    """The same for feed readers; its own words are in the reader's language."""
    with chorus.database.read() as session:
        found, _ = announcements.public(session, None, _IN_FEED)
    spoken, brand = interface_of(request), chorus.settings.brand_name
    body = (
        templates()
        .get_template("announcements/feed.atom")
        .render(
            interface=spoken,
            title=spoken.said(phrase("Announcements of %(brand)s", brand=brand)),
            base=chorus.settings.base_url,
            updated=max((one.changed_at for one in found), default=_NEVER),
            announcements=found,
            brand=brand,
        )
    )
    return cacheable(request, body.encode("utf-8", "replace"), _ATOM, dict(_KEPT))
