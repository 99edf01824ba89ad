"""What a department says on a matter, by who is in charge of it; of a fix everybody who asked can be told."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from app.admin.departments.sight import check_speaks
from app.admin.voice.matter_page import matter_page
from app.identity.auth import MayAnswerMatters, guarded, see_other
from app.identity.decisions import change, decision
from app.web.forms import Fields, RowId
from app.web.html import zone_of
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions import statements
from bot.actions.departments import answer
from bot.actions.departments.answer import DepartmentWords
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.states import DepartmentAnswerKind, StatementAudience, StatementKind
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.departments import DepartmentAnswerRow
from bot.store.tables.matters import MatterRow

router = guarded("/admin")


@router.post("/matters/{matter_id}/answers")
def say(
    request: Request, chorus: Here, person: MayAnswerMatters, matter_id: RowId, fields: Fields
) -> Response:
    """Seen, planned, fixed, or no and why; of a fix everybody who asked can be told."""
    zone = zone_of(None, chorus.settings.timezone)
    try:
        kind = DepartmentAnswerKind(fields.get("kind", ""))
    except ValueError:
        raise Problem(422, "Choose what the department does about it.") from None
    try:
        with change(chorus, person) as at:
            matter = at.row(MatterRow, matter_id, "such matter")
            department = directory.of_matter(at.session, matter)
            check_speaks(at.session, person, department)
            told = _told(kind, fields)
            fixed_on = _day("fixed_on", fields.get("fixed_on", ""))
            today = at.now.astimezone(zone).date()
            words = DepartmentWords(
                kind,
                _day("planned_for", fields.get("planned_for", "")),
                fields.get("version", ""),
                fields.get("reason", ""),
                None if fixed_on in (None, today) else _begin(fixed_on, zone),
            )
            row = answer.say(
                at.session, matter, department, words, person.id, chorus.rules.guard, today, at.now
            )
            at.record(AuditAction.MATTER_ANSWER, f"matter {matter_id}", answer=row.id, kind=kind)
            if told:
                statement = statements.propose(
                    at.session,
                    matter,
                    StatementKind.SETTLED,
                    told,
                    StatementAudience.ASKED,
                    person.id,
                    chorus.answering,
                    at.now,
                )
                row.statement_id = statement.id
                at.record(
                    AuditAction.STATEMENT_WRITE,
                    f"matter {matter_id}",
                    statement=statement.id,
                    kind=StatementKind.SETTLED,
                )
    except (Invalid, Undecidable, statements.Unsayable) as error:
        return matter_page(
            request, chorus, person, matter_id, status=422, answer_draft=fields, answer_refused=str(error)
        )
    return see_other(f"/admin/matters/{matter_id}?done=said&at=department-says")


@router.post("/matters/{matter_id}/answers/{answer_id}/withdraw")
def take_back(chorus: Here, person: MayAnswerMatters, matter_id: RowId, answer_id: RowId) -> Response:
    """Take back what was said: by whoever said it, or decides about matters."""
    with decision(chorus, person) as at:
        row = at.row(DepartmentAnswerRow, answer_id, "such answer")
        if row.said_by != person.id and not person.may(Permission.DECIDE):
            raise Problem(403, "Somebody else said it: they can take it back, or somebody who decides.")
        answer.take_back(at.session, row, person.id, at.now)
        at.record(AuditAction.MATTER_ANSWER_WITHDRAW, f"matter {row.matter_id}", answer=answer_id)
    return see_other(f"/admin/matters/{matter_id}?done=unsaid&at=department-says")


def _told(kind: DepartmentAnswerKind, fields: dict[str, str]) -> dict[str, str]:
    """What everybody who asked is told, by language; nothing where nobody is. Raises Invalid.

    What was typed for something else than was chosen is not dropped in silence.
    """
    if fields.get("reason", "").strip() and kind is not DepartmentAnswerKind.DECLINED:
        raise Invalid("reason", "You wrote why not: choose “no, because”, or empty that field.")
    if fields.get("planned_for", "").strip() and kind is not DepartmentAnswerKind.PLANNED:
        raise Invalid(
            "planned_for", "You gave a day for it: choose “planned for a day”, or empty that field."
        )
    fixed = (name for name in ("version", "fixed_on") if fields.get(name, "").strip())
    if kind is not DepartmentAnswerKind.FIXED and (name := next(fixed, "")):
        raise Invalid(
            name, "You said since when or in what it is fixed: choose “fixed”, or empty that field."
        )
    texts = {
        name.removeprefix("tell").removeprefix("-"): words
        for name, words in fields.items()
        if (name == "tell" or name.startswith("tell-")) and words.strip()
    }
    if texts and kind is not DepartmentAnswerKind.FIXED:
        raise Invalid("tell", "Everybody is told of what is fixed: choose “fixed”, or empty that field.")
    return {"": "", **texts} if texts else {}


def _day(field: str, text: str) -> date | None:
    """The day that was chosen; None for none. Raises Invalid."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field, "Write the day like 2026-03-24.") from None


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day begins by the brand's clock."""
    return None if day is None else datetime.combine(day, time(), zone)
