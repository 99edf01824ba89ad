"""Topics that seem to be missing, from what nobody answered: one click makes one."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.admin.topics.topic_pages import keywords_typed
from app.identity.auth import MayManageTopics, MayWatch, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import LongText, ShortText
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.people import topics
from bot.actions.people.details import Invalid
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries import unanswered
from bot.store.topics import named as stored
from bot.text.display import slug as slug_of
from routing.model.refiling import count_saying
from routing.model.topics import TopicProposal, suggest_topics

router = guarded("/admin/missing-topics")

_PROPOSALS = 12
_LOOKED_AT = 5_000
"""So many of the latest questions are looked at for those that nobody answered, or that no topic fits."""


@router.get("")
def listed(request: Request, chorus: Here, person: MayWatch, done: str = "", made: str = "") -> Response:
    """What the latest questions that nobody answered seem to want; ``made``: the topic just made of them."""
    return _page(request, chorus, person, done=done, made=made)


@router.post("")
def make(
    request: Request,
    chorus: Here,
    person: MayManageTopics,
    name: ShortText = "",
    slug: ShortText = "",
    keywords: LongText = "",
) -> Response:
    """Make one of them, as it was proposed or with other words."""
    try:
        with change(chorus, person) as at:
            row = topics.add_topic(
                at.session, slug or slug_of(name), name, keywords=keywords_typed(keywords), now=at.now
            )
            at.record(AuditAction.TOPIC_ADD, f"topic {row.slug}", proposed=True)
    except Invalid as error:
        typed = {"name": name, "slug": slug, "keywords": keywords}
        return _page(request, chorus, person, typed=typed, errors={error.field: str(error)})
    return see_other(f"/admin/missing-topics?done=added&made={row.slug}")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
    made: str = "",
) -> Response:
    with chorus.database.read() as session:
        topic = stored.by_slug(session, made.replace("\0", "")) if made else None
        proposals = _proposals(session)
    return render(
        request,
        "admin/topics/missing.html",
        status=422 if errors else 200,
        person=person,
        proposals=proposals,
        typed=typed,
        errors=errors or {},
        notice=notice(done),
        made=topic,
    )


def _proposals(session: Session) -> Sequence[tuple[TopicProposal, int]]:
    """What seems to be missing, and how many people asked about each."""
    asked = unanswered.asked_without_answer(session, _LOOKED_AT)
    texts = [text for _, text in asked]
    found = suggest_topics(texts, stored.taxonomy(session), limit=_PROPOSALS)
    return list(zip(found, count_saying(asked, [[one.name] for one in found]), strict=True))
