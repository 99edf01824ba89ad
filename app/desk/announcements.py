"""Announcements at the desk: what I propose that the brand says of its own accord, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response

from app.desk.coming import brief_typed, form_of
from app.identity.auth import MayPropose, Person, guarded, see_other
from app.identity.decisions import DecisionContext, change, decision
from app.web.forms import Fields, PageStart, RowId
from app.web.html import render
from app.web.languages.interface import named_languages
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.announce import decide
from bot.actions.announce.brief import brief_of
from bot.actions.announce.correct import standing_on_each
from bot.actions.announce.propose import LONGEST, Proposal, check_changeable, propose, words_of
from bot.actions.announce.propose import change as change_words
from bot.actions.announce.shown import shown_on_each
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.states import BEFORE_IT_GOES_OUT, CHANGEABLE, AnnouncementState
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.voice import announcements as reads
from bot.store.tables.announcements import AnnouncementRow
from routing.model.phrases import phrase

router = guarded("/desk")

_NOTICES = {
    "proposed": phrase("Proposed: somebody else in charge reads it now."),
    "taken_back": phrase("Taken back: it does not go out."),
    "correction_taken_back": phrase("Taken back: what is out stays as it is."),
}
_CHOSEN = "platform-"
_VARIANT = "text-"


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form. ``sees`` says that its writer wants to see what becomes of it."""

    proposal: Proposal
    sees: bool = False
    errors: Mapping[str, str] | None = None


@router.get("/announcements")
def mine(
    request: Request, chorus: Here, person: MayPropose, before: PageStart = None, done: str = ""
) -> Response:
    """What I proposed, and the form to propose something."""
    everywhere = Form(Proposal("", tuple(chorus.platforms), {}))
    return _page(request, chorus, person, everywhere, before=before, done=done)


@router.post("/announcements")
def put(request: Request, chorus: Here, person: MayPropose, fields: Fields) -> Response:
    """Show what would go out on each platform, or propose it."""
    proposal = _proposal(fields, chorus)
    if fields.get("step") != "send":
        return _page(request, chorus, person, Form(proposal, sees=True))
    try:
        with change(chorus, person) as at:
            row = propose(at.session, proposal, chorus.platforms, chorus.rules, person.id, at.now)
            at.record(AuditAction.ANNOUNCEMENT_PROPOSE, f"announcement {row.id}")
    except Invalid as error:
        return _page(request, chorus, person, _refused(proposal, error))
    return see_other("/desk/announcements?done=proposed")


@router.get("/announcements/{announcement_id}")
def one_of_mine(
    request: Request, chorus: Here, person: MayPropose, announcement_id: RowId, done: str = ""
) -> Response:
    """One that I proposed, to read or, as long as nobody has approved it, to change."""
    with chorus.database.read() as session:
        view = reads.one(session, announcement_id)
    if view is None or view.row.proposed_by != person.id:
        raise _not_mine()
    row = view.row
    if row.corrects_id is not None:
        return see_other(f"/desk/announcements/{row.corrects_id}")
    kept = Proposal(
        row.text, tuple(row.platforms), row.variants, row.warning, row.language or "", brief_of(row)
    )
    return _page(request, chorus, person, Form(kept, sees=True), row=row, done=done)


@router.post("/announcements/{announcement_id}")
def edit(
    request: Request, chorus: Here, person: MayPropose, announcement_id: RowId, fields: Fields
) -> Response:
    """Show what would go out with other words, or propose these."""
    proposal = _proposal(fields, chorus)
    if fields.get("step") != "send":
        with chorus.database.read() as session:
            view = reads.one(session, announcement_id)
        if view is None or view.row.proposed_by != person.id:
            raise _not_mine()
        try:
            check_changeable(view.row)
        except Undecidable as error:
            raise Problem(409, str(error)) from error
        return _page(request, chorus, person, Form(proposal, sees=True), row=view.row)
    row = None
    try:
        with change(chorus, person) as at:
            row = _mine(at, announcement_id)
            change_words(at.session, row, proposal, chorus.platforms, chorus.rules, at.now)
            at.record(AuditAction.ANNOUNCEMENT_EDIT, f"announcement {announcement_id}", revision=row.revision)
    except Invalid as error:
        return _page(request, chorus, person, _refused(proposal, error), row=row)
    except Undecidable as error:
        raise Problem(409, str(error)) from error
    return see_other("/desk/announcements?done=proposed")


@router.post("/announcements/{announcement_id}/withdraw")
def withdraw(chorus: Here, person: MayPropose, announcement_id: RowId) -> Response:
    """Take back what I proposed before it goes out."""
    with decision(chorus, person) as at:
        row = _mine(at, announcement_id)
        before = row.state
        decide.withdraw(at.session, row, at.now)
        at.record(AuditAction.ANNOUNCEMENT_WITHDRAW, f"announcement {announcement_id}", before=before)
        corrects = row.corrects_id
    if corrects is not None:
        return see_other(f"/desk/announcements/{corrects}?done=correction_taken_back")
    return see_other("/desk/announcements?done=taken_back")


def _mine(at: DecisionContext, announcement_id: int) -> AnnouncementRow:
    row = at.row(AnnouncementRow, announcement_id, "such announcement")
    if row.proposed_by != at.person.id:
        raise _not_mine()
    return row


def _not_mine() -> Problem:
    return Problem(404, phrase("There is no such announcement of yours."))


def _proposal(fields: Mapping[str, str], chorus: Chorus) -> Proposal:
    """What was typed and chosen; platforms that are not here are nobody's choice."""
    return Proposal(
        fields.get("text", ""),
        tuple(name for name in chorus.platforms if fields.get(_CHOSEN + name)),
        {name: fields[_VARIANT + name] for name in chorus.platforms if fields.get(_VARIANT + name)},
        fields.get("warning", ""),
        fields.get("language", ""),
        brief_typed(fields),
    )


def _refused(proposal: Proposal, error: Invalid) -> Form:
    return Form(proposal, errors={error.field: str(error)})


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    form: Form,
    *,
    row: AnnouncementRow | None = None,
    before: int | None = None,
    done: str = "",
) -> Response:
    shown = []
    if form.sees and form.proposal.text:
        shown = shown_on_each(words_of(form.proposal, chorus.rules), chorus.platforms, chorus.rules)
    with chorus.database.read() as session:
        found, older = reads.mine(session, person.id, before) if row is None else ([], None)
        corrections = reads.corrections_of(session, [row.id] if row else [one.row.id for one in found])
        departments = directory.names(session)
        may_correct = row is not None and row.state == AnnouncementState.PUBLISHED
        there = standing_on_each(session, row) if row is not None and may_correct else {}
    return render(
        request,
        "desk/announcements.html",
        status=422 if form.errors else 200,
        person=person,
        announcements=found,
        older=older,
        before=before,
        row=row,
        may_change=row is None or row.state in CHANGEABLE,
        corrections=corrections,
        may_correct=may_correct,
        there=there,
        may_take_back=row is not None and row.state in BEFORE_IT_GOES_OUT,
        typed=form.proposal,
        errors=form.errors or {},
        form=form_of(form.proposal.brief),
        departments=departments,
        shown=shown,
        platforms=list(chorus.platforms),
        tongues=named_languages(),
        longest=LONGEST,
        notice=_NOTICES.get(done),
    )
