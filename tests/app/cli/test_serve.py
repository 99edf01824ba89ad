"""What is said before a server is built: a port in use, links that lead elsewhere, who may come in first."""

import re
import resource
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.listening import address_of, free_port, mismatch
from app.cli.opening import open_database
from app.cli.root import app
from app.cli.serve import _welcome, raise_file_limit
from app.wiring.environment import UnusableSettings
from app.wiring.settings import load_settings
from bot.actions.people import first_person


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, int]]:
    """Where servers would have been started; none is."""
    calls: list[tuple[str, int]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "k" * 40)

    def note(_settings: object, host: str, port: int, *, works: bool) -> None:
        calls.append((host, port))

    monkeypatch.setattr("app.cli.serve.run_server", note)
    return calls


def serve(*words: str) -> Result:
    return CliRunner().invoke(app, ["serve", *words])


def test_a_port_in_use_is_told_before_anything_is_made(
    started: list[tuple[str, int]], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = serve("--port", str(port))
    assert isinstance(done.exception, UnusableSettings)
    assert str(done.exception).startswith(f"On 127.0.0.1, port {port} is in use:")
    assert started == []
    assert not (tmp_path / "chorus.db").exists()


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("no.such.host.invalid", 8000, "is no address"),
        ("192.0.2.1", 8000, "no address of this machine"),
        ("..", 8000, "is no address"),
    ],
)
def test_a_host_that_is_none_is_told(host: str, port: int, said: str) -> None:
    with pytest.raises(UnusableSettings, match=said):
        free_port(host, port)


def test_a_free_port_is_found_for_zero() -> None:
    assert free_port("127.0.0.1", 0) > 0
    assert free_port("localhost", 0) > 0


@pytest.mark.parametrize(
    ("base_url", "host", "port", "meant"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 9000, "http://127.0.0.1:9000"),
        ("http://localhost", "0.0.0.0", 8000, "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "::1", 9000, "http://[::1]:9000"),
        ("http://127.0.0.1:9000", "127.0.0.1", 9000, None),
        ("http://localhost", "127.0.0.1", 80, None),
        ("https://localhost", "127.0.0.1", 8000, None),
        ("https://answers.example.com", "127.0.0.1", 8000, None),
    ],
)
def test_a_public_address_on_another_port_of_this_machine_is_told(
    tmp_path: Path, base_url: str, host: str, port: int, meant: str | None
) -> None:
    told = mismatch(load_settings({"CHORUS_BASE_URL": base_url}, tmp_path), host, port)
    assert (told is None) == (meant is None)
    if meant is not None:
        assert told is not None
        assert told.endswith(f"Set CHORUS_BASE_URL={meant}")
        assert address_of(host, port) == meant


def test_links_that_lead_elsewhere_are_told_and_the_server_starts(started: list[tuple[str, int]]) -> None:
    port = free_port("127.0.0.1", 0)
    done = serve("--port", str(port))
    assert done.exit_code == 0, done.output
    assert f"this server listens on port {port}: links lead elsewhere" in done.stderr
    assert started == [("127.0.0.1", port)]


def test_an_empty_house_says_where_to_go_and_how_to_be_the_first_in_charge(
    started: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port("127.0.0.1", 0)
    monkeypatch.setenv("CHORUS_BASE_URL", f"http://127.0.0.1:{port}")
    first = serve("--port", str(port)).stderr
    assert f"starting at http://127.0.0.1:{port}, and nobody is in charge yet" in first
    assert "/setup/" not in first, "what is no terminal may be a log, and the link is a key"
    commands = [line.strip() for line in first.splitlines() if line.startswith("   chorus ")]
    [by_link, add, link] = commands
    assert by_link == "chorus setup-link"
    made = CliRunner().invoke(app, by_link.split()[1:])
    assert made.stdout.startswith(f"http://127.0.0.1:{port}/setup/")
    words = ["employee", "add", "Ada Admin", "--email", "ada@example.com", "--role", "admin"]
    assert add == 'chorus employee add "Ada Admin" --email ada@example.com --role admin'
    assert CliRunner().invoke(app, words).exit_code == 0
    made = CliRunner().invoke(app, link.split()[1:])
    assert made.stdout.startswith(f"http://127.0.0.1:{port}/sign-in/")
    again = serve("--port", str(port)).stderr
    assert "nobody is in charge" not in again
    assert f"http://127.0.0.1:{port}/admin" in again
    refused = CliRunner().invoke(app, by_link.split()[1:])
    assert isinstance(refused.exception, UnusableSettings)
    assert "Somebody is in charge already" in str(refused.exception)


def test_at_a_terminal_each_start_shows_a_new_link_as_long_as_nobody_is_in_charge(tmp_path: Path) -> None:
    database = open_database(load_settings({}, tmp_path), create=True)
    said = [_welcome("http://127.0.0.1:8000", database, at_terminal=True) for _ in range(2)]
    links = [re.findall(r"^   http://127.0.0.1:8000/setup/(\S{40,})$", one, re.MULTILINE) for one in said]
    assert [len(found) for found in links] == [1, 1]
    with database.read() as session:
        now = database.now(session)
        works = [first_person.link_works(session, secret, now) for [secret] in links]
    assert works == [False, True]
    database.close()


def test_the_first_in_charge_who_is_made_by_a_command_sees_the_first_steps(
    started: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
    add = ["employee", "add", "Ada", "--email"]
    database = open_database(load_settings({}, tmp_path))

    def is_open() -> bool:
        with database.read() as session:
            return first_person.checklist_is_open(session)

    assert CliRunner().invoke(app, [*add, "jo@example.com"]).exit_code == 0
    assert not is_open()
    assert CliRunner().invoke(app, [*add, "ada@example.com", "--role", "admin"]).exit_code == 0
    assert is_open()
    with database.write() as session:
        first_person.put_checklist_away(session, "ada", database.now(session))
    assert CliRunner().invoke(app, [*add, "bo@example.com", "--role", "admin"]).exit_code == 0
    assert not is_open()
    database.close()


def test_a_server_may_hold_as_many_connections_as_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 512), hard))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
