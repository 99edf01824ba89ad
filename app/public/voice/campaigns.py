"""What many ask the brand to change: a list for everybody, the same as a feed and for programs."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.public.archive import PAGE
from app.public.matters import STATES, Doing, doing_of, matter_path
from app.web.html import cacheable, render, templates
from app.web.languages.negotiation import VARIES, interface_of
from app.web.problem_models import LIMITED
from app.wiring.composition import Here
from bot.store.queries.pages import public_matters as reads
from bot.store.queries.pages.public_matters import PublicMatter
from bot.store.tables.matters import CampaignRow
from bot.text.display import plain
from routing.model.phrases import phrase

_SHOWN = 50
_KEPT = {"Cache-Control": "public, max-age=60"}
_ATOM = "application/atom+xml; charset=utf-8"
_NEVER = "1970-01-01T00:00:00+00:00"
"""When an empty feed changed last: with the present time no reader could keep it."""
_Before = Annotated[int | None, Query(gt=0, lt=2**62)]

_pages = APIRouter(include_in_schema=False, default_response_class=Response)
_api = APIRouter(prefix="/api/v1", tags=["Matters"], responses=LIMITED)


class CampaignItem(BaseModel):
    """What many ask the brand to change, and what it has said on it."""

    id: str
    title: str = Field(description="What is asked for, in the brand's words.")
    people: int = Field(description="How many accounts joined, each counted once.")
    left_out: int = Field(description="How many more look like a net and are not counted.")
    state: str = Field(description="`new`, `heard`, `looked_at`, `changed` or `declined`.")
    statement: str = Field(description="What the brand said last; empty where it has said nothing.")
    doing: Doing | None = Field(description="What its department does about it, as in `/api/v1/matters`.")
    url: str = Field(description="The campaign's page.")
    since: str = Field(description="When the first of them asked.")
    opened_at: str
    due_at: str | None = Field(description="By when the brand says something, or something new.")


class CampaignPage(BaseModel):
    """The campaigns that everybody can see, the latest in front."""

    items: list[CampaignItem]
    next: str | None = Field(description="The `cursor` of the following page; null at the end.")


@_pages.get("/campaigns")
def campaigns(request: Request, chorus: Here, before: _Before = None) -> Response:
    """Those that can be joined, and those that are over."""
    with chorus.database.read() as session:
        found = reads.campaigns_listed(session, before, _SHOWN + 1)
    shown = [(one, matter_path(one)) for one in found[:_SHOWN]]
    return render(
        request,
        "archive/campaigns.html",
        headers=PAGE,
        open=[pair for pair in shown if not _is_over(pair[0])],
        over=[pair for pair in shown if _is_over(pair[0])],
        states=STATES,
        spoken=interface_of(request).code,
        older=shown[-1][0].id if len(found) > _SHOWN else None,
        before=before,
    )


@_pages.get("/campaigns/feed.atom")
def feed(request: Request, chorus: Here) -> Response:
    """The same for feed readers: each campaign once, renewed when something is said on it."""
    with chorus.database.read() as session:
        found = reads.campaigns_listed(session, None, _SHOWN)
    spoken, brand = interface_of(request), chorus.settings.brand_name
    body = (
        templates()
        .get_template("archive/campaigns.atom")
        .render(
            interface=spoken,
            title=spoken.said(phrase("What many ask %(brand)s to change", brand=brand)),
            base=chorus.settings.base_url,
            updated=max((_moment(one) for one in found), default=_NEVER),
            campaigns=[(one, chorus.settings.base_url + matter_path(one), _moment(one)) for one in found],
            states=STATES,
            brand=brand,
        )
    )
    return cacheable(request, body.encode("utf-8", "replace"), _ATOM, _KEPT | {"Vary": VARIES})


@_api.get("/campaigns", summary="What many ask the brand to change", response_model=CampaignPage)
def listed(request: Request, chorus: Here, cursor: _Before = None) -> Response:
    """The campaigns that everybody can see, the latest number first."""
    with chorus.database.read() as session:
        found = reads.campaigns_listed(session, cursor, _SHOWN + 1)
    shown = found[:_SHOWN]
    items = [_item(one, one.campaign, chorus.settings.base_url) for one in shown if one.campaign]
    page = CampaignPage(items=items, next=str(shown[-1].id) if len(found) > _SHOWN else None)
    return cacheable(request, page.model_dump_json().encode(), "application/json", _KEPT)


def _item(one: PublicMatter, campaign: CampaignRow, base: str) -> CampaignItem:
    opened_at, due_at = campaign.opened_at or campaign.made_at, campaign.due_at
    return CampaignItem(
        id=str(one.id),
        title=plain(one.title),
        people=one.people,
        left_out=one.left_out,
        state=campaign.state,
        statement=plain(one.said[0].text_for(None)) if one.said else "",
        doing=doing_of(one),
        url=base + matter_path(one),
        since=one.first_at.isoformat(timespec="seconds"),
        opened_at=opened_at.isoformat(timespec="seconds"),
        due_at=due_at.isoformat(timespec="seconds") if due_at else None,
    )


def _is_over(one: PublicMatter) -> bool:
    return one.campaign is not None and one.campaign.is_over


def _moment(one: PublicMatter) -> str:
    """When the feed has something new of it: when its page was opened, or something was last said."""
    opened = one.campaign.opened_at if one.campaign is not None else None
    said = [at for at, _ in one.course]
    return max([*said, opened or one.first_at]).isoformat(timespec="seconds")


router = APIRouter()
router.include_router(_pages)
router.include_router(_api)
