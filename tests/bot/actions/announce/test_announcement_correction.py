"""An announcement that is out is put right: on each feed its own way, once, by words that two people read."""

import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.announce import decide
from bot.actions.announce.correct import propose_correction
from bot.actions.announce.propose import Proposal, change
from bot.actions.announce.retract import retract
from bot.actions.announce.shown import AnnouncedWords
from bot.actions.undecidable import Undecidable
from bot.posts import Ambiguous, Author, Outgoing, Post, Rejected, Visibility
from bot.roles import Role
from bot.states import AnnouncementState, DeliveryState
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.people import EmployeeRow
from tests.announcing import FEEDS, RIGHT, TEXT, Announcing
from tests.mortals import Mortals
from tests.retracting import CORRECTING


@pytest.fixture
def announcing(database_url: str, tmp_path: Path) -> Announcing:
    announcing = Announcing(database_url, tmp_path)
    announcing.plan()
    announcing.work(1)
    return announcing


def correction(announcing: Announcing) -> AnnouncementRow:
    return announcing.house.rows(AnnouncementRow)[-1]


def assert_put_right(announcing: Announcing) -> None:
    """The right words are shown once on each feed and nothing else is."""
    for name in FEEDS:
        ledger = announcing.ledgers[name]
        shown = ledger.shown()
        assert [text.rpartition(" ")[2] for text in shown] == ["(1/2)", "(2/2)"], name
        assert all("Paragraph" in text for text in shown), name
        posted, edited, deleted = len(ledger.accepted()), len(ledger.edited()), len(ledger.deleted())
        assert (posted, edited, deleted) == ((2, 2, 0) if ledger.traits.edits else (4, 0, 2)), name
    assert {one.state for one in announcing.house.deliveries()} == {DeliveryState.SENT}
    assert [one.state for one in announcing.house.rows(AnnouncementRow)] == [AnnouncementState.PUBLISHED] * 2


def test_it_is_edited_where_that_goes_and_posted_anew_elsewhere(announcing: Announcing) -> None:
    announcing.correct()
    announcing.work(2)
    assert_put_right(announcing)


def test_where_the_operator_says_so_the_correction_goes_below(database_url: str, tmp_path: Path) -> None:
    announcing = Announcing(database_url, tmp_path, publish={"correction": "below"})
    announcing.plan()
    announcing.work(1)
    announcing.correct("It is the other way round.")  # one post: what was two cannot be edited into that
    announcing.work(2)
    for name in FEEDS:
        posts = announcing.ledgers[name].accepted()
        wrong, (below, replied_to) = posts[:2], posts[2]
        assert below == "Correction: It is the other way round."
        assert replied_to == announcing.house.deliveries()[1 if name == FEEDS[0] else 3].external_id
        assert len(announcing.ledgers[name].shown()) == len(wrong) + 1
    assert taken_back(announcing) == 6  # what was wrong, and what stood below it
    announcing.work(2)
    assert [announcing.ledgers[name].shown() for name in FEEDS] == [[], []]


def test_a_correction_is_decided_about_as_one_and_not_as_an_announcement(announcing: Announcing) -> None:
    house, now = announcing.house, announcing.clock()
    way = house.chorus.platforms, house.chorus.rules
    mei, kay = (one.id for one in house.rows(EmployeeRow) if one.name in ("Mei Tan", "Kay Roe"))
    with house.database.write() as session:
        root, words = session.get_one(AnnouncementRow, 1), AnnouncedWords(RIGHT, FEEDS)
        row = propose_correction(session, root, words, "It was wrong.", *way, mei, now)
        deeds: dict[str, Callable[[], object]] = {
            "approve it on its page": lambda: decide.approve(session, row, 1, kay, now),
            "as soon as it is approved": lambda: decide.plan(session, row, now, *way, now),
            "cannot be changed any more": lambda: change(session, row, Proposal(RIGHT, FEEDS, {}), *way, now),
            "It corrects announcement 1": lambda: retract(session, row, "No.", now),
        }
        for why, deed in deeds.items():
            with pytest.raises(Undecidable, match=why):
                deed()
    assert correction(announcing).state == AnnouncementState.PROPOSED


def taken_back(announcing: Announcing) -> int:
    with announcing.house.database.write() as session:
        return retract(session, session.get_one(AnnouncementRow, 1), "All of it.", announcing.clock())


@pytest.mark.parametrize(
    ("database_url", "times"), [("sqlite", 1), ("sqlite", 2), ("postgresql", 1)], indirect=["database_url"]
)
@pytest.mark.parametrize("point", CORRECTING)
def test_r01_a_process_killed_anywhere_leaves_the_right_words_once(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str, times: int
) -> None:
    died = mortals.run("tests.announcing", database_url, tmp_path, point, times, "correct")
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Announcing(database_url, tmp_path)
    after.clock.advance(timedelta(minutes=5))
    after.work()
    assert_put_right(after)


def test_r02_what_was_accepted_before_a_failure_is_found(announcing: Announcing) -> None:
    def fail(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    for name in FEEDS:
        announcing.ledgers[name].fault = fail
    announcing.correct()
    announcing.work()
    assert_put_right(announcing)


def test_until_the_right_words_are_out_the_former_ones_stand_and_are_what_is_corrected_next(
    announcing: Announcing,
) -> None:
    def refuse(outgoing: Outgoing, timeout: float) -> None:
        raise Rejected("Not like that.")

    publish = announcing.ledgers["x"].publish
    announcing.ledgers["x"].publish = refuse  # type: ignore[method-assign, assignment]
    announcing.correct()
    announcing.work(1)
    assert all("Sentence" in text for text in announcing.ledgers["x"].shown())
    announcing.ledgers["x"].publish = publish  # type: ignore[method-assign]
    announcing.correct()  # on the other feed they are out: there nothing is done
    assert correction(announcing).platforms == ["x"]
    announcing.work(1)
    assert all("Paragraph" in text for text in announcing.ledgers["x"].shown())
    assert len(announcing.ledgers["mastodon"].edited()) == 2


def test_corrected_twice_and_taken_back_nothing_of_it_is_left(announcing: Announcing) -> None:
    announcing.correct()
    announcing.work(1)
    announcing.correct(RIGHT.replace("Paragraph", "Chapter"))
    announcing.work(1)
    assert taken_back(announcing) == 4
    announcing.work(1)
    for name in FEEDS:
        ledger = announcing.ledgers[name]
        assert ledger.shown() == []
        assert len(ledger.deleted()) == (2 if ledger.traits.edits else 6)
    assert {one.state for one in announcing.house.rows(AnnouncementRow)} == {AnnouncementState.WITHDRAWN}


@pytest.mark.parametrize("arrives", [True, False])
def test_taken_back_while_the_right_words_are_on_their_way_all_of_it_goes(
    announcing: Announcing, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(act: Callable[..., object]) -> Callable[..., object]:
        def lose(*arguments: object, **named: object) -> None:
            if arrives:
                act(*arguments, **named)
            raise Ambiguous("connection reset")

        return lose

    for ledger in announcing.ledgers.values():
        way = "edit" if ledger.traits.edits else "publish"
        monkeypatch.setattr(ledger, way, losing(getattr(ledger, way)))
    announcing.correct()
    announcing.house.steps.deliver.run()
    taken_back(announcing)
    monkeypatch.undo()
    announcing.work()
    assert [announcing.ledgers[name].shown() for name in FEEDS] == [[], []]


def test_a_second_person_approves_the_very_words_and_the_page_tells_what_it_said_before(
    announcing: Announcing,
) -> None:
    house = announcing.house
    ada, bea = (house.employee(name, role=Role.MODERATOR).id for name in ("Ada Ray", "Bea Lux"))
    writer, reader, public = house.browser(ada), house.browser(bea), house.browser()
    assert "/admin/announcements/1/correct" in writer.get("/admin/announcements/1").text
    form = writer.get("/admin/announcements/1/correct").text
    assert TEXT in form
    words = {"text": RIGHT, "why": "It was wrong."}
    preview = writer.post("/admin/announcements/1/correct", words).text
    assert "On X it is posted anew" in preview
    assert "On Mastodon what is out is edited" in preview
    unsaid = writer.post("/admin/announcements/1/correct", {**words, "why": "", "step": "send"})
    assert unsaid.status_code == 422
    assert RIGHT in unsaid.text
    same = writer.post("/admin/announcements/1/correct", {**words, "text": TEXT, "step": "send"})
    assert "these are the words that are out" in same.text
    handed_in = writer.post("/admin/announcements/1/correct", {**words, "step": "send"})
    assert handed_in.headers["location"] == "/admin/announcements/2?done=proposed"
    twice = writer.post("/admin/announcements/1/correct", {**words, "step": "send"})
    assert "on its way already, or waits for an approval" in twice.text
    assert writer.post("/admin/announcements/2/approve", {"revision": "1"}).status_code == 409
    assert reader.post("/admin/announcements/2/approve", {"revision": "2"}).status_code == 409
    assert reader.post("/admin/announcements/2/plan", {"step": "now"}).status_code == 422
    assert RIGHT[:40] not in public.get("/announcements").text
    house.clock.advance(timedelta(hours=2))
    done = reader.post("/admin/announcements/2/approve", {"revision": "1"})
    assert done.headers["location"] == "/admin/announcements/2?done=corrected"
    announcing.work(1)
    page = public.get("/announcements").text
    assert RIGHT[:40] in page.partition("What it said before")[0]
    assert TEXT[:40] in page.partition("What it said before")[2]
    assert page.count("data-key") == 1
    feed = public.get("/announcements/feed.atom").text
    assert RIGHT[:40] in feed
    assert TEXT[:40] not in feed
    row = correction(announcing)
    assert row.published_at is not None
    assert f"<updated>{row.published_at.isoformat(timespec='seconds')}</updated>" in feed
    history = writer.get("/admin/announcements/1").text
    assert "It was wrong." in history
    assert reader.post("/admin/announcements/2/retract", {"why": "No."}).status_code == 409


def test_a_reply_is_about_the_announcement_as_it_was_corrected(announcing: Announcing) -> None:
    announcing.correct()
    announcing.work(1)
    house = announcing.house
    posts = {
        one.platform: one.external_id
        for one in house.deliveries()
        if one.announcement_id == 2 and one.part == 0
    }
    for name, above in posts.items():
        reply = Post(
            name, "900", Author("u1", "sam"), "and when?", in_reply_to=above, visibility=Visibility.PUBLIC
        )
        house.ingest.write([reply])
    house.steps.intake.run()
    assert [one.announcement_id for one in house.questions()] == [1, 1]
    jane = next(one.id for one in house.rows(EmployeeRow) if one.name == "Jane Doe")
    page = house.browser(jane).get("/desk/questions/1").text
    assert RIGHT[:40] in page
    assert TEXT[:40] not in page
