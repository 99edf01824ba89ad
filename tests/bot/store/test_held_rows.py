"""A row that a transaction holds is read anew once, and stays as it is for everybody else until the end."""

from datetime import timedelta

from bot.states import PostState
from bot.store.engine import Database, open_engine
from bot.store.row_locks import lock_row, locked_row, locked_rows, supersede_all
from bot.store.tables.conversations import PostRow
from tests.bot.steps.racing import Meanwhile
from tests.conftest import FakeClock


def stored(database: Database, clock: FakeClock, count: int = 3) -> list[int]:
    with database.write() as session:
        posts = [
            PostRow(platform="local", external_id=str(number), received_at=clock()) for number in range(count)
        ]
        session.add_all(posts)
        session.flush()
        return [post.id for post in posts]


def renamed(database: Database, row_id: int, words: str) -> None:
    with database.write() as session:
        session.get_one(PostRow, row_id).text = words


def test_what_others_wrote_before_is_seen_when_it_is_held(database: Database, clock: FakeClock) -> None:
    first, *_ = stored(database, clock)
    with database.write() as session:
        post = session.get_one(PostRow, first)
        if not database.is_sqlite:  # there nobody else can write now
            renamed(database, first, "new words")
        lock_row(session, post)
        assert post.text == ("" if database.is_sqlite else "new words")


def test_what_this_one_has_not_yet_written_stays_when_it_is_held_again(
    database: Database, clock: FakeClock
) -> None:
    first, second, third = stored(database, clock)
    with database.write() as session:
        post = locked_row(session, PostRow, first)
        assert post is not None
        post.text = "ours"
        found = locked_rows(session, PostRow, [third, first, second, 99])
        assert [one.id for one in found] == [first, second, third]
        lock_row(session, post)
        assert found[0] is post
        assert post.text == "ours"
    with database.read() as session:
        assert session.get_one(PostRow, first).text == "ours"


def test_a_row_held_in_a_savepoint_that_is_undone_is_held_anew(database: Database, clock: FakeClock) -> None:
    first, *_ = stored(database, clock)
    with database.write() as session:
        savepoint = session.begin_nested()
        assert locked_row(session, PostRow, first) is not None
        savepoint.rollback()
        if not database.is_sqlite:
            renamed(database, first, "new words")  # nobody holds it now
        post = locked_row(session, PostRow, first)
        assert post is not None
        assert post.text == ("" if database.is_sqlite else "new words")


def test_all_that_are_held_together_are_kept_from_others(fresh_postgresql_url: str, clock: FakeClock) -> None:
    database = Database(open_engine(fresh_postgresql_url), clock)
    ids = stored(database, clock)
    with database.write() as session:
        held = locked_rows(session, PostRow, ids)
        other = Meanwhile(database, lambda: renamed(database, ids[1], "late"))
        supersede_all(session, held, state=PostState.DONE, due_at=clock() + timedelta(hours=1))
        assert [one.fence for one in held] == [1, 1, 1]
    assert other.ends() is None
    with database.read() as session:
        late = session.get_one(PostRow, ids[1])
        assert (late.text, late.state, late.fence) == ("late", PostState.DONE, 1)
    database.close()
