"""Authors hear by mail of answers that did not go out, and why; nothing private is repeated in a mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions.conversations import handover
from bot.channels.messages import AnswerOutcome, Offered, answers_message, offers_message
from bot.channels.messages import BrandProfile as Sender
from bot.posts import Outgoing, Published, Refusal, Rejected, Visibility
from bot.states import AnswerState, DeliveryKind, DeliveryState
from bot.steps.recheck import Recheck
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import MailServer

BASE = "https://answers.example.com"
SENDER = Sender("Acme", BASE)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
QUESTION = "@brand no picture on my TV"


@pytest.fixture
def house(database: Database, clock: FakeClock, mails: MailServer) -> House:
    house = House(database, clock, **telling(mails), publish={"undo_window": 30})
    topic = house.topic("tv", "TV", "tv", "picture")
    house.employee("Jane Doe", topic, level=3)
    house.employee("Ravi Kumar", topic)
    return house


def telling(mails: MailServer) -> dict[str, Any]:
    """The settings of a house that tells its people by mail."""
    return {"brand_name": "Acme", "base_url": BASE, "mail": mails.settings}


def told(house: House, mails: MailServer) -> list[str]:
    """The mails that authors get."""
    house.worker.run_until_idle("notices")
    return [text for text in mails.texts() if "Your answer" in text]


def test_s23_the_author_of_a_private_answer_is_told_why_it_is_held(house: House, mails: MailServer) -> None:
    question = house.post("sam", QUESTION)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question, visibility=Visibility.PRIVATE)
    house.work()
    [mail] = told(house, mails)
    assert "Hello Jane Doe," in mail
    assert "Your answer to question 1 is held." in mail
    assert "posts it again in public" in mail
    assert f"{BASE}/desk/answers" in mail
    assert "cable" not in mail


@pytest.mark.parametrize("whose", ["question", "answer"])
def test_s23_the_author_is_told_of_what_was_made_private_before_it_went_out(
    house: House, mails: MailServer, whose: str
) -> None:
    question = house.post("sam", QUESTION)
    house.work()
    answer = house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    house.clock.advance(60)
    house.edit(question if whose == "question" else answer, visibility=Visibility.FOLLOWERS)
    house.steps.deliver.run()
    [mail] = told(house, mails)
    assert "for followers only" in mail


def test_an_answer_that_says_the_same_is_dropped_with_a_note(house: House, mails: MailServer) -> None:
    question = house.post("sam", QUESTION)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.post("ravi", "Try the other cable! #chorus", question)
    house.work()
    [mail] = told(house, mails)
    assert "Hello Ravi Kumar," in mail
    assert "says the same" in mail


def test_the_author_is_told_what_the_platform_refused(
    sqlite_database: Database, clock: FakeClock, mails: MailServer
) -> None:
    class Closed:
        def __init__(self, inner: object) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def publish(self, outgoing: Outgoing, timeout: float) -> Published:
            raise Rejected("Its author lets nobody reply: https://feed.example/1", Refusal.NOT_PERMITTED)

    house = House(sqlite_database, clock, **telling(mails), wrap=Closed)  # type: ignore[arg-type]
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    question = house.post("sam", QUESTION)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    [mail] = told(house, mails)
    assert "was not published. Its author lets nobody reply: https://feed.example/1" in mail


def test_who_has_had_it_published_meanwhile_is_told_nothing(house: House, mails: MailServer) -> None:
    question = house.post("sam", QUESTION)
    house.work()
    answer = house.post("jane", "Try the other cable. #chorus", question, visibility=Visibility.PRIVATE)
    house.work()
    house.edit(answer, visibility=Visibility.PUBLIC)
    house.work()
    house.wait(60)
    assert house.answers()[0].state == AnswerState.PUBLISHED
    assert told(house, mails) == []
    notices = [row for row in house.deliveries() if row.kind == DeliveryKind.NOTICE]
    assert {row.state for row in notices} == {DeliveryState.WITHDRAWN}


def test_without_a_mail_server_nothing_is_queued(sqlite_database: Database, clock: FakeClock) -> None:
    assert House(sqlite_database, clock, mail={"host": "127.0.0.1"}).chorus.rules.personal_channels
    house = House(sqlite_database, clock)
    assert not house.chorus.rules.personal_channels
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    question = house.post("sam", QUESTION)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question, visibility=Visibility.PRIVATE)
    house.work()
    assert house.deliveries() == []


def test_several_answers_are_told_in_one_mail() -> None:
    outcomes = [
        AnswerOutcome(7, waits=True, why="It is long."),
        AnswerOutcome(8, waits=False, why="It is\nshort."),
    ]
    message = answers_message(SENDER, "Jane", outcomes)
    assert message.subject == "Acme: 2 of your answers have not been published"
    assert "Your answer to question 7 is held. It is long." in message.text
    assert "Your answer to question 8 was not published. It is short." in message.text
    assert f"{BASE}/desk/questions/8" in message.text


def test_s23_a_private_question_is_not_repeated_in_a_mail() -> None:
    offered = Offered(7, "no picture", "mastodon", (), NOON + timedelta(minutes=5))
    assert "no picture" in offers_message(SENDER, "Jane", "UTC", [offered], NOON).text
    private = offers_message(SENDER, "Jane", "UTC", [replace(offered, is_private=True)], NOON).text
    assert "no picture" not in private
    assert "read it at the desk" in private


def test_s23_a_colleague_to_whom_a_private_question_is_referred_reads_it_at_the_desk(
    house: House, mails: MailServer
) -> None:
    house.post("sam", QUESTION)
    house.work()
    with house.database.write() as session:
        giver, taker = session.get_one(EmployeeRow, 1), session.get_one(EmployeeRow, 2)
        question = session.get_one(QuestionRow, 1)
        handover.refer(session, house.chorus.rules, question, giver, taker, house.clock())
    house.edit(house.feed.get(["1"])[0], visibility=Visibility.PRIVATE)
    house.clock.advance(120)
    told(house, mails)
    assert not any("no picture" in one for one in mails.texts())


def test_s23_a_quoted_post_that_is_not_public_any_more_is_found_by_looking_again(house: House) -> None:
    question = house.post("sam", QUESTION)
    house.work()
    house.post("jane", "Try the other cable. #chorus", question)
    house.work()
    house.wait(60)
    assert house.entries()[0].quotation

    class Hidden:
        name = "local"

        def fetch(self, ids: list[str], known: object = None) -> list[object]:
            return [
                replace(look, post=look.post and replace(look.post, visibility=Visibility.PRIVATE))
                for look in house.local.fetch(ids)
            ]

    house.clock.advance(timedelta(hours=13))
    Recheck(house.database, {"local": Hidden()}, house.ingest).run()  # type: ignore[dict-item]
    house.work()
    assert house.entries()[0].quotation is None
