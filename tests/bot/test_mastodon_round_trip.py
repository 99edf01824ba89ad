"""The main job on a real server that speaks Mastodon's API, as a process of its own, failures included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Wish, retract
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.roles import Role
from bot.states import AnswerState, DeliveryState, EntryState
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person, running_mastodon
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock


class LosesAnswers(httpx.BaseTransport):
    """The real network, except that the answers to some posts never arrive."""

    def __init__(self) -> None:
        self._network = httpx.HTTPTransport()
        self.left = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._network.handle_request(request)
        if self.left and request.method == "POST" and request.url.path == "/api/v1/statuses":
            self.left -= 1
            response.read()
            raise httpx.ReadTimeout("the answer got lost", request=request)
        return response

    def close(self) -> None:
        self._network.close()


@dataclass
class Town:
    """A server with a brand, a customer and an employee on it, and the house behind the brand."""

    server: MastodonServer
    house: RoundTrip
    network: LosesAnswers
    brand: Person
    sam: Person
    jane: Person

    def ask(self, text: str = "no picture on my TV since the update", **fields: str) -> dict[str, Any]:
        question = self.server.post(self.sam, f"@{self.brand.username} {text}", **fields)
        self.house.turn()
        return question

    def answer(self, question: dict[str, Any], text: str, **fields: str) -> dict[str, Any]:
        told = self.server.post(self.jane, f"{text} #chorus", in_reply_to_id=question["id"], **fields)
        self.house.turn()
        return told

    def by_brand(self) -> list[dict[str, Any]]:
        """What the server has of the brand: the ledger."""
        return self.server.statuses_of(self.brand)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture
def town(running: MastodonServer, sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    brand, sam, jane = running.person("brand"), running.person("sam"), running.person("jane")
    clock, network = FakeClock(datetime.now(UTC)), LosesAnswers()
    account = MastodonAccount(running.base_url, allow_loopback=True)
    adapter = Mastodon(account, MemoryTokens(access_token=brand.token), clock, network)
    employee = adapter.identify(jane.username)
    with RoundTrip(sqlite_url, clock, adapter) as house:
        house.hire("mastodon", employee.id, employee.handle)
        yield Town(running, house, network, brand, sam, jane)
    running.heal()


TIP = "Hold the power button for ten seconds."


def is_published_once(town: Town, question: dict[str, Any]) -> bool:
    [published] = town.by_brand()
    assert published["in_reply_to_id"] == question["id"]
    assert TIP in published["content"]
    assert "^Jane" in published["content"]
    return [row.state for row in town.house.rows(DeliveryRow)] == [DeliveryState.SENT]


def test_mention_offer_tagged_answer_one_credited_publication_then_edit_and_deletion(town: Town) -> None:
    question = town.ask()
    assert [row.state for row in town.house.rows(QuestionRow)] == [QuestionState.OFFERED]
    assert len(town.house.rows(OfferRow)) == 1
    told = town.answer(question, TIP)
    for _ in range(3):
        town.house.turn()
    assert is_published_once(town, question)
    [entry] = town.house.rows(EntryRow)
    assert entry.state == EntryState.PUBLIC
    assert entry.source_url

    town.server.edit(town.jane, told["id"], "Hold the power button for twenty seconds. #chorus")
    town.house.chorus.ingest.write(
        look.post for look in town.house.chorus.platforms["mastodon"].fetch([told["id"]]) if look.post
    )
    town.house.work()
    assert len(town.by_brand()) == 1

    town.server.delete(town.sam, question["id"])
    town.house.pass_time(13 * 3600, steps=2)
    recheck(town)
    [row] = town.house.rows(QuestionRow)
    assert row.text == ""
    assert all(not entry.quotation for entry in town.house.rows(EntryRow))


def recheck(town: Town) -> None:
    """The periodic look at what is quoted, now."""
    from bot.steps.recheck import Recheck

    chorus = town.house.chorus
    Recheck(chorus.database, chorus.platforms, chorus.ingest).run()
    town.house.work()


def test_an_answer_is_corrected_by_an_edit_and_then_taken_back(town: Town) -> None:
    question = town.ask()
    town.answer(question, TIP)
    [before] = town.by_brand()
    house = town.house
    mei = house.employee("Mei Ito", role=Role.MODERATOR).id
    with house.database.write() as session:
        answer, author = session.get_one(AnswerRow, 1), session.get_one(EmployeeRow, mei)
        wanted = Rewording("Hold it for twenty.", "It is 20.", author)
        correct(session, house.answering, answer, wanted, house.clock())
    house.turn()
    [after] = town.by_brand()
    assert after["id"] == before["id"]
    assert "Hold it for twenty. ^Mei" in after["content"]
    assert [row.state for row in house.rows(AnswerRow)] == [AnswerState.CORRECTED, AnswerState.PUBLISHED]

    with house.database.write() as session:
        retract(session, house.answering, session.get_one(AnswerRow, 2), Wish("Wrong.", 99), house.clock())
    house.turn()
    assert town.by_brand() == []


def test_a_strangers_tag_publishes_nothing(town: Town) -> None:
    question = town.ask()
    mallory = town.server.person("mallory")
    town.server.post(mallory, f"@{town.brand.username} throw it away #chorus", in_reply_to_id=question["id"])
    town.house.turn()
    assert town.by_brand() == []
    assert town.house.rows(AnswerRow) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "ratelimit"},
        {"type": "status", "status": 503},
        {"type": "malformed"},
    ],
    ids=["429", "503", "unreadable"],
)
def test_r2_r8_whatever_the_server_answers_it_is_published_once(town: Town, fault: dict[str, Any]) -> None:
    question = town.ask()
    # The rule must hit the brand's post, not the employee's: she answers first, the house hears of it later.
    town.server.post(town.jane, f"{TIP} #chorus", in_reply_to_id=question["id"])
    town.server.fail("POST", "/api/v1/statuses", **fault)
    town.house.turn()
    assert town.by_brand() == []
    town.house.pass_time(600, steps=10)
    assert is_published_once(town, question)
    assert [row.state for row in town.house.rows(AnswerRow)] == [AnswerState.PUBLISHED]


def test_r2_an_answer_lost_after_the_server_accepted_is_found_and_not_published_again(town: Town) -> None:
    question = town.ask()
    town.network.left = 1
    town.answer(question, TIP)
    town.house.pass_time(300, steps=6)
    assert is_published_once(town, question)


def test_r13_what_was_asked_while_nobody_listened_is_caught_up(town: Town) -> None:
    town.ask()
    missed = [
        town.server.post(town.server.person("ida"), f"@{town.brand.username} picture {number}?")
        for number in range(5)
    ]
    town.house.turn()
    assert len(town.house.rows(QuestionRow)) == 1 + len(missed)


@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_s23_a_tagged_reply_that_not_everybody_may_read_is_not_repeated(town: Town, visibility: str) -> None:
    question = town.ask()
    town.server.post(
        town.jane,
        f"@{town.brand.username} {TIP} #chorus",
        in_reply_to_id=question["id"],
        visibility=visibility,
    )
    for _ in range(3):
        town.house.turn()
    assert town.by_brand() == []
    assert [row.state for row in town.house.rows(AnswerRow)] == [AnswerState.HELD]
    assert not town.house.rows(EntryRow)


@pytest.mark.parametrize("visibility", ["direct", "private"])
def test_s23_a_tagged_reply_that_is_not_public_is_not_published(town: Town, visibility: str) -> None:
    question = town.ask()
    told = f"@{town.sam.username} @{town.brand.username} {TIP}"
    town.answer(question, told, visibility=visibility)
    town.house.pass_time(600, steps=5)
    assert town.by_brand() == []
    [answer] = town.house.rows(AnswerRow)
    assert answer.state == AnswerState.HELD
    assert "not published" in (answer.held_for or "")
    assert town.house.rows(EntryRow) == []


@pytest.mark.parametrize(
    ("asked", "answered", "published"),
    [
        ("public", "unlisted", "unlisted"),
        ("unlisted", "public", "unlisted"),
        ("public", "public", "public"),
    ],
)
def test_s23_the_brands_reply_is_no_more_visible_than_question_and_answer(
    town: Town, asked: str, answered: str, published: str
) -> None:
    question = town.ask(visibility=asked)
    town.answer(question, TIP, visibility=answered)
    assert is_published_once(town, question)
    assert [one["visibility"] for one in town.by_brand()] == [published]


def test_s24_a_content_warning_of_the_answer_folds_the_brands_reply(town: Town) -> None:
    question = town.ask()
    town.answer(question, TIP, spoiler_text="Electricity")
    assert is_published_once(town, question)
    [published] = town.by_brand()
    assert published["spoiler_text"] == "Electricity"
    assert "Electricity" not in published["content"]


def test_s24_a_content_warning_of_the_question_stays_on_the_brands_reply(town: Town) -> None:
    question = town.ask(spoiler_text="a burnt cable")
    town.answer(question, TIP)
    assert is_published_once(town, question)
    assert [one["spoiler_text"] for one in town.by_brand()] == ["a burnt cable"]


def test_in_repost_mode_the_employees_own_status_is_boosted_once(
    running: MastodonServer, sqlite_url: str
) -> None:
    brand, sam, jane = running.person("brand"), running.person("sam"), running.person("jane")
    clock = FakeClock(datetime.now(UTC))
    account = MastodonAccount(running.base_url, allow_loopback=True)
    adapter = Mastodon(account, MemoryTokens(access_token=brand.token), clock)
    employee = adapter.identify(jane.username)
    with RoundTrip(sqlite_url, clock, adapter, publish={"mode": ("mastodon:repost",)}) as house:
        house.hire("mastodon", employee.id, employee.handle)
        town = Town(running, house, LosesAnswers(), brand, sam, jane)
        told = town.answer(town.ask(), TIP)
        for _ in range(3):
            house.turn()
        [published] = town.by_brand()
        assert published["reblog"]["id"] == told["id"]
        [answer], [entry] = house.rows(AnswerRow), house.rows(EntryRow)
        assert (answer.state, entry.state) == (AnswerState.PUBLISHED, EntryState.PUBLIC)
