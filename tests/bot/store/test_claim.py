"""Leases: one holder at a time, the longest waiting first, and nothing written by who lost it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.states import PostState
from bot.store.claim import LostLease, claim, finish
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow
from tests.conftest import FakeClock

LEASE = timedelta(seconds=60)


def put(database: Database, clock: FakeClock, count: int = 3, **values: object) -> None:
    with database.write() as session:
        for number in range(count):
            due_at = clock() - timedelta(seconds=count - number)
            row = {"external_id": str(number), "received_at": clock(), "due_at": due_at, **values}
            session.add(PostRow(platform="local", **row))


def take(database: Database, owner: str = "a", limit: int = 10) -> list[PostRow]:
    with database.write() as session:
        return claim(
            session,
            PostRow,
            [PostState.NEW],
            now=database.now(session),
            lease=LEASE,
            owner=owner,
            limit=limit,
        )


def test_the_longest_waiting_come_first_and_nobody_else_gets_them(
    database: Database, clock: FakeClock
) -> None:
    put(database, clock)
    assert [row.external_id for row in take(database, limit=2)] == ["0", "1"]
    assert [row.external_id for row in take(database, "b")] == ["2"]
    assert take(database, "c") == []


def test_what_is_not_due_or_in_another_state_stays(database: Database, clock: FakeClock) -> None:
    put(database, clock, 1, due_at=clock() + timedelta(seconds=1))
    put(database, clock, 1, external_id="done", state=PostState.DONE)
    assert take(database) == []
    clock.advance(1)
    assert [row.external_id for row in take(database)] == ["0"]


def test_a_dead_workers_row_is_taken_over_when_its_lease_runs_out(
    database: Database, clock: FakeClock
) -> None:
    put(database, clock, 1)
    [dead] = take(database, "dead")
    clock.advance(LEASE - timedelta(seconds=1))
    assert take(database, "b") == []
    clock.advance(1)
    [row] = take(database, "b")
    assert (row.owner, row.fence) == ("b", dead.fence + 1)


def test_r05_who_lost_the_lease_can_finish_nothing(database: Database, clock: FakeClock) -> None:
    put(database, clock, 1)
    [stale] = take(database, "stopped")
    clock.advance(LEASE)
    [fresh] = take(database, "b")
    for attempt in (
        lambda session: finish(session, stale, state=PostState.QUARANTINED),
        lambda session: finish(session, stale, due_at=clock(), attempts=stale.attempts + 1),
    ):
        with pytest.raises(LostLease), database.write() as session:
            attempt(session)
    with database.write() as session:
        finish(session, fresh, state=PostState.DONE)
    with pytest.raises(LostLease), database.write() as session:
        finish(session, fresh, state=PostState.NEW)
    with database.read() as session:
        [row] = session.exec(select(PostRow)).all()
    assert (row.state, row.owner, row.lease_until) == (PostState.DONE, None, None)


def test_a_row_that_failed_comes_again_later_and_counts(database: Database, clock: FakeClock) -> None:
    put(database, clock, 1)
    [row] = take(database)
    with database.write() as session:
        later = clock() + timedelta(seconds=30)
        finish(session, row, due_at=later, attempts=row.attempts + 1, last_error="it broke")
    assert take(database) == []
    clock.advance(30)
    [again] = take(database)
    assert (again.attempts, again.last_error) == (1, "it broke")


WORKER = """
import sys
from datetime import timedelta
from bot.store.claim import claim, finish
from bot.store.engine import Database, open_engine
from bot.store.tables.conversations import PostRow

database = Database(open_engine(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while True:
    with database.write() as session:
        rows = claim(session, PostRow, ["new"], now=database.now(session), lease=timedelta(seconds=60),
                     owner=sys.argv[2], limit=1)
    if not rows:
        break
    with database.write() as session:
        finish(session, rows[0], state="done")
    print(rows[0].external_id, flush=True)
"""


def test_r06_two_processes_on_one_row_have_one_winner_each_time(
    database: Database, database_url: str, clock: FakeClock
) -> None:
    """Both always want the row that waits longest: every claim is a race for the same one."""
    rounds = 200
    put(database, clock, rounds)
    root = Path(__file__).resolve().parents[3]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, database_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for name in ("one", "two")
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    won = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        output, _ = worker.communicate(timeout=90)
        assert worker.returncode == 0
        won.append(output.split())
    everything = won[0] + won[1]
    assert len(everything) == rounds  # nobody won the same row twice
    assert sorted(everything, key=int) == [str(number) for number in range(rounds)]
    with database.read() as session:
        assert {row.fence for row in session.exec(select(PostRow)).all()} == {1}
