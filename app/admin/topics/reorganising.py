"""Topics are put in order by hand: merged, split, renamed, retired, brought back."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from app.admin.topics.topic_pages import Slug, keywords_typed, topic_held
from app.identity.auth import MayManageTopics, Person, actor, guarded, see_other
from app.identity.decisions import DecisionContext, change, decision
from app.web.forms import Fields, ShortText, numbers_ticked
from app.web.html import render
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import rules_about_topics
from bot.actions.people.details import Invalid
from bot.actions.people.topics import name_from, tidy_words
from bot.actions.topics import reorganise, retiring
from bot.actions.topics.reorganise import Division, Reorganising
from bot.actions.undecidable import Undecidable
from bot.store.counting import MOST_COUNTED
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import TopicRow
from bot.store.topics import holdings as counts
from bot.store.topics import moves, standing
from bot.store.topics import named as stored
from bot.store.topics.holdings import HeldQuestion
from bot.text.display import slug as slug_of
from routing.model.refiling import says_any, suggest_parts

router = guarded("/admin/topics")

_LOOKED_AT = 2_000
"""So many of a topic's latest questions are tried by what somebody typed."""
_SHOWN = 40
_PARTS = 6
_QUESTION, _MATTER = "question-", "matter-"


@router.get("/{slug}/merge")
def ask_merge(
    request: Request, chorus: Here, person: MayManageTopics, slug: Slug, into: str = ""
) -> Response:
    """What would move if the topic became part of another one."""
    return _merge_page(request, chorus, person, slug, into)


@router.post("/{slug}/merge")
def merge(
    request: Request, chorus: Here, person: MayManageTopics, slug: Slug, into: ShortText = ""
) -> Response:
    """It is part of that one from now on."""
    try:
        with change(chorus, person) as at:
            former = topic_held(at.session, slug)
            other = stored.by_slug(at.session, into)
            move = reorganise.merge(at.session, former, other, _how(chorus, person, at))
            at.record(AuditAction.TOPIC_MERGE, f"topic {slug}", into=into, move=move.id)
    except (Invalid, Undecidable) as error:
        return _merge_page(request, chorus, person, slug, into, {"into": str(error)})
    chorus.rulebook.look()
    return see_other(f"/admin/topics/{into}?done=merged")


@router.post("/{slug}/rename")
def rename(chorus: Here, person: MayManageTopics, slug: Slug, to: ShortText = "") -> Response:
    """Another short name; addresses with the former one lead there."""
    with decision(chorus, person) as at:
        topic = topic_held(at.session, slug)
        move = reorganise.rename(at.session, topic, to, _how(chorus, person, at))
        at.record(AuditAction.TOPIC_RENAME, f"topic {topic.slug}", before=slug, move=move.id)
        now = topic.slug
    chorus.rulebook.look()
    return see_other(f"/admin/topics/{now}?done=renamed")


@router.post("/{slug}/former/{before}/forget")
def forget(chorus: Here, person: MayManageTopics, slug: Slug, before: Slug) -> Response:
    """Addresses with a former short name lead nowhere any more, and another topic may have it."""
    with decision(chorus, person) as at:
        topic = topic_held(at.session, slug)
        reorganise.check_still(at.session, topic)
        leads = there(standing.former(at.session, before), f"former short name “{before}”")
        if leads.topic_id != topic.id or not standing.forget(at.session, before):
            raise Undecidable("Somebody has led that short name elsewhere meanwhile: look at the list again.")
        at.record(AuditAction.TOPIC_FORGET, f"topic {slug}", former=before)
    return see_other(f"/admin/topics/{slug}?done=removed")


@router.post("/{slug}/retire")
def retire(chorus: Here, person: MayManageTopics, slug: Slug, successor: ShortText = "") -> Response:
    """No new question gets it; what it has stays."""
    with decision(chorus, person) as at:
        after = topic_held(at.session, successor) if successor else None
        retiring.retire(at.session, topic_held(at.session, slug), after, _how(chorus, person, at))
        at.record(AuditAction.TOPIC_RETIRE, f"topic {slug}", successor=successor)
    chorus.rulebook.look()
    return see_other(f"/admin/topics/{slug}?done=topic_retired")


@router.post("/{slug}/bring-back")
def bring_back(chorus: Here, person: MayManageTopics, slug: Slug) -> Response:
    """It is a topic like any other again."""
    with decision(chorus, person) as at:
        retiring.bring_back(at.session, topic_held(at.session, slug), at.now)
        at.record(AuditAction.TOPIC_REOPEN, f"topic {slug}")
    return see_other(f"/admin/topics/{slug}?done=saved")


@router.get("/{slug}/split")
def ask_split(
    request: Request, chorus: Here, person: MayManageTopics, slug: Slug, words: str = "", name: str = ""
) -> Response:
    """Which parts the topic seems to have, and a form for one of them."""
    return _split_page(request, chorus, person, slug, {"words": words, "name": name})


@router.post("/{slug}/split")
def split(request: Request, chorus: Here, person: MayManageTopics, slug: Slug, fields: Fields) -> Response:
    """Look at what would move, or move it."""
    if fields.get("step") != "move":
        return _split_page(request, chorus, person, slug, fields, looks=True)
    try:
        with change(chorus, person) as at:
            topic, division = topic_held(at.session, slug), _division(fields)
            move = reorganise.split(at.session, topic, division, _how(chorus, person, at))
            at.record(
                AuditAction.TOPIC_SPLIT,
                f"topic {slug}",
                into=move.slug,
                words=move.words,
                questions=len(move.questions),
                matters=len(move.matters),
                move=move.id,
            )
            to = move.slug
    except (Invalid, Undecidable) as error:
        field = error.field if isinstance(error, Invalid) else "words"
        return _split_page(request, chorus, person, slug, fields, errors={field: str(error)}, looks=True)
    chorus.rulebook.look()
    return see_other(f"/admin/topics/{to}?done=split")


def _how(chorus: Chorus, person: Person, at: DecisionContext) -> Reorganising:
    return Reorganising(actor(person), at.now, rules_about_topics(chorus.given, chorus.rules))


def _merge_page(
    request: Request,
    chorus: Chorus,
    person: Person,
    slug: str,
    into: str,
    errors: Mapping[str, str] | None = None,
) -> Response:
    with chorus.database.read() as session:
        topic = topic_held(session, slug)
        other = stored.by_slug(session, into.replace("\0", "")) if into else None
        return render(
            request,
            "admin/topics/merge.html",
            status=422 if errors else 200,
            person=person,
            topic=topic,
            into=other,
            others=_others(session, topic),
            holds=counts.holdings(session, topic),
            departments=(_department(session, topic), _department(session, other) if other else ""),
            looked_at=counts.LOOKED_AT,
            most=MOST_COUNTED,
            second_look=slug in chorus.rules.second_look,
            going=moves.going_of(session, slug, *([other.slug] if other else [])),
            errors=errors or {},
        )


def _split_page(
    request: Request,
    chorus: Chorus,
    person: Person,
    slug: str,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    looks: bool = False,
) -> Response:
    division = _division(typed)
    with chorus.database.read() as session:
        topic = topic_held(session, slug)
        latest = counts.latest_questions(session, slug, _LOOKED_AT)
        chosen = [one for one in latest if _is_chosen(one, division)]
        own = (topic.name, topic.slug, *topic.keywords)
        return render(
            request,
            "admin/topics/split.html",
            status=422 if errors else 200,
            person=person,
            topic=topic,
            typed=typed,
            division=division,
            others=_others(session, topic),
            latest=len(latest),
            chosen=chosen[:_SHOWN] if looks else [],
            moving=len(chosen) if looks else None,
            questions=latest[:_SHOWN],
            matters=counts.matters_of(session, slug),
            suggested=suggest_parts([one.text for one in latest], own, _PARTS),
            going=moves.going_of(session, slug),
            errors=errors or {},
        )


def _division(fields: Mapping[str, str]) -> Division:
    name = fields.get("name", "")
    slug = fields.get("to") or fields.get("slug") or slug_of(name)
    return Division(
        words=tuple(tidy_words(keywords_typed(fields.get("words", "")))),
        questions=numbers_ticked(fields, _QUESTION),
        matters=numbers_ticked(fields, _MATTER),
        slug=slug,
        name=name or name_from(slug),
    )


def _is_chosen(question: HeldQuestion, division: Division) -> bool:
    return (
        question.id in division.questions
        or question.matter_id in division.matters
        or says_any(question.text, division.words, question.language)
    )


def _others(session: Session, topic: TopicRow) -> Sequence[TopicRow]:
    return [row for row, _ in stored.with_experts(session) if row.id != topic.id and row.retired_at is None]


def _department(session: Session, topic: TopicRow) -> str:
    number = standing.department_of(session, topic)
    return directory.names(session).get(number, "") if number is not None else ""
