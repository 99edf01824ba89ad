"""The topics of the house: the list, and the page of each."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayManageTopics, MayWatch, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import LongText, ShortText
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.people import topics
from bot.actions.people.details import Invalid
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import EmployeeRow, TopicRow
from bot.store.topics import calls, moves, standing
from bot.store.topics import named as stored

router = guarded("/admin")

_LATEST_MOVES = 5
_STATES = ("in use", "nobody knows it", "retired")
"""What the list can be narrowed to."""
Slug = Annotated[str, Path(max_length=60)]


@router.get("/topics")
def listed(
    request: Request,
    chorus: Here,
    person: MayWatch,
    words: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    done: str = "",
) -> Response:
    """The topics by name, or those that hold these words, or that nobody knows."""
    return _page(request, chorus, person, words=words.replace("\0", "").strip(), state=state, done=done)


@router.post("/topics")
def add(
    request: Request,
    chorus: Here,
    person: MayManageTopics,
    slug: ShortText = "",
    name: ShortText = "",
    keywords: LongText = "",
    parent: ShortText = "",
) -> Response:
    try:
        with change(chorus, person) as at:
            words = keywords_typed(keywords)
            row = topics.add_topic(at.session, slug, name, keywords=words, parent=parent or None, now=at.now)
            at.record(AuditAction.TOPIC_ADD, f"topic {row.slug}")
    except Invalid as error:
        typed = {"slug": slug, "name": name, "keywords": keywords, "parent": parent}
        return _page(request, chorus, person, typed=typed, errors={error.field: str(error)})
    return see_other("/admin/topics?done=added")


@router.get("/topics/{slug}")
def detail(request: Request, chorus: Here, person: MayWatch, slug: Slug, done: str = "") -> Response:
    """One topic; by a short name that it had before, too."""
    with chorus.database.read() as session:
        now = stored.slug_now(session, slug)
    return (
        see_other(f"/admin/topics/{now}") if now != slug else _one(request, chorus, person, slug, done=done)
    )


@router.post("/topics/{slug}")
def edit(
    request: Request,
    chorus: Here,
    person: MayManageTopics,
    slug: Slug,
    name: ShortText = "",
    keywords: LongText = "",
    description: LongText = "",
    parent: ShortText = "",
) -> Response:
    try:
        with change(chorus, person) as at:
            topics.edit_topic(
                at.session,
                topic_held(at.session, slug),
                name=name,
                keywords=keywords_typed(keywords),
                description=description,
                parent=parent or None,
                now=at.now,
            )
            at.record(AuditAction.TOPIC_EDIT, f"topic {slug}")
    except Invalid as error:
        typed = {"name": name, "keywords": keywords, "description": description, "parent": parent}
        return _one(request, chorus, person, slug, typed=typed, errors={error.field: str(error)})
    return see_other("/admin/topics?done=saved")


@router.post("/topics/{slug}/remove")
def remove(chorus: Here, person: MayManageTopics, slug: Slug) -> Response:
    with decision(chorus, person) as at:
        topics.remove_topic(at.session, topic_held(at.session, slug), at.now)
        at.record(AuditAction.TOPIC_REMOVE, f"topic {slug}")
    return see_other("/admin/topics?done=removed")


def _one(
    request: Request,
    chorus: Chorus,
    person: Person,
    slug: str,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        topic = topic_held(session, slug)
        now = chorus.database.now(session)
        experts = stored.with_experts(session)
        every = [row for row, _ in experts]
        call = calls.latest(session, topic.id)
        return render(
            request,
            "admin/topics/topic.html",
            status=422 if errors else 200,
            person=person,
            topic=topic,
            topics=[row for row in every if row.retired_at is None or row.slug == topic.parent],
            successor=next((row for row in every if row.id == topic.successor_id), None),
            people=next(count for row, count in experts if row.id == topic.id),
            call=call,
            caller=rows.one(session, EmployeeRow, call.asked_by).name if call is not None else "",
            is_asked=call is not None and calls.is_open(call, now),
            asked_until=call.asked_at + calls.CALL_LASTS if call is not None else None,
            left_to_ask=calls.left_to_ask(session, topic.id, now),
            said=calls.replies(session, topic.id),
            former=standing.former_of(session, topic),
            moves=moves.latest_of(session, topic.slug, _LATEST_MOVES),
            going=moves.going_of(session, topic.slug) is not None,
            typed=typed or {},
            errors=errors or {},
            notice=notice(done),
        )


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    words: str = "",
    state: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        topics = stored.with_experts(session)
        going = moves.going(session)
    return render(
        request,
        "admin/topics/list.html",
        status=422 if errors else 200,
        person=person,
        parents=[row for row, _ in topics if row.retired_at is None],
        topics=[one for one in topics if _is_wanted(*one, words, state)],
        words=words,
        state=state,
        states=_STATES,
        going=going,
        typed=typed or {"slug": "", "name": "", "keywords": "", "parent": ""},
        errors=errors or {},
        notice=notice(done),
    )


def _is_wanted(topic: TopicRow, people: int, words: str, state: str) -> bool:
    is_there = {
        "": True,
        "in use": topic.retired_at is None,
        "nobody knows it": not people and topic.retired_at is None,
        "retired": topic.retired_at is not None,
    }.get(state, True)
    said = " ".join((topic.slug, topic.name, topic.description, *topic.keywords)).casefold()
    return is_there and all(word in said for word in words.casefold().split())


def keywords_typed(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in line.split(",")]


def topic_held(session: Session, slug: str) -> TopicRow:
    """The topic with this slug. Raises Problem: 409 where it has another by now, 404 where there is none."""
    now = stored.slug_now(session, slug)
    if now != slug:
        raise Problem(
            409,
            f"“{slug}” has become “{now}” meanwhile: it was renamed, or made part of another topic.",
        )
    return there(stored.by_slug(session, slug), f"topic “{slug}”")
