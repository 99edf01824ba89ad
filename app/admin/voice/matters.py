"""Matters: what most people ask about, what is more than usual, and what a person makes of it."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.admin.confirmations import notice
from app.admin.departments.sight import department_seen
from app.admin.voice.matter_page import matter_page
from app.files.csv_files import csv_text
from app.identity.auth import (
    MayDecide,
    MayReadDepartments,
    MayReadQuestions,
    Person,
    actor,
    guarded,
    see_other,
)
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId, ShortText, number_in, row_named, storable
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.matters import decisions, praise
from bot.states import MatterState
from bot.store.departments import directory
from bot.store.departments.drivers import NOBODYS
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.matters.surges import going_on
from bot.store.queries.pages import matters as reads
from bot.store.queries.voice import matter_list
from bot.store.queries.voice.matter_list import MatterFilter, MatterOrder
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterKind, MatterRow
from bot.store.topics import named as topics
from bot.text.display import plain
from bot.wording.restate import LONGEST_TITLE

router = guarded("/admin")

_IN_FILE = 1_000
_COLUMNS = (
    "matter",
    "title",
    "topic",
    "people_last_7_days",
    "people_7_days_before",
    "waiting",
    "state",
    "first_asked_at",
    "last_asked_at",
    "say_so_unasked",
    "kind",
    "department",
)
_SURGES = 20
_PRAISED = 10
_PRAISE = "praise"
_MADE = (_PRAISE, "trouble")
_KINDS = {
    MatterKind.DRIVER: "steady",
    MatterKind.SURGE: "more than usual",
    MatterKind.CAMPAIGN: "campaign",
    MatterKind.PRAISE: "praise",
}
_STATES = {MatterState.OPEN: "open", MatterState.SETTLED: "settled"}
_ORDERS = {MatterOrder.PEOPLE: "people", MatterOrder.TREND: "trend", MatterOrder.NEWEST: "newest"}


def _wanted(
    words: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    department: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    order: Annotated[str, Query(max_length=20)] = "",
    before: PageStart = None,
) -> MatterFilter:
    """What the address asks for; what it names that there is not narrows nothing."""
    return MatterFilter(
        words=" ".join(storable(words).split()),
        kind=kind if kind in _KINDS else "",
        department=number_in(department),
        state=state if state in _STATES else "",
        order=MatterOrder(order) if order in _ORDERS else MatterOrder.PEOPLE,
        before=before,
    )


WantedMatters = Annotated[MatterFilter, Depends(_wanted)]


@router.get("/matters")
def listed(
    request: Request, chorus: Here, person: MayReadQuestions, wanted: WantedMatters, done: str = ""
) -> Response:
    """All matters: what most people asked about lately, and of what more ask than usual."""
    with chorus.database.read() as session:
        return _list(request, chorus, session, person, wanted, done=done)


@router.get("/departments/{department_id}/matters")
def of_department(
    request: Request, chorus: Here, person: MayReadDepartments, department_id: RowId, wanted: WantedMatters
) -> Response:
    """The matters that a department answers for."""
    with chorus.database.read() as session:
        row = department_seen(session, person, department_id)
        return _list(request, chorus, session, person, replace(wanted, department=row.id), row)


def _list(
    request: Request,
    chorus: Chorus,
    session: Session,
    person: Person,
    wanted: MatterFilter,
    department: DepartmentRow | None = None,
    done: str = "",
) -> Response:
    now = chorus.database.now(session)
    found, further = matter_list.listed(session, wanted, now)
    chosen = {
        "words": wanted.words,
        "kind": wanted.kind,
        "department": wanted.department if wanted.department is not None and not department else "",
        "state": wanted.state,
        "order": wanted.order if wanted.order is not MatterOrder.PEOPLE else "",
    }
    kept = {name: value for name, value in chosen.items() if value != ""}
    is_first = not kept and not wanted.before
    rising = reads.surging(session, _SURGES) if is_first and not department else []
    praised = matter_list.praised(session, now, _PRAISED, wanted.department) if is_first else []
    return render(
        request,
        "admin/matters.html",
        person=person,
        matters=found,
        praised=praised,
        further=further,
        wanted=wanted,
        kept=kept,
        narrowed=bool(kept.keys() - {"order"}),
        base=f"/admin/departments/{department.id}/matters" if department else "/admin/matters",
        of_department=department,
        nobodys=NOBODYS,
        kinds=_KINDS,
        states=_STATES,
        orders=_ORDERS,
        departments={**directory.names(session), NOBODYS: "none"},
        surging=rising,
        surges=going_on(session, rising, now),
        topics=topics.all_names(session),
        notice=notice(done),
    )


@router.get("/matters.csv")
def as_csv(chorus: Here, _person: MayReadQuestions, wanted: WantedMatters) -> Response:
    """The same for a spreadsheet: as many as one takes at once."""
    with chorus.database.read() as session:
        found, _ = matter_list.listed(session, wanted, chorus.database.now(session), _IN_FILE)
    rows = (
        (
            one.matter.id,
            plain(one.matter.title),
            one.matter.topic or "",
            one.matter.people_lately,
            one.matter.people_before,
            one.waiting,
            one.matter.state,
            one.matter.first_at.isoformat(timespec="seconds"),
            one.matter.last_at.isoformat(timespec="seconds"),
            one.voices,
            one.kind,
            plain(one.department),
        )
        for one in found
    )
    headers = {"Content-Disposition": 'attachment; filename="matters.csv"', "Cache-Control": "no-store"}
    return Response(csv_text(_COLUMNS, rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/matters/{matter_id}")
def detail(
    request: Request,
    chorus: Here,
    person: MayReadDepartments,
    matter_id: RowId,
    before: PageStart = None,
    done: str = "",
) -> Response:
    """One matter: how many people, since when, where, in their words."""
    return matter_page(request, chorus, person, matter_id, before=before, notice=notice(done))


@router.post("/matters/{matter_id}/title")
def rename(chorus: Here, person: MayDecide, matter_id: RowId, title: ShortText = "") -> Response:
    """Call it something else."""
    words = " ".join(title.split())
    if not words or len(words) > LONGEST_TITLE:
        raise Problem(422, f"A title has 1 to {LONGEST_TITLE} characters.")
    with decision(chorus, person) as at:
        decisions.rename(at.session, at.row(MatterRow, matter_id, "such matter"), words, at.now)
        at.record(AuditAction.MATTER_EDIT, f"matter {matter_id}")
    return see_other(f"/admin/matters/{matter_id}?done=saved")


@router.post("/matters/{matter_id}/merge")
def merge(chorus: Here, person: MayDecide, matter_id: RowId, other: ShortText = "") -> Response:
    """It is the same as another one."""
    number = row_named(other)
    with decision(chorus, person) as at:
        kept = decisions.merge(at.session, matter_id, number, actor(person), at.now)
        at.record(AuditAction.MATTER_MERGE, f"matter {kept.id}", merged=sorted({matter_id, number}))
        kept_id = kept.id
    return see_other(f"/admin/matters/{kept_id}?done=joined")


@router.post("/matters/{matter_id}/questions/{question_id}/move")
def move(
    chorus: Here, person: MayDecide, matter_id: RowId, question_id: RowId, to: ShortText = ""
) -> Response:
    """A question is about something else: another matter, or one of its own."""
    target = row_named(to) if to else None
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        decisions.move(at.session, question, target, actor(person), at.now)
        at.record(AuditAction.MATTER_MOVE, f"question {question_id}", out_of=matter_id, to=target)
    return see_other(f"/admin/matters/{matter_id}?done=moved")


@router.post("/matters/{matter_id}/department")
def assign(chorus: Here, person: MayDecide, matter_id: RowId, department: ShortText = "") -> Response:
    """Say which department answers for it; nothing: that of its topic."""
    number = row_named(department) if department else None
    with decision(chorus, person) as at:
        matter = at.row(MatterRow, matter_id, "such matter")
        before = matter.department_id
        decisions.assign(at.session, matter, number, actor(person), at.now)
        at.record(AuditAction.MATTER_ASSIGN, f"matter {matter_id}", before=before, department=number)
    return see_other(f"/admin/matters/{matter_id}?done=assigned")


@router.post("/matters/{matter_id}/kind")
def say_what_it_is(chorus: Here, person: MayDecide, matter_id: RowId, kind: ShortText = "") -> Response:
    """It is praise, or there is something to mend."""
    if kind not in _MADE:
        raise Problem(422, "Say whether it is praise, or whether there is something to mend.")
    with decision(chorus, person) as at:
        matter = at.row(MatterRow, matter_id, "such matter")
        praise.say_what_it_is(at.session, matter, praise=kind == _PRAISE, now=at.now)
        at.record(AuditAction.MATTER_KIND, f"matter {matter_id}", kind=kind)
    return see_other(f"/admin/matters/{matter_id}?done={kind}")


@router.post("/matters/{matter_id}/settle")
def settle(chorus: Here, person: MayDecide, matter_id: RowId) -> Response:
    """It is over."""
    with decision(chorus, person) as at:
        decisions.settle(at.session, at.row(MatterRow, matter_id, "such matter"), at.now)
        at.record(AuditAction.MATTER_SETTLE, f"matter {matter_id}")
    return see_other(f"/admin/matters/{matter_id}?done=closed")
