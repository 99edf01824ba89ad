"""Speed and memory of the experts' model, on one core, in processor time.

``python tests/bench/bench_experts.py [small|medium|large ...]`` prints one JSON line per size; without names,
all of them. The world is made up: short questions of about eight words, drawn from a vocabulary in which some
words are common and most are rare; each employee answers in a few topics of their own.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.experts.experts import Experts, Query

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = 365 * 86400


@dataclass(frozen=True)
class Size:
    """How large a made-up organisation is."""

    employees: int
    answers: int
    topics: int
    words: int


SIZES = {
    "small": Size(4_000, 10_000, 60, 8_000),
    "medium": Size(4_000, 100_000, 100, 20_000),
    "large": Size(100_000, 1_000_000, 400, 60_000),
}


class World:
    """Questions, their topics and answerers, drawn with a fixed seed."""

    def __init__(self, size: Size) -> None:
        import numpy as np

        self.size = size
        self.random = np.random.default_rng(7)
        self.names = np.array([f"word{number}" for number in range(size.words)])
        ranks = np.arange(1, size.words + 1)
        self.common = (1 / ranks) / (1 / ranks).sum()
        self.home = self.random.integers(0, size.topics, size=(size.employees, 2))
        self.members = [np.flatnonzero((self.home == topic).any(axis=1)) for topic in range(size.topics)]
        self.busy = self.random.pareto(1.5, size.employees) + 0.2

    def texts(self, topics: "list[int]") -> "list[str]":
        """Short questions: six words anybody uses and three of the topic's own."""
        draws = self.random.choice(self.size.words, size=(len(topics), 6), p=self.common)
        own = self.random.integers(0, 40, size=(len(topics), 3))
        return [
            " ".join([*self.names[row], *(f"topic{topic}term{one}" for one in mine)])
            for topic, row, mine in zip(topics, draws, own, strict=True)
        ]


def build(size: Size) -> "tuple[Experts, World, float]":
    """A model of the given size, and the seconds one answer took to learn."""
    from routing.experts.experts import Experts, PastQuestion
    from routing.model.domain import PastAnswer

    world = World(size)
    experts = Experts()
    spent = 0.0
    done = 0
    while done < size.answers:
        count = min(5_000, size.answers - done)
        topics = world.random.integers(0, size.topics, size=count).tolist()
        answerers = [0] * count
        for topic in set(topics):
            where = [at for at, one in enumerate(topics) if one == topic]
            members = world.members[topic]
            chances = world.busy[members] / world.busy[members].sum()
            for at, who in zip(where, world.random.choice(members, size=len(where), p=chances), strict=True):
                answerers[at] = int(who)
        for topic, text, who in zip(topics, world.texts(topics), answerers, strict=True):
            asked_at = START + timedelta(seconds=done * YEAR / size.answers)
            question = PastQuestion(done, asked_at, text, topics=(f"t{topic}",))
            begun = time.process_time()
            experts.learn(question, PastAnswer(done, who, asked_at, "", question.topics))
            spent += time.process_time() - begun
            done += 1
    return experts, world, spent / size.answers


def queries(world: World, count: int) -> "list[Query]":
    """New questions from the same world."""
    from routing.experts.experts import Query

    topics = world.random.integers(0, world.size.topics, size=count).tolist()
    return [Query(text) for text in world.texts(topics)]


def measure(name: str) -> dict[str, object]:
    """All figures of one size, in a process of its own."""
    import numpy as np

    size = SIZES[name]
    experts, world, learning = build(size)
    snapshot = experts.to_bytes()
    handle, file = tempfile.mkstemp(suffix=".experts")
    os.close(handle)
    path = Path(file)
    path.write_bytes(snapshot)
    now = START + timedelta(days=366)
    candidates = np.arange(size.employees)
    asked = queries(world, 1_000)
    experts.rank(asked[0], candidates, now)
    singles = []
    for query in asked[:100]:
        begun = time.process_time()
        experts.rank(query, candidates, now).order(50)
        singles.append(time.process_time() - begun)
    begun = time.process_time()
    experts.rank_many(asked, candidates, now)
    batch = (time.process_time() - begun) / len(asked)
    single = float(np.mean(singles))
    del experts, snapshot
    gc.collect()
    loaded = json.loads(
        subprocess.run(
            [sys.executable, __file__, "--load", str(path)], check=True, capture_output=True, text=True
        ).stdout
    )
    path.unlink()
    return {
        "size": name,
        "employees": size.employees,
        "answers": size.answers,
        "learn one answer, ms": round(learning * 1e3, 3),
        "rank one, mean ms": round(single * 1e3, 2),
        "rank one, p95 ms": round(float(np.quantile(singles, 0.95)) * 1e3, 2),
        "rank one of 1,000, ms": round(batch * 1e3, 3),
        "batch is faster by": round(single / batch, 1),
        **loaded,
    }


def load(path: Path) -> dict[str, object]:
    """Load a snapshot in a fresh process and say what it took."""
    from routing.experts.experts import Experts

    before = _memory("VmRSS")
    begun = time.process_time()
    experts = Experts.from_bytes(path.read_bytes())
    seconds = time.process_time() - begun
    gc.collect()
    after = _memory("VmRSS")
    assert experts.weights is not None
    return {
        "snapshot, MB": round(path.stat().st_size / 1e6, 1),
        "load, s": round(seconds, 2),
        "process after loading, MB": after,
        "of which the model, MB": round(after - before, 1),
        "peak while loading, MB": _memory("VmHWM"),
    }


def _memory(kind: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return round(
        next(int(line.split()[1]) for line in status.splitlines() if line.startswith(kind)) / 1024, 1
    )


def main() -> None:
    """Measure the sizes named on the command line."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if sys.argv[1:2] == ["--load"]:
        print(json.dumps(load(Path(sys.argv[2]))))
        return
    for name in sys.argv[1:] or list(SIZES):
        print(json.dumps(measure(name)), flush=True)


if __name__ == "__main__":
    main()
