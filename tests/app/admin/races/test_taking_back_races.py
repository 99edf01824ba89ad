"""What is out is taken back, put right and challenged at once: the feed and the log have it once."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.states import AnswerState
from bot.store.engine import Database
from bot.store.tables.house import ChallengeRow, ChallengeState
from tests.app.admin.races.three_at_once import ThreeAtOnce, at_once, one_was_told, said, three_at_once
from tests.conftest import FakeClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WRONG, RIGHT = "Hold its button for ten seconds.", "Hold its button for five seconds."
TAKEN_BACK = "This answer has been taken back already, or never was out."


@pytest.fixture
def three(database: Database, clock: FakeClock, browser: Any) -> Iterator[ThreeAtOnce]:
    with three_at_once(database, clock, browser) as served:
        yield served


def taking_back(three: ThreeAtOnce, who: int, answer: int) -> Any:
    """The button with which somebody in charge takes an answer back."""
    page = three.open(who, f"/admin/answers/{answer}/retract")
    page.get_by_label("It is taken back, because").fill("It is wrong.")
    return page.locator("main form[action$='/retract'] button.is-danger")


def test_two_take_one_answer_back_and_it_is_deleted_once(three: ThreeAtOnce) -> None:
    answer = three.out(WRONG)
    assert three.published() == [f"{WRONG} ^Jane"]
    mei, rae = (taking_back(three, who, answer) for who in (three.mei, three.rae))

    at_once(mei, rae)

    one_was_told((mei.page, TAKEN_BACK), (rae.page, TAKEN_BACK))
    three.desk.house.work()
    assert three.published() == []
    assert three.deeds() == ["answer.retract"]


def test_one_puts_right_one_takes_back_and_its_author_takes_it_down(three: ThreeAtOnce) -> None:
    answer = three.out(WRONG)
    mei = three.open(three.mei, f"/admin/answers/{answer}/correct")
    mei.locator("[name=text]").fill(RIGHT)
    mei.locator("[name=why]").fill("It is five.")
    mei.get_by_role("button", name="See what becomes of it").click()
    rae = taking_back(three, three.rae, answer)
    jane = three.open(three.jane, "/desk/answers")
    jane.locator("summary", has_text="Take it back").click()
    jane.get_by_label("It is taken back, because").fill("My mistake.")
    own = jane.locator(f"button[formaction='/desk/answers/{answer}/take-down']")

    at_once(mei.locator("main button[name=step][value=send]"), rae, own)

    three.desk.house.work()
    deeds = three.deeds()
    assert deeds in (["answer.correct"], ["answer.retract"])
    assert three.published() == ([f"{RIGHT} ^Mei"] if deeds == ["answer.correct"] else [])
    state = three.desk.house.answer_row(answer).state
    assert state == (AnswerState.CORRECTED if deeds == ["answer.correct"] else AnswerState.RETRACTED)
    told = [page for page in (mei, rae.page, jane) if "done=" not in page.url]
    assert len(told) == 2
    for page in told:
        assert any(
            words in said(page)
            for words in (TAKEN_BACK, "A correction of it is on its way", "that is out can be corrected")
        ), said(page)[:400]


def test_the_last_ones_are_taken_back_while_an_author_takes_one_of_them_down(three: ThreeAtOnce) -> None:
    answers = [three.out(f"Hold the button {number} times.") for number in range(2)]
    mei = three.open(three.mei, "/admin/take-back?last=2")
    mei.locator("main form[method=post] [name=why]").fill("All wrong.")
    jane = three.open(three.jane, "/desk/answers")
    own = jane.locator(f"[data-form='/desk/answers/{answers[0]}/take-down']")
    own.locator("xpath=..").locator("summary").click()
    own.locator("[name^='why@']").fill("My mistake.")

    at_once(mei.locator("main form[method=post] button.is-danger"), own.locator("button"))

    three.desk.house.work()
    assert three.published() == []
    deeds = three.deeds()
    assert (deeds.count("answer.retract"), deeds.count("answers.retract")) == (2, 1)
    assert "done=all_retracted" in mei.url
    assert "done=taken_down" in jane.url or TAKEN_BACK in said(jane)


def test_of_two_reviewers_of_a_challenge_one_decides_and_whoever_made_it_reads_that(
    three: ThreeAtOnce,
) -> None:
    answer = three.out(WRONG)
    made = {"wrong": "It takes five seconds.", "words": RIGHT, "made_at": three.desk.clock()}
    number = three.desk.add(ChallengeRow(answer_id=answer, challenger_id=three.jane, **made))
    mei = three.open(three.mei, f"/admin/challenges/{number}")
    mei.get_by_role("button", name="See what becomes of it").click()
    rae = three.open(three.rae, "/admin/board?kind=challenge")
    rae.get_by_label("It stays, because").fill("Ten is right.")

    at_once(mei.locator("main button[value=send]"), rae.get_by_role("button", name="Decline"))

    decided = "Somebody has decided about this already."
    late = one_was_told((mei, decided), (rae, decided))
    three.desk.house.work()
    row = three.desk.house.row(ChallengeRow, number)
    if late is rae:
        assert row.state == ChallengeState.ACCEPTED
        assert three.published() == [f"{RIGHT} ^Jane"]
        assert three.deeds() == ["challenge.accept", "answer.correct"]
    else:
        assert row.state == ChallengeState.DECLINED
        assert three.published() == [f"{WRONG} ^Jane"]
        assert three.deeds() == ["challenge.decline"]
    jane = three.open(three.jane, "/desk/answers")
    told = jane.get_by_role("region", name="What I said is wrong").inner_text()
    assert ("agreed" if late is rae else "declined") in told


def test_who_undoes_an_answer_that_somebody_in_charge_takes_back(
    database: Database, clock: FakeClock, browser: Any
) -> None:
    with three_at_once(database, clock, browser, publish={"undo_window": 30}) as three:
        question = three.desk.question("@brand no picture", state="offered")
        answer = three.desk.house.answer(question, three.jane, WRONG)
        mei, jane = taking_back(three, three.mei, answer), three.open(three.jane, "/desk/answers")

        at_once(mei, jane.get_by_role("button", name="Take it back"))

        one_was_told((mei.page, TAKEN_BACK), (jane, TAKEN_BACK))
        clock.advance(60)
        three.desk.house.work()
        assert three.published() == []
        assert three.desk.house.answer_row(answer).state == AnswerState.WITHDRAWN
        assert three.deeds() == ["answer.retract"]
