"""From ``chorus connect mastodon`` to a published answer, by the whole house at a real server, in minutes.

The same settings as ``test_mastodon_live``: ``LIVE_MASTODON_URL`` and ``LIVE_MASTODON_TOKENS`` (brand,
employee, customer). What is posted is deleted again.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from sqlmodel import select
from typer.testing import CliRunner

from app.cli.root import app
from app.wiring.composition import Chorus, build
from app.wiring.settings import load_settings
from bot.posts import Author, Post, PostEvent
from bot.states import DeliveryState
from bot.store.tables.conversations import DeliveryRow, EntryRow, OfferRow, QuestionRow
from routing.model.domain import QuestionState
from tests.live.test_mastodon_live import TOKENS, URL, Person, pytestmark  # noqa: F401 - marks this module

PATIENCE = 120.0
FIVE_MINUTES = 300.0
T = TypeVar("T")


@pytest.fixture
def people() -> Iterator[tuple[Person, Person, Person]]:
    """Brand, employee and customer."""
    everybody = (Person(TOKENS[0]), Person(TOKENS[1]), Person(TOKENS[2]))
    yield everybody
    for person in everybody[1:]:
        person.close()


def rows(chorus: Chorus, table: type[T]) -> list[T]:
    with chorus.database.read() as session:
        return list(session.exec(select(table)).all())


def until(check: Callable[[], Any]) -> Any:
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        found = check()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"it did not happen within {PATIENCE:.0f} s")


def command(*arguments: str) -> None:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, f"{done.output}\n{done.exception}"


def test_a_fresh_operator_gets_from_connect_to_a_published_answer_in_under_five_minutes(
    people: tuple[Person, Person, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand, jane, sam = people
    began = time.monotonic()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path}/chorus.db")
    monkeypatch.setenv("CHORUS_DATA_DIRECTORY", str(tmp_path / "var"))
    monkeypatch.setenv("CHORUS_MASTODON__ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("CHORUS_SEARCH__MEANING", "false")
    command("migrate")
    command("connect", "mastodon", "--server", URL, "--token", TOKENS[0])
    command(
        "employee", "add", "Jane Doe", "--email", "jane@example.com",
        "--identity", f"mastodon:{jane.account['acct']}", "--topic", "tv",
    )  # fmt: skip

    chorus = build(load_settings())
    chorus.start()
    try:
        time.sleep(3)  # the stream has to stand
        question = sam.post(f"@{brand.account['acct']} no picture on my tv since the update")
        until(lambda: rows(chorus, OfferRow))
        assert [row.state for row in rows(chorus, QuestionRow)] == [QuestionState.OFFERED]

        text = f"@{sam.account['acct']} Hold the power button for ten seconds. #chorus"
        jane.post(text, in_reply_to_id=question)
        until(lambda: [row for row in rows(chorus, DeliveryRow) if row.state == DeliveryState.SENT])
        assert time.monotonic() - began < FIVE_MINUTES
        time.sleep(5)
        [published] = until(lambda: sam.answers_by(brand.account["id"], question))
        assert published["in_reply_to_id"] == question
        assert "^Jane" in published["content"]
        assert len(until(lambda: rows(chorus, EntryRow))) == 1

        sam.delete(question)
        adapter = chorus.platforms["mastodon"]
        until(lambda: [one for one in adapter.fetch([question]) if one.gone])
        chorus.ingest.write([Post("mastodon", question, Author(""), event=PostEvent.DELETED)])
        until(lambda: all(not entry.quotation for entry in rows(chorus, EntryRow)))
        headers = {"authorization": f"Bearer {TOKENS[0]}"}
        httpx.delete(f"{URL}/api/v1/statuses/{published['id']}", headers=headers, timeout=30)
    finally:
        chorus.stop()
