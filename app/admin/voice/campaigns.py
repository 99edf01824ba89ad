"""Campaigns: a matter of which many want that it changes, its public page, and who is counted."""

from typing import Any

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.admin.voice.matter_page import matter_page
from app.identity.auth import MayDecide, MayReadQuestions, Person, actor, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import RowId, ShortText, number_in
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.matters import campaigns as deeds
from bot.actions.matters import decisions
from bot.actions.matters.campaigns import LONGEST_DEMAND, Unaskable
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.matters import campaigns
from bot.store.tables.matters import CampaignRow, MatterRow

router = guarded("/admin")

_LISTED = 200


@router.get("/campaigns")
def listed(request: Request, chorus: Here, person: MayReadQuestions, done: str = "") -> Response:
    """All campaigns, those whose next word is due in front."""
    return _list(request, chorus, person, notice=notice(done))


@router.post("/campaigns")
def make_by_hand(
    request: Request, chorus: Here, person: MayDecide, demand: ShortText = "", department: ShortText = ""
) -> Response:
    """A campaign about which nobody has asked yet."""
    try:
        with change(chorus, person) as at:
            days = chorus.settings.matters.campaign_days
            campaign = deeds.make_by_hand(at.session, demand, person.id, days, at.now)
            matter_id = campaign.matter_id
            at.record(AuditAction.CAMPAIGN_MAKE, f"matter {matter_id}", by_hand=True)
            if number := number_in(department):
                matter = at.row(MatterRow, matter_id, "such matter")
                decisions.assign(at.session, matter, number, actor(person), at.now)
                at.record(AuditAction.MATTER_ASSIGN, f"matter {matter_id}", before=None, department=number)
    except (Unaskable, Undecidable) as error:
        typed = {"typed": demand, "chosen": department}
        return _list(request, chorus, person, status=422, refused=str(error), **typed)
    return see_other(f"/admin/matters/{matter_id}?done=campaign&at=campaign")


@router.post("/matters/{matter_id}/campaign")
def make(
    request: Request, chorus: Here, person: MayDecide, matter_id: RowId, demand: ShortText = ""
) -> Response:
    """A matter is a campaign from now on, or asks for it in other words."""
    try:
        with change(chorus, person) as at:
            matter = at.row(MatterRow, matter_id, "such matter")
            campaign = campaigns.find(at.session, matter_id)
            if campaign is None:
                days = chorus.settings.matters.campaign_days
                deeds.make(at.session, matter, demand, person.id, days, at.now)
                at.record(AuditAction.CAMPAIGN_MAKE, f"matter {matter_id}")
            else:
                deeds.reword(at.session, campaign, demand, at.now)
                at.record(AuditAction.CAMPAIGN_EDIT, f"matter {matter_id}")
    except (Unaskable, Undecidable) as error:
        return matter_page(
            request, chorus, person, matter_id, status=422, demand=demand, demand_refused=str(error)
        )
    return see_other(f"/admin/matters/{matter_id}?done=campaign&at=campaign")


@router.post("/matters/{matter_id}/campaign/open")
def open_page(chorus: Here, person: MayDecide, matter_id: RowId) -> Response:
    """Everybody sees it and can join."""
    with decision(chorus, person) as at:
        deeds.open_page(at.session, at.row(CampaignRow, matter_id, "such campaign"), at.now)
        at.record(AuditAction.CAMPAIGN_OPEN, f"matter {matter_id}")
    return see_other(f"/admin/matters/{matter_id}?done=campaign_open&at=campaign")


@router.post("/matters/{matter_id}/campaign/close")
def close_page(chorus: Here, person: MayDecide, matter_id: RowId) -> Response:
    """Nobody can join any more."""
    with decision(chorus, person) as at:
        deeds.close_page(at.session, at.row(CampaignRow, matter_id, "such campaign"), at.now)
        at.record(AuditAction.CAMPAIGN_CLOSE, f"matter {matter_id}")
    return see_other(f"/admin/matters/{matter_id}?done=campaign_closed&at=campaign")


@router.post("/matters/{matter_id}/campaign/count")
def count(chorus: Here, person: MayDecide, matter_id: RowId, nets: ShortText = "") -> Response:
    """In public it counts with or without the accounts that look like a net."""
    if nets not in ("with", "without"):
        raise Problem(422, "Choose whether accounts that look like a net are counted.")
    with decision(chorus, person) as at:
        campaign, left_out = at.row(CampaignRow, matter_id, "such campaign"), 0
        if nets == "without":
            left_out = deeds.leave_out_nets(at.session, campaign, at.now)
        else:
            deeds.count_all(at.session, campaign, at.now)
        at.record(AuditAction.CAMPAIGN_COUNT, f"matter {matter_id}", nets=nets, left_out=left_out)
    return see_other(f"/admin/matters/{matter_id}?done=saved&at=campaign")


def _list(request: Request, chorus: Chorus, person: Person, *, status: int = 200, **shown: Any) -> Response:
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        found = campaigns.listed(session, _LISTED)
        people = campaigns.supporters(session, [one.matter_id for one in found])
        matters = rows.find_all(session, MatterRow, [one.matter_id for one in found])
        departments, of_topics = directory.names(session), directory.of_topics(session)
    return render(
        request,
        "admin/campaigns.html",
        status=status,
        person=person,
        campaigns=found,
        people=people,
        departments=departments,
        in_charge={
            one.id: departments.get(one.department_id or of_topics.get(one.topic or "", 0), "")
            for one in matters.values()
        },
        overdue={one.matter_id for one in found if campaigns.is_overdue(one, now)},
        days=chorus.settings.matters.campaign_days,
        longest_demand=LONGEST_DEMAND,
        **{"typed": "", "chosen": "", "refused": "", "notice": None, **shown},
    )
