"""Many topics at once: typed or pasted, one on a line, or chosen from what questions seem to want."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from app.identity.auth import MayManageTopics, Person, guarded, see_other
from app.identity.decisions import DecisionContext, change
from app.web.forms import Fields
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.people import topics
from bot.actions.people.details import Invalid
from bot.actions.people.topics import SLUG
from bot.store import rows
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.topics import named as stored
from bot.text.display import slug as slug_of
from routing.model.topics import Taxonomy, suggest_topics

router = guarded("/admin/first-run")

_PROPOSALS = 12
_LINE = re.compile(r"(?P<name>[^:(]*)(?:\((?P<slug>[^)]*)\)\s*)?(?::(?P<keywords>.*))?")
"""``Name (short-name): keyword, keyword``; what stands in brackets and behind the colon may be left out."""
_CHOSEN = "chosen-"
"""How the fields of proposals begin; each holds a line like the others."""


@dataclass(frozen=True, slots=True)
class WrittenTopic:
    """A topic as somebody wrote it on a line."""

    number: int
    name: str
    slug: str
    keywords: tuple[str, ...]


class _NotAll(Exception):
    """Some lines cannot be stored, so none is: what is wrong, by the number of the line."""

    def __init__(self, problems: Mapping[int, str]) -> None:
        super().__init__("not all")
        self.problems = problems


@router.get("/topics")
def asked(request: Request, chorus: Here, person: MayManageTopics, find: str = "") -> Response:
    """A box for many lines; with ``find`` also what the latest questions seem to want."""
    return _page(request, chorus, person, finds=bool(find))


@router.post("/topics")
def add(request: Request, chorus: Here, person: MayManageTopics, fields: Fields) -> Response:
    """Add what is there, all or nothing, so that no line has to be looked for afterwards."""
    chosen = [line for name, line in fields.items() if name.startswith(_CHOSEN)]
    text = "\n".join([fields.get("lines", ""), *chosen]).strip()
    written = [_read(number, line) for number, line in _numbered(text)]
    if not written:
        return _page(request, chorus, person, problems={0: "Write a topic on a line, or choose some."})
    try:
        with change(chorus, person) as at:
            _add_all(at, written)
    except _NotAll as error:
        return _page(request, chorus, person, typed=text, problems=error.problems)
    return see_other("/admin/first-run?done=added")


def _add_all(at: DecisionContext, written: Sequence[WrittenTopic]) -> None:
    problems = {one.number: told for one in written if (told := _problem_with(at.session, one, at.now))}
    if problems:
        raise _NotAll(problems)
    for one in written:
        at.record(AuditAction.TOPIC_ADD, f"topic {one.slug}")


def _numbered(text: str) -> list[tuple[int, str]]:
    return [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _read(number: int, line: str) -> WrittenTopic:
    found = _LINE.fullmatch(line.strip())
    name = (found["name"] if found else line).strip()
    given = ((found["slug"] if found else "") or "").strip()
    slug = given or slug_of(name)
    words = ((found["keywords"] if found else "") or "").split(",")
    keywords = tuple(word.strip() for word in words if word.strip())
    return WrittenTopic(number, name, slug, keywords or (name.lower(),))


def _problem_with(session: Session, one: WrittenTopic, now: datetime) -> str:
    """Add a topic; what is wrong with its line is returned, and then it is not there."""
    try:
        with rows.savepoint(session):
            topics.add_topic(session, one.slug, one.name, keywords=one.keywords, now=now)
    except Invalid as error:
        if error.field == "slug" and not SLUG.fullmatch(one.slug) and one.slug == slug_of(one.name):
            return (
                f"“{one.name}” wants a short name for addresses: write it in brackets, like {one.name} (tv)."
            )
        return str(error)
    return ""


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    finds: bool = False,
    typed: str = "",
    problems: Mapping[int, str] | None = None,
) -> Response:
    with chorus.database.read() as session:
        known = stored.with_experts(session)
        proposals: Sequence[object] = ()
        if finds:
            taxonomy = Taxonomy(stored.as_known(session))
            proposals = suggest_topics(reads.unanswered_texts(session), taxonomy, limit=_PROPOSALS)
    return render(
        request,
        "admin/first_run/topics.html",
        status=422 if problems else 200,
        person=person,
        known=[row.name for row, _ in known],
        finds=finds,
        proposals=proposals,
        typed=typed,
        problems=problems or {},
    )
