"""Goals: how soon customers are to have a response and how content they are to be, at the page of figures."""

from datetime import timedelta

from fastapi import Response

from app.identity.auth import MaySetGoals, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import RowId, ShortText, number_in
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions.figures.goals import WantedGoal, set_goal
from bot.store.figures import goals
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.figures import GoalRow
from routing.figures.goals import GoalMeasure

router = guarded("/admin")

UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
"""What a time is given in."""
_BACK = "/admin/figures#goals"


@router.post("/figures/goals")
def new(
    chorus: Here,
    person: MaySetGoals,
    topic: ShortText = "",
    measure: ShortText = GoalMeasure.RESPONSE.value,
    percent: ShortText = "",
    within: ShortText = "",
    unit: ShortText = "minutes",
    counts: ShortText = "clock",
    days: ShortText = "7",
) -> Response:
    """Set a goal."""
    if unit not in UNITS or counts not in ("clock", "hours"):
        raise Problem(422, "Choose minutes, hours or days, by the clock or in business hours.")
    if measure not in list(GoalMeasure):
        raise Problem(422, f"A goal is about one of: {', '.join(GoalMeasure)}.")
    is_response = measure == GoalMeasure.RESPONSE
    wanted = WantedGoal(
        GoalMeasure(measure),
        topic,
        _number(percent, "A share"),
        _number(days, "A number of days"),
        _number(within, "A time") * UNITS[unit] if is_response else timedelta(0),
        in_hours=counts == "hours",
    )
    with decision(chorus, person) as at:
        row = set_goal(at.session, wanted, at.now)
        detail = {
            "topic": topic,
            "measure": row.measure,
            "percent": row.percent,
            "within_seconds": row.within_seconds,
        }
        at.record(AuditAction.GOAL_SET, f"goal {row.id}", days=row.days, in_hours=row.in_hours, **detail)
    return see_other(_BACK)


@router.post("/figures/goals/{goal_id}/remove")
def remove(chorus: Here, person: MaySetGoals, goal_id: RowId) -> Response:
    """Take a goal away."""
    with decision(chorus, person) as at:
        row = at.row(GoalRow, goal_id, "such goal")
        at.record(AuditAction.GOAL_REMOVE, f"goal {goal_id}", topic=row.topic, percent=row.percent)
        goals.remove(at.session, row)
    return see_other(_BACK)


def _number(text: str, what: str) -> int:
    size = number_in(text.removeprefix("-"), most_digits=6)
    if size is None:
        raise Problem(422, f"{what} should be a whole number.")
    return -size if text.startswith("-") else size
