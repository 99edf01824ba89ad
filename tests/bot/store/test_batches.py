"""Many posts in one commit are the rows that one after the other would have been."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.posts import Author, Mention, Post, Visibility
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow

AT = datetime(2026, 3, 4, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def posts(numbers: range, **values: Any) -> list[Post]:
    return [
        Post(
            "local",
            f"{number:04}",
            Author(f"a{number}", "sam", "Sam", followers=number, indexable=number % 2 == 0),
            text=f"@brand help {number} “é” 😀",
            posted_at=AT + timedelta(seconds=number),
            mentions=(Mention("brand", "b1"),) if number % 3 else (),
            tags=("tv",) if number % 5 == 0 else (),
            refs={"cid": f"c{number}"} if number % 7 == 0 else {},
            visibility=Visibility.PUBLIC,
            **values,
        )
        for number in numbers
    ]


@pytest.mark.parametrize("count", [1, 5, 64, 700])
def test_every_row_comes_back_as_it_went_in(database: Database, count: int) -> None:
    ingest = Ingest(database)
    ingest.write(posts(range(count)))
    ingest.close()
    with database.read() as session:
        rows = session.exec(select(PostRow).order_by(PostRow.external_id)).all()  # type: ignore[arg-type]
    assert len(rows) == count
    for post, row in zip(posts(range(count)), rows, strict=True):
        assert (row.external_id, row.text, row.author_id) == (post.external_id, post.text, post.author.id)
        assert (row.followers, row.indexable) == (post.author.followers, post.author.indexable)
        assert (row.posted_at, row.edited_at, row.deleted_at) == (post.posted_at, None, None)
        assert row.mentions == [{"handle": one.handle, "id": one.id} for one in post.mentions]
        assert (row.tags, row.refs) == (list(post.tags), dict(post.refs))
        assert (row.state, row.attempts, row.fence) == ("new", 0, 0)


def test_r03_twins_in_one_statement_and_in_another_are_left_out(database: Database) -> None:
    ingest = Ingest(database)
    ingest.write([*posts(range(40)), *posts(range(20, 60))])
    ingest.write(posts(range(50, 70)))
    ingest.close()
    with database.read() as session:
        assert len(session.exec(select(PostRow)).all()) == 70


def test_moments_are_texts_that_sort_as_moments_do(sqlite_database: Database) -> None:
    ingest = Ingest(sqlite_database)
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    for number, at in enumerate((late, early)):
        ingest.write([Post("local", str(number), Author("a"), text="x", posted_at=at)])
    ingest.close()
    with sqlite_database.engine.connect() as connection:
        stored = [row[0] for row in connection.execute(text("SELECT posted_at FROM post ORDER BY posted_at"))]
    assert stored == ["2026-01-01 00:00:00.000000", "2026-01-01 00:00:00.000001"]
