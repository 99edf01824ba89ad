"""R21: people, deliveries and deletions at one message: one publication, and the late one is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.actions import leaving
from bot.actions.archive import curate, review
from bot.actions.conversations import decide
from bot.actions.deliveries import stuck
from bot.actions.erase import erase_customer
from bot.actions.undecidable import Undecidable
from bot.posts import Ambiguous, Outgoing, PostEvent, Published
from bot.states import AnswerKind, AnswerState, DeliveryState, EntryState
from bot.steps.settle import Settle
from bot.store.privacy import erasure
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.bot.steps.racing import WORDS, Late, Meanwhile, Stage
from tests.crashing import START, Way

ELSEWHERE = "See https://elsewhere.example/tv for help"
"""Words that wait for a person."""

Decide = Callable[[Session, DeliveryRow, Any], object]
STUCK_DEEDS: dict[str, Decide] = {
    "sent again": stuck.send_again,
    "given up": lambda session, row, now: stuck.give_up(session, row, "Enough.", now),
    "marked as sent": lambda session, row, now: stuck.mark_sent(session, row, "https://x.test/p/1", now),
}
"""What a person can decide about a message of which nobody knows whether it is out."""


def in_doubt(url: str, directory: Path) -> Way:
    """A house whose only message is out, while the platform's answer to it was lost."""
    way = Way(url, directory / "ledger", start=START)
    way.hire()

    def fail(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    way.platform.fault = fail
    way.at_work, all_steps = way.at_work[:3], way.at_work
    way.receive()
    way.platform.fault = lambda _: None
    way.at_work = all_steps
    assert row_of(way, DeliveryRow).state == DeliveryState.UNKNOWN
    return way


@pytest.fixture
def doubt(database_url: str, tmp_path: Path) -> Way:
    return in_doubt(database_url, tmp_path)


@pytest.fixture
def shared_doubt(fresh_postgresql_url: str, tmp_path: Path) -> Way:
    return in_doubt(fresh_postgresql_url, tmp_path)


def row_of(way: Way, table: type[Any]) -> Any:
    with way.database.read() as session:
        return session.exec(select(table)).one()


def is_sent_once(way: Way) -> None:
    """The one publication is out, once, and everything says so."""
    way.work()
    assert len(way.platform.accepted()) == 1
    assert row_of(way, DeliveryRow).state == DeliveryState.SENT
    assert row_of(way, AnswerRow).state == AnswerState.PUBLISHED
    assert row_of(way, QuestionRow).state == QuestionState.ANSWERED


@pytest.mark.parametrize("name", STUCK_DEEDS)
def test_r21_what_was_found_meanwhile_is_not_decided_any_more(shared_doubt: Way, name: str) -> None:
    """A page has read the unknown message; another node finds it on the platform; the button is pressed."""
    way = shared_doubt
    with Late(way.database, (DeliveryRow, 1)) as late:
        way.at_work[3]()
        with pytest.raises(Undecidable, match="is sent meanwhile"):
            STUCK_DEEDS[name](late.session, late.rows[0], way.now)
    is_sent_once(way)


@pytest.mark.parametrize("name", ["sent again", "given up"])
def test_r21_while_a_message_is_looked_up_nobody_says_that_it_is_not_out(doubt: Way, name: str) -> None:
    find, told = doubt.platform.find, []

    def press_while_looking(outgoing: Outgoing) -> Published | None:
        with (
            pytest.raises(Undecidable, match="looked up") as raised,
            doubt.database.write() as session,
        ):
            STUCK_DEEDS[name](session, session.get_one(DeliveryRow, 1), doubt.now)
        told.append(raised)
        return find(outgoing)

    doubt.platform.find = press_while_looking  # type: ignore[method-assign]
    doubt.at_work[3]()
    assert told
    is_sent_once(doubt)


def test_r21_a_message_marked_as_sent_while_it_is_looked_up_stays_as_marked(doubt: Way) -> None:
    def mark(outgoing: Outgoing) -> Published | None:
        del outgoing
        with doubt.database.write() as session:
            STUCK_DEEDS["marked as sent"](session, session.get_one(DeliveryRow, 1), doubt.now)
        return Published("found-elsewhere")

    doubt.platform.find = mark  # type: ignore[method-assign]
    doubt.at_work[3]()
    assert row_of(doubt, DeliveryRow).external_id == "1"
    is_sent_once(doubt)


def test_r21_who_looks_up_waits_for_who_decides(shared_doubt: Way) -> None:
    """Two nodes and a person: the row's lock decides, and whoever comes second finds out."""
    way = shared_doubt
    other = Settle(way.database, {"x": way.platform}, way.chorus.rules, "other node")
    with way.database.write() as session:
        STUCK_DEEDS["marked as sent"](session, session.get_one(DeliveryRow, 1), way.now)
        looking = Meanwhile(way.database, lambda: press_again(way))
    assert isinstance(looking.ends(), Undecidable)
    other.run()
    is_sent_once(way)


def press_again(way: Way) -> None:
    with way.database.write() as session:
        stuck.send_again(session, session.get_one(DeliveryRow, 1), way.now)


ANSWER_DEEDS: dict[str, Callable[[Stage, Session, AnswerRow], object]] = {
    "approved": lambda on, session, answer: decide.approve(
        session, on.house.answering, answer, AnswerKind.ADDITION, on.house.clock()
    ),
    "dropped": lambda on, session, answer: decide.drop(session, answer, "Not ours.", on.house.clock()),
    "retracted": lambda on, session, answer: decide.retract(session, answer, on.house.clock()),
}
"""What can become of an answer that waits for a person, and in which state it is then."""
STATES = {
    "approved": AnswerState.QUEUED,
    "dropped": AnswerState.DROPPED,
    "retracted": AnswerState.WITHDRAWN,
}


def decided(stage: Stage, name: str) -> None:
    with stage.house.database.write() as session:
        ANSWER_DEEDS[name](stage, session, session.get_one(AnswerRow, 1))


@pytest.mark.parametrize("late_one", ["approved", "dropped"])
@pytest.mark.parametrize("first", ANSWER_DEEDS)
def test_r21_a_held_answer_is_decided_once(shared: Stage, first: str, late_one: str) -> None:
    stage = shared
    stage.answer(ELSEWHERE)
    with Late(stage.house.database, (AnswerRow, 1)) as late:
        decided(stage, first)
        with pytest.raises(Undecidable, match="not wait for a decision"):
            ANSWER_DEEDS[late_one](stage, late.session, late.rows[0])
    assert [one.state for one in stage.house.answers()] == [STATES[first]]
    stage.house.work()
    assert len(stage.house.by_brand()) == (first == "approved")


@pytest.mark.parametrize("other", ["approved", "dropped"])
def test_r21_two_who_decide_at_the_same_moment_wait_for_each_other(shared: Stage, other: str) -> None:
    stage = shared
    stage.answer(ELSEWHERE)
    with stage.house.database.write() as session:
        ANSWER_DEEDS["approved"](stage, session, session.get_one(AnswerRow, 1))
        meanwhile = Meanwhile(stage.house.database, lambda: decided(stage, other))
    assert isinstance(meanwhile.ends(), Undecidable)
    stage.house.work()
    assert len(stage.house.by_brand()) == 1


def test_r21_taking_back_what_went_out_meanwhile_is_too_late(shared: Stage) -> None:
    stage = shared
    stage.answer()
    with Late(stage.house.database, (AnswerRow, 1), (DeliveryRow, 1)) as late:
        stage.house.steps.deliver.run()
        with pytest.raises(Undecidable, match="too late"):
            ANSWER_DEEDS["retracted"](stage, late.session, late.rows[0])
    assert len(stage.house.by_brand()) == 1
    assert stage.question.state == QuestionState.ANSWERED


def test_r21_who_sends_leaves_alone_what_is_just_being_taken_back(shared: Stage) -> None:
    stage = shared
    stage.answer()
    with stage.house.database.write() as session:
        ANSWER_DEEDS["retracted"](stage, session, session.get_one(AnswerRow, 1))
        stage.house.steps.deliver.run()
    stage.house.work()
    assert not stage.house.by_brand()
    assert stage.question.state == QuestionState.OFFERED


def test_r21_approving_what_its_customer_deleted_meanwhile_is_refused(shared: Stage) -> None:
    stage = shared
    stage.answer(ELSEWHERE)
    with Late(stage.house.database, (AnswerRow, 1), (QuestionRow, 1)) as late:
        stage.house.delete(stage.post)
        stage.house.steps.intake.run()
        with pytest.raises(Undecidable):
            ANSWER_DEEDS["approved"](stage, late.session, late.rows[0])
    stage.house.work()
    assert not stage.house.by_brand()


def at_the_point(stage: Stage, point: str, act: Callable[[], object]) -> None:
    """Send, and let something happen at that point of sending."""
    acts = [act]

    def reached(name: str) -> None:
        if name == point and acts:
            acts.pop()()

    stage.house.checkpoint = reached
    stage.house.steps.deliver.run()
    assert not acts, "the point was never reached"


def delete(stage: Stage) -> None:
    """The news of a deletion; the feed itself would still take a reply."""
    stage.house.tell(stage.post, PostEvent.DELETED)
    stage.house.steps.intake.run()


def edit(stage: Stage) -> None:
    stage.house.clock.advance(1)
    post = next(one for one in stage.house.feed.posts.values() if one.author == "jane")
    edited = stage.house.feed.edit(post.id, "@sam Something else. #chorus")
    assert edited is not None
    stage.house.tell(edited, PostEvent.EDITED)
    stage.house.steps.intake.run()


def erase(stage: Stage) -> None:
    with stage.house.database.write() as session:
        erase_customer(session, erasure.customer(session, "local", "sam"), stage.house.clock())


def leave(stage: Stage) -> None:
    with stage.house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, stage.jane), stage.house.clock())


def dismiss(stage: Stage) -> None:
    with stage.house.database.write() as session:
        decide.close(session, session.get_one(QuestionRow, 1), stage.house.clock())


@pytest.mark.parametrize(
    ("act", "state", "entries"),
    [
        (delete, QuestionState.WITHDRAWN, []),
        (erase, QuestionState.WITHDRAWN, []),
        (edit, QuestionState.ANSWERED, [EntryState.PUBLIC]),
        (leave, QuestionState.ANSWERED, [EntryState.PUBLIC]),
        (dismiss, QuestionState.SETTLED, [EntryState.PUBLIC]),
    ],
)
@pytest.mark.parametrize("point", ["before_send", "after_send"])
def test_r21_what_happens_while_the_bytes_go_out_stands_and_nothing_is_doubled(
    stage: Stage, point: str, act: Callable[[Stage], None], state: QuestionState, entries: list[EntryState]
) -> None:
    stage.answer()
    at_the_point(stage, point, lambda: act(stage))
    stage.house.work()
    assert stage.question.state == state
    assert [one.state for one in stage.house.deliveries()] == [DeliveryState.SENT]
    assert [one.state for one in stage.house.entries()] == entries
    assert [post.text for post in stage.house.by_brand()] == [f"{WORDS} ^Jane"]


def test_r21_taking_back_while_the_bytes_go_out_is_too_late(stage: Stage) -> None:
    stage.answer()

    def retract() -> None:
        with pytest.raises(Undecidable, match="too late"):
            decided(stage, "retracted")

    at_the_point(stage, "before_send", retract)
    assert [one.state for one in stage.house.answers()] == [AnswerState.PUBLISHED]


def test_r21_a_deletion_waits_while_the_outcome_is_written(shared: Stage) -> None:
    """The archive's entry is being written with the outcome: the deletion that waits takes it away again."""
    stage = shared
    stage.answer()
    waiting: list[Meanwhile] = []

    def delete_meanwhile() -> None:
        stage.house.tell(stage.post, PostEvent.DELETED)
        waiting.append(Meanwhile(stage.house.database, stage.house.steps.intake.run))

    at_the_point(stage, "while_archiving", delete_meanwhile)
    assert waiting[0].ends() is None
    stage.house.work()
    assert stage.question.state == QuestionState.WITHDRAWN
    assert [one.state for one in stage.house.entries()] == [EntryState.GONE]


def test_r21_changes_of_an_entry_at_once_are_counted_each(shared: Stage) -> None:
    """A revision that two shared would keep the second one's words out of the index."""
    from bot.store.archive import entries

    stage = shared
    stage.answer()
    stage.house.work()
    now = stage.house.clock()
    before = stage.house.entries()[0].revision
    with Late(stage.house.database, (EntryRow, 1)) as late:
        with stage.house.database.write() as session:
            curate.hide(session, session.get_one(EntryRow, 1), "mei", now)
        entries.touch(late.session, late.rows[0], now)
        review.ask_for_review(late.session, late.rows[0], "Somebody has reported it.", now)
    [entry] = stage.house.entries()
    assert (entry.revision, entry.state) == (before + 2, EntryState.HIDDEN)
    assert timedelta(0) <= stage.house.clock() - entry.updated_at
