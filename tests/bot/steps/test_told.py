"""Whatever anybody does, the open pages that it concerns are told: every deed is in the change log, and says
which question it is about."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.actions.archive import curate, review
from bot.actions.archive.entries import restate
from bot.actions.conversations import decide
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.live import ENTRIES, FEED, WORK, news, of_employee, of_question
from bot.states import AnswerState, DeliveryState, PostKind, TitleSource, Via
from bot.store.engine import Database
from bot.store.house import audit, connections
from bot.store.house.audit_actions import AuditAction
from bot.store.house.feed import StoredFeed
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from tests.bot.steps.racing import QUESTION_DEEDS, WORDS, Stage
from tests.bot.steps.test_races_messages import ANSWER_DEEDS, ELSEWHERE, STUCK_DEEDS
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Iterator[Stage]:
    house = House(database, clock, publish={"undo_window": 30})
    return Stage(house)


def moved_by(stage: Stage, act: Callable[[], object]) -> set[str]:
    """The topics of which open pages hear that they moved."""
    before = news(stage.house.database, None, ()).seq
    act()
    return set(news(stage.house.database, before, ()).moved)


def told(stage: Stage, act: Callable[[Session], object]) -> set[str]:
    """The topics that something moves which somebody does."""

    def write() -> None:
        with stage.house.database.write() as session:
            act(session)

    return moved_by(stage, write)


HERE = of_question(1)


@pytest.mark.parametrize("name", QUESTION_DEEDS)
def test_what_is_done_to_a_question_is_told(stage: Stage, name: str) -> None:
    moved = told(stage, lambda session: QUESTION_DEEDS[name](stage, session))
    assert {WORK, HERE, of_employee(stage.jane)} <= moved


@pytest.mark.parametrize("words", [WORDS, ELSEWHERE], ids=["in its undo window", "held"])
def test_an_answer_from_the_desk_is_told(stage: Stage, words: str) -> None:
    def answer(session: Session) -> None:
        jane, question = session.get_one(EmployeeRow, stage.jane), session.get_one(QuestionRow, 1)
        stage.house.answering.take(session, question, jane, words, via=Via.DESK, now=stage.house.clock())

    assert {WORK, HERE, of_employee(stage.jane)} <= told(stage, answer)


@pytest.mark.parametrize("name", ANSWER_DEEDS)
def test_what_becomes_of_a_held_answer_is_told(stage: Stage, name: str) -> None:
    stage.answer(ELSEWHERE)
    moved = told(stage, lambda session: ANSWER_DEEDS[name](stage, session, session.get_one(AnswerRow, 1)))
    assert {WORK, HERE, of_employee(stage.jane)} <= moved


def test_taking_an_answer_back_in_its_undo_window_is_told(stage: Stage) -> None:
    stage.answer()
    assert stage.house.answers()[0].state == AnswerState.QUEUED
    moved = told(
        stage, lambda session: ANSWER_DEEDS["retracted"](stage, session, session.get_one(AnswerRow, 1))
    )
    assert {WORK, HERE, of_employee(stage.jane)} <= moved


@pytest.mark.parametrize("name", STUCK_DEEDS)
def test_what_is_decided_about_a_stuck_message_is_told(stage: Stage, name: str) -> None:
    stage.answer()
    with stage.house.database.write() as session:
        row = session.exec(select(DeliveryRow)).one()
        row.state, row.due_at = DeliveryState.UNKNOWN, None
        session.add(row)
    moved = told(
        stage,
        lambda session: STUCK_DEEDS[name](session, session.get_one(DeliveryRow, 1), stage.house.clock()),
    )
    assert {WORK, HERE, of_employee(stage.jane)} <= moved


@pytest.mark.parametrize("matched", [True, False])
def test_what_becomes_of_a_post_without_a_question_is_told(stage: Stage, matched: bool) -> None:
    stage.house.post("jane", "Restart it twice. #chorus")
    stage.house.steps.intake.run()

    def act(session: Session) -> None:
        post = session.exec(select(PostRow).where(PostRow.verdict == PostKind.UNMATCHED)).one()
        question, now = session.get_one(QuestionRow, 1), stage.house.clock()
        if matched:
            decide.match(session, stage.house.answering, post, question, now)
        else:
            decide.set_aside(session, post, now)

    moved = told(stage, act)
    assert WORK in moved
    assert (HERE in moved) == matched


def _entry(session: Session) -> EntryRow:
    return session.exec(select(EntryRow)).one()


ENTRY_DEEDS: dict[str, Callable[[Stage, Session], object]] = {
    "hidden": lambda on, session: curate.hide(session, _entry(session), "mei", on.house.clock()),
    "put up": lambda on, session: review.ask_for_review(
        session, _entry(session), "It is old.", on.house.clock()
    ),
    "reviewed": lambda on, session: review.reviewed(session, _entry(session), "mei", on.house.clock()),
    "renamed": lambda on, session: restate(
        session, session.get_one(QuestionRow, 1), "Another title", TitleSource.MODERATOR, on.house.clock()
    ),
}


@pytest.mark.parametrize("name", ENTRY_DEEDS)
def test_what_is_done_to_an_entry_is_told(stage: Stage, name: str) -> None:
    stage.answer()
    stage.house.wait(31)
    moved = told(stage, lambda session: ENTRY_DEEDS[name](stage, session))
    assert {WORK, HERE, of_employee(stage.jane)} <= moved
    assert (ENTRIES in moved) == (name in ("hidden", "renamed"))


def test_a_title_for_a_question_without_an_entry_is_told(stage: Stage) -> None:
    assert HERE in told(stage, lambda session: ENTRY_DEEDS["renamed"](stage, session))


def test_what_people_in_charge_do_is_told(stage: Stage) -> None:
    """Whatever is in the audit log: pausing all publishing, a new text, a topic."""
    now = stage.house.clock()
    assert WORK in told(
        stage,
        lambda session: audit.append(session, "mei", AuditAction.PUBLISHING_PAUSE, "all", {}, now) and None,
    )


def test_trouble_with_a_platform_is_told(stage: Stage) -> None:
    now = stage.house.clock()
    assert WORK in told(stage, lambda session: connections.reading(session, "local", "It is down.", now))
    assert not told(stage, lambda session: connections.reading(session, "local", "It is down.", now))
    assert WORK in told(
        stage, lambda session: connections.checked(session, "local", now, webhook="gone", alarm="No events.")
    )


def test_the_outcome_of_sending_is_told(stage: Stage) -> None:
    stage.answer()
    stage.house.clock.advance(31)
    moved = moved_by(stage, stage.house.steps.deliver.run)
    assert {WORK, ENTRIES, HERE, of_employee(stage.jane)} <= moved


def test_a_new_colleague_is_told(stage: Stage) -> None:
    now = stage.house.clock()
    details = Details("Ann", "ann@example.com")
    assert WORK in told(stage, lambda session: employees.add_employee(session, details, now=now))


def test_an_entry_that_is_hidden_waits_for_no_review_any_more(stage: Stage) -> None:
    stage.answer()
    stage.house.wait(31)
    for name in ("put up", "hidden"):
        told(stage, lambda session, name=name: ENTRY_DEEDS[name](stage, session))  # type: ignore[misc]
    [entry] = stage.house.entries()
    assert entry.review is None


def test_a_new_question_is_told_to_whoever_it_is_offered_to_and_to_nobody_else(stage: Stage) -> None:
    house = stage.house
    house.employee("Ann", paused_until=house.clock() + timedelta(days=1))
    house.post("ann_other", "@brand the picture of my tv is black")
    moved = moved_by(stage, house.work)
    [question] = [one.id for one in house.questions() if one.customer_id == "ann_other"]
    asked = {of_employee(one.employee_id) for one in house.offers() if one.question_id == question}
    assert asked
    assert {one for one in moved if one.startswith("employee:")} == asked
    assert of_question(question) in moved
    assert HERE not in moved


def test_a_customer_who_writes_again_is_told_to_whoever_is_asked(stage: Stage) -> None:
    house = stage.house
    opening = next(one for one in house.posts() if one.question_id == 1)

    def write_again() -> None:
        house.post(opening.author_id, "It is the large one.", in_reply_to=opening.external_id)
        house.steps.intake.run()

    assert {HERE, of_employee(stage.jane)} <= moved_by(stage, write_again)


def test_an_offer_whose_time_is_over_is_told_to_whoever_had_it(stage: Stage) -> None:
    stage.house.clock.advance(timedelta(days=1))
    assert {HERE, of_employee(stage.jane)} <= moved_by(stage, stage.house.steps.expire.run)


def test_what_happens_on_the_local_feed_is_told_to_its_open_pages(
    sqlite_database: Database, clock: FakeClock
) -> None:
    feed = StoredFeed(sqlite_database)

    def moves(act: Callable[[], object]) -> bool:
        before = news(sqlite_database, None, ()).seq
        act()
        return FEED in news(sqlite_database, before, ()).moved

    assert moves(lambda: feed.append("sam", "hello"))
    assert moves(lambda: feed.edit("1", "hello there"))
    assert moves(lambda: feed.remove("1"))
    assert not moves(lambda: feed.remove("1"))
