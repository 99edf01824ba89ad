"""R20, R6: what the database itself refuses, and what only one may do at a time, whatever the code does."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.platforms.planner import Budget
from bot.states import DeliveryKind
from bot.store.changes import serialise
from bot.store.claim import LostLease, claim, finish
from bot.store.conversations import notices
from bot.store.engine import Database, open_engine
from bot.store.house.budgets import Terms, claim_planned
from bot.store.house.feed import StoredFeed
from bot.store.row_locks import lock_row, locked_row, supersede
from bot.store.running import cursors, leases, nodes, switches
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import CursorRow
from bot.store.tables.people import IdentityRow
from routing.model.domain import QuestionState
from tests.bot.steps.racing import Late, Meanwhile, Stage, house_on
from tests.conftest import FakeClock


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Iterator[Stage]:
    with house_on(database, clock) as house:
        stage = Stage(house)
        stage.answer()
        house.work()
        yield stage


@pytest.fixture
def shared(fresh_postgresql_url: str, clock: FakeClock) -> Iterator[Database]:
    """On PostgreSQL, where two transactions can be open at once; nobody waits for long in these tests."""
    engine = open_engine(fresh_postgresql_url)
    yield Database(engine, clock)
    engine.dispose()


def a_delivery(at: Any, **columns: Any) -> DeliveryRow:
    return DeliveryRow(kind=DeliveryKind.PUBLICATION, platform="local", created_at=at, **columns)


SECOND: dict[str, Callable[[Any], Any]] = {
    "the same post": lambda at: PostRow(platform="local", external_id="1", received_at=at),
    "a question of the same post": lambda at: QuestionRow(platform="local", post_id=1, asked_at=at),
    "an offer to the same person in one round": lambda at: OfferRow(
        question_id=1, employee_id=1, round=0, offered_at=at, expires_at=at
    ),
    "an answer of the same post": lambda at: AnswerRow(question_id=1, post_id=2, text="x", written_at=at),
    "the same part of an answer": lambda at: a_delivery(at, key="another", answer_id=1, part=0),
    "an entry of the same question": lambda at: EntryRow(
        question_id=1, title="x", platform="local", published_at=at, updated_at=at
    ),
    "an owner of the same account": lambda at: IdentityRow(
        employee_id=2, platform="local", account_id="jane", handle="jane", linked_at=at
    ),
}


@pytest.mark.parametrize("what", SECOND)
def test_r20_the_database_refuses_a_second_one(stage: Stage, what: str) -> None:
    with pytest.raises(IntegrityError), stage.house.database.write() as session:
        session.add(SECOND[what](stage.house.clock()))


def test_r20_the_database_refuses_a_second_message_under_a_key(stage: Stage) -> None:
    [row] = stage.house.deliveries()
    with pytest.raises(IntegrityError), stage.house.database.write() as session:
        session.add(a_delivery(stage.house.clock(), key=row.key))


def test_r20_one_node_at_a_time_takes_a_lease(shared: Database, clock: FakeClock) -> None:
    taken = []

    def other() -> None:
        with shared.write() as session:
            taken.append(leases.take(session, "watch", "two", clock(), timedelta(minutes=1)))

    with shared.write() as session:
        assert leases.take(session, "watch", "one", clock(), timedelta(minutes=1))
        meanwhile = Meanwhile(shared, other)
    assert meanwhile.ends() is None
    assert taken == [False]


@pytest.mark.parametrize("name", ["change", "audit", "budget", "local_feed"])
def test_r20_only_one_transaction_at_a_time_passes(shared: Database, name: str) -> None:
    def other() -> None:
        with shared.write() as session:
            serialise(session, name)

    with shared.write() as session:
        serialise(session, name)
        meanwhile = Meanwhile(shared, other)
    assert meanwhile.ends() is None


TAKES_TURNS: dict[str, Callable[[Database], object]] = {
    "budget": lambda database: claim_planned(
        database,
        "local",
        Terms(Budget(())),
        owner="two",
        lease=timedelta(minutes=1),
        sending_time=timedelta(seconds=20),
        limit=1,
    ),
    "local_feed": lambda database: StoredFeed(database).append("sam", "@brand no picture"),
}
"""What waits for another to be done, though they share no row: both would count, or number, without it."""


@pytest.mark.parametrize("name", TAKES_TURNS)
def test_r20_what_counts_or_numbers_waits_for_its_turn(shared: Database, name: str) -> None:
    with shared.write() as session:
        serialise(session, name)
        meanwhile = Meanwhile(shared, lambda: TAKES_TURNS[name](shared))
    assert meanwhile.ends() is None


WRITTEN_BY_NAME: dict[str, Callable[[Session, int, Any], None]] = {
    "a cursor": lambda session, turn, at: cursors.move(session, "a", str(turn), at),
    "a switch": lambda session, turn, at: switches.put(session, "a", turn, by=str(turn), now=at),
    "a node": lambda session, turn, at: nodes.report(session, "a", at, started_at=at, works=turn == 2),
}


@pytest.mark.parametrize("what", WRITTEN_BY_NAME)
def test_r20_two_that_write_the_same_for_the_first_time_are_no_error_and_the_later_counts(
    shared: Database, clock: FakeClock, what: str
) -> None:
    write = WRITTEN_BY_NAME[what]

    def other() -> None:
        with shared.write() as session:
            write(session, 2, clock())

    with shared.write() as session:
        write(session, 1, clock())
        meanwhile = Meanwhile(shared, other)
    assert meanwhile.ends() is None
    with shared.read() as session:
        found = {
            "a cursor": lambda: cursors.at(session, "a") == "2",
            "a switch": lambda: switches.value_of(session, "a") == 2,
            "a node": lambda: [one.name for one in nodes.working(session, clock())] == ["a"],
        }
        assert found[what]()


def _hold_by_row(session: Session) -> None:
    lock_row(session, session.get_one(CursorRow, "a"))


def _hold_by_name(session: Session) -> None:
    locked_row(session, CursorRow, "a")


@pytest.mark.parametrize("how", [_hold_by_row, _hold_by_name])
def test_r20_a_held_row_is_waited_for_and_read_anew(
    shared: Database, clock: FakeClock, how: Callable[[Session], None]
) -> None:
    with shared.write() as session:
        session.add(CursorRow(name="a", value="0", moved_at=clock()))
    seen = []

    def other() -> None:
        with Late(shared, (CursorRow, "a")) as late:  # type: ignore[arg-type]
            how(late.session)
            seen.append(late.rows[0].value)

    with shared.write() as session:
        how(session)
        session.get_one(CursorRow, "a").value = "1"
        session.flush()
        meanwhile = Meanwhile(shared, other)
    assert meanwhile.ends() is None
    assert seen == ["1"]


def test_r05_a_superseded_row_is_lost_also_where_its_new_holder_has_it_under_a_lease(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as session:
        session.add(QuestionRow(platform="local", asked_at=clock(), due_at=clock()))
    with database.write() as session:
        [row] = claim(
            session,
            QuestionRow,
            [QuestionState.OPEN],
            now=clock(),
            lease=timedelta(minutes=1),
            owner="router",
            limit=10,
        )
    with database.write() as session:
        taken = session.get_one(QuestionRow, 1)
        supersede(session, taken, owner="person", lease_until=clock() + timedelta(minutes=1))
    with pytest.raises(LostLease), database.write() as session:
        finish(session, row, state=QuestionState.ESCALATED)


def test_r05_a_notice_that_another_took_over_is_not_begun(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        session.add(
            DeliveryRow(
                kind=DeliveryKind.NOTICE, platform="mail", key="n", created_at=clock(), due_at=clock()
            )
        )

    def take(owner: str) -> list[DeliveryRow]:
        with database.write() as session:
            return notices.claim_due(session, now=clock(), owner=owner, lease=timedelta(minutes=1), limit=10)

    slow = take("slow")
    clock.advance(61)
    quick = take("quick")
    with database.write() as session:
        notices.begin(session, quick, clock())
    with pytest.raises(LostLease), database.write() as session:
        notices.begin(session, slow, clock())


def test_r06_who_claims_passes_by_what_another_is_just_changing(shared: Database, clock: FakeClock) -> None:
    with shared.write() as session:
        session.add_all(QuestionRow(platform="local", asked_at=clock(), due_at=clock()) for _ in range(2))
    with Late(shared) as changing:
        locked_row(changing.session, QuestionRow, 1)
        with shared.write() as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            rows = claim(
                session,
                QuestionRow,
                [QuestionState.OPEN],
                now=clock(),
                lease=timedelta(minutes=1),
                owner="other",
                limit=10,
            )
    assert [row.id for row in rows] == [2]
