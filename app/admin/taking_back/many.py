"""Taking many answers back at once: the last ones, or everything by somebody since a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.confirmations import notice
from app.admin.taking_back.retraction import wish_typed
from app.identity.auth import MayRetract, Person, guarded, see_other
from app.identity.decisions import change
from app.identity.retracting import retract_answers
from app.web.forms import Fields, PageStart, numbers_ticked
from app.web.html import render, zone_of
from app.wiring.composition import Chorus, Here
from bot.actions.taking_back.retract import Wish
from bot.actions.taking_back.retract_many import MOST
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.people import staff
from bot.store.queries.pages import retractions as reads
from bot.store.queries.pages.retractions import AnswerOut
from bot.store.tables.people import EmployeeRow
from bot.text.times.timestamps import NotMoment, on_the_clock_of

router = guarded("/admin")
_LAST = 5
_CHOSEN = "answer-"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be listed: the ``last`` so many, or all of a person's ``since`` a moment.

    The moment is on the brand's clock; the person is told by their number, or by their mail address.
    """

    last: int = 0
    person: int | None = None
    email: str = ""
    since: str = ""


@router.get("/take-back")
def preview(
    request: Request,
    chorus: Here,
    person: MayRetract,
    last: Annotated[int, Query(ge=0, le=MOST)] = 0,
    of: PageStart = None,
    email: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=40)] = "",
    done: str = "",
) -> Response:
    """What would be taken back."""
    return _page(request, chorus, person, Choice(last, of, email.replace("\0", "").strip(), since), done=done)


@router.post("/take-back")
def retract(request: Request, chorus: Here, person: MayRetract, fields: Fields) -> Response:
    """Take back what was listed and is still chosen."""
    wish = wish_typed(fields, person)
    try:
        with change(chorus, person) as at:
            retract_answers(chorus, at, _chosen(fields), wish)
    except Undecidable as error:
        return _page(request, chorus, person, Choice(), chosen=_chosen(fields), wish=wish, error=str(error))
    return see_other("/admin/take-back?done=all_retracted")


def _chosen(fields: Mapping[str, str]) -> list[int]:
    """The answers that are ticked."""
    return list(numbers_ticked(fields, _CHOSEN))


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    choice: Choice,
    *,
    chosen: Sequence[int] = (),
    wish: Wish | None = None,
    error: str | None = None,
    done: str = "",
) -> Response:
    zone = zone_of(None, chorus.settings.timezone)
    with chorus.database.read() as session:
        somebody = _somebody(session, choice)
        found: list[AnswerOut] = []
        try:
            if chosen:
                found = reads.answers_named(session, chosen)
            elif somebody is not None and choice.since:
                at = on_the_clock_of(zone, choice.since)
                found = reads.of_person_since(session, somebody.id, at, MOST)
            elif choice.last:
                found = reads.latest_out(session, choice.last)
        except NotMoment as problem:
            error = str(problem)
    if choice.email and somebody is None:
        error = "Nobody here has this mail address."
    return render(
        request,
        "admin/take_back.html",
        status=422 if error else 200,
        person=person,
        choice=choice,
        somebody=somebody,
        asked=bool(choice.last or chosen or (somebody is not None and choice.since)),
        found=found,
        last=choice.last or _LAST,
        most=MOST,
        wish=wish or Wish("", person.id),
        connected=list(chorus.platforms),
        house_zone=zone,
        error=error,
        notice=notice(done),
    )


def _somebody(session: Session, choice: Choice) -> EmployeeRow | None:
    if choice.person is not None:
        return rows.find(session, EmployeeRow, choice.person)
    return staff.by_email(session, choice.email) if choice.email else None
