"""Other words for an answer that is out: on the feed, in the archive, for its author and for the customer."""

import pytest

from bot.roles import Role
from bot.states import AnswerState, DeliveryKind
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import AuditRow
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

WRONG = "Hold the ring for two seconds until it blinks."
RIGHT = "Hold the ring for ten seconds until it blinks."


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    talk = Talk(House(database, clock, mail={"host": "localhost"}))
    talk.answers(WRONG, talk.opening)
    return talk


@pytest.fixture
def boss(talk: Talk) -> Browser:
    return talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)


def corrected(talk: Talk, boss: Browser, text: str = RIGHT, number: int = 1) -> None:
    done = boss.post(
        f"/admin/answers/{number}/correct", {"text": text, "why": "It is ten seconds.", "step": "send"}
    )
    assert done.headers["location"] == "/admin/questions/1?done=corrected"
    talk.house.work()


def test_the_post_is_edited_and_the_archive_says_that_and_when(talk: Talk, boss: Browser) -> None:
    house = talk.house
    [before], [entry] = house.by_brand(), house.entries()
    corrected(talk, boss)
    [after] = house.by_brand()
    assert (after.id, after.text) == (before.id, f"{RIGHT} ^Mei")
    told = house.ask("GET", f"/api/v1/answers/{entry.id}").json()
    assert (told["answer"], told["answered_by"]) == (RIGHT, "Mei")
    page = house.browser().get(house.browser().get(f"/q/{entry.id}").headers["location"]).text
    assert "it takes the place of an answer that was wrong" in page
    assert WRONG not in page
    in_charge = boss.get("/admin/questions/1").text
    assert WRONG in in_charge
    assert "It is ten seconds." in in_charge
    [question] = house.questions()
    assert question.state == QuestionState.ANSWERED


def test_its_author_reads_why_and_the_deed_is_noted(talk: Talk, boss: Browser) -> None:
    corrected(talk, boss)
    told = [one.tells.answer for one in talk.house.deliveries() if one.kind == DeliveryKind.NOTICE]
    assert [one for one in told if one is not None] == [1]
    assert "It is ten seconds." in talk.house.browser(talk.jane).get("/desk/answers").text
    [line] = [row for row in talk.house.rows(AuditRow) if row.action == AuditAction.ANSWER_CORRECT]
    assert line.detail == {"why": "It is ten seconds.", "way": "edit", "correction": 2}


def test_it_is_seen_before_it_is_done_and_the_guard_has_its_word(talk: Talk, boss: Browser) -> None:
    fields = {"text": "See https://foreign.example/lamp", "why": "x"}
    page = boss.post("/admin/answers/1/correct", fields).text
    assert "are edited" in page
    assert "foreign.example" in page
    assert "Publish these words" in page
    assert len(talk.house.answers()) == 1
    refused = boss.post(
        "/admin/answers/1/correct", {**fields, "text": "See https://bit.ly/x", "step": "send"}
    )
    assert refused.status_code == 422
    assert len(talk.house.answers()) == 1


@pytest.mark.parametrize(
    "fields", [{"text": WRONG, "why": "x"}, {"text": "", "why": "x"}, {"text": RIGHT, "why": ""}]
)
def test_nothing_new_or_no_reason_is_no_correction(talk: Talk, boss: Browser, fields: dict[str, str]) -> None:
    assert boss.post("/admin/answers/1/correct", {**fields, "step": "send"}).status_code == 422
    assert len(talk.house.answers()) == 1


def test_a_correction_can_be_corrected_and_the_wrong_one_not_again(talk: Talk, boss: Browser) -> None:
    corrected(talk, boss)
    corrected(talk, boss, "Hold the ring for twelve seconds.", 2)
    assert [one.state for one in talk.house.answers()] == [
        AnswerState.CORRECTED,
        AnswerState.CORRECTED,
        AnswerState.PUBLISHED,
    ]
    assert [one.text for one in talk.house.by_brand()] == ["Hold the ring for twelve seconds. ^Mei"]
    again = boss.post("/admin/answers/1/correct", {"text": RIGHT, "why": "x", "step": "send"})
    assert again.status_code == 422


def test_one_at_a_time_and_taking_back_waits_for_it(talk: Talk, boss: Browser) -> None:
    fields = {"text": RIGHT, "why": "It is ten seconds.", "step": "send"}
    assert boss.post("/admin/answers/1/correct", fields).status_code == 303
    assert "on its way" in boss.post("/admin/answers/1/correct", {**fields, "text": "Other."}).text
    assert boss.post("/admin/answers/1/retract", {"why": "Wrong."}).status_code == 422
    talk.house.work()
    assert boss.post("/admin/answers/2/retract", {"why": "Wrong."}).status_code == 303
    talk.house.work()
    assert talk.house.by_brand() == []


def test_what_no_longer_fits_as_many_posts_is_posted_anew(talk: Talk, boss: Browser) -> None:
    [before] = talk.house.by_brand()
    corrected(talk, boss, " ".join(f"Sentence number {one} is about the ring." for one in range(20)))
    after = talk.house.by_brand()
    assert len(after) == 2
    assert before.id not in {one.id for one in after}


def test_a_customers_next_words_are_about_the_right_answer(talk: Talk, boss: Browser) -> None:
    corrected(talk, boss)
    talk.says("Thank you, that helped!", talk.house.by_brand()[-1])
    [_, right] = talk.house.answers()
    assert right.accepted_by == "customer"
    assert talk.house.questions()[0].state == QuestionState.SETTLED
