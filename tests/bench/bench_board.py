"""The board of those in charge, with many questions that wait and many that are settled.

``python tests/bench/bench_board.py [--waiting N] [--settled N] [--people N] [--database ...]`` prints one
JSON object per database and page: milliseconds of a request (the middle, and what 95 of 100 stay below) as
the product's own application makes it in this process, the processor time of it (also the database
server's), and the page's size. Seven of ten questions that wait
are with a person in charge, a third of these urgent; two are asked for the last time, one waits for a free
hand. A few thousand answers, messages and entries wait beside.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text
from sqlmodel import select

from bot.roles import Role
from bot.store.tables.people import EmployeeRow, TopicRow
from tests.bench.houses import houses
from tests.browser import Browser
from tests.grown import Grown
from tests.house import House

BESIDE = 3_000
DEEP = 20
PAGES = {
    "the first page": "",
    "questions nobody took": "?kind=question",
    "about to be too late": "?kind=breaching",
    "held answers": "?kind=answer",
    "a topic": "?topic={topic}",
    "a topic of nothing": "?topic=nothing",
    "a language of one in a thousand": "?language=ja",
    "a feed without any": "?platform=x",
    "mine": "?person=me",
    "put off": "?put_off=yes",
}
_ON_BOARD = "state = 'escalated' AND id % 700"
_WAITS = (
    "UPDATE question SET state = 'escalated' WHERE state = 'offered' AND id % 10 < 7",
    "UPDATE question SET rung = 3 WHERE state = 'offered' AND id % 10 < 9",
    "UPDATE question SET state = 'open', waits_since = asked_at WHERE state = 'offered' AND rung <> 3",
    "UPDATE question SET language = 'ja' WHERE state = 'escalated' AND id % 1000 = 1",
    "UPDATE answer SET state = 'held', held_for = 'A newcomer wrote it.' WHERE id <= {beside}",
    "UPDATE delivery SET state = 'rejected', reason = 'refused' WHERE answer_id <= {beside}",
    "UPDATE entry SET state = 'held_back', held_back = 'today' WHERE id > {beside} AND id <= {beside} * 2",
    "UPDATE entry SET review = 'It is old.' WHERE state = 'public' AND id < {beside} * 4",
    f"""INSERT INTO board_mark (kind, row_id, assigned_to, why, touched_at)
    SELECT 'question', id, 1, '', asked_at FROM question WHERE {_ON_BOARD} = 3""",
    f"""INSERT INTO board_mark (kind, row_id, snoozed_until, why, touched_at)
    SELECT 'question', id, due_at, 'x', asked_at FROM question WHERE {_ON_BOARD} = 5""",
)


def fill(house: House, waiting: int, settled: int, people: int) -> str:
    """Rows as the database makes them itself; a topic that some of them are about."""
    house.employee("E0 Old", role=Role.ADMIN)
    with house.database.write() as session:
        session.add_all(
            EmployeeRow(
                name=f"E{number} Old",
                email=f"e{number}@example.com",
                opted_in_at=house.clock(),
                created_at=house.clock(),
            )
            for number in range(1, people)
        )
    grown = Grown(house.database, people)
    grown.archived(settled)
    grown.waiting(waiting)
    with house.database.connect() as connection:
        for statement in _WAITS:
            connection.execute(text(statement.format(beside=BESIDE)))
        topic = connection.execute(
            text("SELECT topic FROM entry WHERE topic IS NOT NULL LIMIT 1")
        ).scalar_one()
    with house.database.write() as session:
        if session.exec(select(TopicRow).where(TopicRow.slug == topic)).first() is None:
            session.add(TopicRow(slug=topic, name=topic))
    grown.analyse()
    return str(topic)


def deep(browser: Browser) -> str:
    """The address of a page some way in."""
    address = "/admin/board"
    for _ in range(DEEP):
        page = browser.get(address).text
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    return address


def main() -> None:
    began = time.perf_counter()
    for one in houses(__doc__ or "", {"waiting": 20_000, "settled": 20_000, "people": 300}):
        topic = fill(one.house, one.given.waiting, one.given.settled, one.given.people)
        one.house.clock.at = datetime.now(UTC)
        print(f"{one.kind}: made in {time.perf_counter() - began:.0f} s", flush=True)
        with one.house.database.read() as session:
            browser = one.house.browser(session.get_one(EmployeeRow, 1).id)
        pages = {name: f"/admin/board{query.format(topic=topic)}" for name, query in PAGES.items()}
        pages[f"page {DEEP + 1}"] = deep(browser)
        pages["the overview, to compare"] = "/admin"
        for name, address in pages.items():
            cost = one.asked(browser, address)
            lines = cost.text.count("data-row tabindex")
            figures = {"database": one.kind, "page": name, "lines": lines, **cost.told()}
            print(json.dumps(figures), flush=True)
        began = time.perf_counter()


if __name__ == "__main__":
    main()
