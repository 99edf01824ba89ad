"""A matter becomes an issue in a tracker, by a click."""

from fastapi import Response

from app.admin.departments.sight import check_speaks
from app.identity.auth import MayAnswerMatters, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import LongText, RowId, ShortText, row_named
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.hooks import manage
from bot.actions.hooks.issue import LONGEST_TEXT, LONGEST_TITLE
from bot.store.departments import directory
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.hooks import HookEndpointRow
from bot.store.tables.matters import MatterRow

router = guarded("/admin")


@router.post("/matters/{matter_id}/issue")
def open_issue(
    chorus: Here,
    person: MayAnswerMatters,
    matter_id: RowId,
    tracker: ShortText = "",
    title: ShortText = "",
    text: LongText = "",
) -> Response:
    """Have a tracker make an issue of it, in the words of whoever asks for that."""
    if len(title) > LONGEST_TITLE or len(text) > LONGEST_TEXT:
        raise Problem(422, f"A title has up to {LONGEST_TITLE} characters, a text up to {LONGEST_TEXT:,}.")
    number = row_named(tracker)
    with decision(chorus, person) as at:
        row = at.row(HookEndpointRow, number, "such tracker")
        matter = at.row(MatterRow, matter_id, "such matter")
        check_speaks(at.session, person, directory.of_matter(at.session, matter))
        manage.open_issue(at.session, row, matter, title, text, at.now)
        at.record(AuditAction.MATTER_ISSUE, f"matter {matter_id}", tracker=number)
    return see_other(f"/admin/matters/{matter_id}?done=issue&at=issues")
