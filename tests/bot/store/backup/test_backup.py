"""R18: a backup under writes, restored elsewhere, says nothing twice."""

import gzip
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import Session, select

from bot.posts import Author, Post
from bot.states import DeliveryCode, DeliveryKind, DeliveryState
from bot.steps.upkeep import Upkeep
from bot.store.archive.entry_source import StoredEntries
from bot.store.backup import backup, restored
from bot.store.backup.backup import BadBackup, Refused, back_up, restore
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database, open_engine
from bot.store.running import nodes, switches
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.house import NodeRow
from bot.store.tables.people import EmployeeRow, SessionRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def nothing_more(_session: Session, _now: datetime) -> None:
    """No erasures to apply."""


@pytest.fixture
def elsewhere(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of the same kind."""
    if database.is_sqlite:
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'chorus.db'}"
        return
    server = request.getfixturevalue("postgresql_url")
    name = f"t{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    head, _, rest = server.partition("/postgres?")
    yield f"{head}/{name}?{rest}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def fill(database: Database) -> None:
    """A conversation with a delivery in every state."""
    with database.write() as session:
        session.add(
            EmployeeRow(id=1, name="Jané 😀", email="jane@example.com", created_at=NOW, shifts=[[0, 1, 2]])
        )
        session.add(
            QuestionRow(
                id=1, platform="local", state=QuestionState.ANSWERING, asked_at=NOW, topics=[["tv", 0.5]]
            )
        )
        session.flush()
        session.add(AnswerRow(id=1, question_id=1, employee_id=1, text="Müsli\n“ok”", written_at=NOW))
        session.flush()
        for number, state in enumerate(DeliveryState):
            session.add(
                DeliveryRow(
                    kind=DeliveryKind.PUBLICATION,
                    platform="local",
                    key=f"key-{state}",
                    answer_id=1,
                    question_id=1,
                    part=number,
                    payload={"text": "hi", "created_at": NOW.isoformat()},
                    state=state,
                    created_at=NOW,
                    due_at=NOW,
                    lease_until=NOW + timedelta(minutes=1) if state == DeliveryState.SENDING else None,
                    owner="node" if state == DeliveryState.SENDING else None,
                )
            )
        session.add(NodeRow(name="node", started_at=NOW, seen_at=NOW - timedelta(hours=1)))
        session.add(SessionRow(secret_hash="x", employee_id=1, created_at=NOW, seen_at=NOW))


@pytest.fixture
def open_other() -> Iterator[Callable[[str], Database]]:
    opened: list[Database] = []

    def open_it(url: str) -> Database:
        opened.append(Database(open_engine(url), lambda: NOW + timedelta(days=1)))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("portable", [False, True])
def test_r18_a_restored_backup_holds_what_was_on_its_way(
    database: Database,
    elsewhere: str,
    tmp_path: Path,
    open_other: Callable[[str], Database],
    portable: bool,
) -> None:
    fill(database)
    identity = StoredEntries(database).identity()
    back_up(database, tmp_path / "backup", NOW, portable=portable)

    done = restore(tmp_path / "backup", elsewhere, NOW + timedelta(days=1), nothing_more)

    assert done.made_at == NOW
    assert done.held == 3
    other = open_other(elsewhere)
    with other.read() as session:
        states = dict(session.exec(select(DeliveryRow.key, DeliveryRow.state)).all())
        assert {key.removeprefix("key-"): state for key, state in states.items()} == {
            **{state: state for state in DeliveryState},
            DeliveryState.READY: DeliveryState.HELD,
            DeliveryState.SENDING: DeliveryState.HELD,
            DeliveryState.UNKNOWN: DeliveryState.HELD,
        }
        held = session.exec(select(DeliveryRow).where(DeliveryRow.code == DeliveryCode.RESTORED)).all()
        assert all(row.reason and row.owner is None and row.due_at is None for row in held)
        assert switches.is_paused(session)
        assert not session.exec(select(NodeRow)).all()
        assert not session.exec(select(SessionRow)).all()
        assert session.exec(select(EmployeeRow.name)).one() == "Jané 😀"
        assert session.exec(select(AnswerRow.text)).one() == "Müsli\n“ok”"
        assert session.exec(select(QuestionRow.topics)).one() == [["tv", 0.5]]
    assert StoredEntries(other).identity() != identity
    with other.write() as session:  # ids go on after the restored ones
        row = QuestionRow(platform="local", asked_at=NOW)
        session.add(row)
        session.flush()
        assert row.id == 2


def test_r18_restored_messages_are_looked_up_once_publishing_goes_on(
    database: Database, elsewhere: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    fill(database)
    back_up(database, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", elsewhere, NOW + timedelta(days=1), nothing_more)
    other = open_other(elsewhere)
    upkeep = Upkeep(other, "node", links=None)
    upkeep.run()
    with other.write() as session:
        assert len(session.exec(select(DeliveryRow).where(DeliveryRow.state == "unknown")).all()) == 0
        switches.put(session, switches.PAUSED, value=False, by="operator", now=NOW)
    upkeep.run()
    with other.read() as session:
        found = session.exec(select(DeliveryRow.key).where(DeliveryRow.state == "unknown")).all()
    assert sorted(found) == ["key-ready", "key-sending", "key-unknown"]


def test_answers_from_before_a_restore_wait_for_a_person(
    database: Database, elsewhere: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    back_up(database, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", elsewhere, NOW + timedelta(days=1), nothing_more)
    with open_other(elsewhere).read() as session:
        assert restored.why_hold(restored.restored_at(session), NOW + timedelta(hours=1)) is not None
        assert restored.why_hold(restored.restored_at(session), NOW + timedelta(days=2)) is None
        assert restored.why_hold(restored.restored_at(session), None) is None
    with database.read() as session:
        assert restored.why_hold(restored.restored_at(session), NOW) is None


@pytest.mark.parametrize("portable", [False, True])
def test_r18_a_backup_under_writes_is_whole(
    database: Database,
    elsewhere: str,
    tmp_path: Path,
    open_other: Callable[[str], Database],
    portable: bool,
) -> None:
    ingest, stop, stored = Ingest(database), threading.Event(), 0

    def write() -> None:
        nonlocal stored
        while not stop.is_set():
            ingest.write([Post("local", f"{stored}-{n}", Author("sam"), text="@brand hi") for n in range(20)])
            stored += 20

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while stored < 200:
            stop.wait(0.005)
        before = stored
        back_up(database, tmp_path / "backup", NOW, portable=portable)
        after = stored + 20
    finally:
        stop.set()
        writer.join()
        ingest.close()
    restore(tmp_path / "backup", elsewhere, NOW, nothing_more)
    with open_other(elsewhere).read() as session:
        count = len(session.exec(select(PostRow.id)).all())
    assert before <= count <= after
    assert count % 20 == 0  # each write is in it whole, or not at all


def test_a_sqlite_backup_moves_to_postgresql(
    sqlite_database: Database,
    fresh_postgresql_url: str,
    tmp_path: Path,
    open_other: Callable[[str], Database],
) -> None:
    fill(sqlite_database)
    back_up(sqlite_database, tmp_path / "chorus.db.backup", NOW)
    restore(tmp_path / "chorus.db.backup", fresh_postgresql_url, NOW, nothing_more, replace=True)
    with open_other(fresh_postgresql_url).read() as session:
        assert session.exec(select(EmployeeRow.shifts)).one() == [[0, 1, 2]]
        assert len(session.exec(select(DeliveryRow)).all()) == len(DeliveryState)


def test_a_database_that_holds_something_is_not_replaced_unasked(
    database: Database, elsewhere: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    fill(database)
    back_up(database, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", elsewhere, NOW, nothing_more)
    with pytest.raises(Refused, match="--replace"):
        restore(tmp_path / "backup", elsewhere, NOW, nothing_more)
    again = restore(tmp_path / "backup", elsewhere, NOW, nothing_more, replace=True)
    assert (again.kept is not None) == database.is_sqlite
    if again.kept is not None:
        with sqlite3.connect(again.kept) as former:
            assert former.execute("SELECT count(*) FROM employee").fetchone() == (1,)


def test_a_database_in_use_is_not_replaced(
    database: Database, elsewhere: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    back_up(database, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", elsewhere, NOW, nothing_more)
    other = Database(open_engine(elsewhere))
    with other.write() as session:
        now = other.now(session)
        nodes.report(session, "alive", now, started_at=now, works=True)
    other.close()
    with pytest.raises(Refused, match="running"):
        restore(tmp_path / "backup", elsewhere, NOW, nothing_more, replace=True)


def test_a_restore_that_fails_leaves_what_was_there(
    database: Database, elsewhere: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    fill(database)
    back_up(database, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", elsewhere, NOW, nothing_more)

    def fail(_session: Session, _now: datetime) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        restore(tmp_path / "backup", elsewhere, NOW, fail, replace=True)
    with open_other(elsewhere).read() as session:
        assert len(session.exec(select(DeliveryRow)).all()) == len(DeliveryState)
    leftovers = [one.name for one in tmp_path.rglob(".*draft*")]
    assert not leftovers


def test_a_backup_that_was_cut_off_is_refused(database: Database, elsewhere: str, tmp_path: Path) -> None:
    fill(database)
    whole = tmp_path / "whole"
    back_up(database, whole, NOW, portable=True)
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(BadBackup, match=r"cut off|damaged"):
        restore(cut, elsewhere, NOW, nothing_more)
    without_end = tmp_path / "without_end"
    lines = gzip.decompress(whole.read_bytes()).splitlines(keepends=True)
    without_end.write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(BadBackup, match="cut off"):
        restore(without_end, elsewhere, NOW, nothing_more)
    assert not backup.is_inhabited(elsewhere)
    with pytest.raises(BadBackup, match="no file"):
        restore(tmp_path / "nowhere", elsewhere, NOW, nothing_more)


def test_a_damaged_sqlite_backup_is_refused(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    back_up(sqlite_database, tmp_path / "backup.db", NOW)
    data = bytearray((tmp_path / "backup.db").read_bytes())
    data[8192:120_000] = bytes(120_000 - 8192)
    (tmp_path / "backup.db").write_bytes(data)
    with pytest.raises(BadBackup):
        restore(tmp_path / "backup.db", f"sqlite:///{tmp_path / 'new.db'}", NOW, nothing_more)
    assert not (tmp_path / "new.db").exists()


def test_a_backup_is_for_its_owner_only(database: Database, tmp_path: Path, clock: FakeClock) -> None:
    back_up(database, tmp_path / "backup", clock())
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def let_in_before(file: Path) -> None:
    """Rows as an older Chorus let them into SQLite, which takes anything."""
    long_id = "".join(chr(0x4E00 + number % 5000) for number in range(3600))
    post = (
        "INSERT INTO post (platform, external_id, author_id, author_handle, author_name, followers,"
        " indexable, text, language, visibility, mentions, tags, refs, is_repost, posted_at, received_at,"
        " state)"
        " VALUES ('generic', ?, ?, ?, '', ?, 1, ?, ?, 'public', ?, '[]', ?, 0, ?, ?, 'done')"
    )
    at, far = "2026-03-04 12:00:00.000000", "9999-12-31 23:59:59.000000"
    odd = '[{"handle": "a\\u0000b", "id": "\\ud83d"}]'
    with sqlite3.connect(file) as old:
        old.execute(
            post, ("p\x00", "u\x00", "s\x00", 10**12, "a\x00b", "e\x00n", odd, '{"k\\u0000": "v"}', far, at)
        )
        old.execute(post, (long_id, long_id, "kim", 5, "fine", "en-US-x-abcdefghij", "[]", "{}", at, at))
        old.execute(
            "INSERT INTO question (platform, customer_id, customer_handle, text, state, round, rung,"
            " priority, topics, topics_by, note, asked_at, title, suggestions)"
            " VALUES ('generic', 'u', 's', ?, 'answered', 0, 0, 0, '[]', '', '', ?, ?, '[]')",
            ("q\x00", at, "t\x00"),
        )
        old.execute(
            "INSERT INTO entry (question_id, title, title_source, platform, state, asked_count, helpful,"
            " unhelpful, revision, published_at, updated_at)"
            " VALUES (1, ?, 'employee', 'generic', 'public', 9999999999, 0, 0, 1, ?, ?)",
            ("t\x00", at, far),
        )


@pytest.mark.parametrize("portable", [False, True])
def test_r22_whatever_was_ever_let_into_sqlite_moves_to_postgresql(
    sqlite_database: Database,
    fresh_postgresql_url: str,
    tmp_path: Path,
    open_other: Callable[[str], Database],
    portable: bool,
) -> None:
    let_in_before(Path(str(sqlite_database.engine.url.database)))
    back_up(sqlite_database, tmp_path / "backup", NOW, portable=portable)

    restore(tmp_path / "backup", fresh_postgresql_url, NOW, nothing_more, replace=True)

    with open_other(fresh_postgresql_url).read() as session:
        odd, long = session.exec(select(PostRow).order_by("id")).all()
        entry = session.exec(select(EntryRow)).one()
        question = session.exec(select(QuestionRow)).one()
    assert (odd.external_id, odd.text, odd.language) == ("p\ufffd", "a\ufffdb", "e\ufffdn")
    assert (odd.followers, odd.posted_at) == (None, None)
    assert (odd.mentions, odd.refs) == ([{"handle": "a\ufffdb", "id": "\ufffd"}], {"k\ufffd": "v"})
    assert (long.text, long.language) == ("fine", "en-US")
    assert long.external_id == long.author_id
    assert (entry.asked_count, question.title) == (2**31 - 1, "t\ufffd")


@pytest.mark.parametrize("portable", [False, True])
def test_r22_it_stays_where_sqlite_moves_to_sqlite(
    sqlite_database: Database, tmp_path: Path, open_other: Callable[[str], Database], portable: bool
) -> None:
    let_in_before(Path(str(sqlite_database.engine.url.database)))
    back_up(sqlite_database, tmp_path / "backup", NOW, portable=portable)
    url = f"sqlite:///{tmp_path / 'there.db'}"
    restore(tmp_path / "backup", url, NOW, nothing_more)
    with open_other(url).read() as session:
        assert len(session.exec(select(PostRow)).all()) == 2


def test_r22_what_postgresql_was_given_moves_to_sqlite(
    fresh_postgresql_url: str, tmp_path: Path, open_other: Callable[[str], Database]
) -> None:
    there = open_other(fresh_postgresql_url)
    ingest = Ingest(there)
    ingest.write(
        [Post("generic", "p\x00", Author("u\x00", followers=10**20), "a\x00\ud800", refs={"k\x00": "v"})]
    )
    ingest.close()
    back_up(there, tmp_path / "backup", NOW)
    url = f"sqlite:///{tmp_path / 'there.db'}"
    restore(tmp_path / "backup", url, NOW, nothing_more)
    with open_other(url).read() as session:
        assert session.exec(select(PostRow.text)).one() == "a\ufffd\ufffd"
