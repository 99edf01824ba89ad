"""Matters: how well questions are gathered, how fast at a million, and how soon a surge is noticed.

``python tests/bench/bench_matters.py [quality] [speed] [surges] [--questions N] [--minutes M] [--days N]``;
without names all three. ``quality`` needs the data sets in ``CHORUS_TEST_DATA`` and takes some minutes for
embedding, once; ``speed`` shows on the way how it goes, and ends after ``--minutes`` at the latest.
"""

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
import time
import tracemalloc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# As every process of the product does, and before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.cli.evaluate.matters import evaluate_matters
from routing.matters.clustering import MatterClustering
from routing.matters.features import GatheredQuestion
from routing.matters.frame import unit
from routing.matters.surges import SurgePolicy, SurgeWatch

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
DAY, HOUR = 86_400.0, 3_600.0
WARM_UP = 28
LASTS = 3 * HOUR
DIMENSIONS = 384
_SHOWN_EVERY = 50_000


def quality() -> None:
    """B-cubed figures of the test questions of Banking77, by the command itself."""
    file = DATA / "intent_banking77.jsonl.gz"
    if not file.exists():
        print(f"quality skipped: {file} is not there")
        return
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["split"] == "test"]
    random.Random(0).shuffle(rows)
    with tempfile.TemporaryDirectory() as directory:
        asked = Path(directory) / "banking77-test.jsonl"
        with asked.open("w", encoding="utf-8") as out:
            for number, row in enumerate(rows):
                line = {"id": number, "t": number, "text": row["text"], "matter": row["intent"]}
                out.write(json.dumps(line) + "\n")
        for meaning, target in ((True, 0.58), (False, None)):
            print(shown("quality", evaluate_matters(asked, meaning), "f1", target, at_least=True))


def speed(questions: int, minutes: float) -> None:
    """Processor time of each question along a long history with 10,000 matters, and the memory.

    Ends after so many ``minutes`` by the clock, wherever it is by then.
    """
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(10_000, DIMENSIONS)).astype(np.float32))

    def asked(number: int) -> GatheredQuestion:
        noise = rng.normal(size=DIMENSIONS).astype(np.float32) / np.float32(np.sqrt(DIMENSIONS))
        return GatheredQuestion(number, vector=unit(centres[int(rng.integers(10_000))] + noise))

    tracemalloc.start()
    clustering = MatterClustering(DIMENSIONS)
    began, times, looks = time.perf_counter(), deque[float](maxlen=20_000), deque[float](maxlen=20)

    def figures(done: int) -> dict[str, object]:
        last, looked = np.array(times), np.array(looks or [0.0])
        reserved, peak = tracemalloc.get_traced_memory()
        return {
            "questions": done,
            "matters": len(clustering.table),
            "add_ms_median": round(float(np.median(last)) * 1e3, 2),
            "add_ms_p99": round(float(np.quantile(last, 0.99)) * 1e3, 2),
            "look_again_s_median": round(float(np.median(looked)), 2),
            "look_again_s_max": round(float(looked.max()), 2),
            "ms_per_question_with_looks": round(
                1e3 * (float(last.mean()) + float(looked.mean()) / (len(clustering.window) // 8)), 2
            ),
            "memory_mb": round(reserved / 1e6),
            "memory_mb_peak": round(peak / 1e6),
            "took_s": round(time.perf_counter() - began),
        }

    for number in range(questions):
        question = asked(number)
        start = time.process_time()
        clustering.add(question, float(number))
        end = time.process_time()
        times.append(end - start)
        if clustering.is_due:
            clustering.regroup()
            looks.append(time.process_time() - end)
        if time.perf_counter() - began > minutes * 60:
            print(f"  ended after {minutes:g} minutes", flush=True)
            break
        if (number + 1) % _SHOWN_EVERY == 0 and number + 1 < questions:
            print(f"  on the way: {json.dumps(figures(number + 1))}", flush=True)
    print(shown("speed", figures(number + 1), "ms_per_question_with_looks", 5.0))
    tracemalloc.stop()


@dataclass(frozen=True, slots=True)
class Noticed:
    """An injected surge, and minutes until it was noticed (infinite: never)."""

    times: int
    by_day: bool
    minutes: float


def surges(days: int) -> None:
    """The curve of false alarms against delay, at the usual rates and at several times of them."""
    for busier in (1, 5, 10):
        for allowed in (0.3, 1.0, 3.0, 10.0) if busier == 1 else (1.0,):
            noticed, false_alarms = house(SurgePolicy(false_alarms=allowed), days, busier)
            figures: dict[str, object] = {
                "an_hour_by_day": 2 * busier,
                "an_hour_by_night": 0.2 * busier,
                "allowed_a_month": allowed,
                "false_alarms_a_month": round(false_alarms * 30 / days, 2),
                "noticed_share": round(float(np.mean([np.isfinite(one.minutes) for one in noticed])), 3),
            }
            for times in (5, 10):
                for by_day in (True, False):
                    some = [o.minutes for o in noticed if o.times == times and o.by_day == by_day]
                    name = f"x{times}_by_{'day' if by_day else 'night'}"
                    median = float(np.median(some))
                    figures[f"{name}_median_min"] = round(median, 1) if np.isfinite(median) else None
                    figures[f"{name}_share"] = round(float(np.isfinite(some).mean()), 3)
            print(shown("surges", figures, "false_alarms_a_month", 1.0))
            for times, goal in ((5, 15.0), (10, 8.0)):
                median = float(np.median([one.minutes for one in noticed if one.times == times]))
                met = "met" if median <= goal else "MISSED"
                print(f"  minutes to notice {times} times, median {median:.0f} (target {goal:.0f}): {met}")
            share = float(np.mean([np.isfinite(one.minutes) for one in noticed]))
            print(f"  share noticed {share:.2f} (target 0.95): {'met' if share >= 0.95 else 'MISSED'}")


def house(
    policy: SurgePolicy, days: int, busier: int, seed: int = 0, matters: int = 20, injected: int = 200
) -> tuple[list[Noticed], int]:
    """Twenty matters at two people an hour by day and 0.2 by night, with surges of three hours."""
    rng = np.random.default_rng(seed)
    end = (WARM_UP + days) * DAY

    def usual(at: float) -> float:
        return busier * (2.0 if 8 <= at / HOUR % 24 < 20 else 0.2)

    def people(start: float, stop: float, times: float, rate: Callable[[float], float]) -> list[float]:
        most = 2.0 * busier * times
        drawn = rng.uniform(start, stop, rng.poisson(most * (stop - start) / HOUR))
        return [at for at in drawn.tolist() if rng.random() < times * rate(at) / most]

    asked = [(at, matter) for matter in range(matters) for at in people(0, end, 1, usual)]
    starts: list[tuple[float, int, int]] = []
    while len(starts) < injected:
        matter, start = int(rng.integers(matters)), float(rng.uniform(WARM_UP * DAY, end - DAY / 2))
        if all(other != matter or abs(start - at) > LASTS + DAY / 4 for at, other, _ in starts):
            times = 10 if len(starts) % 2 else 5
            starts.append((start, matter, times))
            asked += [(at, matter) for at in people(start, start + LASTS, times - 1, usual)]
    watch, alarms, minute = SurgeWatch(policy), [], 0.0
    for person, (at, matter) in enumerate(sorted(asked)):
        while minute <= at:
            watch.calmed(minute)
            minute += 60.0
        if watch.count(matter, person, at) is not None and at > WARM_UP * DAY:
            alarms.append((at, matter))
    noticed, true = [], set()
    for start, matter, times in starts:
        mine = [at for at, other in alarms if other == matter and start <= at <= start + LASTS]
        late = {
            (at, matter) for at, other in alarms if other == matter and start <= at <= start + LASTS + HOUR
        }
        true |= late
        delay = (mine[0] - start) / 60 if mine else float("inf")
        noticed.append(Noticed(times, usual(start) > busier, delay))
    return noticed, len(set(alarms) - true)


def shown(
    name: str, figures: dict[str, object], judged: str, target: float | None, *, at_least: bool = False
) -> str:
    line = f"{name}: {json.dumps(figures)}"
    if target is None:
        return line
    value = float(str(figures[judged]))
    met = value >= target if at_least else value <= target
    return f"{line}\n  {judged} {value} (target {target}): {'met' if met else 'MISSED'}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=["quality", "speed", "surges", []], default=[])
    arguments.add_argument("--questions", type=int, default=15_000)
    arguments.add_argument("--minutes", type=float, default=90.0, help="the most that speed takes")
    arguments.add_argument("--days", type=int, default=60)
    chosen = arguments.parse_args()
    parts = chosen.parts or ["quality", "speed", "surges"]
    if "quality" in parts:
        quality()
    if "speed" in parts:
        speed(chosen.questions, chosen.minutes)
    if "surges" in parts:
        surges(chosen.days)


if __name__ == "__main__":
    main()
