"""What cannot be said or decided on a matter (any more) is refused in words, and changes nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session

from bot.actions import statements
from bot.actions.matters import campaigns, decisions
from bot.actions.statements import Unsayable
from bot.actions.undecidable import Undecidable
from bot.states import MatterState, StatementAudience, StatementKind
from bot.store.engine import Database
from bot.store.tables.matters import MatterRow, StatementRow
from tests.conftest import FakeClock
from tests.outage import Outage

OTHER = "@brand how do I pair the remote control with my TV?"


@pytest.fixture
def outage(database: Database, clock: FakeClock) -> Outage:
    outage = Outage(database, clock)
    outage.asks("sam")
    outage.asks("kim", OTHER)
    return outage


def refused(outage: Outage, why: str, deed: Callable[[Session], Any]) -> None:
    with pytest.raises(Undecidable, match=why), outage.database.write() as session:
        deed(session)


def refused_by_itself(why: str, deed: Callable[[], Any]) -> None:
    """A deed that opens a transaction of its own: within another one it would wait for that one's end."""
    with pytest.raises(Undecidable, match=why):
        deed()


def join_both(outage: Outage) -> tuple[int, int]:
    """The two matters are one; the numbers of the one that stays, and of the other."""
    with outage.database.write() as session:
        kept = decisions.merge(session, 1, 2, "mei", outage.clock()).id
    return kept, 3 - kept


def propose(outage: Outage, session: Session, matter: int, kind: StatementKind) -> StatementRow:
    said = {"": "We are on it and tell you here as soon as it is done."}
    row = session.get_one(MatterRow, matter)
    return statements.propose(
        session, row, kind, said, StatementAudience.ALL, outage.mei, outage.answering, outage.clock()
    )


def test_on_a_matter_that_is_part_of_another_nothing_is_said_or_decided(outage: Outage) -> None:
    _, gone = join_both(outage)
    now = outage.clock()
    deeds: tuple[tuple[str, Callable[[Session, MatterRow], Any]], ...] = (
        ("write it there", lambda session, _: propose(outage, session, gone, StatementKind.STATEMENT)),
        ("make that a campaign", lambda session, row: campaigns.make(session, row, "Cheaper", 1, 7, now)),
        ("say it there", lambda session, row: decisions.assign(session, row, None, "mei", now)),
        ("not open", lambda session, row: decisions.settle(session, row, now)),
        ("already", lambda session, _: decisions.merge(session, 1, 2, "mei", now)),
    )

    def done_to_it(deed: Callable[[Session, MatterRow], Any], session: Session) -> object:
        return deed(session, session.get_one(MatterRow, gone))

    for why, deed in deeds:
        refused(outage, why, partial(done_to_it, deed))


def test_what_was_written_on_a_matter_that_became_part_of_another_is_not_approved(outage: Outage) -> None:
    number = outage.writes()
    with outage.database.write() as session:
        session.get_one(MatterRow, 1).state = MatterState.MERGED
    refused_by_itself("part of another one by now", lambda: outage.approves(number, outage.ravi))


def test_of_two_statements_on_a_matter_the_first_is_decided_first(outage: Outage) -> None:
    outage.writes()
    refused_by_itself("decide about that first", outage.writes)


@pytest.mark.parametrize("kind", [StatementKind.SETTLED, StatementKind.UPDATE])
def test_where_nobody_was_told_anything_it_begins_with_a_statement(
    outage: Outage, kind: StatementKind
) -> None:
    refused_by_itself("begin with a statement", lambda: outage.writes(kind))


def test_what_the_guard_refuses_cannot_be_proposed_in_any_language(outage: Outage) -> None:
    with pytest.raises(Unsayable):
        outage.writes(de="Alles Weitere steht auf http://user:pw@bit.ly/abc")
    assert outage.rows(StatementRow) == []


def test_a_statement_is_decided_about_once(outage: Outage) -> None:
    number = outage.writes()
    outage.approves(number, outage.ravi)
    refused_by_itself("not wait for a decision", lambda: outage.approves(number, outage.ravi))

    def withdraw(session: Session) -> None:
        statements.withdraw(session, session.get_one(StatementRow, number), outage.clock())

    with outage.database.write() as session:
        withdraw(session)
    refused(outage, "over already", withdraw)


def test_a_question_goes_only_to_another_matter_that_there_is(outage: Outage) -> None:
    question = outage.questions()[0]

    def move(to: int) -> None:
        refused(
            outage,
            "number of another matter",
            lambda session: decisions.move(
                session, session.get_one(type(question), question.id), to, "mei", outage.clock()
            ),
        )

    for to in (1, 99):
        move(to)
    kept, gone = join_both(outage)
    assert kept == 1
    move(gone)
