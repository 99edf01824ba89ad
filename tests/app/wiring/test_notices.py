"""The application as the settings put it together tells people by mail and in a chat."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wiring.composition import Chorus, build
from app.wiring.settings import load_settings
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.roles import Role
from tests.app.test_whole import Site
from tests.conftest import FakeClock
from tests.mail_server import ChatServer, MailServer


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def chorus(
    sqlite_url: str, tmp_path: Path, clock: FakeClock, mails: MailServer, chat: ChatServer
) -> Iterator[Chorus]:
    settings = load_settings(
        {
            "CHORUS_DATABASE_URL": sqlite_url,
            "CHORUS_SECRET_KEY": "k" * 40,
            "CHORUS_DATA_DIRECTORY": str(tmp_path / "var"),
            "CHORUS_SEARCH__MEANING": "false",
            "CHORUS_MAIL__HOST": "127.0.0.1",
            "CHORUS_MAIL__PORT": str(mails.port),
            "CHORUS_MAIL__STARTTLS": "false",
            "CHORUS_NOTIFY_WEBHOOK": chat.url,
        },
        tmp_path,
    )
    built = build(settings, clock=clock)
    with built.database.write() as session:
        topics.add_topic(session, "tv", "TV", keywords=["tv", "picture"], now=clock())
        details = Details(name="Jane Doe", email="jane@example.com", topics={"tv": 3})
        employees.add_employee(session, details, accounts=[Account("local", "jane", "jane")], now=clock())
        charge = Details(name="Max Boss", email="max@example.com", role=Role.MODERATOR, daily_cap=0)
        employees.add_employee(session, charge, now=clock())
    yield built
    built.stop()


def test_an_offer_nobody_takes_is_told_to_the_employee_and_then_to_people_in_charge(
    chorus: Chorus, clock: FakeClock, mails: MailServer, chat: ChatServer
) -> None:
    site = Site(chorus)
    site.post("sam", "@brand no picture on my tv since the update")
    clock.advance(61)
    site.work()
    [mail] = mails.mails
    assert mail["To"] == "jane@example.com"
    assert "no picture on my tv" in mails.texts()[0]
    assert not chat.bodies
    for _ in range(40):
        clock.advance(900)
        site.work()
    assert [one["To"] for one in mails.mails].count("max@example.com") == 1
    assert len(chat.bodies) == 1
    assert "A question needs you" in chat.texts()[0]


def test_the_mailed_link_signs_in(chorus: Chorus, mails: MailServer) -> None:
    site = Site(chorus)
    site.ask(
        "POST", "/sign-in", data={"email": "jane@example.com"}, headers={"sec-fetch-site": "same-origin"}
    )
    [text] = mails.texts()
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/sign-in/\S+)", text)
    answer = site.ask("POST", path, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303
    assert "chorus=" in answer.headers["set-cookie"]
