"""What the command line lists and says: whole, as it is, for people and for machines."""

import json
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from app.cli import main
from app.cli.printing import print_table
from app.cli.root import app

EMAIL = "alexandra.konstantinopoulou-papadimitriou@support.athens.otter-and-ohm.example.com"
Run = Callable[..., str]


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What a command prints on standard output, which is no terminal here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "k" * 40)

    def run_it(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return run_it


@pytest.mark.parametrize("name", ["Sam [on leave]", "Kim [/qa] Lee", "[bold red]Bo", "Ann :smile: \\[x]"])
def test_a_name_is_no_markup(run: Run, name: str) -> None:
    run("employee", "add", name, "--email", "x@example.com")
    assert name in run("employee", "list")


def test_a_name_gives_no_commands_to_the_terminal(run: Run) -> None:
    run("employee", "add", "Eve\x1b[2J\x9b31mRed", "--email", "x@example.com")
    assert "Eve�[2J�31mRed" in run("employee", "list")


@pytest.mark.parametrize("columns", ["20", "80"])
def test_values_are_whole_where_no_terminal_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    run("employee", "add", "Alexandra", "--email", EMAIL, "--identity", "local:alexandra_k", "--topic", "tv")
    keywords = ["--keyword", "a phrase that goes on for quite a while", "--keyword", "another long phrase"]
    run("topic", "add", "smart-home", *keywords)
    monkeypatch.setenv("COLUMNS", columns)
    [line] = [one for one in run("employee", "list").splitlines() if EMAIL in one]
    assert "local:alexandra_k" in line
    [line] = [one for one in run("topic", "list").splitlines() if one.startswith("smart-home")]
    assert "a phrase that goes on for quite a while, another long phrase" in line


def test_at_a_terminal_a_long_value_goes_on_in_the_next_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    print_table({"email": "E-mail"}, [{"email": EMAIL}], as_json=False)
    shown = capsys.readouterr().out
    assert EMAIL not in shown
    assert EMAIL in re.sub(r"\x1b\[[\d;]*m|\s", "", shown)


def test_every_list_can_be_had_as_json(run: Run) -> None:
    run(
        "employee",
        "add",
        "Jane [x]",
        "--email",
        "j@example.com",
        "--identity",
        "local:jane",
        "--topic",
        "tv:3",
    )
    [jane] = json.loads(run("employee", "list", "--json"))
    assert (jane["name"], jane["topics"], jane["identities"]) == ("Jane [x]", ["tv:3"], ["local:jane"])
    [topic] = json.loads(run("topic", "list", "--json"))
    assert topic == {"slug": "tv", "name": "TV", "parent": "", "keywords": ["tv"]}
    assert json.loads(run("topic", "suggest", "--json")) == []


def test_what_is_wrong_is_said_as_it_was_typed(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["chorus", "employee", "pause", "[/qa]\x1b[31m@example.com"])
    with pytest.raises(SystemExit):
        main()
    assert "the address [/qa]�[31m@example.com." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "name"),
    [("tv", "TV"), ("smart-tv", "Smart TV"), ("wifi", "Wi-Fi"), ("Wi-Fi", "Wi-Fi"), ("iphone", "iPhone"),
     ("OtterCam", "OtterCam"), ("smart-home", "Smart home"), ("car", "Car"), ("usb-cable", "USB cable")],
)  # fmt: skip
def test_a_new_topic_is_called_as_people_write_it(run: Run, typed: str, name: str) -> None:
    run("employee", "add", "Jane", "--email", "jane@example.com", "--topic", f"{typed}:3")
    [topic] = json.loads(run("topic", "list", "--json"))
    assert (topic["slug"], topic["name"]) == (typed.lower(), name)


def test_topics_of_an_imported_archive_keep_their_names(run: Run, tmp_path: Path) -> None:
    entry = {"title": "Dark screen", "asked_at": "2026-03-04T12:00:00Z"}
    answers = [{"text": "Press it.", "at": "2026-03-04T12:00:00Z"}]
    lines = [
        {**entry, "answers": answers, "topic": "tv"},
        {**entry, "title": "No net", "answers": answers, "topic": "net", "topic_name": "NET & more"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-16")
    run("archive", "import", "in.jsonl")
    named = {one["slug"]: one["name"] for one in json.loads(run("topic", "list", "--json"))}
    assert named == {"tv": "TV", "net": "NET & more"}
    exported = [json.loads(line) for line in run("archive", "export", "-").splitlines()]
    assert [one["topic_name"] for one in exported] == ["TV", "NET & more"]


def test_it_says_which_version_it_is(run: Run) -> None:
    assert run("--version") == f"chorus {version('chorus-support')}\n"


def test_s14_what_fails_in_a_command_is_logged_without_the_values_that_were_at_hand(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()  # as a command finds it
    run("employee", "list")
    held = "s3cret-of-the-brand"
    try:
        {}["a bug"]
    except KeyError:
        structlog.get_logger().exception("it failed", token=held)
    said = capsys.readouterr().err
    assert "it failed" in said
    assert "Traceback" in said
    assert held not in said
