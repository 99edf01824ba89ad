"""The figures once more, slowly and plainly, from the raw rows alone: what the product's are held against.

Nothing of the product's counting is used here: rows are read as they are, moments walked by the minute.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from routing.model.domain import Shift

Closed = tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
"""Days as ``2026-03-29``, or ``03-29`` of every year, each with the minutes in which it is open."""
DEPARTMENTS = {"tv": "1", "wifi": "1", "delivery": "2"}


@dataclass
class Raw:
    """One question with its rows."""

    question: QuestionRow
    answers: list[AnswerRow] = field(default_factory=list)
    offers: int = 0
    survey: SurveyRow | None = None
    is_asked: bool = False

    def gave(self, kind: str) -> int | None:
        """The score that its customer gave to a question of this kind."""
        return self.survey.score if self.survey is not None and self.survey.kind == kind else None

    def was_asked(self, kind: str) -> bool:
        """Whether the brand has asked them, or they said it anyway."""
        if self.survey is None or self.survey.kind != kind:
            return False
        return self.is_asked or self.survey.score is not None

    @property
    def out(self) -> list[AnswerRow]:
        """What the brand has published for a person and not taken back, by moment and then by id."""
        found = [
            one
            for one in self.answers
            if one.state == "published"
            and one.published_at
            and one.kind not in ("pointer", "community", "survey")
        ]
        return sorted(found, key=lambda one: (one.published_at or one.written_at, one.id))

    @property
    def solving(self) -> list[AnswerRow]:
        return [one for one in self.out if one.said != "question_back"]


def raw_questions(session: Session) -> list[Raw]:
    """Every question with its rows."""
    session.expire_all()
    found = {row.id: Raw(row) for row in session.exec(select(QuestionRow)).all()}
    for answer in session.exec(select(AnswerRow)).all():
        found[answer.question_id].answers.append(answer)
    for offer in session.exec(select(OfferRow)).all():
        found[offer.question_id].offers += 1
    for survey in session.exec(select(SurveyRow)).all():
        asked = session.get(AnswerRow, survey.answer_id)
        found[survey.question_id].survey = survey
        found[survey.question_id].is_asked = asked is not None and asked.state == "pointed"
    return list(found.values())


def asked_on(raw: Raw, zone: str) -> date:
    return raw.question.asked_at.astimezone(ZoneInfo(zone)).date()


def group_of(raw: Raw, by: str, zone: str) -> str:
    question = raw.question
    local = question.asked_at.astimezone(ZoneInfo(zone))
    match by:
        case "topic":
            return str(question.topics[0][0]) if question.topics else "none"
        case "department":
            return DEPARTMENTS.get(group_of(raw, "topic", zone), "none")
        case "platform":
            return question.platform
        case "language":
            return question.language or "none"
        case "day":
            return local.strftime("%Y-%m-%d")
        case "week":
            return local.strftime("%G-W%V")
        case "month":
            return local.strftime("%Y-%m")
        case "hour":
            return str((local.isoweekday() - 1) * 24 + local.hour)
        case "person":
            return str(raw.out[0].employee_id or "none") if raw.out else "none"
    raise AssertionError(by)


def figures(
    raws: Iterable[Raw],
    by: str,
    zone: str,
    shifts: tuple[Shift, ...],
    first: date,
    last: date,
    closed: Closed = (),
) -> dict[str, dict[str, Any]]:
    """What the product should say of each group of the questions asked from ``first`` to ``last``."""
    groups: dict[str, list[Raw]] = defaultdict(list)
    for raw in raws:
        is_counted = raw.question.state not in ("dismissed", "withdrawn", "joined")
        if is_counted and first <= asked_on(raw, zone) <= last:
            groups[group_of(raw, by, zone)].append(raw)
    return {group: _of(some, zone, shifts, closed) for group, some in groups.items()}


def _of(raws: list[Raw], zone: str, shifts: tuple[Shift, ...], closed: Closed) -> dict[str, Any]:
    firsts = [(raw.question.asked_at, raw.out[0].published_at) for raw in raws if raw.out]
    times = [max(int((end - start).total_seconds()), 0) for start, end in firsts if end]
    working = [by_the_minute(start, end, zone, shifts, closed) for start, end in firsts if end]
    settled = [raw.question for raw in raws if raw.question.state == "settled"]
    cycles = [
        max(int((one.settled_at - one.asked_at).total_seconds()), 0) for one in settled if one.settled_at
    ]
    customers = {
        (raw.question.platform, raw.question.customer_id) if raw.question.customer_id else raw.question.id
        for raw in raws
    }
    return {
        "questions": len(raws),
        "people": len(customers),
        "answered": sum(bool(raw.solving) for raw in raws),
        "within_10_min": sum(time <= 600 for time in times),
        "within_1_h": sum(time <= 3600 for time in times),
        "first_response_median_s": statistics.median(times) if times else None,
        "first_response_p90_s": ninetieth(times),
        "working_median_s": statistics.median(working) if working else None,
        "working_p90_s": ninetieth(working),
        "resolution_median_s": statistics.median(cycles) if cycles else None,
        "settled": len(settled),
        "satisfied": sum(raw.question.satisfied is True for raw in raws),
        "unsatisfied": sum(raw.question.satisfied is False for raw in raws),
        "reused": sum(any(one.reuse_of for one in raw.solving) for raw in raws),
        "doubled": sum(
            len({one.employee_id for one in raw.solving if one.kind == "answer" and one.employee_id}) > 1
            for raw in raws
        ),
        "contradicted": sum(any(one.kind == "correction" for one in raw.out) for raw in raws),
        "retracted": sum(
            any(one.state == "retracted" and one.published_at for one in raw.answers) for raw in raws
        ),
        "backlog": sum(
            raw.question.state in ("open", "offered", "escalated", "answering", "quarantined") for raw in raws
        ),
        "offers": sum(raw.offers for raw in raws),
        **_scores(raws),
    }


def _scores(raws: list[Raw]) -> dict[str, Any]:
    csat = [score for raw in raws if (score := raw.gave("csat")) is not None]
    nps = [score for raw in raws if (score := raw.gave("nps")) is not None]
    asked = {kind: sum(raw.was_asked(kind) for raw in raws) for kind in ("csat", "nps")}
    one_each = [1 if score > 8 else -1 if score < 7 else 0 for score in nps]
    return {
        "csat_answers": len(csat),
        "csat_share": len([one for one in csat if one in (4, 5)]) / len(csat) if len(csat) > 9 else None,
        "csat_response_share": len(csat) / asked["csat"] if asked["csat"] else None,
        "nps_answers": len(nps),
        "nps": statistics.mean(one_each) * 100 if len(nps) > 9 else None,
        "nps_response_share": len(nps) / asked["nps"] if asked["nps"] else None,
    }


def ninetieth(values: list[int]) -> float | None:
    """``PERCENTILE.INC(values, 0.9)`` of a spreadsheet."""
    if not values:
        return None
    ordered = sorted(values)
    if len(ordered) == 1:
        return ordered[0]
    return statistics.quantiles(ordered, n=10, method="inclusive")[-1]


@cache
def by_the_minute(
    start: datetime, end: datetime, zone: str, shifts: tuple[Shift, ...], closed: Closed = ()
) -> int:
    """Seconds in business hours; both moments stand at full minutes where there are hours."""
    if not shifts and not closed:
        return max(int((end - start).total_seconds()), 0)
    place, minutes, at = ZoneInfo(zone), 0, start.astimezone(UTC)
    others = dict(closed)
    while at < end:
        local = at.astimezone(place)
        minute = local.hour * 60 + local.minute
        own = others.get(local.strftime("%Y-%m-%d"), others.get(local.strftime("%m-%d")))
        if own is not None:
            minutes += any(first <= minute < last for first, last in own)
        else:
            minutes += not shifts or any(
                one.weekday == local.weekday() and one.start <= minute < one.end for one in shifts
            )
        at += timedelta(minutes=1)
    return minutes * 60
