"""S13: what is stored about a person can be handed out and removed, and does not come back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import String, cast, text
from sqlalchemy import select as select_columns
from sqlmodel import SQLModel, select

from bot.actions import erase, leaving
from bot.actions.archive.entries import restate
from bot.actions.erase import erase_customer, erase_employee
from bot.actions.people.details import Invalid
from bot.posts import Author, Mention, Post, PostEvent, Visibility
from bot.states import AnswerState, DeliveryState, EntryState, PostKind, TitleSource
from bot.store.dialects import overwrite_pages
from bot.store.engine import Database
from bot.store.people import staff
from bot.store.privacy import erasure, erasure_log, personal_record
from bot.store.privacy.erasure import NobodyThere, customer
from bot.store.privacy.scrub import ERASED
from bot.store.sealing import Sealer, Unreadable
from bot.store.tables.conversations import AnswerRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.house import ErasureRow
from tests.conftest import FakeClock
from tests.house import House

SEALER = Sealer([Fernet.generate_key()])


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    topic = house.topic("tv", "TV", "tv", "picture")
    house.employee("Jane Doe", topic, level=3)
    return house


def converse(house: House, customer_name: str = "samantha_q") -> None:
    question = house.post(customer_name, "@brand no picture on my TV since Monday evening")
    house.work()
    house.post("jane", f"@{customer_name} Hold the power button for ten seconds. #chorus", question)
    house.work()
    house.post(customer_name, "@brand that worked, thanks!", house.by_brand()[-1])
    house.work()


def dump(database: Database) -> str:
    """Everything the database holds, but the chained audit log, as one text."""
    found: list[str] = []
    with database.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name != "audit":
                rows = session.execute(select_columns(*[cast(one, String) for one in table.columns])).all()
                found += [str(value) for row in rows for value in row]
    return "\n".join(found)


def test_s13_nothing_of_an_erased_customer_is_left(house: House) -> None:
    converse(house)
    house.post("other", "@brand same problem as @samantha_q here")
    house.work()
    assert "samantha_q" in dump(house.database)
    with house.database.write() as session:
        removed = erase_customer(session, customer(session, "local", "Samantha_Q"), house.clock())
    assert removed.questions == 1
    left = dump(house.database)
    assert "samantha" not in left.lower()
    assert "since Monday evening" not in left
    [entry] = house.entries()
    assert entry.state == EntryState.GONE


def test_s13_what_stood_beside_an_erased_customers_words_goes_too(house: House) -> None:
    beside = {"warning": "sour milk", "choices": ("the red one",), "pictures": ("my kitchen",)}
    house.post("samantha_q", "sour milk\n\n@brand which fridge?\n\n• the red one", **beside)
    house.work()
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
    left = dump(house.database)
    assert not any(words in left for words in ("sour milk", "the red one", "my kitchen"))


def test_s13_an_erased_customers_warning_goes_from_the_reply_that_kept_it(house: House) -> None:
    asked = house.post("samantha_q", "sour milk\n\n@brand no picture on my TV", warning="sour milk")
    house.work()
    house.post("jane", "Try the other cable. #chorus", asked)
    house.work()
    [sent] = house.deliveries()
    assert (sent.state, sent.payload["warning"]) == (DeliveryState.SENT, "sour milk")
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
    [sent] = house.deliveries()
    assert sent.payload["warning"] == ""


def test_s13_an_entry_under_a_title_of_our_own_stays_without_the_customers_words(house: House) -> None:
    converse(house)
    with house.database.write() as session:
        question = session.exec(select(QuestionRow)).one()
        restate(session, question, "A dark screen after an update", TitleSource.EMPLOYEE, house.clock())
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
    [entry] = house.entries()
    assert entry.state == EntryState.PUBLIC
    assert entry.quotation is None
    assert entry.source_url is None
    assert "samantha" not in dump(house.database)


def test_s13_a_replayed_webhook_does_not_bring_an_erased_post_back(house: House) -> None:
    post = house.post("samantha_q", "@brand no picture on my TV")
    house.work()
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
    for event in (PostEvent.CREATED, PostEvent.EDITED, PostEvent.CREATED):
        house.tell(post, event)
        house.work()
    assert "no picture" not in dump(house.database)
    [row] = house.posts()
    assert (row.text, row.author_id, row.author_handle, row.verdict) == ("", "", "", PostKind.GONE)


def test_s13_an_answer_on_its_way_to_an_erased_customer_stays_in(house: House) -> None:
    question = house.post("samantha_q", "@brand no picture on my TV")
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.steps.intake.run()
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
    house.work()
    assert not house.by_brand()
    assert [row.state for row in house.answers()] == [AnswerState.WITHDRAWN]


def test_s13_ids_and_handles_of_other_platforms_go_everywhere(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.ingest.write(
        [
            Post(
                "mastodon",
                "100",
                Author("12345@social.example", "sam@social.example", "Sam Smith", followers=7),
                text="@brand help",
                visibility=Visibility.PUBLIC,
                url="https://social.example/@sam/100",
                mentions=(Mention("brand", "1@brand.example"),),
            ),
            Post(
                "mastodon",
                "101",
                Author("9@other.example", "kim@other.example"),
                text="@sam@social.example me too; Sam Smith told me. Write to bob@sam.example!",
                mentions=(Mention("sam@social.example", "12345@social.example"), Mention("brand")),
            ),
        ]
    )
    with database.write() as session:
        erase_customer(session, customer(session, "mastodon", "@sam@social.example"), clock())
    house.close()
    left = dump(database)
    assert "12345@" not in left
    assert "Sam Smith" not in left
    assert "sam@social" not in left
    assert "bob@sam.example" in left  # somebody else's address
    with database.read() as session:
        other = session.exec(select(PostRow).where(PostRow.external_id == "101")).one()
    assert [one["handle"] for one in other.mentions] == ["brand"]


@pytest.mark.parametrize("written", ["by this version", "by an earlier version"])
def test_s13_a_name_goes_from_beside_the_text_whatever_letters_it_has(
    database: Database, clock: FakeClock, written: str
) -> None:
    house, pictures = House(database, clock), ("Jürgen Müller with his router",)
    asker = Post("x", "1", Author("200", "jm", "Jürgen Müller"), text="@brand help")
    other = Post("x", "2", Author("201", "kim"), text="@brand look", pictures=pictures)
    house.ingest.write([asker, other])
    house.close()
    with database.write() as session:
        if written == "by an earlier version":
            raw = {"pictures": json.dumps(pictures, ensure_ascii=False)}
            session.execute(text("UPDATE post SET pictures = :pictures WHERE external_id = '2'"), raw)
    with database.write() as session:
        erase_customer(session, customer(session, "x", "@jm"), clock())
    with database.read() as session:
        [left] = session.exec(select(PostRow).where(PostRow.external_id == "2")).all()
    assert left.pictures == [f"{ERASED} with his router"]


def test_s13_who_is_meant_has_to_be_clear(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.ingest.write([Post("x", str(n), Author(f"1000{n}", "sam"), text="@brand hi") for n in range(2)])
    house.close()
    with database.read() as session:
        with pytest.raises(NobodyThere, match="10000, 10001"):
            customer(session, "x", "sam")
        with pytest.raises(NobodyThere, match="Nothing is stored"):
            customer(session, "mastodon", "sam")
        assert customer(session, "x", "10001").handles == ("sam",)


def test_s13_everything_about_a_customer_is_handed_out(house: House) -> None:
    converse(house)
    house.post("other", "@brand the same as @samantha_q, no picture")
    house.work()
    with house.database.read() as session:
        record = personal_record.of_customer(session, customer(session, "local", "samantha_q"))
    assert [one["text"] for one in record["posts"]] == [
        "@brand no picture on my TV since Monday evening",
        "@brand that worked, thanks!",
    ]
    assert len(record["questions"]) == len(record["answers_received"]) == len(record["archive_entries"]) == 1
    assert "the same as" in record["mentioned_by_others"][-1]["text"]
    assert "employee_id" not in record["answers_received"][0]


def test_s13_everything_about_an_employee_is_handed_out(house: House) -> None:
    converse(house)
    with house.database.read() as session:
        employee = staff.by_email(session, "jane@example.com")
        assert employee is not None
        record = personal_record.of_employee(session, employee)
    assert record["profile"]["name"] == "Jane Doe"
    assert record["expertise"] == [{"topic": "tv", "level": 3, "source": "declared"}]
    assert len(record["offers"]) == len(record["answers"]) == 1
    assert "secret_hash" not in str(record)


def test_s13_a_former_employee_is_credited_as_nobody_in_particular(house: House) -> None:
    converse(house)
    before = house.entries()[0].revision
    with house.database.write() as session:
        employee = staff.by_email(session, "jane@example.com")
        assert employee is not None
        with pytest.raises(Invalid, match="leave first"):
            erase_employee(session, employee, house.clock())
        leaving.leave(session, employee, house.clock())
        erase_employee(session, employee, house.clock(), "our team")
    left = dump(house.database).lower()
    assert "jane" not in left
    assert [row.credit for row in house.answers()] == ["our team"]
    assert house.answers()[0].text == "Hold the power button for ten seconds."
    assert house.entries()[0].revision > before


def test_s13_the_log_is_applied_again_after_a_restore(house: House, tmp_path: Path) -> None:
    converse(house)
    with house.database.write() as session:
        line = erasure_log.note(session, erasure_log.CUSTOMER, "local", "samantha_q", SEALER, house.clock())
        other = erasure_log.note(
            session, erasure_log.EMPLOYEE, "", "jane@example.com", SEALER, house.clock(), credit="our team"
        )
    file = tmp_path / "var" / "erasures.jsonl"
    for one in (line, other, line):
        erasure_log.append_to(file, one)
    assert "samantha" not in file.read_text()
    with house.database.write() as session:  # as in a backup older than the erasures: people, and no log
        for row in session.exec(select(ErasureRow)).all():
            session.delete(row)
    with house.database.write() as session:
        erasure_log.add_lines(session, erasure_log.read_from(file))
        assert len(erasure_log.lines(session)) == 2
        assert erase.erase_again(session, SEALER, house.clock() + timedelta(days=1)) == 2
    left = dump(house.database).lower()
    assert "samantha" not in left
    assert "jane" not in left
    with house.database.write() as session:
        assert erase.erase_again(session, SEALER, house.clock()) == 0


def test_s13_the_log_moves_to_a_new_secret_key(database: Database, clock: FakeClock) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    with database.write() as session:
        erasure_log.note(session, erasure_log.CUSTOMER, "x", "12345", Sealer([old]), clock())
        erasure_log.reseal(session, Sealer([new, old]))
    with database.write() as session:
        erase.erase_again(session, Sealer([new]), clock())
        with pytest.raises(Unreadable):
            erase.erase_again(session, Sealer([old]), clock())


def test_s13_sqlite_keeps_nothing_in_its_free_pages(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock)
    house.post("samantha_q", "@brand a very private matter of mine")
    house.work()
    house.close()
    with sqlite_database.write() as session:
        overwrite_pages(session)
        erase_customer(session, customer(session, "local", "samantha_q"), clock())
    erasure.empty_log(sqlite_database)
    file = Path(str(sqlite_database.engine.url.database))
    raw = file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()
    assert b"very private matter" not in raw
    assert b"samantha" not in raw


def test_an_erased_answer_of_the_archive_is_not_searchable_by_vector(house: House) -> None:
    converse(house)
    with house.database.write() as session:
        erase_customer(session, customer(session, "local", "samantha_q"), house.clock())
        assert session.exec(select(EntryRow.title)).one() == ""
        assert session.exec(select(AnswerRow.text)).one()
