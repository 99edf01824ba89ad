"""The application as the settings put it together tells people by mail and in a chat."""

import re

import pytest

from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.roles import Role
from tests.app.test_whole import Site
from tests.conftest import FakeClock
from tests.mail_server import ChatServer, MailServer


@pytest.fixture
def site(sqlite_url: str, clock: FakeClock, mails: MailServer, chat: ChatServer) -> Site:
    made = Site(sqlite_url, clock, mail=mails.settings, notify_webhook=chat.url)
    with made.database.write() as session:
        charge = Details(name="Max Boss", email="max@example.com", role=Role.MODERATOR, daily_cap=0)
        employees.add_employee(session, charge, now=clock())
    return made


def test_an_offer_nobody_takes_is_told_to_the_employee_and_then_to_people_in_charge(
    site: Site, clock: FakeClock, mails: MailServer, chat: ChatServer
) -> None:
    site.say("sam", "@brand no picture on my tv since the update")
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


def test_the_mailed_link_signs_in(site: Site, mails: MailServer) -> None:
    site.ask(
        "POST", "/sign-in", data={"email": "jane@example.com"}, headers={"sec-fetch-site": "same-origin"}
    )
    [text] = mails.texts()
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/sign-in/\S+)", text)
    answer = site.ask("POST", path, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303
    assert "chorus=" in answer.headers["set-cookie"]
