"""Whoever proposed an announcement puts it right at the desk, with the same second person as before."""

from datetime import timedelta

import pytest

from bot.roles import Role
from bot.states import AnnouncementState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

TEXT = "We are open on Sunday from ten to four."
RIGHT = "We are open on Sunday from ten to six."
WHY = "The hour was wrong."


class Newsroom(WorkHouse):
    """Jane has proposed what is out; Mei is in charge, and Lee answers."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.jane, self.lee = (self.employee(name) for name in ("Jane Doe", "Lee Ray"))
        self.mei = self.employee("Mei Tan", role=Role.MODERATOR)
        self.desk, self.charge = self.browser(self.jane), self.browser(self.mei)
        self.desk.post("/desk/announcements", {"text": TEXT, "platform-local": "1", "step": "send"})
        self.charge.post("/admin/announcements/1/approve", {"revision": "1"})
        self.charge.post("/admin/announcements/1/plan", {"step": "now"})
        self.until_done()

    def until_done(self) -> None:
        for _ in range(3):
            self.clock.advance(timedelta(seconds=2))
            self.work()

    def propose(self, text: str = RIGHT, why: str = WHY, step: str = "send") -> tuple[int, str]:
        sent = self.desk.post("/desk/announcements/1/correct", {"text": text, "why": why, "step": step})
        return sent.status_code, sent.text

    def states(self) -> list[str]:
        return [one.state for one in self.rows(AnnouncementRow)]


@pytest.fixture
def room(sqlite_database: Database, clock: FakeClock) -> Newsroom:
    return Newsroom(sqlite_database, clock)


def test_its_proposer_sees_what_becomes_of_other_words_and_hands_them_in(room: Newsroom) -> None:
    assert "/desk/announcements/1/correct" in room.desk.get("/desk/announcements/1").text
    assert TEXT in room.desk.get("/desk/announcements/1/correct").text
    status, page = room.propose(step="preview")
    assert (status, "What becomes of it" in page, "Hand these words in" in page) == (200, True, True)
    assert room.states() == [AnnouncementState.PUBLISHED]
    assert room.propose()[0] == 303
    assert room.states() == [AnnouncementState.PUBLISHED, AnnouncementState.PROPOSED]
    (line,) = [one for one in room.rows(AuditRow) if one.action == AuditAction.ANNOUNCEMENT_CORRECT]
    assert (line.actor, line.subject) == (f"jane@example.com ({room.jane})", "announcement 1")
    assert line.detail["why"] == WHY
    page = room.desk.get("/desk/announcements/1").text
    assert (RIGHT in page, WHY in page, 'href="/desk/announcements/1/correct"' in page) == (True, True, False)
    assert room.charge.post("/admin/announcements/2/approve", {"revision": "1"}).status_code == 303
    room.until_done()
    assert RIGHT in room.browser().get("/announcements").text
    page = room.desk.get("/desk/announcements/1").text
    assert (TEXT in page, "would say" in page) == (False, False)  # what is out now, and no preview
    for path in ("/desk/coming", "/desk/coming/1"):
        page = room.browser(room.lee).get(path).text
        assert (RIGHT in page, TEXT in page) == (True, False), path


def test_nobody_else_at_the_desk_corrects_it_or_a_correction(room: Newsroom) -> None:
    words = {"text": RIGHT, "why": WHY, "step": "send"}
    other = room.browser(room.lee)
    for number in (1, 99):
        assert other.get(f"/desk/announcements/{number}/correct").status_code == 404
        for step in ("send", "preview"):
            answer = other.post(f"/desk/announcements/{number}/correct", {**words, "step": step})
            assert answer.status_code == 404
    assert room.propose()[0] == 303
    assert room.desk.post("/desk/announcements/2/correct", words).status_code == 404
    assert other.post("/desk/announcements/2/withdraw", {}).status_code == 404
    assert room.states() == [AnnouncementState.PUBLISHED, AnnouncementState.PROPOSED]


def test_what_cannot_be_handed_in_comes_back_with_what_was_typed(room: Newsroom) -> None:
    for words, why, said in (
        (RIGHT, "", "Say why it is corrected"),
        (TEXT, WHY, "these are the words that are out"),
        ("", WHY, "these are the words that are out"),
        (RIGHT, "x" * 501, "At most 500 characters are allowed; these are 501."),
        ("y" * 5_001, WHY, "At most 5,000 characters are allowed"),
        ("See https://paypa1.example@evil.example/", WHY, "it cannot go out."),
    ):
        status, page = room.propose(words, why)
        assert (status, said in page) == (422, True), said
        assert (words or WHY) in page
    room.propose()
    status, page = room.propose("We are open on Sunday from nine to six.")
    assert status == 422
    assert "waits for an approval" in page
    assert "nine to six" in page
    assert len(room.states()) == 2


def test_declined_it_stays_declined_and_its_proposer_reads_why(room: Newsroom) -> None:
    room.propose()
    room.charge.post("/admin/announcements/2/decline", {"why": "It is five."})
    for path in ("/desk/announcements", "/desk/announcements/1"):
        page = room.desk.get(path).text
        assert ("It is five." in page, "declined" in page) == (True, True), path
    assert room.desk.get("/desk/announcements/2").headers["location"] == "/desk/announcements/1"
    again = room.desk.get("/desk/announcements/1/correct?again=2").text
    assert (RIGHT in again, WHY in again, "It is five." in again) == (True, True, True)
    changed = {"text": "We are open.", "platform-local": "1", "step": "send"}
    assert room.desk.post("/desk/announcements/2", changed).status_code == 409
    assert room.desk.post("/desk/announcements/2/withdraw", {}).status_code == 409
    room.until_done()
    declined = room.row(AnnouncementRow, 2)
    assert (declined.state, declined.text, declined.note) == (
        AnnouncementState.DECLINED,
        RIGHT,
        "It is five.",
    )
    assert room.propose("We are open on Sunday from ten to five.")[0] == 303
    assert room.states()[1:] == [AnnouncementState.DECLINED, AnnouncementState.PROPOSED]


def test_only_what_was_declined_of_this_one_is_proposed_again(room: Newsroom) -> None:
    room.propose()
    assert RIGHT not in room.desk.get("/desk/announcements/1/correct?again=2").text  # it waits
    assert TEXT in room.desk.get("/desk/announcements/1/correct?again=1").text


def test_taken_back_before_anybody_decides_what_is_out_stays(room: Newsroom) -> None:
    room.propose()
    gone = room.desk.post("/desk/announcements/2/withdraw", {})
    assert gone.headers["location"] == "/desk/announcements/1?done=correction_taken_back"
    assert "what is out stays as it is" in room.desk.get(gone.headers["location"]).text
    assert room.states() == [AnnouncementState.PUBLISHED, AnnouncementState.WITHDRAWN]
    assert room.charge.post("/admin/announcements/2/approve", {"revision": "1"}).status_code == 409
    assert TEXT in room.browser().get("/announcements").text


def test_whoever_may_approve_does_not_approve_their_own_correction(room: Newsroom) -> None:
    ada = room.browser(room.employee("Ada Ray", role=Role.MODERATOR))
    room.charge.post("/desk/announcements", {"text": "New hours.", "platform-local": "1", "step": "send"})
    ada.post("/admin/announcements/2/approve", {"revision": "1"})
    ada.post("/admin/announcements/2/plan", {"step": "now"})
    room.until_done()
    words = {"text": "New hours from Monday on.", "why": WHY, "step": "send"}
    assert room.charge.post("/desk/announcements/2/correct", words).status_code == 303
    assert room.charge.post("/admin/announcements/3/approve", {"revision": "1"}).status_code == 409
    assert ada.post("/admin/announcements/3/approve", {"revision": "1"}).status_code == 303
