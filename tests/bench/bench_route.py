"""How long one routing decision takes, without and with the model of past answers.

``python tests/bench/bench_route.py [--employees 4000] [--answers 10000]`` prints one JSON object, in
milliseconds of one core: the median and the 99th percentile of ``route`` for questions of two topics each,
against employees of sixty topics, six time zones and four languages; the share of the model in it; building
the roster; classifying one text; and, to compare with, a plain pass over the employees in Python.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from routing.experts.evidence import PastQuestion, Query
from routing.experts.experts import Experts
from routing.ladder.policy import Policy
from routing.ladder.roster import Roster, Workload
from routing.ladder.route import route
from routing.model.domain import Employee, Expertise, Load, PastAnswer, Question, Shift, Topic
from routing.model.topics import Taxonomy

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo")
LANGUAGES = ("en", "de", "fr", "es")
TOPICS = 60
REPEATS = 300


def staff(count: int) -> list[Employee]:
    """People with three topics each, a working week, and one or two languages."""
    return [
        Employee(
            id=number,
            name=f"Employee {number}",
            expertise=tuple(
                Expertise(f"t{(number * 7 + k * 13) % TOPICS}", 1 + (number + k) % 3) for k in range(3)
            ),
            shifts=tuple(Shift(day, 60 * (7 + number % 4), 60 * (15 + number % 4)) for day in range(5)),
            timezone=ZONES[number % len(ZONES)],
            languages=("en", LANGUAGES[number % 4]),
        )
        for number in range(1, count + 1)
    ]


def taught(employees: int, answers: int) -> Experts:
    """A model of that many past answers."""
    lots = np.random.default_rng(1)
    experts = Experts()
    for number in range(answers):
        topic = int(lots.integers(TOPICS))
        at = NOW - timedelta(minutes=float(lots.integers(10, 200_000)))
        past = PastQuestion(10**6 + number, at, _text(number, topic), topics=(f"t{topic}",))
        person = int(lots.zipf(1.3)) % employees + 1
        experts.learn(past, PastAnswer(past.id, person, at, "", past.topics))
    return experts


def _text(number: int, topic: int) -> str:
    other = (topic + number) % TOPICS
    return f"my word{topic} does not work since update {number % 500} and word{other} is slow"


def measured(work: Callable[[int], object], repeats: int = REPEATS) -> dict[str, float]:
    """Milliseconds: median and 99th percentile."""
    work(0)
    times = []
    for number in range(repeats):
        begin = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - begin) * 1000)
    return {"p50": round(float(np.median(times)), 3), "p99": round(float(np.quantile(times, 0.99)), 3)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=4000)
    parser.add_argument("--answers", type=int, default=10_000)
    options = parser.parse_args()
    people = staff(options.employees)
    begin = time.perf_counter()
    roster = Roster(people)
    built = (time.perf_counter() - begin) * 1000
    taxonomy = Taxonomy([Topic(f"t{n}", f"Topic {n}", (f"word{n}",)) for n in range(TOPICS)])
    workload = Workload(roster, {one.id: Load(offers_today=one.id % 5) for one in people})
    experts = taught(options.employees, options.answers)

    def ask(number: int, model: Experts | None) -> object:
        # A minute apart, so that who is on duty is worked out anew each time.
        now = NOW + timedelta(minutes=number % 60)
        question = Question(number, _text(number, number % TOPICS), now, language="en")
        return route(question, roster, Policy(), now, taxonomy=taxonomy, experts=model, loads=workload)

    def rank(number: int) -> object:
        text = _text(number, number % TOPICS)
        query = Query(text, taxonomy.classify(text), "en")
        return experts.rank(query, np.append(roster.ids, -1), NOW)

    figures = {
        "employees": options.employees,
        "answers": options.answers,
        "route_without_model_ms": measured(lambda number: ask(number, None)),
        "route_with_model_ms": measured(lambda number: ask(number, experts)),
        "model_alone_all_employees_ms": measured(rank),
        "classify_ms": measured(lambda number: taxonomy.classify(_text(number, number % TOPICS))),
        "roster_build_ms": round(built, 1),
        "plain_pass_ms": measured(
            lambda _: [one.id for one in people if one.state and one.daily_cap > 0], 50
        ),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
