"""The house's rules, to read, to try out on the answers of the last weeks, and to change."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import Query, Request, Response

from app.admin.confirmations import notice
from app.admin.house_rules.calendar_days import CalendarRead, ChosenCalendar, with_calendar
from app.admin.house_rules.putting_into_force import former_tags, on_top_of_newest, put_into_force
from app.admin.house_rules.rule_fields import as_typed, groups, label_of, read, shown
from app.admin.review import WHY_HELD
from app.identity.auth import MayManageRules, MayReadRules, Person, guarded, see_other
from app.web.forms import Fields
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from app.wiring.steering.in_force import in_force
from app.wiring.steering.rules import changed
from bot.actions.people.details import Invalid
from bot.actions.steering.change_rules import differing
from bot.actions.steering.dry_run import DryRun, try_out
from bot.actions.steering.rulebook import FORMER_COUNTS
from bot.store.house import rule_versions
from bot.store.tables.house import RuleVersionRow

router = guarded("/admin")

_SHOWN = 20
"""Versions, and answers that would have waited, on one page."""
VersionNumber = Annotated[int | None, Query(ge=0, lt=2**62)]


@router.get("/rules")
def page(
    request: Request, chorus: Here, person: MayReadRules, version: VersionNumber = None, done: str = ""
) -> Response:
    """The rules in force, or those of an earlier version, to put them into force again."""
    with chorus.database.read() as session:
        newest = rule_versions.newest(session)
        wanted = newest if version is None else rule_versions.find(session, version)
    if version and wanted is None:
        raise Problem(404, "There is no such version of the rules.")
    typed = as_typed(changed(chorus.given, wanted.values if wanted else {}))
    typed["follows"] = str(newest.id if newest else 0)
    return _page(request, chorus, person, typed, of=version, done=done)


@router.post("/rules")
def save(
    request: Request, chorus: Here, person: MayManageRules, typed: Fields, chosen: ChosenCalendar
) -> Response:
    """Try the rules out, or put them into force."""
    calendar = with_calendar(chorus, typed, chosen)
    if calendar is not None:
        return _page(request, chorus, person, calendar.typed, errors=calendar.errors, calendar=calendar)
    values, errors = read(chorus.given, typed)
    if errors:
        return _page(request, chorus, person, typed, errors=errors)
    if typed.get("do") != "save":
        return _page(request, chorus, person, typed, tried=_tried(chorus, values))
    try:
        put_into_force(chorus, person, typed, values)
    except Invalid as error:
        merged, told = on_top_of_newest(chorus, typed)
        return _page(request, chorus, person, merged, errors={**told, error.field: str(error)})
    return see_other("/admin/rules?done=rules")


def _tried(chorus: Chorus, values: Mapping[str, Any]) -> DryRun:
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        after = in_force(chorus.given, values).rules
        return try_out(session, chorus.rules, after, chorus.platforms, now)


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    typed: Mapping[str, str],
    *,
    of: int | None = None,
    errors: Mapping[str, str] | None = None,
    tried: DryRun | None = None,
    calendar: CalendarRead | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        versions = rule_versions.latest(session, _SHOWN + 1)
    errors = errors or {}
    return render(
        request,
        "admin/rules.html",
        status=422 if errors else 200,
        person=person,
        groups=list(groups(chorus.given, typed, errors)),
        typed=typed,
        errors=errors,
        calendar=calendar,
        of=of,
        newest=versions[0].id if versions else 0,
        tried=tried,
        former_tags=former_tags(chorus),
        former_counts=FORMER_COUNTS,
        why_held=WHY_HELD,
        zones=sorted(available_timezones()),
        most=_SHOWN,
        history=[_told(one, former) for one, former in zip_longest(versions, versions[1:])][:_SHOWN],
        notice=notice(done),
    )


def _told(version: RuleVersionRow, former: RuleVersionRow | None) -> dict[str, Any]:
    """A version, and what it made different from the one before."""
    before = former.values if former is not None else {}
    return {
        "row": version,
        "changes": [
            (label_of(name), shown(before.get(name)), shown(version.values.get(name)))
            for name in differing(before, version.values)
        ],
    }
