"""How many threads a process's arithmetic may have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="by design: only Linux lists a process's threads"
)

_COUNT = """
import app.cli, numpy, os
rows = numpy.ones((600, 600))
rows @ rows
print(len(os.listdir("/proc/self/task")), os.environ.get("OPENBLAS_NUM_THREADS"))
"""


def _threads(**given: str) -> list[str]:
    own = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", _COUNT]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=own | given, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_products_are_made_on_the_thread_that_wants_them() -> None:
    assert _threads() == ["1", "1"]


def test_an_operator_may_say_otherwise() -> None:
    assert _threads(OPENBLAS_NUM_THREADS="2")[1] == "2"
