"""Announcements for the people in charge: what waits for an approval, the plan by days, and what is out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayAnnounce, MayWatch, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import LongText, PageStart, RowId, ShortText, number_in
from app.web.html import render, zone_of
from app.web.problems import Problem, there
from app.wiring.adapters import terms_of
from app.wiring.channels import tells_first
from app.wiring.composition import Chorus, Here
from bot.actions.announce import decide
from bot.actions.announce.correct import PlannedPlace, approve_correction, plan_correction
from bot.actions.announce.retract import RETRACTABLE, retract
from bot.actions.announce.shown import PlatformPosts, shown_on_each
from bot.actions.people.details import Invalid
from bot.actions.second_person import may_approve
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.states import BEFORE_IT_GOES_OUT, AnnouncementState
from bot.store import rows
from bot.store.engine import Session
from bot.store.house import subscribers
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.voice import announcements as reads
from bot.store.queries.voice.announcements import AnnouncementView
from bot.store.tables.announcements import AnnouncementRow
from bot.text.times.timestamps import NotMoment, on_the_clock_of

router = guarded("/admin")


@dataclass(frozen=True, slots=True)
class Day:
    """A day on the brand's calendar, and what is planned for it, or went out on it."""

    on: date
    views: tuple[AnnouncementView, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes out on a platform, and what the platform asks for it (dollars; None: nothing)."""

    shown: PlatformPosts
    cost: Decimal | None


def house_zone(chorus: Chorus) -> ZoneInfo:
    """The brand's time zone: announcements are planned by its clock, whoever plans them."""
    return zone_of(None, chorus.settings.timezone)


def by_days(views: Sequence[AnnouncementView], zone: ZoneInfo) -> list[Day]:
    """Announcements by the day of the brand on which they are planned, in the order they come in."""
    dated = [(one.row.planned_at.astimezone(zone).date(), one) for one in views if one.row.planned_at]
    return [Day(on, tuple(view for _, view in found)) for on, found in groupby(dated, key=lambda one: one[0])]


@router.get("/announcements")
def listed(
    request: Request,
    chorus: Here,
    person: MayWatch,
    before: PageStart = None,
    waiting_after: PageStart = None,
    planned_after: PageStart = None,
    done: str = "",
) -> Response:
    """What waits, what is planned day by day, and what came to its end; each goes by pages."""
    with chorus.database.read() as session:
        ended, older = reads.done(session, before)
        waiting, more_waiting = reads.to_decide(session, waiting_after)
        planned, more_planned = reads.planned(session, planned_after)
        told_first = subscribers.count(session) if tells_first(chorus.settings) else None
    zone = house_zone(chorus)
    return render(
        request,
        "admin/announcements.html",
        person=person,
        waiting=waiting,
        waiting_after=waiting_after,
        more_waiting=more_waiting,
        planned_after=planned_after,
        more_planned=more_planned,
        days=by_days(planned, zone),
        ended=ended,
        older=older,
        before=before,
        told_first=told_first,
        house_zone=zone,
        notice=notice(done),
    )


@router.get("/announcements/{announcement_id}")
def detail(
    request: Request, chorus: Here, person: MayWatch, announcement_id: RowId, done: str = ""
) -> Response:
    """One announcement as each platform will have it, and what may be decided about it."""
    return _page(request, chorus, person, announcement_id, done=done)


@router.post("/announcements/{announcement_id}/approve")
def approve(
    chorus: Here, person: MayAnnounce, announcement_id: RowId, revision: ShortText = "", back: Back = ""
) -> Response:
    """Its words stand, as whoever approves has read them."""
    with decision(chorus, person) as at:
        row = at.row(AnnouncementRow, announcement_id, "such announcement")
        alone = row.proposed_by == person.id
        if row.corrects_id is not None:
            approve_correction(
                at.session, row, _revision(revision), chorus.platforms, chorus.rules, person.id, at.now
            )
        else:
            decide.approve(at.session, row, _revision(revision), person.id, at.now)
        at.record(
            AuditAction.ANNOUNCEMENT_APPROVE, _named(announcement_id), revision=row.revision, alone=alone
        )
        done = "corrected" if row.corrects_id is not None else "approved"
    return returned(back, f"/admin/announcements/{announcement_id}", done)


@router.post("/announcements/{announcement_id}/decline")
def decline(
    chorus: Here, person: MayAnnounce, announcement_id: RowId, why: LongText = "", back: Back = ""
) -> Response:
    """Not like that: whoever proposed it reads why."""
    with decision(chorus, person) as at:
        row = at.row(AnnouncementRow, announcement_id, "such announcement")
        before = row.state
        decide.decline(at.session, row, why, at.now)
        at.record(AuditAction.ANNOUNCEMENT_DECLINE, _named(announcement_id), before=before, why=why)
    return returned(back, "/admin/announcements", "declined")


@router.post("/announcements/{announcement_id}/plan")
def plan(
    request: Request,
    chorus: Here,
    person: MayAnnounce,
    announcement_id: RowId,
    at: ShortText = "",
    step: ShortText = "plan",
    seen: ShortText = "",
) -> Response:
    """When it goes out, by the brand's clock; at once where that is what was chosen."""
    try:
        moment = None if step == "now" else on_the_clock_of(house_zone(chorus), at)
        with change(chorus, person) as deciding:
            row = deciding.row(AnnouncementRow, announcement_id, "such announcement")
            decide.plan(
                deciding.session,
                row,
                _still_to_come(moment, deciding.now),
                chorus.platforms,
                chorus.rules,
                deciding.now,
                seen=seen,
            )
            planned_at = row.planned_at
            deciding.record(
                AuditAction.ANNOUNCEMENT_PLAN,
                _named(announcement_id),
                at=planned_at.isoformat() if planned_at else None,
            )
    except (NotMoment, Invalid, Undecidable) as error:
        return _page(request, chorus, person, announcement_id, typed=at, error=str(error))
    return see_other(f"/admin/announcements/{announcement_id}?done=planned")


@router.post("/announcements/{announcement_id}/withdraw")
def withdraw(chorus: Here, person: MayAnnounce, announcement_id: RowId) -> Response:
    """Take it back, everywhere or where nothing of it is out yet."""
    with decision(chorus, person) as at:
        row = at.row(AnnouncementRow, announcement_id, "such announcement")
        before = row.state
        decide.withdraw(at.session, row, at.now)
        at.record(AuditAction.ANNOUNCEMENT_WITHDRAW, _named(announcement_id), before=before)
    return see_other(f"/admin/announcements/{announcement_id}?done=taken_back")


@router.post("/announcements/{announcement_id}/retract")
def take_down(chorus: Here, person: MayAnnounce, announcement_id: RowId, why: ShortText = "") -> Response:
    """Take back what is out, on every platform."""
    with decision(chorus, person) as at:
        row = at.row(AnnouncementRow, announcement_id, "such announcement")
        posts = retract(at.session, row, why, at.now)
        at.record(AuditAction.ANNOUNCEMENT_RETRACT, _named(announcement_id), why=why, posts=posts)
    return see_other(f"/admin/announcements/{announcement_id}?done=retracted")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    announcement_id: int,
    *,
    typed: str = "",
    error: str | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        view = there(reads.one(session, announcement_id), "such announcement")
        may = may_approve(session, Permission.ANNOUNCE, view.row.proposed_by, person.id)
        corrections = reads.corrections(session, announcement_id)
        places = _places(session, chorus, view.row)
    row, zone = view.row, house_zone(chorus)
    at = row.planned_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if row.planned_at else ""
    return render(
        request,
        "admin/announcement.html",
        status=422 if error else 200,
        person=person,
        view=view,
        corrections=corrections,
        places=places,
        previews=_previews(chorus, row, [one.shown for one in places]),
        may_approve=may,
        is_alone=may and row.proposed_by == person.id,
        before_it_goes_out=row.state in BEFORE_IT_GOES_OUT,
        retractable=row.state in RETRACTABLE and row.corrects_id is None,
        correctable=row.state == AnnouncementState.PUBLISHED and row.corrects_id is None,
        plannable=row.state in (AnnouncementState.APPROVED, AnnouncementState.PLANNED)
        and row.corrects_id is None,
        at=typed or at,
        seen=decide.moment_planned(row),
        error=error,
        house_zone=zone,
        notice=notice(done),
    )


def _places(session: Session, chorus: Chorus, row: AnnouncementRow) -> list[PlannedPlace]:
    """What would become of a correction that waits for an approval; nothing of any other announcement."""
    root = rows.find(session, AnnouncementRow, row.corrects_id)
    if root is None or row.state != AnnouncementState.PROPOSED:
        return []
    try:
        return plan_correction(session, root, decide.words_of(row), chorus.platforms, chorus.rules)
    except Undecidable:
        return []  # what keeps it from going out is said to whoever approves it


def _previews(chorus: Chorus, row: AnnouncementRow, corrected: Sequence[PlatformPosts] = ()) -> list[Preview]:
    terms = terms_of(chorus.settings)
    found = []
    for shown in corrected or shown_on_each(decide.words_of(row), chorus.platforms, chorus.rules):
        prices = terms[shown.platform].prices if shown.platform in terms else None
        cost = (
            sum((prices.of(part, is_reply_to_mention=False) for part in shown.parts), Decimal(0))
            if prices is not None
            else None
        )
        found.append(Preview(shown, cost))
    return found


def _still_to_come(moment: datetime | None, now: datetime) -> datetime:
    """The moment that was chosen; now for none. Raises Invalid."""
    if moment is not None and moment <= now:
        raise Invalid("at", "That has passed: choose a later time, or send it now.")
    return moment or now


def _revision(text: str) -> int:
    revision = number_in(text, most_digits=9)
    if revision is None:
        raise Problem(422, "Say which words you have read: open the announcement and approve it there.")
    return revision


def _named(announcement_id: int) -> str:
    return f"announcement {announcement_id}"
