"""R1 for an outage: some hundred people on three feeds, told by a process that is killed from outside."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot.states import StatementKind, StatementState
from bot.store.tables.matters import MatterRow, StatementRow, ToldRow
from tests.telling import BACK, DOWN, FEEDS, Telling

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = 120
HOUR = 3_600
LONGEST = 300.0
"""Seconds, on the slowest machine, until a process tells."""


def lines(directory: Path) -> int:
    """How many posts the feeds have taken."""
    ledgers = [directory / name for name in FEEDS]
    return sum(one.read_bytes().count(b"\n") for one in ledgers if one.exists())


def killed_while_telling(url: str, directory: Path, after: int, posts: int) -> int:
    """A process that tells, killed as soon as the feeds have so many posts more; its exit code."""
    before = lines(directory)
    command = [sys.executable, "-m", "tests.telling", url, str(directory), str(after)]
    process = subprocess.Popen(command, cwd=ROOT)
    ends_at = time.monotonic() + LONGEST
    while process.poll() is None and lines(directory) < before + posts and time.monotonic() < ends_at:
        time.sleep(0.002)  # it is another process that is waited for, and it has no way to say so
    process.send_signal(signal.SIGKILL)
    return process.wait()


def test_r01_everybody_is_told_once_although_the_process_is_killed_again_and_again(
    database_url: str, tmp_path: Path
) -> None:
    telling = Telling(database_url, tmp_path)
    telling.ask(PEOPLE)
    assert any(one.surge for one in telling.house.rows(MatterRow))
    assert telling.join().questions == PEOPLE
    urgent = {f"q{one.id - 1}" for one in telling.house.questions() if one.priority}
    assert len(urgent) == 6 + 3  # upset; with many who listen
    telling.say(StatementKind.STATEMENT, DOWN)

    assert killed_while_telling(database_url, tmp_path, 1 * HOUR, 20) == -signal.SIGKILL
    assert set(telling.heard(DOWN)) >= urgent
    assert killed_while_telling(database_url, tmp_path, 2 * HOUR, 20) == -signal.SIGKILL
    assert lines(tmp_path) < PEOPLE
    end = Telling(database_url, tmp_path, after=3 * HOUR)
    end.tell()
    end.say(StatementKind.SETTLED, BACK)
    assert killed_while_telling(database_url, tmp_path, 4 * HOUR, 30) == -signal.SIGKILL
    assert lines(tmp_path) < 2 * PEOPLE
    end.clock.at += timedelta(hours=3)
    end.tell()

    everybody = {f"q{number}": 1 for number in range(PEOPLE)}
    assert dict(end.heard(DOWN)) == everybody
    assert dict(end.heard(BACK)) == everybody
    assert [one.state for one in end.house.rows(StatementRow)] == [StatementState.ENDED] * 2
    assert len(end.house.rows(ToldRow)) == 2 * PEOPLE
