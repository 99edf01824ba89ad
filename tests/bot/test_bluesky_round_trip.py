"""The main job on Bluesky's network in memory, with its traps and failures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Wish, retract
from bot.roles import Role
from bot.states import DeliveryState, EntryState
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky, Json
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock

TIP = "Hold the power button for ten seconds."
PUT = "com.atproto.repo.putRecord"


@dataclass
class Town:
    """A network with a brand, a customer and an employee on it, and the house behind the brand."""

    network: FakeBluesky
    house: RoundTrip
    sam: str
    jane: str

    def ask(self) -> Json:
        question = self.network.post(self.sam, "@brand.example no picture on my TV")
        self.house.turn()
        return question

    def answer(self, question: Json) -> None:
        self.network.post(self.jane, f"{TIP} #chorus", parent=question)
        self.house.turn()

    def by_brand(self) -> list[Json]:
        return [one["value"] for one in self.network.ledger]


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Town]:
    network = FakeBluesky(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    with RoundTrip(sqlite_url, clock, network.adapter()) as house:
        house.hire("bluesky", jane, "jane.example")
        yield Town(network, house, sam, jane)


def is_published_once(town: Town, question: Json) -> bool:
    [published] = town.by_brand()
    assert published["reply"]["parent"]["uri"] == question["uri"]
    assert published["text"].endswith("^Jane")
    assert TIP in published["text"]
    return [row.state for row in town.house.rows(DeliveryRow)] == [DeliveryState.SENT]


def test_mention_offer_tagged_answer_one_credited_publication_then_deletion(town: Town) -> None:
    question = town.ask()
    assert [row.state for row in town.house.rows(QuestionRow)] == [QuestionState.OFFERED]
    assert len(town.house.rows(OfferRow)) == 1
    town.answer(question)
    for _ in range(3):
        town.house.turn()
    assert is_published_once(town, question)
    [entry] = town.house.rows(EntryRow)
    assert entry.state == EntryState.PUBLIC

    town.network.remove(question)
    town.house.pass_time(13 * 3600, steps=2)
    chorus = town.house.chorus
    from bot.steps.recheck import Recheck

    Recheck(chorus.database, chorus.platforms, chorus.ingest).run()
    town.house.work()
    assert all(not entry.quotation for entry in town.house.rows(EntryRow))


def test_an_answer_is_posted_anew_where_nothing_can_be_edited_and_then_taken_back(town: Town) -> None:
    question, house = town.ask(), town.house
    town.answer(question)
    [before] = [one["uri"] for one in town.network.ledger]
    mei = house.employee("Mei Ito", role=Role.MODERATOR).id
    with house.database.write() as session:
        answer, author = session.get_one(AnswerRow, 1), session.get_one(EmployeeRow, mei)
        wanted = Rewording("Hold it for twenty.", "It is 20.", author)
        correct(session, house.answering, answer, wanted, house.clock())
    house.work()
    [after] = town.network.ledger
    assert after["uri"] != before
    assert after["value"]["text"] == "Hold it for twenty. ^Mei"
    assert after["value"]["reply"]["parent"]["uri"] == question["uri"]

    with house.database.write() as session:
        retract(session, house.answering, session.get_one(AnswerRow, 2), Wish("Wrong.", 99), house.clock())
    house.work()
    assert town.network.ledger == []


@pytest.mark.parametrize(
    ("reply", "accepted"),
    [
        (httpx.Response(429, json={}), False),
        (httpx.Response(503, json={}), False),
        (httpx.Response(503, json={}), True),
        (httpx.ReadTimeout("lost"), True),
        (httpx.ReadTimeout("lost"), False),
    ],
    ids=["429", "503", "503 after accepting", "hang after accepting", "hang before accepting"],
)
def test_r2_r8_whatever_the_server_answers_it_is_published_once(
    town: Town, reply: httpx.Response | Exception, accepted: bool
) -> None:
    question = town.ask()
    town.network.fail(PUT, reply, accepted=accepted)
    town.answer(question)
    town.house.pass_time(600, steps=10)
    assert is_published_once(town, question)
    assert town.network.commits == 1


def test_r17_a_session_that_has_ended_meanwhile_is_renewed_and_the_answer_goes_out(town: Town) -> None:
    question = town.ask()
    town.network.end_session()
    town.answer(question)
    assert is_published_once(town, question)


def test_the_askers_own_handle_stays_a_mention_and_nobody_elses(town: Town) -> None:
    question = town.ask()
    town.network.post(town.jane, "Yes, @sam.example: hold it, as @kim.example says. #chorus", parent=question)
    town.house.turn()
    [published] = town.by_brand()
    assert published["text"] == "Yes, @sam.example: hold it, as @\u00a0kim.example says. ^Jane"
    mentioned = [feature.get("did") for facet in published["facets"] for feature in facet["features"]]
    assert [did for did in mentioned if did] == [town.sam]
