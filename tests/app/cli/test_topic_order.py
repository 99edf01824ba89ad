"""Topics are put in order from the command line: the deeds of the browser, tried out first if wanted."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from app.cli.root import app
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.tables.house import AuditRow, RuleVersionRow
from bot.store.tables.people import TopicMoveRow, TopicRow
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def house(
    sqlite_database: Database,
    sqlite_url: str,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "a secret key for tests only, 0123456789")
    house = House(sqlite_database, clock)
    jane = house.topic("wifi", "Wi-Fi", "wifi")
    house.topic("lan", "LAN", "cable")
    house.employee("Jane Doe", jane)
    return house


def told(*words: str) -> Result:
    return CliRunner().invoke(app, ["topic", *words])


def slugs(house: House) -> list[str]:
    return sorted(row.slug for row in house.rows(TopicRow))


def lines(house: House) -> list[tuple[str, str, str]]:
    return [(one.actor, one.action, one.subject) for one in house.rows(AuditRow)]


def arrive(house: House) -> None:
    """All that was on its way is there: the command's clock is not the one of the house."""
    with house.database.write() as session:
        for move in session.exec(select(TopicMoveRow)).all():
            move.finished_at = move.begun_at


@pytest.mark.parametrize(
    "words",
    [
        ("merge", "wifi", "lan"),
        ("rename", "wifi", "wlan"),
        ("split", "wifi", "mesh", "--word", "mesh"),
        ("retire", "wifi", "--successor", "lan"),
    ],
)
def test_a_dry_run_says_what_would_happen_and_changes_nothing(house: House, words: tuple[str, ...]) -> None:
    done = told(*words, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "Nothing was changed" in done.stderr
    assert "Wi-Fi" in done.stderr
    assert (slugs(house), lines(house), house.rows(TopicMoveRow)) == (["lan", "wifi"], [], [])
    assert all(row.retired_at is None for row in house.rows(TopicRow))


def test_a_topic_becomes_part_of_another(house: House) -> None:
    done = told("merge", "wifi", "lan")
    assert "Wi-Fi becomes part of LAN, with 0 questions that wait" in done.stderr
    assert "1 person who knows it" in done.stderr
    assert slugs(house) == ["lan"]
    assert lines(house) == [("operator", "topic.merge", "topic wifi")]
    with house.database.read() as session:
        [move] = session.exec(select(TopicMoveRow)).all()
        assert (move.former, move.slug, move.begun_by) == ("wifi", "lan", "operator")
        assert audit.verify(session) is None


def test_a_topic_is_parted_renamed_retired_and_brought_back(house: House) -> None:
    assert "those that say mesh" in told("split", "wifi", "mesh", "--word", "mesh", "--name", "Mesh").stderr
    arrive(house)
    assert "wifi leads there" in told("rename", "wifi", "wlan").stderr
    arrive(house)
    assert "get LAN in its place" in told("retire", "wlan", "--successor", "lan").stderr
    assert "like any other" in told("bring-back", "wlan").stderr
    assert slugs(house) == ["lan", "mesh", "wlan"]
    assert [action for _, action, _ in lines(house)] == [
        "topic.split",
        "topic.rename",
        "topic.retire",
        "topic.reopen",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("merge", "wfii", "lan"), "There is no topic wfii. chorus topic list has"),
        (("merge", "wifi", "wifi"), "Choose the topic that it becomes part of."),
        (("split", "wifi", "mesh"), "Say which questions move"),
        (("rename", "wifi", "LAN"), "lan"),
        (("retire", "wifi", "--successor", "wifi"), "Its successor is another topic"),
        (("bring-back", "wifi"), "This topic is not retired."),
    ],
)
def test_what_cannot_be_done_is_said_in_words(house: House, words: tuple[str, ...], said: str) -> None:
    done = told(*words)
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert slugs(house) == ["lan", "wifi"]
    assert lines(house) == []


def test_a_former_short_name_tells_what_it_is_now(house: House) -> None:
    told("rename", "wifi", "wlan")
    assert "There is no topic wifi. It is wlan by now." in str(told("retire", "wifi").exception)


def test_rules_that_name_the_topic_follow_it_and_the_log_has_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORUS_PUBLISH__SECOND_LOOK", "wifi")
    assert told("retire", "wifi", "--successor", "lan").exit_code == 0
    [version] = house.rows(RuleVersionRow)
    assert version.values == {"second_look": ["wifi", "lan"]}
    assert sorted(lines(house)) == [
        ("operator", "rules.change", "rules"),
        ("operator", "topic.retire", "topic wifi"),
    ]


def test_a_rule_that_the_environment_keeps_stops_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_PUBLISH__SECOND_LOOK", "wifi")
    monkeypatch.setenv("CHORUS_PUBLISH__LOCKED", "second_look")
    assert "put “lan” into CHORUS_PUBLISH__SECOND_LOOK first" in str(told("merge", "wifi", "lan").exception)
    assert slugs(house) == ["lan", "wifi"]
