"""Answers of the archive alone, of which only a part is out, and those that stand elsewhere, too."""

from pathlib import Path

import pytest

from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry
from bot.posts import Outgoing, Published, Refusal, Rejected
from bot.roles import Role
from bot.states import AnswerState, DeliveryKind, DeliveryState
from bot.store.engine import Database
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House
from tests.retracting import RIGHT as THREE_RIGHT
from tests.retracting import Retracting

WRONG = "Hold the ring for two seconds until it blinks."
RIGHT = "Hold the ring for ten seconds until it blinks."
SEND = {"text": RIGHT, "why": "It is ten seconds.", "step": "send"}


class Twice:
    """Jane answered Sam, and with the same words Kim, by the entry's number."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.house = House(database, clock)
        self.talk = Talk(self.house)
        self.talk.answers(WRONG, self.talk.opening)
        self.house.clock.advance(60)
        asked = self.house.post("kim", "@brand my lamp stays dark, too")
        self.house.work()
        self.talk.answers("#1", asked)
        self.boss: Browser = self.house.browser(self.house.employee("Mei Ito", role=Role.MODERATOR).id)

    @property
    def said(self) -> list[str]:
        return [one.text for one in self.house.by_brand()]


@pytest.fixture
def twice(database: Database, clock: FakeClock) -> Twice:
    twice = Twice(database, clock)
    assert twice.said == [f"{WRONG} ^Jane"] * 2
    return twice


def test_what_says_the_same_elsewhere_is_put_right_along_and_goes_on_repeating(twice: Twice) -> None:
    for number, other in ((1, 2), (2, 1)):
        page = twice.boss.get(f"/admin/answers/{number}/correct").text
        assert f'name="copy-{other}" value="1" checked' in page
    assert twice.boss.post("/admin/answers/1/correct", {**SEND, "copy-2": "1"}).status_code == 303
    twice.house.work()
    assert twice.said == [f"{RIGHT} ^Mei"] * 2
    assert [one.reuse_of for one in twice.house.answers()] == [None, 1, None, 1]
    [entry] = twice.house.entries()
    assert entry.asked_count == 2


def test_one_that_is_put_right_alone_gets_an_entry_of_its_own(twice: Twice) -> None:
    assert twice.boss.post("/admin/answers/2/correct", SEND).status_code == 303
    twice.house.work()
    assert sorted(twice.said) == [f"{RIGHT} ^Mei", f"{WRONG} ^Jane"]
    assert len(twice.house.entries()) == 2


def test_both_are_taken_back_together_from_one_form(twice: Twice) -> None:
    assert "The same words stand elsewhere" in twice.boss.get("/admin/answers/2/retract").text
    done = twice.boss.post("/admin/answers/2/retract", {"why": "It is wrong.", "copy-1": "1"})
    assert done.status_code == 303
    twice.house.work()
    assert twice.said == []
    assert {one.state for one in twice.house.answers()} == {AnswerState.RETRACTED}


def test_one_that_is_in_the_way_is_named_and_nothing_is_done(twice: Twice) -> None:
    assert twice.boss.post("/admin/answers/2/correct", SEND).status_code == 303
    page = twice.boss.post("/admin/answers/1/correct", {**SEND, "text": "Ten seconds.", "copy-2": "1"})
    assert page.status_code == 422
    assert "Answer 2 to question 2 says the same, but:" in page.text
    assert "Ten seconds." in page.text
    assert len(twice.house.answers()) == 3
    strange = twice.boss.post("/admin/answers/1/correct", {**SEND, "copy-77": "1"})
    assert "look at the list again" in strange.text


def test_a_challenge_is_agreed_to_in_all_places_at_once(twice: Twice) -> None:
    ann = twice.house.browser(twice.house.employee("Ann Lee").id)
    ann.post("/desk/answers/2/challenge", {"wrong": "Ten.", "words": RIGHT})
    assert 'name="copy-1@/admin/challenges/1/accept" value="1" checked' in (
        twice.boss.get("/admin/challenges/1").text
    )
    fields = {"text": RIGHT, "step": "send", "copy-1": "1"}
    assert twice.boss.post("/admin/challenges/1/accept", fields).status_code == 303
    twice.house.work()
    assert twice.said == [f"{RIGHT} ^Ann"] * 2


def test_what_was_imported_is_put_right_in_the_archive_at_once(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    with house.database.write() as session:
        past = PastEntry(
            "A dark lamp", "my lamp stays dark", clock(), [ImportedAnswer(WRONG, "^Jo", clock())]
        )
        import_entry(session, past, clock())
    preview = boss.post("/admin/answers/1/correct", {**SEND, "step": "preview"}).text
    assert "there is no post of ours" in preview
    assert boss.post("/admin/answers/1/correct", SEND).status_code == 303
    [answer] = house.ask("GET", "/api/v1/answers/1").json()["answers"]
    assert (answer["text"], answer["answered_by"]) == (RIGHT, "Mei")
    assert len(answer["corrections"]) == 1
    assert house.by_brand() == []
    assert [one for one in house.deliveries() if one.kind == DeliveryKind.PUBLICATION] == []
    assert house.questions()[0].state == QuestionState.ANSWERED
    refused = boss.post("/admin/answers/2/correct", {**SEND, "text": "See https://bit.ly/x"})
    assert refused.status_code == 422


@pytest.mark.parametrize("how", ["replace", "edit"])
def test_of_what_is_out_in_part_the_rest_stays_in_and_the_right_words_are_whole(
    database_url: str, tmp_path: Path, how: str
) -> None:
    way = Retracting(database_url, tmp_path / "ledger", way=how)
    publish, sent = way.ledger.publish, []

    def refuse_the_second(outgoing: Outgoing, timeout: float) -> Published:
        sent.append(outgoing)
        if len(sent) == 2:
            raise Rejected("It is too long.", Refusal.NOT_PERMITTED)
        return publish(outgoing, timeout)

    way.ledger.publish = refuse_the_second  # type: ignore[method-assign]
    way.answer()
    way.work(1)
    assert len(way.ledger.shown()) == 1
    [answer] = way.house.answers()
    assert answer.state == AnswerState.FAILED
    way.correct()
    way.work(4)
    assert len(way.ledger.shown()) == 3
    assert all("socket" in one for one in way.ledger.shown())
    wrong, right = way.house.answers()
    assert (wrong.state, right.state, right.text) == (
        AnswerState.CORRECTED,
        AnswerState.PUBLISHED,
        THREE_RIGHT,
    )
    assert way.house.questions()[0].state == QuestionState.ANSWERED
    stuck = [one for one in way.house.deliveries() if one.state == DeliveryState.REJECTED]
    assert stuck == []


def test_a_correction_that_was_refused_makes_room_for_another(database_url: str, tmp_path: Path) -> None:
    way = Retracting(database_url, tmp_path / "ledger")
    way.answer()
    way.work(1)
    publish = way.ledger.publish

    def refuse(outgoing: Outgoing, timeout: float) -> Published:
        raise Rejected("Not now.", Refusal.NOT_PERMITTED)

    way.ledger.publish = refuse  # type: ignore[method-assign]
    way.correct()
    way.work(1)
    assert [one.state for one in way.house.answers()] == [AnswerState.PUBLISHED, AnswerState.FAILED]
    way.ledger.publish = publish  # type: ignore[method-assign]
    with way.house.database.write() as session:
        from bot.actions.taking_back.correct import Rewording, correct
        from bot.store.tables.conversations import AnswerRow
        from bot.store.tables.people import EmployeeRow

        wanted = Rewording(THREE_RIGHT, "It is wrong.", session.get_one(EmployeeRow, 2))
        correct(session, way.house.answering, session.get_one(AnswerRow, 1), wanted, way.clock())
    way.work(4)
    states = [one.state for one in way.house.answers()]
    assert states == [AnswerState.CORRECTED, AnswerState.WITHDRAWN, AnswerState.PUBLISHED]
    assert len(way.ledger.shown()) == 3
