"""What the experts' model reads of the change log, a page at a time."""

from datetime import UTC, datetime

from sqlalchemy import insert

from bot.states import ChangeKind
from bot.store.engine import Database
from bot.store.queries import learning
from bot.store.tables.columns import table_of
from bot.store.tables.house import ChangeRow
from tests.bot.store.statement_costs import cost, watching

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGE = 10
KINDS = (ChangeKind.ANSWER, ChangeKind.ENTRY, ChangeKind.OUTCOME, ChangeKind.WORK, ChangeKind.TOPIC)


def log(database: Database, lines: int) -> None:
    """So many lines of the change log, of one kind after the other."""
    detail = {"former": "tv", "slug": "wifi", "outcome": "solved", "employee": 7}
    rows = [
        {"kind": KINDS[number % len(KINDS)], "row_id": number + 1, "detail": detail, "at": NOW}
        for number in range(lines)
    ]
    with database.connect() as connection:
        connection.execute(insert(table_of(ChangeRow)), rows)


def read(database: Database, seq: int) -> tuple[list[int], int]:
    """The numbers of a page's lines, and what reading it has cost the database."""
    with watching(database) as statements, database.read() as session:
        page = learning.after(session, seq, PAGE)
    return [line.seq for line in page.lines], sum(cost(database, *one) for one in statements.asked.values())


def test_a_page_is_the_next_lines_in_their_order(database: Database) -> None:
    log(database, 40)
    with database.read() as session:
        every = [line.seq for line in learning.after(session, 0, 1_000).lines]
    assert len(every) == 24
    assert every == sorted(every)
    seen: list[int] = []
    while lines := read(database, seen[-1] if seen else 0)[0]:
        assert len(lines) <= PAGE
        seen += lines
    assert seen == every


def test_a_page_costs_the_same_however_much_is_left_to_learn(database: Database) -> None:
    log(database, 60)
    _, few = read(database, 0)
    log(database, 6_000)
    _, many = read(database, 0)
    assert many <= 1.3 * few


def test_of_an_answer_what_the_line_says_is_not_read(database: Database) -> None:
    log(database, 5)
    with database.read() as session:
        said = {line.kind: line.said for line in learning.after(session, 0, PAGE).lines}
    assert not said[ChangeKind.ANSWER]
    assert said[ChangeKind.TOPIC]["slug"] == "wifi"
