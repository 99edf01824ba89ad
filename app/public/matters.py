"""Public pages of matters: what many asked about, and what the brand says on it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.web.forms import number_in
from app.web.html import cacheable, render, templates
from app.web.languages.negotiation import VARIES, interface_of
from app.web.problem_models import LIMITED, problem_response
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.platforms.registry import traits_of
from bot.posts import PlatformError
from bot.states import MatterState, StatementKind
from bot.store.archive.listed import by_ids
from bot.store.engine import Session
from bot.store.matters import campaigns
from bot.store.matters.surges import SurgeNow, going_on_in
from bot.store.queries.pages import public_matters as reads
from bot.store.queries.pages.public_matters import PublicMatter
from bot.store.tables.departments import DepartmentAnswerRow
from bot.text.display import plain, slug
from bot.wording.joining import joining
from routing.campaigns.states import ON_CAMPAIGN, CampaignState
from routing.model.phrases import phrase

_PAGE = {"Cache-Control": "public, no-cache"}
_KEPT = {"Cache-Control": "public, max-age=15"}
_LISTED = 50
_ANSWERED = 3
_ATOM = "application/atom+xml; charset=utf-8"
_NO_SUCH_PAGE = phrase("There is no page with this number.")
KINDS = {
    StatementKind.STATEMENT: phrase("Statement"),
    StatementKind.UPDATE: phrase("Update"),
    StatementKind.SETTLED: phrase("Settled"),
    StatementKind.HEARD: phrase("Heard"),
    StatementKind.LOOKED_AT: phrase("Being looked at"),
    StatementKind.CHANGED: phrase("Changed"),
    StatementKind.DECLINED: phrase("No, and why"),
}
"""What each thing that the brand says on a matter is called in public."""
STATES = {CampaignState.NEW: phrase("New"), **{one: KINDS[StatementKind(one)] for one in ON_CAMPAIGN}}
"""What where a campaign stands is called in public."""


@dataclass(frozen=True, slots=True)
class WayToJoin:
    """A platform, the post that joins a campaign there, and where it is ready; empty: by hand."""

    platform: str
    text: str
    address: str
    asks_server: bool
    """Whether the reader has to name their server before there is an address."""


_pages = APIRouter(include_in_schema=False, default_response_class=Response)
_api = APIRouter(prefix="/api/v1", tags=["Matters"], responses=LIMITED)
_Cursor = Annotated[int | None, Query(gt=0, lt=2**62)]


class Doing(BaseModel):
    """What the department in charge of a matter says that it does about it."""

    kind: str = Field(description="`seen`, `planned`, `fixed` or `declined`.")
    planned_for: str | None = Field(description="The day for which it is planned (`YYYY-MM-DD`).")
    version: str = Field(description="In what it is fixed; empty where that was not said.")
    fixed_at: str | None = Field(description="Since when it is fixed.")
    reason: str = Field(description="Why it stays as it is.")
    said_at: str


class SurgeItem(BaseModel):
    """More people than usual ask, or did until lately: as it was noticed, and how it has gone on."""

    noticed_at: str
    noticed_people: int = Field(description="How many asked within `noticed_minutes` when it was noticed.")
    noticed_minutes: int
    people: int = Field(description="How many have asked since it began, each counted once.")
    people_last_hour: int
    people_last_20_minutes: int
    course: str = Field(description="`growing`, `slowing` or `over`.")
    over_at: str | None


class MatterItem(BaseModel):
    """A matter on which the brand has said something, or an open campaign."""

    id: str
    title: str
    people: int = Field(description="How many asked about it, each counted once.")
    kind: str = Field(description="`driver`, `surge`, `campaign` or `praise`.")
    state: str = Field(description="`open` or `settled`.")
    campaign: str | None = Field(
        description="Where a campaign stands: `new`, `heard`, `looked_at`, `changed` or `declined`."
    )
    statement: str = Field(description="What the brand said last; empty where it has said nothing.")
    doing: Doing | None = Field(
        description="The latest that its department says and did not take back; null where there is none."
    )
    url: str = Field(description="The matter's page.")
    since: str = Field(description="When the first of them asked.")
    settled_at: str | None
    surge: SurgeItem | None = Field(
        description="How many more than usual ask; null where nobody does, or has not for two days."
    )


class SaidItem(BaseModel):
    """Something that the brand said on a matter."""

    kind: str = Field(
        description="`statement`, `update`, `settled`, `heard`, `looked_at`, `changed` or `declined`."
    )
    text: str = Field(description="What everybody was told whose language is not among `texts`.")
    texts: dict[str, str] = Field(description="The same in other languages, by their codes.")
    said_at: str


class MatterHistory(MatterItem):
    """A matter with everything that was said on it, the latest first."""

    said: list[SaidItem]
    done: list[Doing] = Field(description="What its department said that it does and did not take back.")


class MatterPage(BaseModel):
    """The matters that have a public page, the latest said in front."""

    items: list[MatterItem]
    next: str | None = Field(description="The `cursor` of the following page; null at the end.")


@_pages.get("/m/{reference}")
def show(
    request: Request, chorus: Here, reference: str, server: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """What it is about, how many people asked, and what the brand says on it."""
    with chorus.database.read() as session:
        found = matter_named(session, reference)
        answered = by_ids(session, reads.archived(session, found.id, _ANSWERED))
        surge = going_on_in(session, [found.id], chorus.database.now(session)).get(found.id)
    path = matter_path(found)
    if path != quote(request.url.path):
        return RedirectResponse(path, 301)
    return render(
        request,
        "archive/campaign.html" if found.campaign else "archive/matter.html",
        headers=_PAGE,
        matter=found,
        surge=surge,
        path=path,
        spoken=interface_of(request).code,
        answered=answered,
        doing=found.doing,
        kinds=KINDS,
        states=STATES,
        ways=ways_to_join(chorus, found, server),
        server=server,
    )


@_pages.get("/m/{reference}/feed.atom")
def feed(request: Request, chorus: Here, reference: str) -> Response:
    """What the brand says on a matter, for feed readers; in the reader's language where it was written so."""
    with chorus.database.read() as session:
        found = matter_named(session, reference)
    path, spoken = matter_path(found), interface_of(request)
    if f"{path}/feed.atom" != quote(request.url.path):
        return RedirectResponse(f"{path}/feed.atom", 301)
    body = (
        templates()
        .get_template("archive/matter.atom")
        .render(
            interface=spoken,
            matter=found,
            address=chorus.settings.base_url + path,
            brand=chorus.settings.brand_name,
            base=chorus.settings.base_url,
            kinds=KINDS,
        )
    )
    return cacheable(request, body.encode("utf-8", "replace"), _ATOM, _KEPT | {"Vary": VARIES})


def ways_to_join(chorus: Chorus, matter: PublicMatter, server: str) -> list[WayToJoin]:
    """One for each platform on which the brand listens now; none where nobody can join (any more)."""
    if matter.campaign is None or not campaigns.is_open(matter.campaign):
        return []
    found = []
    for name, platform in chorus.platforms.items():
        handle = ""
        with suppress(PlatformError):
            handle = platform.brand().handle
        if not handle:
            continue
        address = f"{chorus.settings.base_url}/m/{matter.id}"
        text = joining(handle, matter.campaign.demand, matter.id, address)
        traits = traits_of(name)
        ready = traits.composer(text, server)
        found.append(WayToJoin(name, text, ready, traits.many_servers and not ready))
    return found


def matter_named(session: Session, reference: str) -> PublicMatter:
    """The public matter that an address names by its number. Raises Problem 404."""
    number = number_in(reference.partition("-")[0])
    if number is None:
        raise Problem(404, _NO_SUCH_PAGE)
    found = reads.find(session, number)
    if found is None:
        raise Problem(404, _NO_SUCH_PAGE)
    return found


def matter_path(matter: PublicMatter) -> str:
    """The address of a matter's page on this site."""
    words = slug(matter.title)
    return quote(f"/m/{matter.id}-{words}" if words else f"/m/{matter.id}")


@_api.get("/matters", summary="What the brand says to many at once", response_model=MatterPage)
def listed(request: Request, chorus: Here, cursor: _Cursor = None) -> Response:
    """The matters on which the brand has made a statement, the latest number first."""
    with chorus.database.read() as session:
        found = reads.listed(session, cursor, _LISTED + 1)
        shown = found[:_LISTED]
        surges = going_on_in(session, [one.id for one in shown], chorus.database.now(session))
    items = [MatterItem(**_item(chorus, one, surges.get(one.id))) for one in shown]
    page = MatterPage(items=items, next=str(shown[-1].id) if len(found) > _LISTED else None)
    return cacheable(request, page.model_dump_json().encode(), "application/json", _KEPT)


@_api.get(
    "/matters/{matter_id}",
    summary="A matter and its history",
    response_model=MatterHistory,
    responses={404: problem_response("There is no matter with this number that everybody can see.")},
)
def one_matter(request: Request, chorus: Here, matter_id: str) -> Response:
    """One that became part of another is told as that one."""
    with chorus.database.read() as session:
        found = matter_named(session, matter_id)
        surge = going_on_in(session, [found.id], chorus.database.now(session)).get(found.id)
    history = MatterHistory(
        **_item(chorus, found, surge),
        said=[
            SaidItem(
                kind=one.kind,
                text=plain(one.text_for(None)),
                texts={code: plain(text) for code, text in one.texts.items() if code},
                said_at=one.approved_at.isoformat(timespec="seconds"),
            )
            for one in found.said
            if one.approved_at is not None
        ],
        done=[_doing(one) for one in found.doing],
    )
    return cacheable(request, history.model_dump_json().encode(), "application/json", _KEPT)


def _surge(one: SurgeNow) -> SurgeItem:
    return SurgeItem(
        noticed_at=one.noticed_at.isoformat(timespec="seconds"),
        noticed_people=one.noticed.people,
        noticed_minutes=one.noticed.minutes,
        people=one.people,
        people_last_hour=one.in_hour,
        people_last_20_minutes=one.lately,
        course=one.course,
        over_at=one.over_at.isoformat(timespec="seconds") if one.over_at else None,
    )


def _item(chorus: Chorus, one: PublicMatter, surge: SurgeNow | None) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "title": plain(one.title),
        "people": one.people,
        "kind": one.kind,
        "state": MatterState(one.state),
        "campaign": one.campaign.state if one.campaign else None,
        "statement": plain(one.said[0].text_for(None)) if one.said else "",
        "doing": doing_of(one),
        "url": chorus.settings.base_url + matter_path(one),
        "since": one.first_at.isoformat(timespec="seconds"),
        "settled_at": one.settled_at.isoformat(timespec="seconds") if one.settled_at else None,
        "surge": _surge(surge) if surge is not None else None,
    }


def doing_of(matter: PublicMatter) -> Doing | None:
    """The latest that its department says; None where it has said nothing."""
    latest = next(iter(matter.doing), None)
    return None if latest is None else _doing(latest)


def _doing(one: DepartmentAnswerRow) -> Doing:
    return Doing(
        kind=one.kind,
        planned_for=one.planned_for,
        version=plain(one.version),
        fixed_at=one.fixed_at.isoformat(timespec="seconds") if one.fixed_at else None,
        reason=plain(one.reason),
        said_at=one.said_at.isoformat(timespec="seconds"),
    )


router = APIRouter()
router.include_router(_pages)
router.include_router(_api)
