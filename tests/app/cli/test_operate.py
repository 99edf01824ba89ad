"""The operator's commands, run as a person at the terminal runs them."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from app.cli.root import app
from app.files.text_files import UnreadableText
from app.wiring.environment import UnusableSettings
from bot.states import EntryState
from bot.store.engine import Database, open_engine
from bot.store.house.connections import StoredTokens
from bot.store.running import switches
from bot.store.sealing import Sealer
from bot.store.tables.conversations import EntryRow
from bot.store.tables.house import AuditRow, ConnectionRow
from tests.conftest import FakeClock
from tests.house import House

KEY = "a secret key for tests only, 0123456789"
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a fresh database; fails where the command says that something is wrong."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("DATABASE_URL", sqlite_url),
        ("SECRET_KEY", KEY),
        ("DATA_DIRECTORY", str(tmp_path / "var")),
    ):
        monkeypatch.setenv(f"CHORUS_{name}", value)

    def run_it(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return run_it


@pytest.fixture
def database(run: Run, sqlite_url: str) -> Iterator[Database]:
    database = Database(open_engine(sqlite_url))
    yield database
    database.close()


def fine(result: Result) -> str:
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> str:
    assert isinstance(result.exception, UnusableSettings), result.output
    return str(result.exception)


def converse(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("tv", "TV", "tv", "picture"))
    question = house.post("samantha_q", "@brand no picture on my TV since Monday")
    house.work()
    house.post("jane", "Hold the power button for ten seconds. #chorus", question)
    house.work()
    house.close()


def test_s18_publishing_stops_and_goes_on_for_all_nodes_with_a_trace(run: Run, database: Database) -> None:
    fine(run("pause-publishing", "--reason", "Account taken over"))
    with database.read() as session:
        assert switches.is_paused(session)
    assert "Account taken over" in run("doctor", "--offline").stdout
    fine(run("resume-publishing"))
    with database.read() as session:
        assert not switches.is_paused(session)
        actions = [row.action for row in session.exec(select(AuditRow)).all()]
    assert actions == ["publishing.pause", "publishing.resume"]


def test_r18_what_was_backed_up_is_restored_and_stays_silent(
    run: Run, database: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converse(database, clock)
    fine(run("backup", "copies/today.db"))
    refused(run("restore", "copies/today.db"))
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    fine(run("restore", "copies/today.db"))
    other = Database(open_engine(f"sqlite:///{tmp_path / 'new.db'}"))
    with other.read() as session:
        assert switches.is_paused(session)
        assert session.exec(select(EntryRow.state)).one() == EntryState.PUBLIC
    other.close()


def test_a_backup_never_overwrites_the_database(run: Run, database: Database) -> None:
    file = str(database.engine.url.database)
    assert "the database itself" in refused(run("backup", file))


def test_s13_an_erasure_outlives_an_older_backup(
    run: Run, database: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converse(database, clock)
    assert "since Monday" in fine(run("export", "--customer", "local:samantha_q"))
    fine(run("backup", "old.db"))
    fine(run("erase", "--customer", "local:samantha_q"))
    assert "Nothing is stored" in refused(run("export", "--customer", "local:samantha_q"))
    assert "samantha" not in (tmp_path / "var" / "erasures.jsonl").read_text()
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    fine(run("restore", "old.db"))
    assert "Nothing is stored" in refused(run("export", "--customer", "local:samantha_q"))
    assert b"samantha" not in (tmp_path / "new.db").read_bytes()


def test_a_directory_that_a_backup_had_to_make_is_told(run: Run, tmp_path: Path) -> None:
    first = run("backup", "bakcups/today.db")
    assert "The directory bakcups was not there and has been made." in first.stderr
    assert "was not there" not in run("backup", "bakcups/today.db").stderr


def test_the_last_one_in_charge_cannot_be_let_go(run: Run) -> None:
    fine(run("employee", "add", "Mei Lin", "--email", "mei@example.com", "--role", "admin"))
    assert "in charge" in refused(run("employee", "leave", "mei@example.com"))
    fine(run("employee", "add", "Ann Berg", "--email", "ann@example.com", "--role", "admin"))
    fine(run("employee", "leave", "mei@example.com"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "."), "cannot be written"),
        (("backup", "chorus.db"), "the database itself"),
        (("backup", "chorus.db/below"), "cannot be written"),
        (("backup", "/proc/1/nowhere/x.db"), "cannot be written"),
        (("restore", "nothing.db"), "There is no file nothing.db"),
        (("restore", "."), "There is no file ."),
        (("restore", "notes.txt"), "notes.txt"),
        (("restore", "empty"), "empty"),
        (("archive", "export", "."), "cannot be written"),
        (("archive", "export", "missing/a.jsonl"), "cannot be written"),
        (("archive", "import", "."), "cannot be read"),
        (("export", "--customer", "sam"), "names no account"),
        (("erase", "--employee", "nobody@example.com"), "Nobody here has the address"),
    ],
)
def test_odd_paths_and_names_are_told_in_one_sentence(
    run: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "notes.txt").write_text("no backup")
    (tmp_path / "empty").touch()
    told = run(*words).exception
    assert isinstance(told, UnusableSettings | UnreadableText), told
    assert said in str(told)


def test_s13_the_export_is_one_json_document_and_nothing_else(
    run: Run, database: Database, clock: FakeClock
) -> None:
    converse(database, clock)
    record = json.loads(fine(run("export", "--employee", "jane@example.com")))
    assert record["profile"]["name"] == "Jane Doe"
    assert "Say whose data" in refused(run("export"))


def test_s13_a_former_employee_is_erased_and_one_who_takes_part_is_not(
    run: Run, database: Database, clock: FakeClock
) -> None:
    converse(database, clock)
    assert "leave first" in refused(run("erase", "--employee", "jane@example.com"))
    fine(run("employee", "leave", "jane@example.com"))
    fine(run("erase", "--employee", "jane@example.com", "--credit", "our team"))
    [line] = fine(run("archive", "export", "-")).splitlines()
    assert json.loads(line)["answers"][0]["credit"] == "our team"


def test_s14_a_rotation_without_the_former_key_says_what_is_missing(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.wiring.keys import sealing_keys
    from app.wiring.settings import load_settings

    StoredTokens(database, "mastodon", Sealer(sealing_keys(load_settings()))).save(
        {"access_token": "too-long-for-chance"}
    )
    with database.read() as session:
        assert b"too-long-for-chance" not in session.exec(select(ConnectionRow.sealed)).one()
    monkeypatch.setenv("CHORUS_SECRET_KEY", "another secret key for tests, 98765432")
    assert "CHORUS_OLD_SECRET_KEYS" in refused(run("rotate-keys"))


def test_s14_tokens_are_readable_with_the_new_key_alone_after_a_rotation(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.wiring.keys import sealing_keys
    from app.wiring.settings import load_settings

    old, new = "an old secret key for tests 0123456789", "a new secret key for tests 98765432100"
    monkeypatch.setenv("CHORUS_SECRET_KEY", old)
    StoredTokens(database, "mastodon", Sealer(sealing_keys(load_settings()))).save({"access_token": "abc"})
    monkeypatch.setenv("CHORUS_SECRET_KEY", new)
    monkeypatch.setenv("CHORUS_OLD_SECRET_KEYS", old)
    fine(run("rotate-keys"))
    monkeypatch.delenv("CHORUS_OLD_SECRET_KEYS")
    tokens = StoredTokens(database, "mastodon", Sealer(sealing_keys(load_settings())))
    assert tokens.load() == {"access_token": "abc"}


def test_the_archive_goes_out_and_in_again_once(
    run: Run,
    database: Database,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    migrated_sqlite: Path,
) -> None:
    converse(database, clock)
    fine(run("archive", "export", "archive.jsonl.gz"))
    line = json.loads(gzip.decompress((tmp_path / "archive.jsonl.gz").read_bytes()))
    assert line["question"] == "no picture on my TV since Monday"
    assert "samantha" not in json.dumps(line)
    assert "0 entries are new, 1 was there" in run("archive", "import", "archive.jsonl.gz").stderr
    other = tmp_path / "other.db"
    other.write_bytes(migrated_sqlite.read_bytes())
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{other}")
    assert "1 entry is new, 0 were there" in run("archive", "import", "archive.jsonl.gz").stderr
    assert "0 entries are new" in run("archive", "import", "archive.jsonl.gz").stderr
    again = json.loads(fine(run("archive", "export", "-")))
    kept = ("title", "question", "asked_at", "answers", "topic", "language", "platform", "asked_count")
    for name in kept:
        mine, theirs = again[name], line[name]
        if name == "answers":
            mine, theirs = mine[0]["text"], theirs[0]["text"]
        assert mine == theirs, name


def test_a_customers_words_on_x_are_not_exported(run: Run, database: Database, clock: FakeClock) -> None:
    from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry

    with database.write() as session:
        past = PastEntry(
            title="A dark screen",
            question="the words of somebody on X",
            asked_at=clock(),
            answers=[ImportedAnswer("Press it.", "^Jane", clock())],
            platform="x",
            source_url="https://x.com/i/status/1",
        )
        import_entry(session, past, clock())
    text = fine(run("archive", "export", "-"))
    assert "somebody on X" not in text
    assert json.loads(text)["source_url"] == "https://x.com/i/status/1"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 1"),
        ('{"title":"a"}', "asked_at"),
        ('{"title":"a","asked_at":"2026-01-01T00:00:00Z","answers":[]}', "answers"),
        (
            '{"title":"a","topic":"No Slug","asked_at":"2026-01-01T00:00Z","answers":[{"text":"b","at":1}]}',
            "topic",
        ),
    ],
)
def test_a_line_that_is_no_entry_is_named(run: Run, tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "in.jsonl").write_text(line)
    assert why in refused(run("archive", "import", "in.jsonl"))
