"""Figures as JSON, for programs with a token: the same numbers as on the page and in the file."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.admin.figures.page import groups_of, today_of
from app.admin.figures.span import span_named
from app.identity.tokens import NeedsScope
from app.web.problem_models import LIMITED, problem_response
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.roles import Scope
from routing.figures.grouping import FigureGroup, GroupBy

_OFFERED = tuple(one for one in GroupBy if one is not GroupBy.PERSON)
"""Figures of single people are no program's business."""
_EXAMPLE: dict[str, JsonValue] = {
    "group": "tv",
    "questions": 41,
    "people": 38,
    "answered": 39,
    "answered_share": 0.9512,
    "within_10_min_share": 0.6341,
    "within_1_h_share": 0.878,
    "first_response_median_s": 412.0,
    "first_response_p90_s": 3120.0,
    "settled": 20,
    "satisfied": 17,
    "unsatisfied": 2,
    "reused": 6,
    "doubled": 0,
    "backlog": 1,
    "csat_share": 0.8333,
    "csat_answers": 12,
    "csat_response_share": 0.4,
    "nps": None,
    "nps_low": None,
    "nps_high": None,
    "nps_answers": 0,
    "nps_response_share": None,
    "upset_then_thankful": 2,
}

router = APIRouter(
    prefix="/api/v1",
    tags=["Figures"],
    responses={
        401: problem_response("No token, or one that does not work (any more)."),
        403: problem_response("The token may not read this."),
        **LIMITED,
    },
)


class GroupFigures(BaseModel):
    """The figures of one group; the guide says what each means. Null: there is nothing to take it from."""

    group: str = Field(description="A topic's slug, a department's number, a day ...; `none` has none.")
    questions: int
    people: int
    answered: int
    answered_share: float | None
    within_10_min_share: float | None
    within_1_h_share: float | None
    first_response_median_s: float | None
    first_response_p90_s: float | None
    settled: int
    satisfied: int
    unsatisfied: int
    reused: int
    doubled: int
    backlog: int
    csat_share: float | None = Field(description="Null below 10 answers.")
    csat_answers: int
    csat_response_share: float | None
    nps: float | None = Field(description="From -100 to 100; null below 10 answers.")
    nps_low: float | None = Field(description="The lower end of its 95 % confidence interval.")
    nps_high: float | None = Field(description="The upper end.")
    nps_answers: int
    nps_response_share: float | None
    upset_then_thankful: int


class FiguresOfDays(BaseModel):
    """Figures of some days, told apart."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-03-01", "to": "2026-03-31", "by": "topic", "items": [_EXAMPLE]}]
        }
    )

    start: date = Field(serialization_alias="from", description="The first day, in the house's time zone.")
    to: date = Field(description="The last day, which is included.")
    by: GroupBy
    items: list[GroupFigures]


@router.get(
    "/figures",
    summary="What was asked and answered",
    response_model=FiguresOfDays,
    dependencies=[Depends(NeedsScope(Scope.FIGURES_READ))],
)
def figures(
    chorus: Here,
    start: Annotated[
        str, Query(alias="from", max_length=40, description="The first day, like `2026-03-01`.")
    ] = "",
    to: Annotated[str, Query(max_length=40, description="The last day; by default today.")] = "",
    by: Annotated[
        str, Query(max_length=40, description=f"One of {', '.join(f'`{one}`' for one in _OFFERED)}.")
    ] = GroupBy.TOPIC.value,
) -> Response:
    """Without `from` and `to` the last 28 days. Needs `figures:read`."""
    if by not in list(_OFFERED):
        raise Problem(422, f"Figures are told apart by one of: {', '.join(_OFFERED)}.")
    group = GroupBy(by)
    with chorus.database.read() as session:
        span = span_named(start, to, today_of(chorus, session))
        found = groups_of(chorus, session, span, group)
    told = FiguresOfDays(start=span.first, to=span.last, by=group, items=[_told(one) for one in found])
    return Response(
        told.model_dump_json(by_alias=True),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


def _told(group: FigureGroup) -> GroupFigures:
    named = {name: getattr(group.figures, name) for name in GroupFigures.model_fields if name != "group"}
    return GroupFigures(group=group.key, **named)
