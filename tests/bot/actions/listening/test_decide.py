"""What a person makes of a post on the tray: it is let be, or a question as if it had been asked."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions import regroup
from bot.actions.listening import decide
from bot.actions.undecidable import Undecidable
from bot.platforms.x.traits import TRAITS as X
from bot.posts import Author, Outgoing, Post, Published, Refusal, Visibility
from bot.states import DeliveryState, ListenedState, PostKind, Via
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.listening import ListenedRow
from bot.store.tables.people import EmployeeRow
from routing.ladder.policy import Policy
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.house import House
from tests.listened import listening, on_the_tray


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock, publish={"first_reply": True})
    topic = house.topic("tv", "TV", "tv", "picture", "acme")
    house.employee("Jane Doe", topic, level=3)
    listening(house, "acme")
    return house


def heard(house: House, text: str = "my acme tv has no picture", author: str = "sam") -> int:
    """Somebody says something without asking us; the number on the tray."""
    house.post(author, text)
    house.work()
    return int(house.rows(ListenedRow)[-1].id)


def ask(house: House, number: int) -> int:
    with house.database.write() as session:
        return decide.ask(session, number, house.clock())


def test_let_be_it_waits_no_more_and_can_be_put_back(house: House) -> None:
    number = heard(house)
    with house.database.write() as session:
        decide.let_be(session, number, 1, house.clock())
    assert on_the_tray(house) == []
    assert on_the_tray(house, ListenedState.LET_BE) == ["my acme tv has no picture"]
    with house.database.write() as session, pytest.raises(Undecidable, match="already"):
        decide.let_be(session, number, 1, house.clock())
    with house.database.write() as session:
        decide.put_back(session, number, house.clock())
    assert on_the_tray(house) == ["my acme tv has no picture"]


def test_what_a_colleague_has_let_be_becomes_a_question_only_for_whoever_knows_that(house: House) -> None:
    number = heard(house)
    with house.database.write() as session:
        decide.let_be(session, number, 1, house.clock())
    with pytest.raises(Undecidable, match="let it be already"):
        ask(house, number)
    with house.database.write() as session:
        decide.ask(session, number, house.clock(), let_be=True)
    assert len(house.questions()) == 1


def test_a_question_made_of_it_is_put_to_people_and_says_that_nobody_asked(house: House) -> None:
    question_id = ask(house, heard(house))
    house.work()
    [question] = house.questions()
    assert (question.id, question.unasked, question.state) == (question_id, True, QuestionState.OFFERED)
    assert (question.customer_id, question.text) == ("sam", "my acme tv has no picture")
    [offer] = house.offers()
    assert offer.state == OfferState.OPEN
    assert (house.posts()[0].verdict, house.posts()[0].question_id) == (PostKind.QUESTION, question_id)
    assert house.rows(ListenedRow) == []
    assert house.by_brand() == []  # nothing is said by itself


def test_it_is_asked_when_the_question_is_made_for_nobody_has_waited_before(
    house: House, clock: FakeClock
) -> None:
    number = heard(house)
    clock.advance(timedelta(hours=9))
    ask(house, number)
    assert [one.asked_at for one in house.questions()] == [clock()]


def test_its_answer_is_a_reply_to_the_post_and_its_entry_one_like_any_other(house: House) -> None:
    ask(house, heard(house))
    house.work()
    words = "Hold its button for ten seconds, then it starts anew. #chorus"
    house.post("jane", words, house.posts()[0].external_id)
    house.work()
    [reply] = house.by_brand()
    assert reply.in_reply_to == house.posts()[0].external_id
    assert len(house.rows(EntryRow)) == 1


def test_who_then_addresses_the_brand_has_asked(house: House) -> None:
    ask(house, heard(house))
    house.work()
    house.post("sam", "@brand could you help me with that?", house.posts()[0].external_id)
    house.work()
    assert [one.unasked for one in house.questions()] == [False]


def test_joined_with_what_they_did_ask_it_counts_as_asked(house: House, clock: FakeClock) -> None:
    ask(house, heard(house))
    clock.advance(timedelta(hours=1))
    house.post("sam", "@brand how do I pair the remote of my acme tv?")
    house.work()
    assert [one.unasked for one in house.questions()] == [True, False]
    with house.database.write() as session:
        kept = regroup.join(session, 1, 2, Policy(), clock())
        assert not kept.unasked


def test_parted_from_one_that_nobody_asked_it_is_one_too(house: House, clock: FakeClock) -> None:
    ask(house, heard(house))
    house.work()
    said = house.post("sam", "it began after the update of yesterday", house.posts()[0].external_id)
    house.work()
    [post] = [one for one in house.posts() if one.external_id == said.id]
    assert post.question_id == 1
    with house.database.write() as session:
        opened = regroup.part(
            session, session.get_one(QuestionRow, 1), session.get_one(PostRow, post.id), clock()
        )
        assert opened.unasked


def test_its_deletion_is_heard_like_any_questions(house: House) -> None:
    post = house.feed.append("sam", "my acme tv has no picture")
    house.tell(post)
    house.work()
    ask(house, house.rows(ListenedRow)[0].id)
    house.work()
    house.delete(post)
    house.work()
    [question] = house.questions()
    assert (question.state, question.text) == (QuestionState.WITHDRAWN, "")


def test_a_post_that_changes_just_now_is_not_decided_about(house: House) -> None:
    number = heard(house)
    with house.database.write() as session:
        session.get_one(PostRow, 1).state = "new"
    with house.database.write() as session, pytest.raises(Undecidable, match="not on the tray any more"):
        decide.ask(session, number, house.clock())
    with house.database.write() as session, pytest.raises(Undecidable, match="not on the tray any more"):
        decide.let_be(session, 4711, 1, house.clock())


def test_one_that_is_not_public_any_more_is_not_decided_about(house: House) -> None:
    number = heard(house)
    with house.database.write() as session:
        session.get_one(PostRow, 1).visibility = Visibility.FOLLOWERS.value
    with house.database.write() as session, pytest.raises(Undecidable):
        decide.ask(session, number, house.clock())


def test_of_two_at_one_post_one_makes_the_question(house: House) -> None:
    number = heard(house)

    def try_it(_: int) -> str:
        try:
            return str(ask(house, number))
        except Undecidable as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(try_it, range(2)))
    assert said == ["1", str(decide.TOO_LATE)]
    assert len(house.questions()) == 1


def test_when_its_time_is_over_the_question_stays(house: House, clock: FakeClock) -> None:
    ask(house, heard(house))
    clock.advance(timedelta(days=30))
    house.steps.search_words.forget()
    assert [post.text for post in house.posts()] == ["my acme tv has no picture"]


class OnX:
    """The local feed as X would have it: a reply to who has not mentioned the brand is none for an app."""

    name = "x"

    def __init__(self, inner: object) -> None:
        self.inner, self.traits = inner, X
        self.sent: list[Outgoing] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def publish(self, outgoing: Outgoing, timeout: float) -> Published:
        del timeout
        self.sent.append(outgoing)
        return Published(f"{len(self.sent)}", "https://x.com/i/status/1")


def on_x(database: Database, clock: FakeClock) -> tuple[House, OnX]:
    house = House(database, clock)
    platform = OnX(house.local)
    house.close()
    house = House(database, clock, platforms={"x": platform})
    house.employee("Jane Doe")
    listening(house, "acme")
    house.ingest.write(
        [Post("x", "77", Author("u1", "sam"), "my acme is dead", visibility=Visibility.PUBLIC)]
    )
    house.work()
    return house, platform


def answer(house: House, question_id: int) -> DeliveryRow:
    with house.database.write() as session:
        question = session.get_one(QuestionRow, question_id)
        author = session.get_one(EmployeeRow, 1)
        house.answering.take(session, question, author, "Hold its button.", via=Via.DESK, now=house.clock())
    house.work()
    return house.deliveries()[-1]


def test_on_x_the_answer_waits_as_a_link_and_nothing_is_sent(database: Database, clock: FakeClock) -> None:
    house, platform = on_x(database, clock)
    sent = answer(house, ask(house, 1))
    assert platform.sent == []
    assert (sent.state, sent.code) == (DeliveryState.REJECTED, Refusal.NOT_PERMITTED)
    assert sent.link is not None
    assert sent.link.startswith("https://x.com/intent/post?in_reply_to=77&text=Hold+its+button.")


def test_on_x_who_addresses_the_brand_afterwards_gets_it_by_the_app(
    database: Database, clock: FakeClock
) -> None:
    house, platform = on_x(database, clock)
    question_id = ask(house, 1)
    said = Post("x", "78", Author("u1", "sam"), "@brand it does not start", in_reply_to="77")
    reply = replace(said, visibility=Visibility.PUBLIC)
    house.ingest.write([reply])
    house.work()
    assert answer(house, question_id).state == DeliveryState.SENT
    assert [one.in_reply_to for one in platform.sent] == ["78"]
