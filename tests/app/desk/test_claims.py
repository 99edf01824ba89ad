"""Taking a question for oneself: one has it for a while, the offers of others rest, then all goes on."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions.conversations import handover
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.states import AnswerState, ChangeKind
from bot.store import changes
from bot.store.conversations import questions
from bot.store.engine import Database
from bot.store.tables.conversations import OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow, LoadRow
from routing.ladder.policy import Policy
from routing.model.domain import OfferState, QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock
from tests.forms import pressed

TEN_SECONDS = "Hold the power button for ten seconds."
OPEN, RESTING = OfferState.OPEN, OfferState.RESTING


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock, publish={"undo_window": 30})
    built.topic("tv", "TV & picture")
    return built


@pytest.fixture
def jane(house: WorkHouse) -> int:
    return house.employee("Jane Doe", handle="jane", topics={"tv": 2})


@pytest.fixture
def kim(house: WorkHouse) -> int:
    return house.employee("Kim Lee", handle="kim", topics={"tv": 2})


@pytest.fixture
def question(house: WorkHouse, jane: int, kim: int) -> int:
    """Both are asked for ten minutes by the router itself."""
    house.post("sam", "@brand no picture on my tv")
    house.work()
    (number,) = house.rows(QuestionRow)
    assert _states(house, number.id) == {jane: OPEN, kim: OPEN}
    return int(number.id)


def _another(house: WorkHouse) -> int:
    """A second question that both are asked."""
    house.post("ann", "@brand no sound from my tv")
    house.work()
    return int(house.rows(QuestionRow)[-1].id)


def _states(house: WorkHouse, question: int) -> dict[int, str]:
    with house.database.read() as session:
        rows = session.exec(select(OfferRow).where(OfferRow.question_id == question)).all()
        return {one.employee_id: one.state for one in rows}


def _offer(house: WorkHouse, question: int, who: int) -> OfferRow:
    with house.database.read() as session:
        return session.exec(
            select(OfferRow).where(OfferRow.question_id == question, OfferRow.employee_id == who)
        ).one()


def _claim(house: WorkHouse, who: int, question: int) -> Any:
    return house.browser(who).post(f"/desk/questions/{question}/claim")


def _press(house: WorkHouse, who: int, question: int, deed: str, **typed: str) -> Any:
    """What a browser without script sends from the question's page."""
    browser, page = house.browser(who), f"/desk/questions/{question}"
    return browser.post(*pressed(browser.get(page).text, f"{page}/{deed}", **typed))


def _refer(house: WorkHouse, who: int, question: int, to: int) -> Any:
    return house.browser(who).post(f"/desk/questions/{question}/refer", {"colleague": str(to)})


def _open_on_plates(house: WorkHouse) -> dict[int, int]:
    with house.database.read() as session:
        return {one.employee_id: one.open_offers for one in session.exec(select(LoadRow)).all()}


def test_whoever_takes_it_has_it_and_the_others_read_who(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    done = _claim(house, jane, question)
    assert done.headers["location"] == f"/desk/questions/{question}?done=claimed"
    assert _states(house, question) == {jane: OPEN, kim: RESTING}
    assert _offer(house, question, jane).expires_at == house.clock() + timedelta(minutes=30)
    mine = house.browser(jane).get(f"/desk/questions/{question}").text
    assert "You are on it" in mine
    assert "Give it back" in mine
    theirs = house.browser(kim).get(f"/desk/questions/{question}").text
    assert "<bdi>Jane Doe</bdi> is on it" in theirs
    assert "data-claims" not in theirs
    for page in ("/desk", "/desk/open"):
        assert "<bdi>Jane Doe</bdi> is on it" in house.browser(kim).get(page).text
        assert "You are on it" in house.browser(jane).get(page).text


def test_nobody_else_is_asked_until_it_is_over_and_then_the_others_have_the_time_that_was_left(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    left = _offer(house, question, kim).expires_at - house.clock()
    third = house.employee("Mo Ray", handle="mo", topics={"tv": 2})
    house.clock.advance(60)
    _claim(house, jane, question)
    house.clock.advance(29 * 60)
    house.work()
    assert _states(house, question) == {jane: OPEN, kim: RESTING}

    house.clock.advance(61)
    house.work()
    assert _states(house, question) == {jane: OfferState.EXPIRED, kim: OPEN}
    assert _offer(house, question, kim).expires_at - house.clock() == left - timedelta(seconds=60)
    assert _open_on_plates(house) == {jane: 0, kim: 1}
    house.clock.advance(left)
    house.work()
    assert third in _states(house, question)


@pytest.mark.parametrize("how", ["given back", "paused", "referred"])
def test_what_is_given_back_goes_on_at_once(
    house: WorkHouse, jane: int, kim: int, question: int, how: str
) -> None:
    _claim(house, jane, question)
    house.clock.advance(20 * 60)
    if how == "paused":
        house.browser(jane).post("/desk/pause")
    elif how == "referred":
        house.browser(jane).post(f"/desk/questions/{question}/refer", {"colleague": str(kim)})
    else:
        house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert _states(house, question)[kim] == OPEN
    assert _states(house, question)[jane] != OPEN
    house.work()
    assert house.state_of(question) == QuestionState.OFFERED
    assert house.row(QuestionRow, question).due_at <= house.clock() + timedelta(minutes=60)


def test_the_second_reads_who_was_first_and_keeps_what_was_typed(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    browser, address = house.browser(kim), f"/desk/questions/{question}"
    shown = browser.get(address).text
    _claim(house, jane, question)
    house.clock.advance(60)
    late = browser.post(*pressed(shown, f"{address}/claim", text__answer=TEN_SECONDS, note__note="Ask Mo"))
    assert late.status_code == 409
    assert "Jane Doe was first and has it for 29 more minutes." in late.text
    assert f"{TEN_SECONDS}</textarea>" in late.text
    assert "Ask Mo</textarea>" in late.text
    until = _offer(house, question, jane).expires_at
    assert _claim(house, jane, question).status_code == 303  # once more changes nothing
    assert _offer(house, question, jane).expires_at == until


def test_whoever_claims_keeps_what_they_have_typed(house: WorkHouse, jane: int, question: int) -> None:
    page = _press(house, jane, question, "claim", text__answer=TEN_SECONDS)
    assert page.status_code == 200
    assert f"{TEN_SECONDS}</textarea>" in page.text
    assert "It is yours for now" in page.text


def test_two_at_the_same_moment_one_has_it(house: WorkHouse, jane: int, kim: int, question: int) -> None:
    at_once = threading.Barrier(2)
    found: list[int] = []

    def take(who: int) -> None:
        browser = house.browser(who)
        at_once.wait(20)
        found.append(browser.post(f"/desk/questions/{question}/claim").status_code)

    threads = [threading.Thread(target=take, args=(who,)) for who in (jane, kim)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(found) == [303, 409]
    assert sorted(_states(house, question).values()) == [OPEN, RESTING]


def test_a_tagged_answer_of_anybody_beats_it(house: WorkHouse, jane: int, kim: int, question: int) -> None:
    _claim(house, jane, question)
    asked = house.row(PostRow, house.row(QuestionRow, question).post_id)
    house.post("kim", f"{TEN_SECONDS} #chorus", str(asked.external_id))
    house.work()
    assert house.state_of(question) in (QuestionState.ANSWERING, QuestionState.ANSWERED)
    assert _states(house, question) == {jane: OfferState.WITHDRAWN, kim: OfferState.ANSWERED}
    assert _open_on_plates(house) == {jane: 0, kim: 0}


def test_an_answer_ends_it(house: WorkHouse, jane: int, kim: int, question: int) -> None:
    _claim(house, jane, question)
    house.browser(jane).post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    assert _states(house, question) == {jane: OfferState.ANSWERED, kim: OfferState.WITHDRAWN}
    assert "is on it" not in house.browser(kim).get(f"/desk/questions/{question}").text
    late = _claim(house, kim, question)
    assert late.status_code == 409
    assert "does not wait for an answer any more" in late.text


def test_an_answer_that_is_held_ends_it_too(database: Database, clock: FakeClock) -> None:
    house = WorkHouse(database, clock, publish={"blocked_words": ["warranty"]})
    house.topic("tv", "TV & picture")
    jane, kim = (house.employee(name, topics={"tv": 2}) for name in ("Jane Doe", "Kim Lee"))
    question = house.question()
    house.offer(question, jane)
    house.offer(question, kim)
    _claim(house, jane, question)
    house.clock.advance(60)
    answer = house.answer(question, jane, "Your warranty is over.")
    assert house.answer_row(answer).state == AnswerState.HELD
    assert _states(house, question) == {jane: OfferState.ANSWERED, kim: OPEN}
    assert house.row(QuestionRow, question).due_at == house.clock()


def test_what_presses_goes_on_as_before(house: WorkHouse, jane: int, kim: int, question: int) -> None:
    third = house.employee("Mo Ray", handle="mo", topics={"tv": 2})
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.priority, row.reach, row.text = 3, 50_000, "@brand my tv is on fire, smoke everywhere!"
        due_at = row.due_at
        session.add(row)
    _claim(house, jane, question)
    assert _states(house, question) == {jane: OPEN, kim: OPEN}
    assert house.row(QuestionRow, question).due_at == due_at
    assert "<bdi>Jane Doe</bdi> is on it" in house.browser(kim).get("/desk").text
    house.clock.at = due_at
    house.clock.advance(1)
    house.work()
    assert _states(house, question)[third] == OPEN


def test_a_claim_whose_time_is_over_is_in_nobodys_way(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    _claim(house, jane, question)
    house.clock.advance(31 * 60)  # and no step has run
    assert "is on it" not in house.browser(kim).get(f"/desk/questions/{question}").text
    assert _claim(house, kim, question).status_code == 303
    assert _states(house, question) == {jane: OfferState.EXPIRED, kim: OPEN}
    assert _offer(house, question, kim).claimed


def test_nobody_has_to_be_asked_to_take_one_and_in_charge_reads_who_has_it(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    mei = house.employee("Mei Tan", role=Role.MODERATOR)
    mo = house.employee("Mo Ray")
    _claim(house, mo, question)
    assert _states(house, question) == {jane: RESTING, kim: RESTING, mo: OPEN}
    assert "Claimed by <bdi>Mo Ray</bdi>" in house.browser(mei).get(f"/admin/questions/{question}").text
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.state, row.due_at = QuestionState.ESCALATED, None
        session.add(row)
    assert "claimed by <bdi>Mo Ray</bdi>" in house.browser(mei).get("/admin/board").text
    house.clock.advance(31 * 60)
    house.steps.expire.run()
    assert _states(house, question) == {jane: OPEN, kim: OPEN, mo: OfferState.EXPIRED}
    assert house.state_of(question) == QuestionState.ESCALATED


def test_what_rests_keeps_no_hand_busy(house: WorkHouse, jane: int, kim: int, question: int) -> None:
    with house.database.write() as session:
        session.get_one(EmployeeRow, kim).open_cap = 1
        changes.append(session, ChangeKind.ROSTER, kim, house.clock())
    _claim(house, jane, question)
    assert _open_on_plates(house) == {jane: 1, kim: 0}
    house.post("pat", "@brand my tv has no sound")
    house.work()
    other = max(one.id for one in house.rows(QuestionRow))
    assert _states(house, other)[kim] == OPEN
    house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert _states(house, question)[kim] == OPEN
    assert _open_on_plates(house)[kim] == 2
    house.browser(kim).post(f"/desk/questions/{question}/pass")
    assert _open_on_plates(house)[kim] == 1


def test_a_hand_that_is_free_because_an_offer_rests_takes_what_waits(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    with house.database.write() as session:
        for who in (jane, kim):
            session.get_one(EmployeeRow, who).open_cap = 1
            changes.append(session, ChangeKind.ROSTER, who, house.clock())
    house.post("pat", "@brand my tv has no sound")
    house.work()
    other = max(one.id for one in house.rows(QuestionRow))
    assert _states(house, other) == {}
    _claim(house, jane, question)
    house.work()
    assert _states(house, other) == {kim: OPEN}


def _asked(house: WorkHouse, *people: int) -> int:
    """One more question of the same customer; these people are asked about it."""
    house.clock.advance(60)
    number = house.question("@brand the sound is gone, too")
    with house.database.write() as session:
        session.get_one(QuestionRow, number).topics = [["tv", 1.0]]
    for who in people:
        house.offer(number, who)
    return number


def _join(house: WorkHouse, one: int, another: int) -> None:
    mei = house.employee("Mei Tan", role=Role.MODERATOR)
    joined = house.browser(mei).post(f"/desk/questions/{another}/join", {"other": str(one)})
    assert joined.status_code == 303


def test_offers_that_come_to_a_question_somebody_has_rest_like_the_others(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    mo = house.employee("Mo Ray", handle="mo")
    _claim(house, jane, question)
    another = _asked(house, jane, mo)
    _join(house, question, another)
    assert _states(house, question) == {jane: OPEN, kim: RESTING, mo: RESTING}
    assert _offer(house, question, jane).claimed
    assert house.row(QuestionRow, question).due_at == _offer(house, question, jane).expires_at
    left = _offer(house, question, mo).expires_at - house.clock()
    house.clock.advance(60)
    house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert _states(house, question) == {jane: OfferState.PASSED, kim: OPEN, mo: OPEN}
    assert _offer(house, question, mo).expires_at - house.clock() == left


def test_whoever_had_a_question_that_becomes_part_of_another_has_all_of_it(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    mo = house.employee("Mo Ray", handle="mo")
    another = _asked(house, mo, kim)
    _claim(house, mo, another)
    until = _offer(house, another, mo).expires_at
    _join(house, question, another)
    assert _states(house, question) == {jane: RESTING, kim: RESTING, mo: OPEN}
    assert (_offer(house, question, mo).claimed, _offer(house, question, mo).expires_at) == (True, until)
    house.work()
    assert _states(house, question) == {jane: RESTING, kim: RESTING, mo: OPEN}


def test_of_two_who_had_one_each_the_one_who_had_the_first_has_both(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    another = _asked(house, kim)
    _claim(house, kim, another)
    _claim(house, jane, question)
    _join(house, question, another)
    assert _states(house, question) == {jane: OPEN, kim: RESTING}
    shown = house.browser(kim).get(f"/desk/questions/{another}")
    assert "<bdi>Jane Doe</bdi> is on it" in house.browser(kim).get(shown.headers["location"]).text


def test_a_claim_of_what_was_escalated_holds_when_it_is_asked_about_anew(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.state, row.due_at = QuestionState.ESCALATED, None
        session.add(row)
    _claim(house, jane, question)
    another = _asked(house, kim)
    _join(house, question, another)
    house.work()
    assert house.row(QuestionRow, question).round == 1
    assert _offer(house, question, jane).round == 1
    assert house.state_of(question) == QuestionState.OFFERED
    with house.database.read() as session:
        open_ones = session.exec(
            select(OfferRow.employee_id).where(OfferRow.question_id == question, OfferRow.state == OPEN)
        ).all()
    assert list(open_ones) == [jane]


def test_what_is_parted_from_a_question_somebody_has_goes_to_others_at_once(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    another = _asked(house)
    _join(house, question, another)
    _claim(house, jane, question)
    post = house.row(QuestionRow, another).post_id
    mei = house.employee("Mia Fox", role=Role.MODERATOR)
    house.browser(mei).post(f"/desk/questions/{question}/posts/{post}/part")
    house.work()
    assert _states(house, question) == {jane: OPEN, kim: RESTING}
    assert _offer(house, question, jane).claimed
    assert house.state_of(another) == QuestionState.OFFERED
    assert _states(house, another)[kim] == OPEN


def test_a_title_that_stood_there_is_nothing_typed(house: WorkHouse, jane: int, question: int) -> None:
    with house.database.write() as session:
        session.get_one(QuestionRow, question).title = "No picture on a TV"
    done = _press(house, jane, question, "claim")
    assert done.headers["location"] == f"/desk/questions/{question}?done=claimed"
    noted = _press(house, jane, question, "notes", note__note="Ask Mo")
    assert f"/desk/questions/{question}?done=noted&at=note-" in noted.headers["location"]


def test_what_is_typed_for_a_question_that_is_part_of_another_stays(
    house: WorkHouse, jane: int, kim: int
) -> None:
    question = _asked(house, jane, kim)
    another = _asked(house)
    browser, address = house.browser(kim), f"/desk/questions/{another}"
    shown = browser.get(address).text
    _join(house, question, another)
    page = house.browser(jane).post(f"{address}/answer", {"text": TEN_SECONDS})
    assert page.status_code == 200
    assert f">{TEN_SECONDS}</textarea>" in page.text
    assert f'formaction="/desk/questions/{question}/answer?of=answer"' in page.text
    claimed = browser.post(*pressed(shown, f"{address}/claim", text__answer=TEN_SECONDS))
    assert f'data-stands-at="/desk/questions/{question}?done=claimed"' in claimed.text
    assert f"{TEN_SECONDS}</textarea>" in claimed.text


def test_whoever_leaves_while_an_offer_rests_is_not_asked_again(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    boss = house.employee("Mei Tan", role=Role.ADMIN)
    _claim(house, jane, question)
    house.browser(boss).post(f"/admin/employees/{kim}/leave")
    house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert _states(house, question)[kim] == OfferState.WITHDRAWN
    assert _open_on_plates(house)[kim] == 0


def test_a_question_that_is_over_is_put_in_front_of_nobody(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    house.browser(jane).post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    late = _refer(house, jane, question, kim)
    assert (late.status_code, "does not wait for an answer any more" in late.text) == (409, True)
    assert _states(house, question) == {jane: OfferState.ANSWERED, kim: OfferState.WITHDRAWN}


def test_nobody_refers_a_question_to_themself(house: WorkHouse, jane: int, question: int) -> None:
    until = _offer(house, question, jane).expires_at
    own = _refer(house, jane, question, jane)
    assert (own.status_code, "cannot take questions" in own.text) == (422, True)
    assert (_states(house, question)[jane], _offer(house, question, jane).expires_at) == (OPEN, until)


def test_referring_it_to_whoever_has_it_already_changes_nothing(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    _claim(house, kim, question)
    until = _offer(house, question, kim).expires_at
    assert _refer(house, jane, question, kim).status_code == 303
    assert (_offer(house, question, kim).claimed, _offer(house, question, kim).expires_at) == (True, until)
    assert _states(house, question) == {jane: RESTING, kim: OPEN}


def test_who_may_not_answer_by_then_takes_nothing(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    with house.database.write() as session:
        person = session.get_one(EmployeeRow, jane)
        person.opted_in_at = None
        with pytest.raises(Undecidable, match="cannot take questions"):
            handover.claim(session, questions.held_one(session, question), person, Policy(), house.clock())
    assert _states(house, question) == {jane: OPEN, kim: OPEN}


def test_what_somebody_has_is_in_the_way_of_no_other_question(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    other = _another(house)
    _claim(house, jane, question)
    assert _claim(house, kim, other).status_code == 303
    assert _states(house, other) == {jane: RESTING, kim: OPEN}
    house.browser(kim).post(f"/desk/questions/{other}/pass")
    assert _states(house, question) == {jane: OPEN, kim: RESTING}


def test_what_was_given_back_is_anybodys_to_take_at_once(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    _claim(house, jane, question)
    house.browser(jane).post(f"/desk/questions/{question}/pass")
    assert _claim(house, kim, question).status_code == 303
    assert _states(house, question) == {jane: OfferState.PASSED, kim: OPEN}
    assert _offer(house, question, kim).claimed


def test_who_refers_a_question_ends_their_own_offer_of_it_and_no_other(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    other, mo = _another(house), house.employee("Mo Ray")
    assert _refer(house, kim, other, mo).status_code == 303
    assert _states(house, other) == {jane: OPEN, kim: OfferState.REFERRED, mo: OPEN}
    assert _states(house, question) == {jane: OPEN, kim: OPEN}


def test_where_it_comes_to_press_the_others_offers_go_on_as_if_nobody_had_taken_it(
    house: WorkHouse, jane: int, kim: int, question: int
) -> None:
    left = _offer(house, question, kim).expires_at - house.clock()
    third = house.employee("Mo Ray", handle="mo", topics={"tv": 2})
    _claim(house, jane, question)
    house.clock.advance(60)
    asked = house.row(PostRow, house.row(QuestionRow, question).post_id)
    house.post("sam", "@brand it is on fire, smoke everywhere!", str(asked.external_id))
    house.work()
    assert _states(house, question) == {jane: OPEN, kim: OPEN, third: OPEN}
    assert _offer(house, question, kim).expires_at == house.clock() + left
    assert _offer(house, question, jane).claimed
    assert _open_on_plates(house) == {jane: 1, kim: 1, third: 1}


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("deed", ["claim", "pass"])
def test_what_is_typed_is_sent_along_and_stays_whether_or_not_an_answer_can_be_typed(
    house: WorkHouse, jane: int, question: int, visibility: str, deed: str
) -> None:
    with house.database.write() as session:
        post = session.get_one(QuestionRow, question).post_id
        session.get_one(PostRow, post).visibility = visibility
    kept = _press(house, jane, question, deed, note__note="Ask Mo")
    assert kept.status_code == 200
    assert "Ask Mo</textarea>" in kept.text
