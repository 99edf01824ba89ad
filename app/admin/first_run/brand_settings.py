"""How the brand is called: rules like the others, on a page of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.admin.house_rules.calendar_days import CalendarRead, ChosenCalendar, with_calendar
from app.admin.house_rules.putting_into_force import former_tags, on_top_of_newest, put_into_force
from app.admin.house_rules.rule_fields import as_typed, fields, read
from app.identity.auth import MayManageRules, Person, guarded, see_other
from app.web.forms import Fields
from app.web.html import render
from app.wiring.composition import Chorus, Here
from app.wiring.settings import Settings
from app.wiring.steering.rules import with_changes
from bot.actions.people.details import Invalid
from bot.actions.steering.rulebook import counts_until
from bot.store.house import rule_versions

router = guarded("/admin/first-run")

_ASKED = ("brand_name", "tag", "timezone", "business_hours", "closed_days", "domains")
"""The rules of this page; the others are under Rules."""


@dataclass(frozen=True, slots=True)
class BrandLooks:
    """What would be seen of the brand; ``former_tag`` is empty where the tag stays."""

    name: str
    tag: str
    former_tag: str
    counts_until: datetime
    here: datetime
    """This moment by the brand's clock."""
    zone: str


@dataclass(frozen=True, slots=True)
class KeptOutside:
    """A setting that only the environment can say."""

    name: str
    label: str
    hint: str
    value: str
    is_set: bool


@router.get("/brand")
def shown(request: Request, chorus: Here, person: MayManageRules, done: str = "") -> Response:
    """What is in force, as fields that can be changed."""
    with chorus.database.read() as session:
        newest = rule_versions.newest(session)
    typed = {**as_typed(chorus.settings), "follows": str(newest.id if newest else 0)}
    return _page(request, chorus, person, typed, done=done)


@router.post("/brand")
def save(
    request: Request, chorus: Here, person: MayManageRules, typed: Fields, chosen: ChosenCalendar
) -> Response:
    """Look at it, or put it into force as a version of the rules."""
    calendar = with_calendar(chorus, typed, chosen)
    if calendar is not None:
        return _page(request, chorus, person, calendar.typed, errors=calendar.errors, calendar=calendar)
    values, errors = read(chorus.given, typed, _ASKED)
    if errors:
        return _page(request, chorus, person, typed, errors=errors)
    if typed.get("do") != "save":
        looks = _looks(chorus, with_changes(chorus.given, values))
        return _page(request, chorus, person, typed, looks=looks)
    try:
        put_into_force(chorus, person, typed, values, _ASKED)
    except Invalid as error:
        merged, told = on_top_of_newest(chorus, typed, _ASKED)
        return _page(request, chorus, person, merged, errors={**told, error.field: str(error)})
    return see_other("/admin/first-run/brand?done=brand")


def _looks(chorus: Chorus, wanted: Settings) -> BrandLooks:
    now, tag = chorus.clock(), chorus.settings.tag
    return BrandLooks(
        wanted.brand_name,
        wanted.tag,
        tag if tag.casefold() != wanted.tag.casefold() else "",
        counts_until(now),
        now.astimezone(ZoneInfo(wanted.timezone)),
        wanted.timezone,
    )


def _outside(chorus: Chorus) -> Sequence[KeptOutside]:
    given = chorus.given
    found = [
        KeptOutside(
            "CHORUS_BASE_URL",
            "The public address of this site",
            "Links in mails and replies begin with it, and platforms call it.",
            given.base_url,
            "base_url" in given.model_fields_set,
        )
    ]
    if chorus.local is not None:
        found.append(
            KeptOutside(
                "CHORUS_LOCAL__HANDLE",
                "The brand's handle on the built-in feed",
                "Whoever asks there writes @ and this.",
                given.local.handle,
                "handle" in given.local.model_fields_set,
            )
        )
    return found


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    looks: BrandLooks | None = None,
    calendar: CalendarRead | None = None,
    done: str = "",
) -> Response:
    errors = errors or {}
    return render(
        request,
        "admin/first_run/brand.html",
        status=422 if errors else 200,
        person=person,
        asked=fields(chorus.given, _ASKED, typed, errors),
        typed=typed,
        errors=errors,
        calendar=calendar,
        looks=looks,
        former_tags=former_tags(chorus),
        outside=_outside(chorus),
        zones=sorted(available_timezones()),
        notice=notice(done),
    )
