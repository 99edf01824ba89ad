"""What customers said when they were asked how it went, for those in charge."""

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayDecide, Person, guarded
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId
from app.web.html import render
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import survey_rules_of
from bot.actions.survey.say import seen
from bot.store.house.audit_actions import AuditAction
from bot.store.privacy import surveys
from bot.store.tables.figures import SurveyRow
from routing.figures.survey import SurveyKind

router = guarded("/admin")

_SHOWN = 50
_HERE = "/admin/scores"


@router.get("/scores")
def listed(
    request: Request, chorus: Here, person: MayDecide, before: PageStart = None, done: str = ""
) -> Response:
    """What was said, the latest first."""
    with chorus.database.read() as session:
        found = surveys.said_lately(session, before, _SHOWN + 1)
        return render(
            request,
            "admin/scores.html",
            person=person,
            said=found[:_SHOWN],
            highest={str(kind): kind.high for kind in SurveyKind},
            further=found[_SHOWN - 1][0].id if len(found) > _SHOWN else None,
            before=before,
            rules=survey_rules_of(chorus.settings),
            notice=notice(done),
        )


@router.post("/scores/{survey_id}/seen")
def note(chorus: Here, person: MayDecide, survey_id: RowId, back: Back = "") -> Response:
    """Somebody has looked at it."""
    note_seen(chorus, person, survey_id)
    return returned(back, _HERE, "seen")


def note_seen(chorus: Chorus, person: Person, survey_id: int) -> None:
    """Note that somebody has looked at a score. Raises Problem 404."""
    with decision(chorus, person) as at:
        row = at.row(SurveyRow, survey_id, "such score")
        seen(at.session, row, at.now)
        at.record(AuditAction.SCORE_SEEN, f"question {row.question_id}", score=row.score, kind=row.kind)
