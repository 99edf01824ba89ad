"""The door every post comes in by: whole, once, and only reported after the commit."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.posts import Author, Mention, Post, PostEvent, Visibility
from bot.states import PostState
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow
from tests.conftest import FakeClock

AT = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


@pytest.fixture
def ingest(database: Database) -> Iterator[Ingest]:
    ingest = Ingest(database)
    yield ingest
    ingest.close()


def post(name: str = "1", text: str = "@brand help", **values: Any) -> Post:
    return Post("local", name, Author("sam", "sam", "Sam"), text=text, posted_at=AT, **values)


def rows(database: Database) -> list[PostRow]:
    with database.read() as session:
        return list(session.exec(select(PostRow).order_by(PostRow.external_id)).all())  # type: ignore[arg-type]


def test_a_post_is_stored_as_it_came(database: Database, ingest: Ingest) -> None:
    ingest.write([post(mentions=(Mention("brand", "b1"),), tags=("tv",), visibility=Visibility.PUBLIC)])
    [row] = rows(database)
    assert (row.text, row.author_id, row.author_name, row.posted_at) == ("@brand help", "sam", "Sam", AT)
    assert row.mentions == [{"handle": "brand", "id": "b1"}]
    assert (row.state, row.visibility) == (PostState.NEW, "public")


def test_r03_a_hundred_copies_at_once_are_one_post(database: Database, ingest: Ingest) -> None:
    copies = [post(str(n % 5)) for n in range(100)]
    random.Random(7).shuffle(copies)
    start = threading.Barrier(20)

    def send(some: list[Post]) -> None:
        start.wait(10)
        for one in some:
            ingest.write([one])

    threads = [threading.Thread(target=send, args=(copies[n::20],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [row.external_id for row in rows(database)] == ["0", "1", "2", "3", "4"]


def test_r03_a_post_replayed_weeks_later_changes_nothing(
    database: Database, ingest: Ingest, clock: FakeClock
) -> None:
    ingest.write([post()])
    [before] = rows(database)
    clock.advance(timedelta(days=30))
    ingest.write([post(text="something else")])
    [after] = rows(database)
    assert (after.text, after.received_at, after.fence) == (before.text, before.received_at, before.fence)


def test_r03_duplicates_within_one_commit_are_one_post(database: Database, ingest: Ingest) -> None:
    ingest.write([post(), post(), post("2"), post()])
    assert len(rows(database)) == 2


def test_r04_a_deletion_before_its_post_keeps_a_tombstone(database: Database, ingest: Ingest) -> None:
    ingest.write([post(event=PostEvent.DELETED)])
    ingest.write([post()])
    ingest.write([post(text="edited", event=PostEvent.EDITED, edited_at=AT + timedelta(minutes=5))])
    [row] = rows(database)
    assert row.text == ""
    assert row.author_name == ""
    assert row.deleted_at is not None


def test_r04_a_deletion_takes_the_words_and_whoever_works_on_the_row(
    database: Database, ingest: Ingest
) -> None:
    ingest.write([post()])
    [before] = rows(database)
    ingest.write([post(event=PostEvent.DELETED)])
    [row] = rows(database)
    assert (row.text, row.state) == ("", PostState.NEW)
    assert row.fence == before.fence + 1


def test_r04_an_edit_replaces_the_words_once_and_older_edits_come_too_late(
    database: Database, ingest: Ingest
) -> None:
    ingest.write([post()])
    late, later = AT + timedelta(minutes=1), AT + timedelta(minutes=2)
    ingest.write([post(text="second", event=PostEvent.EDITED, edited_at=later)])
    [first] = rows(database)
    ingest.write([post(text="first", event=PostEvent.EDITED, edited_at=late)])
    ingest.write([post(text="second", event=PostEvent.EDITED, edited_at=later)])
    [row] = rows(database)
    assert row.text == "second"
    assert row.fence == first.fence


def test_an_edit_that_changes_nothing_is_none_whatever_stands_beside_the_text(
    database: Database, ingest: Ingest, clock: FakeClock
) -> None:
    beside: dict[str, Any] = {"pictures": ("Ein Bär 🐻", 'a "router"'), "choices": ("blau", "grün")}
    ingest.write([post(**beside)])
    [before] = rows(database)
    clock.advance(timedelta(minutes=1))
    ingest.write([post(event=PostEvent.EDITED, **beside)])
    [row] = rows(database)
    assert (row.fence, row.edited_at) == (before.fence, None)


def test_an_edit_of_a_post_that_never_came_in_is_the_post(database: Database, ingest: Ingest) -> None:
    ingest.write([post(text="new words", event=PostEvent.EDITED, edited_at=AT)])
    assert [row.text for row in rows(database)] == ["new words"]


def test_what_no_database_can_store_is_replaced(database: Database, ingest: Ingest) -> None:
    ingest.write([post(text="a\x00b \ud83d c 😀")])
    assert rows(database)[0].text == "a\ufffdb \ufffd c 😀"


def test_many_waiting_posts_share_a_commit(database: Database) -> None:
    commits = []
    ingest = Ingest(database, wake=lambda: commits.append(1))
    pending = [ingest.submit([post(str(n))]) for n in range(300)]
    for one in pending:
        one.result(20)
    ingest.close()
    assert len(rows(database)) == 300
    assert len(commits) < 150


def test_whoever_waits_hears_only_after_the_commit(database: Database) -> None:
    seen: list[int] = []
    ingest = Ingest(database)
    for number in range(20):
        ingest.write([post(str(number))])
        seen.append(len(rows(database)))
    ingest.close()
    assert seen == list(range(1, 21))


def test_what_was_handed_over_is_stored_before_the_door_closes(database: Database) -> None:
    ingest = Ingest(database)
    pending = [ingest.submit([post(str(n))]) for n in range(50)]
    ingest.close()
    assert all(one.done() and one.exception() is None for one in pending)
    with pytest.raises(NotStored):
        ingest.write([post("late")])
    assert len(rows(database)) == 50


def test_nothing_to_store_is_done_at_once(ingest: Ingest) -> None:
    assert ingest.submit([]).done()


def test_what_one_turn_of_the_loop_brings_shares_a_commit(database: Database) -> None:
    commits: list[int] = []
    ingest = Ingest(database, wake=lambda: commits.append(len(rows(database))))

    async def send() -> None:
        await asyncio.gather(*(ingest.stored([post(str(n))]) for n in range(50)))

    asyncio.run(send())
    ingest.close()
    assert commits == [50]


def test_a_loop_that_is_gone_does_not_keep_the_next_one_waiting(database: Database, ingest: Ingest) -> None:
    loop = asyncio.new_event_loop()
    sending = ingest.stored([post("lost")])
    loop.call_soon(loop.stop)
    task = loop.create_task(sending)
    loop.run_forever()  # as far as the waiting, but not to the hand-over
    task.cancel()
    loop.close()
    asyncio.run(ingest.stored([post("kept")]))
    assert [row.external_id for row in rows(database)] == ["kept"]


def test_who_waits_on_a_loop_hears_that_the_door_is_closed(database: Database) -> None:
    ingest = Ingest(database)

    async def send_while_it_closes() -> list[BaseException | None]:
        senders = [asyncio.ensure_future(ingest.stored([post(str(n))])) for n in range(3)]
        asyncio.get_running_loop().call_soon(ingest.close)  # before this turn is handed over
        return await asyncio.gather(*senders, return_exceptions=True)

    answers = asyncio.run(send_while_it_closes())
    assert [type(answer) for answer in answers] == [NotStored] * 3
    assert rows(database) == []


def test_more_than_can_wait_is_sent_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.conversations.ingest._MOST_HELD", 10)
    goes_on = threading.Event()
    ingest = Ingest(database, wake=lambda: goes_on.wait(20))
    ingest.write([post("first")])  # after it the committing thread is held up
    pending = [ingest.submit([post(f"{n}-{one}") for one in range(4)]) for n in range(8)]
    goes_on.set()
    outcomes = [one.exception(10) for one in pending]
    ingest.close()
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [NotStored] * 5
    assert len(rows(database)) == 1 + 3 * 4


def test_another_processs_transaction_is_waited_for(sqlite_database: Database) -> None:
    """Writers of one process stand in line; against others' there is SQLite's own lock."""
    said = threading.Event()
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *_: said.set())
    assert sqlite_database.engine.url.database
    with closing(sqlite3.connect(sqlite_database.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ingest = Ingest(sqlite_database)
        done = ingest.submit([post()])
        assert said.wait(10)
        assert not done.done()
        other.execute("COMMIT")
        done.result(20)
        assert len(rows(sqlite_database)) == 1
        ingest.close()
