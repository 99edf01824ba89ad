"""Colleagues are told first: what goes out, to whom it may be known before, and what customers may ask."""

from datetime import timedelta

import pytest

from bot.actions.announce import decide
from bot.actions.departments import manage
from bot.posts import Author, Post, Visibility
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

WORDS = "The Zephyr router is ours from Tuesday on."
ASKED = "Does the Zephyr work with the old cable?"
REPLY = "Yes, with every cable since the Mistral."
PUBLIC = (
    *("/", "/announcements", "/announcements/feed.atom", "/feed.atom", "/search?q=zephyr", "/sitemap.xml"),
    *("/api/v1/answers?q=zephyr", "/api/v1/suggest?q=zephyr", "/api/v1/matters", "/topics", "/about"),
)


class Newsroom(WorkHouse):
    """Jane proposes, Mei is in charge; Lee and Kim answer, Lee in the department of networks."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.jane, self.lee, self.kim = (self.employee(name) for name in ("Jane Doe", "Lee Ray", "Kim Poe"))
        self.mei = self.employee("Mei Tan", role=Role.MODERATOR)
        with database.write() as session:
            networks = manage.make(session, "Networks", "", "", clock())
            manage.put_in(session, networks, "lee@example.com", leads=False, now=clock())

    def propose(self, **fields: str) -> None:
        form = {"text": WORDS, "platform-local": "1", "ask-0": ASKED, "reply-0": REPLY, **fields}
        sent = self.browser(self.jane).post("/desk/announcements", {**form, "step": "send"})
        assert sent.status_code == 303

    def approve(self) -> None:
        with self.database.write() as session:
            decide.approve(session, session.get_one(AnnouncementRow, 1), 1, self.mei, self.clock())

    def plan(self) -> None:
        with self.database.write() as session:
            row, at = session.get_one(AnnouncementRow, 1), self.clock() + timedelta(days=2)
            decide.plan(session, row, at, self.chorus.platforms, self.chorus.rules, self.clock())

    def know(self) -> set[str]:
        """Who finds it at the desk, on the list, beside their questions and by its address alike."""
        found = set()
        for name in ("jane", "lee", "kim", "mei"):
            desk = self.browser(getattr(self, name))
            seen = {WORDS in desk.get(path).text for path in ("/desk", "/desk/coming")}
            seen.add(ASKED in desk.get("/desk/coming/1").text)
            assert len(seen) == 1, name
            found |= {name} if seen == {True} else set()
        return found

    def leaks(self) -> list[str]:
        outside = self.browser()
        return [
            path for path in PUBLIC if "ephyr router" in (text := outside.get(path).text) or "Mistral" in text
        ]


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> Newsroom:
    return Newsroom(sqlite_database, clock)


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({}, {"jane", "lee", "kim", "mei"}),
        ({"seen_before": "departments", "department-1": "1"}, {"jane", "lee", "mei"}),
        ({"seen_before": "nobody"}, {"jane", "mei"}),
    ],
)
def test_it_is_known_from_its_approval_on_to_those_who_may_and_to_nobody_outside(
    house: Newsroom, fields: dict[str, str], who: set[str]
) -> None:
    house.propose(**fields)
    kim = house.browser(house.kim)
    assert WORDS not in kim.get("/desk/coming").text
    assert kim.get("/desk/coming/1").status_code == 404
    house.approve()
    assert house.know() == who
    house.plan()
    assert house.know() == who
    assert house.leaks() == []
    house.clock.advance(timedelta(days=2))
    house.deliver()
    assert all(WORDS in house.browser(one).get("/desk/coming").text for one in (house.lee, house.kim))
    assert "Mistral" not in "".join(house.browser().get(path).text for path in PUBLIC)
    house.clock.advance(timedelta(days=8))
    assert WORDS not in kim.get("/desk/coming").text


def test_whoever_proposed_it_or_is_in_charge_keeps_it_up_to_date(house: Newsroom) -> None:
    house.propose()
    house.approve()
    place = "/desk/coming/1"
    half = {"seen_before": "nobody", "ask-0": "And the price?"}
    refused = house.browser(house.jane).post(place, half)
    assert refused.status_code == 422
    assert "And the price?" in refused.text
    assert house.browser(house.jane).post(place, {"seen_before": "departments"}).status_code == 422
    assert house.browser(house.kim).post(place, {**half, "reply-0": "20"}).status_code == 403
    for who in (house.jane, house.mei):
        done = house.browser(who).post(place, {**half, "reply-0": f"Twenty, says {who}."})
        assert done.headers["location"] == "/desk/coming/1?done=saved"
        assert f"Twenty, says {who}." in house.browser(who).get(place).text
    noted = [one for one in house.rows(AuditRow) if one.action == AuditAction.ANNOUNCEMENT_BRIEF]
    assert [one.detail["seen_before"] for one in noted] == ["nobody", "nobody"]
    assert house.row(AnnouncementRow, 1).revision == 1  # the words that were approved are the same


def test_a_question_that_replies_to_it_has_the_answer_beside_it(house: Newsroom) -> None:
    house.propose()
    house.approve()
    house.plan()
    house.clock.advance(timedelta(days=2))
    house.deliver()
    above = house.deliveries()[-1].external_id
    reply = Post(
        "local", "900", Author("sam", "sam"), "cable?", in_reply_to=above, visibility=Visibility.PUBLIC
    )
    house.ingest.write([reply])
    house.steps.intake.run()
    page = house.browser(house.kim).get("/desk/questions/1").text
    assert WORDS in page
    assert REPLY in page


def test_the_moment_is_told_with_its_weekday_in_the_readers_language(house: Newsroom) -> None:
    house.propose()
    house.approve()
    house.plan()
    said = {
        language: house.browser(house.lee).get("/desk/coming", **{"accept-language": language}).text
        for language in ("en", "de")
    }
    assert ("Friday, 6 March 2026" in said["en"], "Freitag, 6. März 2026" in said["de"]) == (True, True)
