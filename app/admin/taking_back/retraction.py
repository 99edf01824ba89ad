"""Taking one answer back: what would be taken down and what follows, then the deed."""

from collections.abc import Collection, Mapping

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.admin.taking_back.copies import chosen_copies
from app.identity.auth import MayReadQuestions, MayRetract, Person, guarded, see_other
from app.identity.decisions import change
from app.identity.retracting import retract_answer
from app.web.forms import Fields, RowId
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions.taking_back.retract import Afterwards, Wish, sensible
from bot.actions.undecidable import Undecidable
from bot.store import rows
from bot.store.queries.pages import retractions as reads
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.wording import by_itself

router = guarded("/admin")

_LONGEST_REASON = 500


@router.get("/entries/{entry_id}")
def of_entry(chorus: Here, person: MayReadQuestions, entry_id: RowId) -> Response:
    """From an entry of the archive to its question, where everything is decided."""
    del person
    with chorus.database.read() as session:
        entry = there(rows.find(session, EntryRow, entry_id), "such entry")
    return see_other(f"/admin/questions/{entry.question_id}")


@router.get("/answers/{answer_id}/retract")
def page(request: Request, chorus: Here, person: MayRetract, answer_id: RowId, done: str = "") -> Response:
    """What would be taken down, and what becomes of the rest."""
    return _page(request, chorus, person, answer_id, done=done)


@router.post("/answers/{answer_id}/retract")
def retract(
    request: Request,
    chorus: Here,
    person: MayRetract,
    answer_id: RowId,
    fields: Fields,
) -> Response:
    """Take it back, everywhere."""
    copies = chosen_copies(fields)
    wish = wish_typed(fields, person)
    try:
        with change(chorus, person) as at:
            answer = at.row(AnswerRow, answer_id, "such answer")
            retract_answer(chorus, at, answer, wish, copies)
            question_id = answer.question_id
    except Undecidable as error:
        return _page(request, chorus, person, answer_id, wish=wish, copies=copies, error=str(error))
    return see_other(f"/admin/questions/{question_id}?done=retracted")


def wish_typed(fields: Mapping[str, str], person: Person) -> Wish:
    """How somebody wants answers to be taken back, as forms have it. Raises Problem 422."""
    why, afterwards = fields.get("why", ""), fields.get("afterwards", "")
    if len(why) > _LONGEST_REASON:
        raise Problem(422, f"Say why in at most {_LONGEST_REASON} characters.")
    if afterwards and afterwards not in list(Afterwards):
        raise Problem(422, "Choose what becomes of the question.")
    becomes = Afterwards(afterwards) if afterwards else None
    return Wish(why, person.id, becomes, tells_customer=bool(fields.get("tell")))


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    answer_id: int,
    *,
    wish: Wish | None = None,
    copies: Collection[int] | None = None,
    error: str | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        found = there(reads.answer_out(session, answer_id), "such answer")
        same = reads.copies_out(session, found.answer)
        afterwards = sensible(session, found.answer, found.question)
    return render(
        request,
        "admin/retract.html",
        status=422 if error else 200,
        person=person,
        found=found,
        same=same,
        chosen=copies,
        wish=wish or Wish("", person.id),
        afterwards=(wish and wish.afterwards) or afterwards,
        told={
            goes_on: by_itself.taken_back(found.question.language, goes_on=goes_on)
            for goes_on in (True, False)
        },
        connected=list(chorus.platforms),
        error=error,
        notice=notice(done),
    )
