"""``python -m tests.bench [name ...] [--full]`` (``make bench``): run the benches and print what they find.

Without names all of them run, at sizes that take a few minutes together; ``--full`` takes the large sizes,
for which an hour is not too much. Every figure with a target is shown with it, met or not;
docs/benchmarks.md tells what they mean.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

BENCHES = {
    "serving": ([], ["--full"]),
    "pages": ([], ["--entries", "100000"]),
    "desks": ([], ["--desks", "0", "200", "2000"]),
    "board": ([], ["--waiting", "100000", "--settled", "1000000"]),
    "people": ([], []),
    "topics": ([], ["--archived", "1000000"]),
    "growth": (["--plans"], ["--archived", "1000", "100000", "300000", "1000000", "--plans"]),
    "figures": ([], []),
    "platforms": (["--calls", "150", "--mentions", "300"], []),
    "lives": (["--seconds", "10"], ["--seconds", "30"]),
    "route": ([], ["--answers", "100000"]),
    "experts": (["small", "medium"], []),
    "learning": ([], ["--answers", "1000", "100000", "1000000"]),
    "matters": ([], ["--questions", "1000000"]),
    "outage": (
        ["--people", "300", "--seconds", "30", "--kills", "8", "--minutes", "8"],
        ["--people", "10000", "--seconds", "600", "--kills", "40", "--minutes", "60"],
    ),
    "chaos": (["--size", "20", "--kills", "8", "--minutes", "8"], ["--size", "100", "--kills", "30"]),
    "telling": ([], ["--people", "10000", "--meaning"]),
    "first_mails": (["--people", "1000"], ["--people", "10000"]),
    "search": (["--entries", "20000", "--queries", "200"], ["--entries", "1000000", "--meaning"]),
    "search_quality": (["faq"], []),
    "soak": (["--minutes", "2"], ["--minutes", "30"]),
}
"""Each bench's arguments, by default and with ``--full``."""

TARGETS = {
    "platforms": "a call through an adapter at most 1.3 times the bare one; a mention below 1 ms of CPU",
    "experts": "medium: rank one < 3 ms; large: < 30 ms; batches 5x faster; learn one < 1 ms",
    "search": "ours_to_raw_p95 <= 1.5; rebuild >= 20,000 entries/s; with meaning p95 < 25 ms",
    "search_quality": "faq: words >= 0.84, both >= 0.975; both - better part >= -0.01",
}
"""What the benches that print figures alone are held to; the others print their targets themselves."""

NEEDS_DATA = ("search", "search_quality")


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(BENCHES)}")
    arguments.add_argument("--full", action="store_true", help="the large sizes")
    chosen = arguments.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHES]
    if unknown:
        arguments.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    failed = [name for name in chosen.names or BENCHES if not run(name, full=chosen.full)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(name: str, *, full: bool) -> bool:
    """Run one bench in a process of its own; False when it broke down (a target missed is no breakdown)."""
    print(f"== {name}  (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)", flush=True)
    data = Path(os.environ.get("CHORUS_TEST_DATA", ROOT.parent / "shared" / "data"))
    if name in NEEDS_DATA and not data.is_dir():
        print(f"skipped: it needs the data sets in CHORUS_TEST_DATA ({data} is not there)\n", flush=True)
        return True
    began = time.perf_counter()
    command = [sys.executable, str(HERE / f"bench_{name}.py"), *BENCHES[name][full]]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if name in TARGETS:
        print(f"targets: {TARGETS[name]}")
    print(f"-- {name}: {time.perf_counter() - began:.0f} s\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
