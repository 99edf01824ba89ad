"""The JSON of rows from any version so far reads as named values, and is written in the same form."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.posts import Mention, Visibility
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import ChangeRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import Happened, Notice, Payload, Suggested, stored_suggestions
from routing.model.domain import Outcome, Reason, Shift, TopicWeight

AT = "2026-03-04 12:00:00+00:00"
ROWS = {
    "employee (id, name, email, title, timezone, shifts, languages, daily_cap, open_cap, created_at)": (
        f"(1, 'Jane', 'jane@example.com', '', 'UTC', '[[0, 540, 1020]]', '[]', 20, 3, '{AT}')"
    ),
    "post (id, platform, external_id, author_id, author_handle, author_name, indexable, text, visibility, "
    "mentions, tags, refs, is_repost, received_at)": (
        "(1, 'local', '1', 'sam', 'sam', 'Sam', true, 'Hi', 'public', "
        f"""'[{{"handle": "brand", "id": "b1"}}, {{"handle": "other"}}]', '[]', '{{}}', false, '{AT}')"""
    ),
    "question (id, platform, customer_id, customer_handle, text, round, rung, priority, topics, topics_by, "
    "note, title, suggestions, asked_at)": (
        "(1, 'local', 'sam', 'sam', 'Hi', 0, 0, 0, '[[\"tv\", 0.61], [\"wifi\", 1]]', '', '', '', "
        f"'[[4, 0.83], [5, 0.7, 0.9]]', '{AT}')"
    ),
    "offer (id, question_id, employee_id, round, rung, score, reasons, offered_at, expires_at)": (
        '(1, 1, 1, 0, 0, 0.5, \'[{"kind": "topic", "text": "knows TV", "share": 0.6}]\', '
        f"'{AT}', '{AT}')"
    ),
    "delivery (id, kind, platform, key, part, parts, payload, refs, cost_micros, created_at)": ", ".join(
        f"({number}, '{kind}', 'local', 'key-{number}', 0, 1, '{payload}', '{{}}', 0, '{AT}')"
        for number, kind, payload in (
            (1, "publication", '{"text": "hi", "created_at": "2026-03-04T12:00:00+00:00"}'),
            (
                2,
                "publication",
                (
                    '{"text": "hi", "in_reply_to": "7", "refs": {"cid": "c"}, "visibility": "unlisted", '
                    '"warning": "milk", "language": "en", "created_at": "2026-03-04T12:00:00+00:00"}'
                ),
            ),
            (3, "notice", "{}"),
            (4, "notice", '{"answer": 9}'),
            (5, "notice", '{"alarm": "posts", "ids": ["1", "2"]}'),
        )
    ),
}


def test_rows_of_earlier_versions_read_by_name(database: Database) -> None:
    with database.write() as session:
        for into, values in ROWS.items():
            session.execute(text(f"INSERT INTO {into} VALUES {values}"))
    with database.read() as session:
        assert session.get_one(EmployeeRow, 1).hours == (Shift(0, 540, 1020),)
        assert session.get_one(PostRow, 1).addressed == (Mention("brand", "b1"), Mention("other"))
        question = session.get_one(QuestionRow, 1)
        assert (question.weights, question.main_topic) == (
            (TopicWeight("tv", 0.61), TopicWeight("wifi", 1.0)),
            "tv",
        )
        assert question.suggested == (Suggested(4, 0.83, 0.83), Suggested(5, 0.7, 0.9))
        assert session.get_one(OfferRow, 1).why == (Reason("topic", "knows TV", 0.6),)
        bare, whole, offer, answer, alarm = (session.get_one(DeliveryRow, one) for one in range(1, 6))
    assert bare.sends == Payload("hi", "2026-03-04T12:00:00+00:00")
    assert whole.sends == Payload(
        "hi",
        "2026-03-04T12:00:00+00:00",
        in_reply_to="7",
        refs={"cid": "c"},
        visibility=Visibility.UNLISTED,
        language="en",
        warning="milk",
    )
    assert (offer.tells, answer.tells, alarm.tells) == (
        Notice(),
        Notice(answer=9),
        Notice(alarm="posts", ids=("1", "2")),
    )
    assert whole.sends.stored() == whole.payload
    assert [one.tells.stored() for one in (offer, answer, alarm)] == [{}, answer.payload, alarm.payload]


def test_a_row_that_makes_no_sense_is_found_all_the_same(database: Database) -> None:
    with database.write() as session:
        session.execute(text(f"INSERT INTO {(into := list(ROWS)[2])} VALUES {ROWS[into]}"))
        session.execute(text("UPDATE question SET topics = '[[\"tv\"]]'"))
    with database.read() as session:
        assert session.get_one(QuestionRow, 1).text == "Hi"


@given(
    st.builds(
        Payload,
        text=st.text(),
        created_at=st.just("2026-03-04T12:00:00+00:00"),
        in_reply_to=st.none() | st.text(),
        refs=st.dictionaries(st.text(), st.text()),
        visibility=st.sampled_from(Visibility),
        language=st.none() | st.text(),
        warning=st.text(),
        repost_of=st.none() | st.text(),
    )
)
def test_a_payload_comes_back_as_it_went_in(payload: Payload) -> None:
    assert Payload.read(payload.stored()) == payload
    assert Payload.read(replace(payload, text="").stored()).text == ""


def test_what_came_of_a_question_reads_by_name(database: Database) -> None:
    into = "change (seq, kind, row_id, detail, at)"
    detail = """'{"outcome": "ignored", "employee": 3}'"""
    with database.write() as session:
        session.execute(text(f"INSERT INTO {into} VALUES (1, 'outcome', 7, {detail}, '{AT}')"))
    with database.read() as session:
        assert session.get_one(ChangeRow, 1).happened == Happened(Outcome.IGNORED, 3)


def test_suggestions_are_written_with_as_many_digits_as_count() -> None:
    assert stored_suggestions([Suggested(1, 0.123456, 0.12345678)]) == [[1, 0.1235, 0.123457]]
