"""R1, R2, R5: whatever dies on the way, one question gives one answer, once. The judge is the ledger."""

import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions import leaving
from bot.posts import Ambiguous, Lookup, Outgoing, Refusal, Rejected, Retry
from bot.states import DeliveryState, PostState
from bot.store.claim import LostLease, claim
from bot.store.people import identities
from bot.store.tables.conversations import DeliveryRow, EntryRow, PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.crashing import ANSWER, POINTS, QUESTION, START, Way
from tests.ledger_platform import LedgerPlatform
from tests.mortals import Mortals


def rows(way: Way, table: type) -> list:  # type: ignore[type-arg]
    from sqlmodel import select

    with way.database.read() as session:
        return list(session.exec(select(table)).all())


@pytest.mark.parametrize("point", POINTS)
def test_r01_a_process_killed_anywhere_loses_and_doubles_nothing(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str
) -> None:
    ledger = tmp_path / "ledger"
    before = Way(database_url, ledger, start=START)
    before.hire()
    before.close()
    died = mortals.run("tests.crashing", database_url, ledger, point)
    assert died == -signal.SIGKILL, "the point was never reached"

    after = Way(database_url, ledger, start=START + timedelta(minutes=5))
    after.receive()  # the platform sends again what was not confirmed, and what was
    after.work()

    assert after.platform.accepted() == [("Try the other cable. ^Jane", "q1")]
    assert [question.state for question in rows(after, QuestionRow)] == [QuestionState.ANSWERED]
    assert [delivery.state for delivery in rows(after, DeliveryRow)] == [DeliveryState.SENT]
    assert len(rows(after, EntryRow)) == 1
    after.close()


@pytest.fixture
def way(database_url: str, tmp_path: Path):  # type: ignore[no-untyped-def]
    way = Way(database_url, tmp_path / "ledger", start=START)
    way.hire()
    yield way
    way.close()


def hold_deliveries(way: Way) -> None:
    """Work without sending for a while."""
    way.at_work, way.resting = way.at_work[:2], way.at_work  # type: ignore[attr-defined]


def release_deliveries(way: Way) -> None:
    """Send again from now on."""
    way.at_work = way.resting  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [Ambiguous("timed out"), RuntimeError("broken body")])
def test_r02_a_post_that_was_accepted_before_the_failure_is_found_and_not_sent_again(
    way: Way, error: Exception
) -> None:
    def fail(_: Outgoing) -> None:
        raise error

    way.platform.fault = fail
    way.receive()
    way.work()
    assert len(way.platform.accepted()) == 1
    assert [delivery.state for delivery in rows(way, DeliveryRow)] == [DeliveryState.SENT]


def test_r02_a_post_that_never_arrived_is_sent_again_only_after_two_reads(way: Way) -> None:
    lost: list[Outgoing] = []
    publish = way.platform.publish

    def lose_once(outgoing: Outgoing, timeout: float):  # type: ignore[no-untyped-def]
        if not lost:
            lost.append(outgoing)
            raise Ambiguous("connection reset")
        return publish(outgoing, timeout)

    way.platform.publish = lose_once  # type: ignore[method-assign]
    way.receive()
    for _ in range(4):
        way.turn()
        assert not way.platform.accepted()
        way.now += timedelta(seconds=15)
    way.work()
    assert len(way.platform.accepted()) == 1


def test_r05_an_answer_waits_while_another_worker_has_its_question(way: Way) -> None:
    way.ingest.write([QUESTION])
    with way.database.write() as session:  # another worker takes the question, and dies with it
        taken = claim(
            session,
            PostRow,
            [PostState.NEW],
            now=way.now,
            lease=timedelta(minutes=3),
            owner="dead",
            limit=10,
        )
    assert len(taken) == 1
    way.ingest.write([ANSWER])
    way.work()
    assert way.platform.accepted() == [("Try the other cable. ^Jane", "q1")]


def test_r05_a_sender_that_lost_its_lease_can_record_nothing(way: Way) -> None:
    from bot.store.conversations import deliveries

    hold_deliveries(way)
    way.receive()
    release_deliveries(way)
    slow = deliveries.claim_ready(
        way.database,
        owner="slow",
        lease=timedelta(seconds=60),
        sending_time=timedelta(seconds=20),
        limit=10,
        platforms=["x"],
    )
    published = way.platform.publish(deliveries.outgoing(slow[0]), 5.0)
    way.now += timedelta(minutes=2)  # stopped for longer than its lease
    way.work()
    with pytest.raises(LostLease), way.database.write() as session:
        deliveries.sent(session, slow[0], published, way.now)
    assert len(way.platform.accepted()) == 1
    assert [delivery.state for delivery in rows(way, DeliveryRow)] == [DeliveryState.SENT]


def test_r08_nothing_is_sent_before_the_time_the_platform_gave(way: Way) -> None:
    calls: list[object] = []
    reset = START + timedelta(minutes=3)
    publish = way.platform.publish

    def refuse(outgoing: Outgoing, timeout: float):  # type: ignore[no-untyped-def]
        calls.append(way.now)
        if way.now < reset:
            raise Retry("too many requests", at=reset)
        return publish(outgoing, timeout)

    way.platform.publish = refuse  # type: ignore[method-assign]
    way.receive()
    way.work()
    assert len(way.platform.accepted()) == 1
    assert len(calls) == 2
    assert calls[1] >= reset  # type: ignore[operator]


def test_a_post_refused_for_good_goes_to_a_person_with_the_reason(way: Way) -> None:
    def refuse(outgoing: Outgoing, timeout: float):  # type: ignore[no-untyped-def]
        raise Rejected("The author did not mention us.", code=Refusal.NOT_PERMITTED)

    way.platform.publish = refuse  # type: ignore[method-assign]
    way.receive()
    way.work()
    [delivery] = rows(way, DeliveryRow)
    assert (delivery.state, delivery.code) == (DeliveryState.REJECTED, "not_permitted")
    [question] = rows(way, QuestionRow)
    assert question.state == QuestionState.ESCALATED
    assert question.note == "The author did not mention us."


def test_s18_while_publishing_is_paused_nothing_goes_out_and_nothing_is_lost(way: Way) -> None:
    from bot.store.running import switches

    with way.database.write() as session:
        switches.put(session, switches.PAUSED, value=True, by="test", now=way.now)
    way.receive()
    way.work()
    assert not way.platform.accepted()
    with way.database.write() as session:
        switches.put(session, switches.PAUSED, value=False, by="test", now=way.now)
    way.work()
    assert len(way.platform.accepted()) == 1


def test_s03_the_answer_of_somebody_who_has_left_stays_in(way: Way) -> None:
    from bot.store.people import staff

    hold_deliveries(way)
    way.receive()
    release_deliveries(way)
    with way.database.write() as session:
        jane = staff.by_email(session, "jane@example.com")
        assert jane is not None
        leaving.leave(session, jane, way.now)
    way.work()
    assert not way.platform.accepted()
    assert [delivery.state for delivery in rows(way, DeliveryRow)] == [DeliveryState.WITHDRAWN]


def test_r04_a_question_deleted_without_a_word_is_noticed_before_the_answer_goes_out(way: Way) -> None:
    question, answer = (replace(post, platform="mastodon") for post in (QUESTION, ANSWER))
    platform = LedgerPlatform(way.platform.file, name="mastodon")
    platform.fetch = lambda ids, known=None: [Lookup(one, gone=True) for one in ids]  # type: ignore[method-assign]
    way.connected[platform.name] = platform
    with way.database.write() as session:
        identities.link(session, 1, "mastodon", "jane-id", "jane", proof="operator", now=way.now)
    way.ingest.write([question])
    way.turn()
    way.ingest.write([answer])
    way.work()
    assert not platform.accepted()
    [row] = rows(way, QuestionRow)
    assert (row.state, row.text) == (QuestionState.WITHDRAWN, "")
    assert [delivery.state for delivery in rows(way, DeliveryRow)] == [DeliveryState.WITHDRAWN]
