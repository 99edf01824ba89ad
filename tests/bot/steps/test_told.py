"""Whatever anybody does, the open pages of others look again: every deed is in the change log."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session, select

from bot.actions.archive import curate, review
from bot.actions.archive.entries import restate
from bot.actions.conversations import decide
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.states import AnswerState, DeliveryState, PostKind, TitleSource, Via
from bot.store.engine import Database
from bot.store.house import audit, connections
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.channel_versions import channel_versions
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


def is_told(stage: Stage, act: Callable[[Session], object]) -> bool:
    """Whether an open page of somebody else hears of it."""
    before = channel_versions(stage.house.database)["work"]
    with stage.house.database.write() as session:
        act(session)
    return channel_versions(stage.house.database)["work"] > before


@pytest.mark.parametrize("name", QUESTION_DEEDS)
def test_what_is_done_to_a_question_is_told(stage: Stage, name: str) -> None:
    assert is_told(stage, lambda session: QUESTION_DEEDS[name](stage, session))


@pytest.mark.parametrize("words", [WORDS, ELSEWHERE], ids=["in its undo window", "held"])
def test_an_answer_from_the_desk_is_told(stage: Stage, words: str) -> None:
    def answer(session: Session) -> None:
        jane, question = session.get_one(EmployeeRow, stage.jane), session.get_one(QuestionRow, 1)
        stage.house.answering.take(session, question, jane, words, via=Via.DESK, now=stage.house.clock())

    assert is_told(stage, answer)


@pytest.mark.parametrize("name", ANSWER_DEEDS)
def test_what_becomes_of_a_held_answer_is_told(stage: Stage, name: str) -> None:
    stage.answer(ELSEWHERE)
    assert is_told(stage, lambda session: ANSWER_DEEDS[name](stage, session, session.get_one(AnswerRow, 1)))


def test_taking_an_answer_back_in_its_undo_window_is_told(stage: Stage) -> None:
    stage.answer()
    assert stage.house.answers()[0].state == AnswerState.QUEUED
    assert is_told(
        stage, lambda session: ANSWER_DEEDS["retracted"](stage, session, session.get_one(AnswerRow, 1))
    )


@pytest.mark.parametrize("name", STUCK_DEEDS)
def test_what_is_decided_about_a_stuck_message_is_told(stage: Stage, name: str) -> None:
    stage.answer()
    with stage.house.database.write() as session:
        row = session.exec(select(DeliveryRow)).one()
        row.state, row.due_at = DeliveryState.UNKNOWN, None
        session.add(row)
    assert is_told(
        stage,
        lambda session: STUCK_DEEDS[name](session, session.get_one(DeliveryRow, 1), stage.house.clock()),
    )


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

    assert is_told(stage, act)


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
    assert is_told(stage, lambda session: ENTRY_DEEDS[name](stage, session))


def test_a_title_for_a_question_without_an_entry_is_told(stage: Stage) -> None:
    assert is_told(stage, lambda session: ENTRY_DEEDS["renamed"](stage, session))


def test_what_people_in_charge_do_is_told(stage: Stage) -> None:
    """Whatever is in the audit log: pausing all publishing, a new text, a topic."""
    now = stage.house.clock()
    assert is_told(
        stage,
        lambda session: audit.append(session, "mei", AuditAction.PUBLISHING_PAUSE, "all", {}, now) and None,
    )


def test_trouble_with_a_platform_is_told(stage: Stage) -> None:
    now = stage.house.clock()
    assert is_told(stage, lambda session: connections.reading(session, "local", "It is down.", now))
    assert not is_told(stage, lambda session: connections.reading(session, "local", "It is down.", now))
    assert is_told(
        stage, lambda session: connections.checked(session, "local", now, webhook="gone", alarm="No events.")
    )


def test_the_outcome_of_sending_is_told(stage: Stage) -> None:
    stage.answer()
    stage.house.clock.advance(31)
    before = channel_versions(stage.house.database)["work"]
    stage.house.steps.deliver.run()
    assert channel_versions(stage.house.database)["work"] > before


def test_a_new_colleague_is_told(stage: Stage) -> None:
    now = stage.house.clock()
    details = Details("Ann", "ann@example.com")
    assert is_told(stage, lambda session: employees.add_employee(session, details, now=now))


def test_an_entry_that_is_hidden_waits_for_no_review_any_more(stage: Stage) -> None:
    stage.answer()
    stage.house.wait(31)
    for name in ("put up", "hidden"):
        is_told(stage, lambda session, name=name: ENTRY_DEEDS[name](stage, session))  # type: ignore[misc]
    [entry] = stage.house.entries()
    assert entry.review is None
