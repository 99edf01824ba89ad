"""What goes out soon, told to colleagues first: what customers may ask then, and what to answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response

from app.identity.auth import MayAnswer, MayPropose, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import Fields, PageStart, RowId
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.announce.brief import MOST_ASKED, Brief, brief_of, change_brief
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.voice import coming as reads
from bot.store.queries.voice.announcements import as_said
from bot.store.queries.voice.coming import Reader
from bot.store.tables.announcements import AnnouncementRow, CustomersMayAsk, SeenBefore
from routing.model.phrases import phrase

router = guarded("/desk")
_ROOM = 2
"""So many empty places for questions a form has beside those that are filled in."""
_SAVED = phrase("Saved: your colleagues read it from now on.")


@dataclass(frozen=True, slots=True)
class BriefForm:
    """What the form about colleagues holds: as many places for questions as there are to show."""

    brief: Brief
    places: tuple[CustomersMayAsk, ...]


def reader_of(person: Person) -> Reader:
    """As whom somebody looks at what is coming."""
    return Reader(person.id, sees_all=person.may(Permission.ANNOUNCE) or person.may(Permission.WATCH))


def brief_typed(fields: Mapping[str, str]) -> Brief:
    """What was typed and chosen; a place of which nothing is filled in is none."""
    places = (
        CustomersMayAsk(fields.get(f"ask-{number}", ""), fields.get(f"reply-{number}", ""))
        for number in range(MOST_ASKED)
    )
    chosen = fields.get("seen_before", "")
    return Brief(
        SeenBefore(chosen) if chosen in list(SeenBefore) else SeenBefore.EVERYBODY,
        tuple(
            int(number)
            for name in fields
            if (number := name.removeprefix("department-")) != name
            and number.isascii()
            and number.isdigit()
            and len(number) <= 18
        ),
        tuple(one for one in places if one.question or one.reply),
    )


def form_of(brief: Brief) -> BriefForm:
    """A form that holds this, with room for more."""
    empty = (CustomersMayAsk("", ""),) * min(_ROOM, MOST_ASKED - len(brief.asked))
    return BriefForm(brief, (*brief.asked, *empty))


@router.get("/coming")
def coming(request: Request, chorus: Here, person: MayAnswer, after: PageStart = None) -> Response:
    """What is approved and goes out soon, and what went out in the last days."""
    with chorus.database.read() as session:
        found, further = reads.coming(session, reader_of(person), after)
        if after is None:
            found = [*found, *reads.just_out(session, chorus.database.now(session))]
        said = as_said(session, [one.id for one in found])
    return render(
        request,
        "desk/coming.html",
        person=person,
        coming=found,
        said_now=said,
        after=after,
        further=further,
    )


@router.get("/coming/{announcement_id}")
def brief(
    request: Request, chorus: Here, person: MayAnswer, announcement_id: RowId, done: str = ""
) -> Response:
    """One of them, with what customers may ask; whoever proposed it, or is in charge, can change that."""
    return _page(request, chorus, person, announcement_id, notice=_SAVED if done == "saved" else None)


@router.post("/coming/{announcement_id}")
def tell(
    request: Request, chorus: Here, person: MayPropose, announcement_id: RowId, fields: Fields
) -> Response:
    """Tell colleagues something else, at any time."""
    typed = brief_typed(fields)
    try:
        with change(chorus, person) as at:
            row = at.row(AnnouncementRow, announcement_id, "such announcement")
            if not _may_change(person, row):
                raise Problem(403, phrase("Whoever proposed it, or is in charge, says this."))
            change_brief(at.session, row, typed, directory.names(at.session), at.now)
            at.record(
                AuditAction.ANNOUNCEMENT_BRIEF,
                f"announcement {announcement_id}",
                seen_before=row.seen_before,
                departments=row.departments,
                asked=len(row.asked),
            )
    except Invalid as error:
        return _page(request, chorus, person, announcement_id, typed=typed, error=error)
    except Undecidable as error:
        raise Problem(409, str(error)) from error
    return see_other(f"/desk/coming/{announcement_id}?done=saved")


def _may_change(person: Person, row: AnnouncementRow) -> bool:
    return person.may(Permission.ANNOUNCE) or row.proposed_by == person.id


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    announcement_id: int,
    *,
    typed: Brief | None = None,
    error: Invalid | None = None,
    notice: str | None = None,
) -> Response:
    with chorus.database.read() as session:
        row = there(reads.one(session, announcement_id, reader_of(person)), "such announcement")
        departments = directory.names(session)
        said = as_said(session, [row.id])[row.id]
    return render(
        request,
        "desk/coming_one.html",
        status=422 if error else 200,
        person=person,
        one=row,
        said_now=said,
        may_change=_may_change(person, row),
        form=form_of(typed or brief_of(row)),
        departments=departments,
        errors={error.field: str(error)} if error else {},
        notice=notice,
    )
