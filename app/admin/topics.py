"""The topics of the house, and which ones seem to be missing."""

from typing import Annotated

from fastapi import Path, Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayManageTopics, MayWatch, Person, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import LongText, ShortText
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.actions.people import topics
from bot.actions.people.details import Invalid
from bot.store.engine import Session
from bot.store.house import topics as stored
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.tables.people import TopicRow
from routing.model.topics import Taxonomy, TopicProposal, suggest_topics

router = guarded("/admin")

_PROPOSALS = 8
Slug = Annotated[str, Path(max_length=60)]


@router.get("/topics")
def listed(request: Request, chorus: Here, person: MayWatch, find: str = "", done: str = "") -> Response:
    """All topics; with ``find`` also those that the latest questions seem to want."""
    return _page(request, chorus, person, finds=bool(find), done=done)


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
            words = _keywords(keywords)
            row = topics.add_topic(at.session, slug, name, keywords=words, parent=parent or None, now=at.now)
            at.record(AuditAction.TOPIC_ADD, f"topic {row.slug}")
    except Invalid as error:
        typed = {"slug": slug, "name": name, "keywords": keywords, "parent": parent}
        return _page(request, chorus, person, typed=typed, errors={error.field: str(error)})
    return see_other("/admin/topics?done=added")


@router.get("/topics/{slug}")
def detail(request: Request, chorus: Here, person: MayWatch, slug: Slug) -> Response:
    return _one(request, chorus, person, slug)


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
                _topic(at.session, slug),
                name=name,
                keywords=_keywords(keywords),
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
        topics.remove_topic(at.session, _topic(at.session, slug), at.now)
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
) -> Response:
    with chorus.database.read() as session:
        topic = _topic(session, slug)
        topics = [row for row, _ in stored.with_experts(session)]
    return render(
        request,
        "admin/topic.html",
        status=422 if errors else 200,
        person=person,
        topic=topic,
        topics=topics,
        typed=typed or {},
        errors=errors or {},
    )


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    finds: bool = False,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        topics = stored.with_experts(session)
        proposals = _proposals(session) if finds else []
    return render(
        request,
        "admin/topics.html",
        status=422 if errors else 200,
        person=person,
        topics=topics,
        finds=finds,
        proposals=proposals,
        typed=typed or {"slug": "", "name": "", "keywords": "", "parent": ""},
        errors=errors or {},
        notice=notice(done),
    )


def _proposals(session: Session) -> list[TopicProposal]:
    texts = reads.unanswered_texts(session)
    return suggest_topics(texts, Taxonomy(stored.as_known(session)), limit=_PROPOSALS)


def _keywords(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in line.split(",")]


def _topic(session: Session, slug: str) -> TopicRow:
    return there(stored.by_slug(session, slug), f"topic “{slug}”")
