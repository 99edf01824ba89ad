"""What a routing policy would do with a record of questions: policies side by side, as figures."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.files.text_files import UnreadableText, numbered_lines
from routing.evaluation.scenario import Assumptions, PastThread, answer_times, build_world
from routing.evaluation.simulate import simulate
from routing.ladder.policy import Policy, Rung

DEFAULT = ",".join(f"{rung.people}:{rung.patience / timedelta(minutes=1):g}" for rung in Policy().rungs)
COMPARED = (DEFAULT, "1:5,3:10,50:15", "5:5,10:10,15:15", "50:30")
"""The ladders compared when none is named: the default, one that begins with one person, one that begins with
more and ends with fewer, and everyone at once."""


class BadRecord(ValueError):
    """A file or a policy is not what the evaluation reads; ``str(error)`` says what is wrong with it."""


def evaluate_ladder(
    file: Path,
    *,
    rungs: Sequence[str] = COMPARED,
    per_day: float = 200.0,
    answer_minutes: float | None = 6.0,
    explore: float | None = None,
    limit: int = 400,
) -> dict[str, object]:
    """Simulate one or more policies over a record and set their figures side by side.

    Args:
        file: JSON lines as ``chorus evaluate routing`` reads them, gzipped if the name ends in ``.gz``.
        rungs: The policies: each a ladder like ``3:5,6:10,50:15``, people and minutes of patience per rung.
        per_day: Questions per day.
        answer_minutes: Median minutes from an offer to its answer; None takes the record's own delays.
        explore: The share of questions that keep a place for newcomers; None takes the default.
        limit: The most questions to simulate.

    Returns:
        ``file``, what was assumed and derived, and for each policy its figures (see
        ``routing.evaluation.figures``).

    Raises:
        BadRecord: A file or a policy cannot be read as described.
    """
    threads = [_thread(file, number, line) for number, line in _lines(file)]
    try:
        assumptions = Assumptions(questions_per_day=per_day, answer_minutes=answer_minutes, limit=limit)
        world = build_world(threads, assumptions)
    except ValueError as error:
        raise BadRecord(f"{file}: {error}") from error
    measured = answer_times(threads, None) if any(thread.asked_at for thread in threads) else None
    return {
        "file": file.name,
        "questions": len(threads),
        "simulated": len(world.arrivals),
        "employees": len(world.employees),
        "topics": len(world.taxonomy.topics),
        "questions_per_day": per_day,
        "answer_minutes": {
            "measured_median": None if measured is None else round(float(_median(measured)), 1),
            "used_median": round(float(_median(world.behaviour.answer_minutes)), 1),
        },
        "chance_to_answer": {
            "did_answer_it": world.behaviour.able,
            "declared_the_topic": world.behaviour.knowing,
            "anybody_else": world.behaviour.other,
        },
        "policies": [
            {"rungs": ladder, **_rounded(asdict(simulate(world, _policy(ladder, explore))))}
            for ladder in rungs
        ],
    }


def _policy(ladder: str, explore: float | None) -> Policy:
    """A ladder like ``3:5,6:10`` as a policy."""
    try:
        steps = [step.split(":") for step in ladder.split(",")]
        rungs = tuple(Rung(int(people), timedelta(minutes=float(minutes))) for people, minutes in steps)
        return Policy(rungs=rungs) if explore is None else Policy(rungs=rungs, explore_rate=explore)
    except ValueError as error:
        raise BadRecord(
            f"The ladder {ladder!r} does not work: write people:minutes for each rung, "
            f"such as {DEFAULT} ({error})."
        ) from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        yield from numbered_lines(path)
    except UnreadableText as error:
        raise BadRecord(str(error)) from error


def _thread(path: Path, number: int, line: str) -> PastThread:
    try:
        row = json.loads(line)
        return PastThread(
            text=str(row["title"]),
            topics=tuple(str(tag) for tag in row.get("tags", ())),
            answers=tuple((str(answer["by"]), _moment(answer["t"])) for answer in row["answers"]),
            asked_at=_moment(row["t"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRecord(
            f"{path}, line {number}: a question needs title, t and answers with by and t "
            f"({type(error).__name__}: {error})."
        ) from error


def _moment(value: object) -> datetime | None:
    """An ISO 8601 time; whole numbers are only an order, so they have no clock."""
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _median(minutes: Any) -> float:
    return float(sorted(minutes)[len(minutes) // 2])


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
