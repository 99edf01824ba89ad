"""On an answer's way, content warnings are carried; pictures and polls are held for a person."""

import pytest

from bot.actions.conversations import decide
from bot.posts import Outgoing, PostEvent
from bot.states import AnswerKind, AnswerState, DeliveryState
from bot.store.archive.entry_source import StoredEntries
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.queries.pages import admin, archive
from bot.store.tables.conversations import AnswerRow
from bot.wording.attachments import NEUTRAL_WARNING
from tests.conftest import FakeClock
from tests.house import House

QUESTION = "TV trouble\n\n@brand no picture on my TV"
ANSWER = "blinking lights\n\n@sam Try the other cable. #chorus"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock, publish={"blocked_words": ["warranty"]})
    topic = house.topic("tv", "TV", "tv", "picture")
    house.employee("Jane Doe", topic, level=3)
    house.employee("Ravi Kumar", topic)
    return house


def sent(house: House) -> list[Outgoing]:
    return [deliveries.outgoing(row) for row in house.deliveries() if row.state == DeliveryState.SENT]


def test_s24_an_answers_warning_folds_the_brands_reply_and_is_none_of_its_words(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", ANSWER, question, warning="blinking lights")
    house.work()
    [one] = sent(house)
    assert (one.warning, one.text) == ("blinking lights", "Try the other cable. ^Jane")
    [answer] = house.answers()
    assert (answer.warning, answer.text) == ("blinking lights", "Try the other cable.")


def test_s24_the_questions_warning_is_kept_on_every_part_of_the_reply_and_in_the_archive(
    house: House,
) -> None:
    question = house.post("sam", QUESTION, warning="TV trouble")
    house.work()
    house.post("jane", "First unplug the set, then wait. " * 22 + "#chorus", question)
    house.work()
    assert len(sent(house)) > 1
    assert {one.warning for one in sent(house)} == {"TV trouble"}
    assert all(len(f"TV trouble\n{one.text}") <= 500 for one in sent(house))
    [entry] = house.entries()
    assert (entry.warning, entry.quotation) == ("TV trouble", "no picture on my TV")
    assert "picture" not in entry.title, "a title shows to everybody what the customer folded away"


def test_s9_a_warning_that_the_brand_must_not_repeat_becomes_a_neutral_one(house: House) -> None:
    warning = "see https://evil.example"
    question = house.post("sam", f"{warning}\n\n@brand no picture on my TV", warning=warning)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    assert [one.warning for one in sent(house)] == [NEUTRAL_WARNING]


@pytest.mark.parametrize(
    ("warning", "state", "why"),
    [
        ("voids the warranty", AnswerState.HELD, "list of words"),
        ("see https://other.example", AnswerState.HELD, "other.example"),
        ("see https://bit.ly/3", AnswerState.DROPPED, "short link"),
        ("x" * 201, AnswerState.HELD, "content warning has 201 characters"),
    ],
)
def test_s24_the_guard_looks_at_an_answers_warning_too(
    house: House, warning: str, state: AnswerState, why: str
) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", f"{warning}\n\nTry the other cable. #chorus", question, warning=warning)
    house.work()
    assert not house.by_brand()
    [answer] = house.answers()
    assert answer.state == state
    assert why in (answer.held_for or "")


@pytest.mark.parametrize(
    ("beside", "text", "why"),
    [
        ({"pictures": ("the right socket",)}, "Plug it in here. #chorus", "a picture"),
        ({"pictures": ("", "")}, "Plug it in here. #chorus", "2 pictures"),
        ({"choices": ("yes", "no")}, "Does it blink? #chorus\n\n• yes\n• no", "a poll"),
    ],
)
def test_s24_pictures_and_polls_of_an_answer_are_held_with_the_reason(
    house: House, beside: dict[str, tuple[str, ...]], text: str, why: str
) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", text, question, **beside)
    house.work()
    assert not house.by_brand()
    [answer] = house.answers()
    assert answer.state == AnswerState.HELD
    assert why in (answer.held_for or "")
    with house.database.write() as session:
        row = session.get_one(AnswerRow, answer.id)
        decide.approve(session, house.answering, row, AnswerKind.ADDITION, house.clock())
    house.work()
    assert len(house.by_brand()) == 1, "somebody has seen that the words alone will do"


def test_s24_an_answer_to_which_a_picture_is_added_before_it_goes_out_is_held(
    sqlite_database: Database, clock: FakeClock
) -> None:
    house = House(sqlite_database, clock)
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    post = house.feed.append("jane", "Plug it in here. #chorus", in_reply_to=question.id)
    house.tell(post)
    house.steps.intake.run()
    assert house.answers()[0].state == AnswerState.QUEUED
    house.edit(post, pictures=("the right socket",))
    house.work()
    house.wait(60)
    assert not house.by_brand()
    assert "a picture" in (house.answers()[0].held_for or "")


def test_s24_people_in_charge_find_a_question_by_what_its_pictures_show_in_any_script(house: House) -> None:
    house.post("sam", "@brand what is this?", pictures=("ein Gerät mit rotem Lämpchen", ""))
    house.post("kim", "@brand and this?", pictures=("a lamp",))
    house.work()
    with house.database.read() as session:
        found, _ = admin.questions(session, admin.QuestionFilter(words="Gerät mit"))
    assert [question.customer_handle for question in found] == ["sam"]


def test_s24_pictures_of_a_question_are_quoted_and_searched_with_its_words(house: House) -> None:
    question = house.post("sam", "@brand what is this?", pictures=("a blinking red lamp", ""))
    house.work()
    house.post("jane", "The update light. #chorus", question)
    house.work()
    [entry] = house.entries()
    assert entry.pictures == ["a blinking red lamp"]
    with house.database.read() as session:
        record = archive.find(session, entry.id)
    assert record is not None
    assert record.pictures == ("a blinking red lamp",)
    [document] = StoredEntries(house.database).documents([entry.id])
    assert document.question == "what is this?\na blinking red lamp"


def test_s10_personal_data_in_a_picture_or_a_warning_withholds_the_quotation(house: House) -> None:
    for beside in ({"pictures": ("letter to +1 202 555 0143",)}, {"warning": "call +1 202 555 0143"}):
        question = house.post("sam", "@brand no picture on my TV", **beside)
        house.work()
        house.post("jane", "The update light. #chorus", question)
        house.work()
        entry = house.entries()[-1]
        assert (entry.quotation, entry.warning, entry.pictures) == (None, "", [])
        assert "0143" not in entry.title


def test_s12_what_stood_beside_a_question_goes_with_it(house: House) -> None:
    question = house.post("sam", QUESTION, warning="TV trouble", pictures=("a red lamp",))
    house.work()
    house.post("jane", "The update light. #chorus", question)
    house.work()
    house.tell(question, PostEvent.DELETED)
    house.work()
    post, [entry] = house.posts()[0], house.entries()
    assert (post.text, post.warning, post.pictures) == ("", "", [])
    assert (entry.quotation, entry.warning, entry.pictures) == (None, "", [])


def test_a_repeated_answer_is_folded_behind_its_warning(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", ANSWER, question, warning="blinking lights")
    house.work()
    again = house.post("kim", "@brand my screen has no picture either")
    house.work()
    house.post("ravi", "#chorus 1", again)
    house.work()
    assert [one.warning for one in sent(house)] == ["blinking lights", "blinking lights"]


def test_a_second_answer_of_the_same_person_is_not_called_somebody_elses(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    house.post("jane", "And update it afterwards. #chorus", question)
    house.work()
    held = house.answers()[-1]
    assert held.state == AnswerState.HELD
    assert "Somebody else" not in (held.held_for or "")
    assert "author has answered this already" in (held.held_for or "")
