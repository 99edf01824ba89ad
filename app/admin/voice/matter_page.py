"""The page of a matter, whatever was done on it: what it is made of, and what the brand says."""

from datetime import datetime
from typing import Any

from fastapi import Request, Response

from app.admin.departments.sight import check_sight, speaks
from app.identity.auth import Person, see_other
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus
from bot.actions import statements as deeds
from bot.actions.departments.answer import LONGEST_REASON, LONGEST_VERSION
from bot.actions.matters import campaigns as campaign_deeds
from bot.actions.second_person import may_approve
from bot.roles import Permission
from bot.states import StatementKind, StatementState
from bot.store.departments import answers, directory
from bot.store.engine import Session
from bot.store.hooks import endpoints, messages
from bot.store.matters import campaigns, costs, statements
from bot.store.matters.campaigns import Supporters
from bot.store.matters.costs import MINUTES_A_PASS
from bot.store.matters.surges import going_on
from bot.store.queries.pages import matters as reads
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterRow
from bot.store.topics import named as topics
from bot.wording.restate import LONGEST_TITLE

_LANGUAGES = 6
"""So many languages of those who asked get a field of their own."""
_QUESTIONS = 25
_DAYS = 28
_OF_CAMPAIGN = ("demand", "demand_refused")
_READ = 200
"""So many of a matter's latest questions tell which words set it apart."""
_BESIDE = 800
"""So many of everybody's latest questions are what they are compared with."""


def matter_page(
    request: Request,
    chorus: Chorus,
    person: Person,
    matter_id: int,
    *,
    before: int | None = None,
    notice: str | None = None,
    status: int = 200,
    **typed: Any,
) -> Response:
    """One matter; ``typed`` is what somebody wrote that could not be taken, and why.

    One that is part of another leads there, unless something that was typed has to be shown. Raises Problem
    404 where there is none, 403 where it is another department's.
    """
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        found = there(
            reads.detail(session, matter_id, now, before=before, shown=_QUESTIONS, days=_DAYS), "such matter"
        )
        if found.matter.merged_into is not None and not typed:
            return see_other(f"/admin/matters/{found.matter.merged_into}")
        department = directory.of_matter(session, found.matter)
        check_sight(session, person, department)
        return render(
            request,
            "admin/matter.html",
            status=status,
            person=person,
            found=found,
            surge=going_on(session, [found.matter], now).get(matter_id),
            most=max((people for _, people in found.days), default=0),
            topics=topics.all_names(session),
            longest_title=LONGEST_TITLE,
            notice=notice,
            description=_description(session, found.matter.id),
            cost=_cost(chorus, session, found.matter.id),
            minutes_a_pass=MINUTES_A_PASS,
            department=department,
            **_department_says(session, found.matter, person, department, now),
            departments=directory.names(session),
            trackers=endpoints.trackers(session),
            issues=messages.issues_of_matter(session, matter_id),
            **{**_campaign(session, found, now), **{name: typed.pop(name, "") for name in _OF_CAMPAIGN}},
            **_said(chorus, session, found, person, **{"answer_draft": {}, "answer_refused": "", **typed}),
        )


def _description(session: Session, matter_id: int) -> dict[str, Any]:
    """The matter in its customers' words: which set it apart, and the question most like all others."""
    from routing.matters.description import describe  # with numpy, which no other page here needs

    said = reads.said_on(session, matter_id, _READ)
    found = describe(said, reads.said_elsewhere(session, matter_id, _BESIDE))
    return {"words": found.words, "typical": None if found.typical is None else said[found.typical]}


def _cost(chorus: Chorus, session: Session, matter_id: int) -> costs.MatterCost:
    minutes = chorus.settings.matters.minutes_an_answer
    now = chorus.database.now(session)
    return costs.costs(session, [matter_id], now, minutes_an_answer=minutes)[matter_id]


def _department_says(
    session: Session, matter: MatterRow, person: Person, department: DepartmentRow | None, now: datetime
) -> dict[str, Any]:
    """What the department says that it does about a matter, and what a fix has changed."""
    said = answers.history(session, matter.id)
    return {
        "department_answers": said,
        "effect": answers.effect(
            session, matter, [one.row for one in said if one.row.withdrawn_at is None], now
        ),
        "speaks": speaks(session, person, department),
        "longest_version": LONGEST_VERSION,
        "longest_reason": LONGEST_REASON,
    }


def _campaign(session: Session, found: reads.MatterDetail, now: datetime) -> dict[str, Any]:
    """What a matter's page shows of its being a campaign."""
    number = found.matter.id
    campaign = campaigns.find(session, number)
    nets = campaign_deeds.nets_in(session, campaign) if campaign is not None else ()
    return {
        "campaign": campaign,
        "campaign_overdue": campaign is not None and campaigns.is_overdue(campaign, now),
        "campaign_words": campaign_deeds.may_say(campaign, StatementKind.CHANGED),
        "supporters": campaigns.supporters(session, [number]).get(number, Supporters()),
        "nets": nets,
        "like_nets": sum(len(net.members) for net in nets),
        "longest_demand": campaign_deeds.LONGEST_DEMAND,
    }


def _said(
    chorus: Chorus, session: Session, found: reads.MatterDetail, person: Person, **typed: Any
) -> dict[str, Any]:
    """What a matter's page shows of statements; ``typed`` is what somebody wrote that could not be taken."""
    rows = statements.of_matter(session, found.matter.id)
    proposed = [one for one in rows if one.state == StatementState.PROPOSED]
    return {
        "statements": rows,
        "telling": {one.id: statements.telling(session, one) for one in rows},
        "objections": {one.id: deeds.objections(one, chorus.rules.guard) for one in proposed},
        "may_approve": {
            one.id for one in proposed if may_approve(session, Permission.DECIDE, one.written_by, person.id)
        },
        "spoken": [code for code, _ in found.languages if code][:_LANGUAGES],
        "begun": any(one.approved_at for one in rows),
        "longest_statement": deeds.LONGEST,
        "draft": {},
        "refused": "",
        **typed,
    }
