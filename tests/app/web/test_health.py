"""What /readyz says: whether this process can do its job, and the truth about the platforms."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import event, text

from app.main import create_app
from app.wiring.composition import Chorus, build
from app.wiring.settings import load_settings
from bot.states import ConnectionState, DeliveryState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.running.probe import Probe
from bot.store.tables.conversations import DeliveryRow
from tests.conftest import FakeClock


def put_together(url: str, directory: Path, clock: FakeClock, **how: Any) -> Chorus:
    given = {
        "CHORUS_DATABASE_URL": url,
        "CHORUS_SECRET_KEY": "k" * 40,
        "CHORUS_DATA_DIRECTORY": str(directory / "var"),
        "CHORUS_SEARCH__MEANING": "false",
    }
    return build(load_settings(given, directory), clock=clock, **how)


@pytest.fixture
def chorus(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Chorus]:
    built = put_together(database_url, tmp_path, clock)
    yield built
    built.stop()


def ready(chorus: Chorus) -> tuple[int, Any]:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(chorus), client=("127.0.0.1", 5000))
        async with httpx.AsyncClient(transport=transport, base_url=chorus.settings.base_url) as client:
            return await client.get("/readyz")

    answer = anyio.run(go)
    return answer.status_code, answer.json()


def test_a_platform_in_trouble_is_told_and_the_process_stays_ready(chorus: Chorus) -> None:
    now = chorus.clock()
    with chorus.database.write() as session:
        connections.mark(session, "x", ConnectionState.RECONNECT, "The token was revoked.", now)
        connections.reading(session, "mastodon", "Mastodon did not answer in full: timed out.", now)
        connections.checked(session, "bluesky", now, webhook=None, alarm="Nothing came for an hour")
        for number in range(2):
            session.add(
                DeliveryRow(
                    kind="publication",
                    platform="x",
                    key=str(number),
                    state=DeliveryState.READY,
                    created_at=now,
                    due_at=now + timedelta(minutes=15),
                    last_error="No credit is left.",
                )
            )
    status, told = ready(chorus)
    assert (status, told["ready"]) == (200, True)
    assert [one for one in told["problems"] if ": " in one][-4:] == [
        "bluesky: Nothing came for an hour.",
        "mastodon: Since 2026-03-04 12:00 UTC: Mastodon did not answer in full: timed out.",
        "x: The account has to be connected again: The token was revoked.",
        "x: 2 messages were not taken and will be tried again at 2026-03-04 12:15 UTC: No credit is left.",
    ]


@pytest.mark.parametrize(
    ("revision", "to_do"), [("0001", "run chorus migrate"), ("9999", "stop it, and start")]
)
def test_a_database_of_another_version_is_told_with_what_to_do(
    chorus: Chorus, revision: str, to_do: str
) -> None:
    with chorus.database.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
    status, told = ready(chorus)
    assert status == 503
    assert to_do in told["problems"][0]


def test_r10_a_database_that_takes_nothing_in_is_not_ready(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    chorus = put_together(sqlite_url, tmp_path, clock)
    engine = chorus.database.engine

    def read_only(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", read_only)
    engine.dispose()
    status, told = ready(chorus)
    event.remove(engine, "connect", read_only)
    engine.dispose()
    chorus.stop()
    assert (status, told["ready"], told["database"]) == (503, False, "up")
    assert told["problems"][0].startswith("Nothing can be stored in sqlite:///")


def test_r10_a_full_disk_is_told_at_once_and_so_is_its_end(sqlite_database: Database) -> None:
    room, seconds = [2**20], [0.0]
    probe = Probe(sqlite_database, free=lambda _place: room[0], clock=lambda: seconds[0])
    assert "The disk is full: 1.0 MiB are left" in (probe.trouble() or "")
    room[0] = 2**30
    assert probe.trouble() is not None
    seconds[0] = 6.0
    assert probe.trouble() is None


def test_the_probe_writes_at_most_once_in_five_seconds(database: Database) -> None:
    written, seconds = [0], [0.0]

    def count(*_: object) -> None:
        written[0] += 1

    probe = Probe(database, free=lambda _place: 2**30, clock=lambda: seconds[0])
    event.listen(database.engine, "commit", count)
    for _ in range(20):
        assert probe.trouble() is None
    assert written == [1]


def test_whoever_asks_while_the_probe_writes_hears_at_once_what_was_last_known(
    sqlite_database: Database,
) -> None:
    seconds, heard = [0.0], []
    room = [2**20]

    def look(_place: Path) -> int:
        if seconds[0]:
            heard.append(probe.trouble())
        return room[0]

    probe = Probe(sqlite_database, free=look, clock=lambda: seconds[0])
    before = probe.trouble()
    seconds[0], room[0] = 6.0, 2**30
    assert (probe.trouble(), heard) == (None, [before])


def test_r12_a_clock_that_jumps_is_told_until_it_is_right_and_nothing_is_left_in_its_future(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    seconds = [0.0]
    chorus = put_together(database_url, tmp_path, clock, timer=lambda: seconds[0])

    def problems() -> str:
        status, told = ready(chorus)
        assert status == 200
        return " ".join(one for one in told["problems"] if "node is doing" not in one)

    def work() -> None:
        assert chorus.worker is not None
        seconds[0] += 10
        clock.advance(10)
        chorus.worker.run_once()

    work()
    assert problems() == ""
    clock.advance(timedelta(days=1))
    assert "The clock was put forward by 1 day, 0:00:00 while Chorus was running." in problems()
    work()
    clock.advance(-timedelta(days=1))
    assert "The database holds moments that lie" in problems()
    work()
    assert problems() == ""
    chorus.stop()
