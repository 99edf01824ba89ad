"""The public texts: every version is kept, and a second person approves each."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, zip_longest
from typing import Annotated, Any

from fastapi import Form, Path, Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayManageTexts, MayReadTexts, Person, actor, guarded, see_other
from app.identity.decisions import DecisionContext, change, decision
from app.public.about import TextSection, comes_with_chorus, filled, in_force, retired, sections
from app.web.forms import LongText, RowId, ShortText
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.archive import texts
from bot.actions.archive.placeholders import PLACEHOLDERS
from bot.actions.people.details import Invalid
from bot.actions.second_person import may_approve
from bot.roles import Permission
from bot.store.engine import Session
from bot.store.house import texts as stored
from bot.store.house.audit_actions import AuditAction
from bot.store.people import staff
from bot.store.queries.pages import archive as public
from bot.store.tables.house import TextRow
from bot.text.display import slug as slug_of

router = guarded("/admin")

_LONGEST_NAME = 40

TextName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


@router.get("/texts")
def listed(request: Request, chorus: Here, person: MayReadTexts, done: str = "") -> Response:
    """All texts in force, what waits for a second person, and a form for a further one."""
    return _list(request, chorus, person, done=done)


@router.post("/texts")
def begin(
    request: Request,
    chorus: Here,
    person: MayManageTexts,
    title: ShortText = "",
    paragraphs: LongText = "",
) -> Response:
    """A text that was not there before, for a second person to approve."""
    try:
        with change(chorus, person) as at:
            name = _new_name(at.session, title)
            by = (person.id, actor(person))
            row = texts.propose_text(at.session, name, title, _parted(paragraphs), by, at.now)
            at.record(AuditAction.TEXT_PROPOSE, f"text {name}", version=row.id)
    except Invalid as error:
        typed = {"title": title, "paragraphs": paragraphs}
        return _list(request, chorus, person, typed=typed, errors={error.field: str(error)})
    return see_other("/admin/texts?done=proposed")


@router.get("/texts/{name}")
def detail(request: Request, chorus: Here, person: MayReadTexts, name: TextName, done: str = "") -> Response:
    """One text, to read or to write anew, with its versions and what they made different."""
    with chorus.database.read() as session:
        text = _as_written(session, name)
        words = text.paragraphs or _last_words(session, name)
    return _page(request, chorus, person, text, text.title, _joined(words), done=done)


@router.post("/texts/{name}")
def propose(
    request: Request,
    chorus: Here,
    person: MayManageTexts,
    name: TextName,
    title: ShortText = "",
    paragraphs: LongText = "",
    accept_anew: Annotated[str, Form()] = "",
    follows: Annotated[str, Form(pattern=r"^[0-9]{0,18}$")] = "",
    do: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Look at what a new version would be, or hand it in for a second person to approve."""
    anew = bool(accept_anew)
    with chorus.database.read() as session:
        text = _as_written(session, name)
    if do == "look":
        return _page(request, chorus, person, text, title, paragraphs, anew=anew, looks=True, follows=follows)
    try:
        with change(chorus, person) as at:
            _as_written(at.session, name)
            row = texts.propose_text(
                at.session,
                name,
                title,
                _parted(paragraphs),
                (person.id, actor(person)),
                at.now,
                accept_anew=anew,
                follows=int(follows) if follows else None,
            )
            at.record(AuditAction.TEXT_PROPOSE, f"text {name}", version=row.id)
    except Invalid as error:
        errors = {error.field: str(error)}
        return _page(request, chorus, person, text, title, paragraphs, anew=anew, errors=errors)
    return see_other("/admin/texts?done=proposed")


@router.post("/texts/{name}/retire")
def retire(
    chorus: Here,
    person: MayManageTexts,
    name: TextName,
    follows: Annotated[str, Form(pattern=r"^[0-9]{0,18}$")] = "",
) -> Response:
    """A further text is to be in force no more, once a second person approves that."""
    if comes_with_chorus(name):
        raise Problem(409, "This text is always there: write another version of it.")
    with decision(chorus, person) as at:
        _as_written(at.session, name)
        by = (person.id, actor(person))
        row = texts.propose_retiring(at.session, name, by, at.now, follows=int(follows) if follows else None)
        at.record(AuditAction.TEXT_RETIRE, f"text {name}", version=row.id)
    return see_other("/admin/texts?done=proposed")


@router.post("/texts/{name}/versions/{version_id}/approve")
def approve(
    chorus: Here, person: MayManageTexts, name: TextName, version_id: RowId, back: Back = ""
) -> Response:
    """The version that was read is in force from now on."""
    with decision(chorus, person) as at:
        row = _version(at, name, version_id)
        texts.approve_text(at.session, row, (person.id, actor(person)), at.now)
        at.record(AuditAction.TEXT_PUBLISH, f"text {name}", version=row.id, accept_anew=row.accept_anew)
    return returned(back, "/admin/texts", "published")


@router.post("/texts/{name}/versions/{version_id}/withdraw")
def withdraw(
    chorus: Here, person: MayManageTexts, name: TextName, version_id: RowId, back: Back = ""
) -> Response:
    """The version waits for nobody any more, and never was in force."""
    with decision(chorus, person) as at:
        row = _version(at, name, version_id)
        texts.withdraw_text(at.session, row, actor(person), at.now)
        at.record(AuditAction.TEXT_WITHDRAW, f"text {name}", version=row.id)
    return returned(back, f"/admin/texts/{name}", "withdrawn")


def _version(at: DecisionContext, name: str, version_id: int) -> TextRow:
    row = at.row(TextRow, version_id, "such version")
    return there(row if row.name == name else None, "such version")


def _list(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        published = public.texts(session)
        waiting = {row.name: row for row in stored.waiting(session)}
        withdrawn = stored.withdrawn(session)
    found, gone = sections(published, chorus.settings), retired(published, chorus.settings)
    known = {one.slug for one in [*found, *gone]}
    begun = [TextSection(row.name, row.title, ()) for name, row in waiting.items() if name not in known]
    return render(
        request,
        "admin/texts.html",
        status=422 if errors else 200,
        person=person,
        texts=[*found, *(filled(one, chorus.settings) for one in begun)],
        retired=gone,
        withdrawn=withdrawn,
        waiting=waiting,
        begun={one.slug for one in begun},
        typed=typed or {},
        errors=errors or {},
        placeholders=PLACEHOLDERS,
        notice=notice(done),
    )


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    text: TextSection,
    title: str,
    paragraphs: str,
    *,
    anew: bool = False,
    looks: bool = False,
    follows: str = "",
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        versions = stored.versions(session, text.slug)
        first = versions[0] if versions and versions[0].is_undecided else None
        may = first is not None and may_approve(
            session, Permission.MANAGE_TEXTS, first.proposed_by_id, person.id
        )
        yet_to_accept = staff.yet_to_accept(session) if text.slug == texts.GUIDELINES else 0
    preview = filled(TextSection(text.slug, title, tuple(_parted(paragraphs))), chorus.settings)
    return render(
        request,
        "admin/text.html",
        status=422 if errors else 200,
        person=person,
        name=text.slug,
        title=title,
        heading=filled(text, chorus.settings).title,
        paragraphs=paragraphs,
        written=_joined(text.paragraphs),
        preview=preview if looks else None,
        as_read=_joined(filled(text, chorus.settings).paragraphs),
        anew=anew,
        follows=follows or (versions[0].id if versions else 0),
        versions=[_told(one, former, text) for one, former in zip_longest(versions, versions[1:])],
        waits=first,
        waits_as_read=filled(TextSection(text.slug, first.title, tuple(first.paragraphs)), chorus.settings)
        if first is not None
        else None,
        may_approve=may,
        may_retire=not comes_with_chorus(text.slug) and bool(text.paragraphs),
        is_retired=text.since is not None and not text.paragraphs,
        yet_to_accept=yet_to_accept,
        is_accepted=text.slug == texts.GUIDELINES,
        placeholders=PLACEHOLDERS,
        errors=errors or {},
        notice=notice(done),
    )


def _told(version: TextRow, former: TextRow | None, text: TextSection) -> dict[str, Any]:
    """A version, and the words of the one before; of the first, those that come with Chorus."""
    default = next((one for one in in_force({}) if one.slug == text.slug), None)
    before = former.paragraphs if former is not None else default.paragraphs if default else ()
    return {"row": version, "before": _joined(before), "words": _joined(version.paragraphs)}


def _joined(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs)


def _parted(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"\n\s*\n", text) if one.strip()]


def _new_name(session: Session, title: str) -> str:
    """A name for the address of a further text, of its title. Raises Invalid where there is one of it."""
    known, name = {*_names(session)}, slug_of(title)[:_LONGEST_NAME].strip("-")
    if name in known:
        raise Invalid("title", "There is a text of this name: open it above, or choose another title.")
    return name or next(one for one in map("text-{}".format, count(1)) if one not in known)


def _names(session: Session) -> Iterator[str]:
    """The names of all texts: those by default, and those that somebody has written a version of."""
    published = public.texts(session)
    yield from (one.slug for one in in_force(published))
    yield from stored.names(session)


def _last_words(session: Session, name: str) -> Sequence[str]:
    """What a text that is not in force said, or would have said, last."""
    return next((one.paragraphs for one in stored.versions(session, name) if one.paragraphs), ())


def _as_written(session: Session, name: str) -> TextSection:
    """A text in force with its placeholders; of one that never was, its name. Raises Problem."""
    published = public.texts(session)
    text = next((one for one in in_force(published) if one.slug == name), None)
    if text is None and name in published:
        text = TextSection(name, published[name].title, (), published[name].published_at)
    if text is None and (versions := stored.versions(session, name)):
        text = TextSection(name, versions[0].title, ())
    if text is None:
        raise Problem(404, "There is no such text.")
    return text
