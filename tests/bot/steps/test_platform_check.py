"""What the platform shows just before a reply goes out: posts deleted, edited, hidden or closed unheard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.states import AnswerState, DeliveryKind, DeliveryState
from bot.steps.looks import platform_check
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from routing.model.domain import QuestionState
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky, Json
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon, Status
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock

TIP = "Hold the power button for ten seconds."
MAIL = {"host": "127.0.0.1", "sender": "support@example.com"}


@dataclass
class Town:
    """A question on Bluesky; Jane's answer waits while the undo window is open."""

    network: FakeBluesky
    house: RoundTrip
    sam: str
    jane: str
    question: Json

    def answer(self) -> Json:
        told = self.network.post(self.jane, f"{TIP} #chorus", parent=self.question)
        self.house.turn()
        return told

    def window_closes(self) -> DeliveryRow:
        """The undo window is over: the answer goes out now, or does not."""
        self.house.pass_time(60)
        [row] = [one for one in self.house.rows(DeliveryRow) if one.kind == DeliveryKind.PUBLICATION]
        delivery: DeliveryRow = row
        return delivery

    def told(self) -> list[str]:
        """What authors are to hear of their answers, by mail."""
        notices = [one for one in self.house.rows(DeliveryRow) if one.kind == DeliveryKind.NOTICE]
        about = [one.payload["answer"] for one in notices if "answer" in one.payload]
        return [one.held_for for one in self.house.rows(AnswerRow) if one.id in about]


@pytest.fixture
def town(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Town]:
    network = FakeBluesky(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    settings = {"mail": MAIL, "publish": {"undo_window": 30}}
    with RoundTrip(database_url, clock, network.adapter(), **settings) as house:
        house.hire("bluesky", jane, "jane.example")
        question = network.post(sam, "@brand.example no picture on my TV")
        house.turn()
        yield Town(network, house, sam, jane, question)


def test_a_post_closed_to_replies_is_not_answered_and_the_author_is_told_with_its_link(town: Town) -> None:
    town.network.closed.add(town.question["uri"])
    town.answer()
    row = town.window_closes()
    assert town.network.ledger == []
    url = f"https://bsky.app/profile/{town.sam}/post/{town.question['uri'].rpartition('/')[2]}"
    assert (row.state, row.code, row.link) == (DeliveryState.REJECTED, "replies_closed", url)
    assert [row.state for row in town.house.rows(QuestionRow)] == [QuestionState.ESCALATED]
    [words] = town.told()
    assert "closed to the brand's replies" in words
    assert url in words


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("deactivated", "deactivated", "deactivated"),
        ("takendown", "taken_down", "taken down"),
        ("block", "blocked", "blocked each other"),
    ],
)
def test_the_true_reason_is_stored_and_the_answer_can_go_out_when_it_is_over(
    town: Town, what: str, code: str, words: str
) -> None:
    town.answer()
    if what == "block":
        town.network.blocking.add(town.sam)
    else:
        town.network.statuses[town.sam] = what
    row = town.window_closes()
    assert town.network.ledger == []
    assert (row.state, row.code) == (DeliveryState.REJECTED, code)
    assert words in (row.reason or "")
    [question] = town.house.rows(QuestionRow)
    assert (question.state, question.text != "") == (QuestionState.ESCALATED, True)
    assert words in town.told()[0]


def test_a_deleted_account_is_told_from_a_deleted_post(town: Town) -> None:
    town.answer()
    town.network.statuses[town.sam] = "deleted"
    row = town.window_closes()
    assert (row.state, row.reason) == (DeliveryState.WITHDRAWN, platform_check.ACCOUNT_DELETED)
    assert town.house.rows(QuestionRow)[0].state == QuestionState.WITHDRAWN


def test_s12_a_question_deleted_within_the_minute_is_not_answered(town: Town) -> None:
    town.answer()
    town.network.remove(town.question)
    row = town.window_closes()
    assert town.network.ledger == []
    assert (row.state, row.reason) == (DeliveryState.WITHDRAWN, "The customer deleted the question.")


def test_a_question_that_is_out_of_sight_for_no_known_reason_is_tried_again(town: Town) -> None:
    town.answer()
    town.network.hidden.add(town.question["uri"])
    town.house.pass_time(120)
    row = town.window_closes()
    assert town.network.ledger == []
    assert (row.state, "nobody says why" in (row.last_error or "")) == (DeliveryState.READY, True)
    town.network.hidden.clear()
    town.house.pass_time(3600, steps=12)
    assert len(town.network.ledger) == 1


def test_an_answer_whose_post_was_deleted_unheard_stays_in(town: Town) -> None:
    told = town.answer()
    town.network.remove(told)
    row = town.window_closes()
    assert town.network.ledger == []
    assert (row.state, row.reason) == (
        DeliveryState.WITHDRAWN,
        "Its author deleted the post before it went out.",
    )
    assert [one.state for one in town.house.rows(AnswerRow)] == [AnswerState.WITHDRAWN]


def test_an_answer_edited_unheard_goes_out_as_it_is_now(town: Town) -> None:
    told = town.answer()
    town.network.rewrite(told, "Hold it for twenty seconds. #chorus")
    town.house.pass_time(300, steps=10)
    assert [one["value"]["text"] for one in town.network.ledger] == ["Hold it for twenty seconds. ^Jane"]


def test_a_server_that_does_not_answer_puts_it_off(town: Town) -> None:
    town.answer()
    town.network.fail("app.bsky.feed.getPosts", httpx.ConnectError("down"))
    town.house.pass_time(60)
    assert town.network.ledger == []
    town.house.pass_time(600, steps=10)
    assert len(town.network.ledger) == 1


@dataclass
class Village:
    """A question on a Mastodon server; Jane's answer waits while the undo window is open."""

    network: FakeMastodon
    house: RoundTrip
    sam: Status
    jane: Status
    question: Status

    def answer(self) -> Status:
        told = self.network.post(self.jane, f"{TIP} #chorus", in_reply_to_id=self.question["id"])
        self.house.turn()
        return told


@pytest.fixture(params=[False, True], ids=["mastodon", "gotosocial"])
def village(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> Iterator[Village]:
    network = FakeMastodon(clock, gotosocial=request.param)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam"), network.sign_up("jane")
    adapter = network.adapter()
    settings = {"publish": {"undo_window": 30}}
    with RoundTrip(sqlite_url, clock, adapter, **settings) as house:
        house.hire("mastodon", adapter.identify("jane").id, "jane@example.social")
        question = network.post(sam, "@brand no picture on my TV")
        house.turn()
        yield Village(network, house, sam, jane, question)


def test_a_block_on_mastodon_is_told_as_a_block(village: Village) -> None:
    village.answer()
    village.network.blocking.add(village.sam["id"])
    village.house.pass_time(60)
    [row] = village.house.rows(DeliveryRow)
    assert village.network.ledger == []
    assert (row.state, row.code) == (DeliveryState.REJECTED, "blocked")
    assert village.house.rows(QuestionRow)[0].text != ""


def test_an_answer_edited_unheard_on_mastodon_goes_out_as_it_is_now(village: Village) -> None:
    told = village.answer()
    told["content"] = "<p>Hold it for twenty seconds. #chorus</p>"
    told["edited_at"] = village.network.clock().isoformat()
    village.house.pass_time(300, steps=10)
    assert [one["content"] for one in village.network.ledger] == [
        '<p><a href="#">@<span>sam</span></a> Hold it for twenty seconds. ^Jane</p>'
    ]


def test_r22_a_look_that_fails_for_a_fault_of_ours_leaves_no_doubt_whether_the_answer_is_out(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.answer()
    with monkeypatch.context() as fault:
        fault.setattr(village.house.chorus.platforms["mastodon"], "fetch", lambda *_: 1 / 0)
        village.house.pass_time(60)
    [row] = village.house.rows(DeliveryRow)
    assert (row.state, "ZeroDivisionError" in (row.last_error or "")) == (DeliveryState.READY, True)
    village.house.pass_time(3600, steps=12)
    assert len(village.network.ledger) == 1
