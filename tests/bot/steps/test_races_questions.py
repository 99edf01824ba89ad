"""R21: a person, a post and the router at one question: the last deed counts, the late one is refused."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.conversations import handover
from bot.actions.erase import erase_customer
from bot.actions.people import employees
from bot.actions.people.details import Details, Invalid
from bot.actions.undecidable import Undecidable
from bot.posts import PostEvent
from bot.states import AnswerState, ChangeKind, Via
from bot.store import changes, rows
from bot.store.claim import LostLease, claim, finish_all
from bot.store.privacy import erasure
from bot.store.row_locks import locked_row
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState, QuestionState
from tests.bot.steps.racing import QUESTION_DEEDS, WORDS, Late, Meanwhile, Stage, state_of


def while_routing(stage: Stage, act: object) -> None:
    """Let something happen while the router has made up its mind and has not written it down yet."""
    acts = [act]

    def give_way() -> None:
        if acts:
            acts.pop()()  # type: ignore[operator]

    stage.until_due()
    stage.house.steps.route.give_way = give_way
    stage.house.steps.route.run()
    assert not acts, "the router had nothing to do"


@pytest.mark.parametrize("name", QUESTION_DEEDS)
def test_r21_what_is_done_while_the_router_decides_stands(stage: Stage, name: str) -> None:
    left = []

    def act() -> None:
        with stage.house.database.write() as session:
            QUESTION_DEEDS[name](stage, session)
        left.append(state_of(stage))

    while_routing(stage, act)
    assert state_of(stage) == left[0]


def test_r21_an_answer_that_comes_in_while_the_router_decides_stands(stage: Stage) -> None:
    while_routing(stage, stage.answer)
    assert stage.question.state == QuestionState.ANSWERING
    assert [offer.state for offer in stage.house.offers()] == [OfferState.ANSWERED]
    stage.house.work()
    assert [post.text for post in stage.house.by_brand()] == [f"{WORDS} ^Jane"]
    assert stage.question.state == QuestionState.ANSWERED


def test_r21_a_follow_up_while_the_router_decides_is_routed_anew(stage: Stage) -> None:
    def write_again() -> None:
        stage.house.post("sam", "@brand and the remote is dead too", stage.post)
        stage.house.steps.intake.run()

    while_routing(stage, write_again)
    assert len(stage.house.offers()) == 1
    stage.house.work()
    assert len(stage.house.offers()) == 2


def test_r21_a_deletion_while_the_router_decides_ends_the_question(stage: Stage) -> None:
    def delete() -> None:
        stage.house.delete(stage.post)
        stage.house.steps.intake.run()

    while_routing(stage, delete)
    assert stage.question.state == QuestionState.WITHDRAWN
    assert [offer.state for offer in stage.house.offers()] == [OfferState.WITHDRAWN]


def test_r21_an_edit_while_the_router_decides_is_kept(stage: Stage) -> None:
    def edit() -> None:
        stage.house.clock.advance(1)
        post = stage.house.feed.edit(stage.post.id, "@brand no picture on my TV, channel 4")
        assert post is not None
        stage.house.tell(post, PostEvent.EDITED)
        stage.house.steps.intake.run()

    while_routing(stage, edit)
    assert stage.question.text == "@brand no picture on my TV, channel 4"


@pytest.mark.parametrize("name", QUESTION_DEEDS)
def test_r21_a_claim_that_came_after_reading_is_superseded(shared: Stage, name: str) -> None:
    """The deed's transaction has read the question; the router claims it; the deed goes on."""
    stage = shared
    stage.until_due()
    now = stage.house.clock()
    with Late(stage.house.database, (QuestionRow, 1)) as late:
        with stage.house.database.write() as session:
            claimed = claim(
                session,
                QuestionRow,
                [QuestionState.OFFERED],
                now=now,
                lease=timedelta(seconds=60),
                owner="router",
                limit=10,
            )
        assert len(claimed) == 1
        QUESTION_DEEDS[name](stage, late.session)
    left = state_of(stage)
    with pytest.raises(LostLease), stage.house.database.write() as session:
        finish_all(session, [(claimed[0], {"state": QuestionState.ESCALATED, "due_at": None})])
    assert state_of(stage) == left


def test_r21_a_router_that_finishes_first_is_waited_for(shared: Stage) -> None:
    """The router writes; the desk's answer waits for that, and withdraws the offers just made as well."""
    stage = shared
    stage.until_due()
    with stage.house.database.write() as session:
        [row] = claim(
            session,
            QuestionRow,
            [QuestionState.OFFERED],
            now=stage.house.clock(),
            lease=timedelta(seconds=60),
            owner="router",
            limit=10,
        )

    def answer() -> None:
        with stage.house.database.write() as session:
            QUESTION_DEEDS["answered"](stage, session)

    with stage.house.database.write() as session:
        finish_all(session, [(row, {"state": QuestionState.OFFERED, "due_at": None})])
        session.add(
            OfferRow(
                question_id=1,
                employee_id=stage.ravi,
                offered_at=stage.house.clock(),
                expires_at=stage.house.clock() + timedelta(minutes=10),
            )
        )
        other_one = Meanwhile(stage.house.database, answer)
    assert other_one.ends() is None
    assert stage.question.state == QuestionState.ANSWERING
    assert [one.state for one in stage.house.offers()] == [OfferState.ANSWERED, OfferState.WITHDRAWN]


def test_r21_offers_are_held_in_the_order_of_their_numbers_when_several_end(shared: Stage) -> None:
    """Otherwise two who end some of the same could wait for each other."""
    stage, now = shared, shared.house.clock()
    [first] = stage.house.offers()
    with stage.house.database.write() as session:
        second = OfferRow(
            question_id=1, employee_id=stage.ravi, offered_at=now, expires_at=now + timedelta(seconds=1)
        )
        rows.keep(session, second)  # runs out before the first
        second_id = second.id
    stage.house.clock.advance(timedelta(days=1))
    with stage.house.database.write() as session:
        locked_row(session, OfferRow, first.id)
        ending = Meanwhile(stage.house.database, stage.house.steps.expire.run)
        free = select(OfferRow.id).where(OfferRow.id == second_id).with_for_update(nowait=True)
        assert session.exec(free).one() == second_id
    assert ending.ends() is None
    assert {one.state for one in stage.house.offers()} == {OfferState.EXPIRED}


def test_r21_of_two_answers_at_once_the_second_is_held(shared: Stage) -> None:
    stage = shared

    def other() -> None:
        with stage.house.database.write() as session:
            ravi, question = session.get_one(EmployeeRow, stage.ravi), session.get_one(QuestionRow, 1)
            words = "You could also update the firmware."
            now = stage.house.clock()
            stage.house.answering.take(session, question, ravi, words, via=Via.DESK, now=now)

    with stage.house.database.write() as session:
        QUESTION_DEEDS["answered"](stage, session)
        other_one = Meanwhile(stage.house.database, other)
    assert other_one.ends() is None
    assert [one.state for one in stage.house.answers()] == [AnswerState.QUEUED, AnswerState.HELD]


def test_r21_of_two_answers_in_the_same_words_at_once_one_goes_out(shared: Stage) -> None:
    stage = shared

    def other() -> None:
        with stage.house.database.write() as session:
            ravi, question = session.get_one(EmployeeRow, stage.ravi), session.get_one(QuestionRow, 1)
            now = stage.house.clock()
            stage.house.answering.take(session, question, ravi, f"{WORDS}!", via=Via.DESK, now=now)

    with stage.house.database.write() as session:
        QUESTION_DEEDS["answered"](stage, session)
        other_one = Meanwhile(stage.house.database, other)
    assert other_one.ends() is None
    assert [one.state for one in stage.house.answers()] == [AnswerState.QUEUED, AnswerState.DROPPED]


def test_r21_passing_what_was_answered_meanwhile_changes_nothing(shared: Stage) -> None:
    stage = shared
    with Late(stage.house.database, (OfferRow, 1)) as late:
        stage.answer()
        [offer] = late.rows
        assert not handover.decline(late.session, offer, OfferState.PASSED, stage.house.clock())
    assert [one.state for one in stage.house.offers()] == [OfferState.ANSWERED]
    with stage.house.database.read() as session:
        assert changes.after(session, 0, (ChangeKind.OUTCOME,), 10) == []
    assert stage.question.state == QuestionState.ANSWERING


def test_r21_referring_what_was_answered_meanwhile_is_refused_in_words(shared: Stage) -> None:
    stage = shared
    with Late(stage.house.database, (QuestionRow, 1)) as late:
        stage.answer()
        with pytest.raises(Undecidable, match="does not wait"):
            QUESTION_DEEDS["referred"](stage, late.session)
    assert len(stage.house.offers()) == 1


def test_r21_a_follow_up_and_a_reopening_count_as_two_rounds(shared: Stage) -> None:
    """Two who open the question anew from the same reading must not both make it the same round."""
    stage = shared
    stage.answer()
    stage.house.work()
    with Late(stage.house.database, (QuestionRow, 1)) as late:
        stage.house.post("sam", "@brand still no picture", stage.house.by_brand()[0])
        stage.house.steps.intake.run()
        QUESTION_DEEDS["asked again"](stage, late.session)
    assert stage.question.round == 2


def test_r21_an_erasure_waits_for_an_answer_and_takes_it_back(shared: Stage) -> None:
    stage = shared

    def erase() -> None:
        with stage.house.database.write() as session:
            erase_customer(session, erasure.customer(session, "local", "sam"), stage.house.clock())

    with stage.house.database.write() as session:
        QUESTION_DEEDS["answered"](stage, session)
        other_one = Meanwhile(stage.house.database, erase)
    assert other_one.ends() is None
    assert [one.state for one in stage.house.answers()] == [AnswerState.WITHDRAWN]
    stage.house.work()
    assert not stage.house.by_brand()


def test_r21_two_who_are_the_last_in_charge_do_not_both_go(shared: Stage) -> None:
    from bot.roles import Role

    house = shared.house
    with house.database.write() as session:
        mei, ann = (
            employees.add_employee(
                session,
                Details(name, f"{name.lower()}@example.com", role=Role.ADMIN),
                now=house.clock(),
            ).id
            for name in ("Mei", "Ann")
        )

    def go(number: int | None) -> None:
        with house.database.write() as session:
            leaving.leave(session, session.get_one(EmployeeRow, number), house.clock())

    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, mei), house.clock())
        other_one = Meanwhile(house.database, lambda: go(ann))
    assert isinstance(other_one.ends(), Invalid)


def test_r21_a_pause_that_was_begun_before_somebody_left_does_not_bring_them_back(shared: Stage) -> None:

    stage = shared
    with Late(stage.house.database, (EmployeeRow, stage.jane)) as late:
        with stage.house.database.write() as session:
            QUESTION_DEEDS["left"](stage, session)
        [jane] = late.rows
        with pytest.raises(Invalid, match="has left"):
            leaving.pause(late.session, jane, stage.house.clock())
    with stage.house.database.read() as session:
        assert session.get_one(EmployeeRow, stage.jane).state == "left"


def test_r21_a_link_code_links_one_account(shared: Stage) -> None:
    from bot.store.people import access, identities
    from bot.store.tables.people import LinkCodeRow

    house, now = shared.house, shared.house.clock()
    with house.database.write() as session:
        access.new_link_code(session, shared.jane, "local", "chorus-abcd1234", now + timedelta(hours=1), now)
    with Late(house.database, (LinkCodeRow, "chorus-abcd1234")) as late:  # type: ignore[arg-type]
        with house.database.write() as session:
            assert identities.use_link_code(session, "chorus-abcd1234", "local", now) is not None
        assert identities.use_link_code(late.session, "chorus-abcd1234", "local", now) is None
