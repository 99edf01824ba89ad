"""What a post brings that no column can hold costs that field or that post, never the others of its batch."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select

from bot.posts import Author, Mention, Post, PostEvent, Visibility
from bot.states import PostState
from bot.store import fitting
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.engine import Database
from bot.store.fitting import fit
from bot.store.tables.conversations import EntryRow, PostRow

AT = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
WEST, EAST = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))


class Door:
    """The door of the store, and what was noted at it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.noted: list[tuple[str, str]] = []
        self.ingest = Ingest(database, noted=lambda platform, field: self.noted.append((platform, field)))

    def rows(self) -> dict[str, PostRow]:
        with self.database.read() as session:
            return {row.external_id: row for row in session.exec(select(PostRow)).all()}

    def state_of(self, external_id: str) -> str:
        return self.rows()[external_id].state


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.ingest.close()


def post(name: str = "1", text: str = "@brand help", **values: Any) -> Post:
    author = values.pop("author", Author("sam", "sam", "Sam"))
    return Post("generic", name, author, text=text, visibility=Visibility.PUBLIC, **values)


def words_of(value: Any) -> Iterator[str]:
    """Every text in a row, its JSON columns' too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (word for pair in value.items() for one in pair for word in words_of(one))
    elif isinstance(value, list):
        yield from (word for one in value for word in words_of(one))


NUL, HALF = "a\x00b", "a\ud83db"


@pytest.mark.parametrize("bad", [NUL, HALF])
@pytest.mark.parametrize(
    "odd",
    [
        lambda bad: post("odd", text=bad),
        lambda bad: post("odd", author=Author("sam", bad, bad)),
        lambda bad: post("odd", language=bad),
        lambda bad: post("odd", thread=bad, in_reply_to=bad),
        lambda bad: post("odd", url=f"https://example.com/{bad}"),
        lambda bad: post("odd", tags=(bad,), choices=(bad,), pictures=(bad,), warning=bad),
        lambda bad: post("odd", mentions=(Mention(bad, bad),)),
        lambda bad: post("odd", refs={"cid": bad, bad: "x"}),
    ],
    ids=["text", "author", "language", "thread", "url", "lists", "mentions", "refs"],
)
def test_r22_characters_that_no_database_takes_cost_themselves(door: Door, odd: Any, bad: str) -> None:
    door.ingest.write([post("before"), odd(bad), post("after")])
    assert {name: row.state for name, row in door.rows().items()} == {
        "before": PostState.NEW,
        "odd": PostState.NEW,
        "after": PostState.NEW,
    }
    assert not [word for word in words_of(door.rows()["odd"].model_dump()) if bad in word]


@pytest.mark.parametrize("event", [PostEvent.EDITED, PostEvent.DELETED])
def test_r22_so_they_do_in_edits_and_deletions(door: Door, event: PostEvent) -> None:
    door.ingest.write([post("odd")])
    door.ingest.write([post("odd", text=NUL, event=event, url=HALF, refs={"cid": NUL}), post("after")])
    assert set(door.rows()) == {"odd", "after"}


def test_r22_whoever_writes_a_nul_into_an_id_is_nobody_else(door: Door) -> None:
    door.ingest.write([post("1", author=Author("jane")), post("2", author=Author("jane\x00"))])
    first, second = (row.author_id for row in door.rows().values())
    assert first != second


@pytest.mark.parametrize(
    ("came", "field", "kept"),
    [
        (post(author=Author("sam", followers=10**20)), "followers", None),
        (post(author=Author("sam", followers=3_000_000_000)), "followers", None),
        (post(author=Author("sam", followers=-1)), "followers", None),
        (post(language="x" * 500), "language", None),
        (post(posted_at=datetime.max.replace(tzinfo=WEST)), "posted_at", None),
        (post(posted_at=datetime.min.replace(tzinfo=EAST)), "posted_at", None),
        (post(posted_at=datetime.max.replace(tzinfo=UTC)), "posted_at", None),
        (post(posted_at=AT.replace(tzinfo=None)), "posted_at", None),
        (post(author=Author("sam", since=datetime.max.replace(tzinfo=WEST))), "author_since", None),
    ],
    ids=lambda value: None if isinstance(value, Post) else str(value),
)
def test_r22_a_value_that_no_column_holds_costs_its_field(
    door: Door, came: Post, field: str, kept: object
) -> None:
    door.ingest.write([post("before"), came, post("after")])
    row = door.rows()["1"]
    assert (row.state, getattr(row, field)) == (PostState.NEW, kept)
    assert door.noted == [("generic", field)]
    assert set(door.rows()) == {"before", "1", "after"}


def test_r22_an_edit_that_nobody_can_date_is_an_edit_of_now(door: Door, database: Database) -> None:
    door.ingest.write([post()])
    far = datetime.max.replace(tzinfo=WEST)
    door.ingest.write([post(text="new words", event=PostEvent.EDITED, edited_at=far)])
    with database.read() as session:
        now = database.now(session)
    assert (door.rows()["1"].text, door.rows()["1"].edited_at) == ("new words", now)


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("en-US-x-abcdefghij", "en-US"),
        ("zh-Hant-TW-x-kansai", "zh-Hant-TW"),
        ("de-DE", "de-DE"),
        ("de-CH-1996-u-co-phonebk", "de-CH-1996-u-co"),
    ],
)
def test_r22_a_long_language_tag_keeps_the_subtags_that_fit(door: Door, tag: str, kept: str) -> None:
    door.ingest.write([post(language=tag)])
    assert door.rows()["1"].language == kept


def test_r22_a_post_whose_id_cannot_be_looked_up_is_set_aside_with_its_words(door: Door) -> None:
    long = post("".join(chr(0x4E00 + n % 5000) for n in range(3600)), text="@brand what now")
    door.ingest.write([post("before"), long, post("after")])
    [aside] = [row for row in door.rows().values() if row.state == PostState.QUARANTINED]
    assert (aside.text, aside.author_handle, aside.due_at) == ("@brand what now", "sam", None)
    assert aside.last_error == "Its id has 3,600 characters, more than can be looked up."
    assert door.noted == [("generic", "post")]
    assert {"before", "after"} < set(door.rows())


def test_r22_a_post_that_an_adapter_could_not_read_is_set_aside_once(door: Door) -> None:
    unread = Post("generic", "", Author("", "sam"), problem="Its record has no date.")
    for _ in range(2):
        door.ingest.write([post("before"), unread, post("after")])
    [aside] = [row for row in door.rows().values() if row.state == PostState.QUARANTINED]
    assert (aside.author_handle, aside.last_error) == ("sam", "Its record has no date.")


def test_r22_its_deletion_takes_the_words_of_a_post_that_was_set_aside(door: Door) -> None:
    long = "".join(chr(0x4E00 + n % 5000) for n in range(3600))
    door.ingest.write([post(long, text="private")])
    door.ingest.write([post(long, event=PostEvent.DELETED)])
    [row] = door.rows().values()
    assert (row.text, row.deleted_at is not None) == ("", True)


def test_r22_what_nobody_foresaw_sets_that_post_aside_and_no_other(door: Door) -> None:
    impossible = post("odd", tags=cast("Any", ({1, 2},)))
    good = [door.ingest.submit([post(str(n))]) for n in range(3)]
    together = door.ingest.submit([post("before"), impossible, post("after")])
    good += [door.ingest.submit([post(str(n))]) for n in range(3, 6)]
    for one in (*good, together):
        one.result(20)
    assert set(door.rows()) == {*"012345", "before", "odd", "after"}
    assert (door.state_of("odd"), door.state_of("after")) == (PostState.QUARANTINED, PostState.NEW)
    assert "It cannot be stored" in (door.rows()["odd"].last_error or "")


def test_r10_what_cannot_even_be_set_aside_is_not_reported_as_stored(door: Door, database: Database) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nothing can be written here")

    event.listen(database.engine, "before_cursor_execute", broken)
    with pytest.raises(NotStored):
        door.ingest.write([post()])
    event.remove(database.engine, "before_cursor_execute", broken)
    assert door.rows() == {}


def test_the_bounds_are_those_of_the_tables() -> None:
    assert fitting.longest(PostRow, "language") == 16
    assert fitting.largest(EntryRow, "asked_count") == 2**31 - 1
    assert fitting.largest(EntryRow, "id") == 2**63 - 1


_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
_ANY_MOMENT = st.datetimes(timezones=st.timezones() | st.sampled_from([WEST, EAST, UTC]))


@given(
    st.builds(
        Post,
        st.just("generic"),
        st.text(max_size=5) | st.just("é" * 1200),
        st.builds(Author, _ANY_TEXT, _ANY_TEXT, _ANY_TEXT, st.none() | st.integers()),
        _ANY_TEXT,
        posted_at=st.none() | _ANY_MOMENT,
        edited_at=st.none() | _ANY_MOMENT,
        in_reply_to=st.none() | _ANY_TEXT,
        language=st.none() | _ANY_TEXT,
        tags=st.tuples(_ANY_TEXT),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_r22_whatever_it_is_it_is_stored_or_set_aside(database: Database, came: Post) -> None:
    logging.disable()
    ingest = Ingest(database)
    try:
        ingest.write([came])
    finally:
        ingest.close()
        logging.disable(logging.NOTSET)


@given(st.builds(Post, st.just("x"), st.text(), st.builds(Author, st.text()), language=st.none() | st.text()))
def test_fitting_what_fits_changes_nothing(came: Post) -> None:
    once = fit(came)
    assert fit(once.post).post == once.post
