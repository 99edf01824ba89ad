"""An archive from elsewhere: what cannot be stored is refused with its field, or made to fit."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import select

from bot.actions.archive import imports
from bot.store.archive import transfer
from bot.store.archive.transfer import EntryLine
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def line(**values: Any) -> dict[str, Any]:
    answer = {"text": "Unplug it", "at": "2026-11-01T11:00:00Z", **values.pop("answer", {})}
    return {"title": "No picture", "asked_at": "2026-11-01T10:00:00Z", "answers": [answer], **values}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"asked_count": 9_999_999_999}, "asked_count"),
        ({"asked_count": 0}, "asked_count"),
        ({"asked_at": "9999-12-31T23:59:59-12:00"}, "asked_at"),
        ({"valid_until": "0001-01-01T00:00:00+14:00"}, "valid_until"),
        ({"answer": {"at": "0001-01-01T00:00:00+14:00"}}, "answers.0.at"),
    ],
)
def test_r22_a_value_that_cannot_be_stored_is_named(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EntryLine.model_validate(line(**values))
    assert ".".join(map(str, refused.value.errors()[0]["loc"])) == field


def test_r22_a_language_of_another_archive_keeps_what_fits() -> None:
    assert EntryLine.model_validate(line(language="en-US-x-abcdefghij")).language == "en-US"
    assert EntryLine.model_validate(line(language="x" * 20)).language is None


NUL = "a\x00b"


def test_r22_characters_that_no_database_takes_are_replaced_wherever_they_stand(database: Database) -> None:
    odd = line(
        title=NUL,
        question=NUL,
        topic=None,
        language="e\x00n",
        source_url=f"https://a/{NUL}",
        answer={"text": NUL, "credit": NUL, "url": f"https://a/{NUL}"},
    )
    for _ in range(2):  # the same file once more changes nothing
        with database.write() as session:
            seen = transfer.known(session)
            imports.take_in(session, EntryLine.model_validate(odd), seen, NOW)
    with database.read() as session:
        entry = session.exec(select(EntryRow)).one()
        answer = session.exec(select(AnswerRow)).one()
        question = session.exec(select(QuestionRow)).one()
    assert (entry.title, answer.text, answer.credit) == ("a\ufffdb", "a\ufffdb", "^a\ufffdb")
    assert "\x00" not in repr((entry, answer, question))


def test_r22_the_largest_count_is_stored(database: Database) -> None:
    with database.write() as session:
        read = EntryLine.model_validate(line(asked_count=2**31 - 1))
        imports.take_in(session, read, set(), NOW)
    with database.read() as session:
        assert session.exec(select(EntryRow.asked_count)).one() == 2**31 - 1


def test_s24_content_warnings_and_pictures_move_with_the_words(database: Database) -> None:
    line = EntryLine.model_validate(
        {
            "title": "What helps?",
            "question": "@brand my thumb bleeds",
            "warning": "blood",
            "pictures": ["a thumb"],
            "asked_at": NOW,
            "answers": [{"text": "Press on it.", "at": NOW, "warning": "needles"}],
        }
    )
    with database.write() as session:
        assert imports.take_in(session, line, set(), NOW)
    with database.read() as session:
        [moved] = transfer.exported(session)
    assert (moved.question, moved.warning, moved.pictures) == ("my thumb bleeds", "blood", ["a thumb"])
    assert [one.warning for one in moved.answers] == ["needles"]


def test_s10_personal_data_beside_an_imported_question_withholds_it(database: Database) -> None:
    line = EntryLine.model_validate(
        {
            "title": "What helps?",
            "question": "@brand my thumb bleeds",
            "pictures": ["a letter to +1 202 555 0143"],
            "asked_at": NOW,
            "answers": [{"text": "Press on it.", "at": NOW}],
        }
    )
    with database.write() as session:
        imports.take_in(session, line, set(), NOW)
        entry = session.exec(select(EntryRow)).one()
        assert (entry.quotation, entry.warning, entry.pictures) == (None, "", [])
