"""What is private stays private: nothing is published to more people than may see question and answer."""

import pytest

from bot.actions.conversations import decide
from bot.actions.conversations.answer import NotAnswerable
from bot.actions.conversations.audience import PRIVATE_QUESTION
from bot.actions.deliveries.last_look import EDIT_SET_ASIDE
from bot.actions.undecidable import Undecidable
from bot.actions.unprompted import point_to_archive
from bot.posts import Outgoing, Visibility
from bot.states import AnswerKind, AnswerState, DeliveryState, EntryState, PostKind, PostState, Via
from bot.store.conversations import deliveries, set_aside
from bot.store.engine import Database
from bot.store.queries.pages import admin, archive
from bot.store.queries.unanswered import texts_without_answer
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.house import House

CABLE = "Try the other cable. #chorus"
HIDDEN = [Visibility.FOLLOWERS, Visibility.PRIVATE]


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock, publish={"undo_window": 30})
    topic = house.topic("tv", "TV", "tv", "picture")
    house.employee("Jane Doe", topic, level=3)
    house.employee("Ravi Kumar", topic)
    return house


def later(house: House) -> None:
    """Whatever came in is looked at, and the undo window is over."""
    house.work()
    house.wait(60)


def sent(house: House) -> list[Outgoing]:
    """What was handed to the platform, as it was handed over."""
    return [deliveries.outgoing(row) for row in house.deliveries() if row.state == DeliveryState.SENT]


@pytest.mark.parametrize("visibility", HIDDEN)
def test_s23_a_private_tagged_reply_is_held_for_its_author_with_the_reason(
    house: House, visibility: Visibility
) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question, visibility=visibility)
    later(house)

    assert not house.by_brand()
    [answer] = house.answers()
    assert answer.state == AnswerState.HELD
    assert "posts it again in public" in (answer.held_for or "")
    assert not house.entries()
    assert house.questions()[0].state == QuestionState.OFFERED
    assert all(offer.state == OfferState.OPEN for offer in house.offers()), "its author may still answer"


def test_s23_a_visibility_nobody_knows_counts_as_private(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    with house.database.write() as session:
        post = session.get_one(PostRow, 2)
        post.visibility = "circles"
        session.add(post)
    later(house)
    assert not house.by_brand()
    assert [answer.state for answer in house.answers()] == [AnswerState.HELD]


def test_s23_a_person_who_approves_does_not_get_round_it(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question, visibility=Visibility.PRIVATE)
    house.work()
    for place in decide.PLACES:
        with pytest.raises(Undecidable, match="in public"), house.database.write() as session:
            decide.approve(session, house.answering, session.get_one(AnswerRow, 1), place, house.clock())
    later(house)
    assert not house.by_brand()


def test_s23_nobody_who_has_seen_it_gets_round_it(house: House) -> None:
    house.post("sam", "@brand no picture on my TV", visibility=Visibility.PRIVATE)
    house.work()
    with house.database.write() as session:
        question, jane = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, 1)
        answer = house.answering.take(
            session, question, jane, "Try it.", via=Via.POST, now=house.clock(), approved_by="Ann"
        )
        assert answer.state == AnswerState.HELD
        assert "Answer by hand" in (answer.held_for or "")
        with pytest.raises(NotAnswerable, match="Answer by hand"):
            house.answering.take(
                session, question, jane, "Try it.", via=Via.DESK, now=house.clock(), approved_by="Ann"
            )
    later(house)
    assert not house.by_brand()


def test_s23_a_private_answer_without_a_question_is_not_published_by_matching(house: House) -> None:
    house.post("sam", "@brand no picture on my TV")
    house.post("jane", CABLE, visibility=Visibility.PRIVATE)
    house.work()
    post = house.posts()[-1]
    assert post.verdict == PostKind.UNMATCHED
    assert "not posted in public" in (post.last_error or "")
    with house.database.write() as session:
        row, question = session.get_one(PostRow, post.id), session.get_one(QuestionRow, 1)
        matched = decide.match(session, house.answering, row, question, house.clock())
        assert matched.state == AnswerState.HELD
    later(house)
    assert not house.by_brand()


def test_s23_a_private_answer_without_a_question_stays_one_when_it_is_edited(house: House) -> None:
    answer = house.post("jane", CABLE, visibility=Visibility.PRIVATE)
    house.work()
    house.edit(answer, "Try the other socket. #chorus", visibility=Visibility.PRIVATE)
    house.work()
    [post] = house.posts()
    assert post.verdict == PostKind.UNMATCHED
    assert "not posted in public" in (post.last_error or "")


def test_s11_a_post_without_a_question_whose_tag_was_edited_out_is_not_kept(house: House) -> None:
    answer = house.post("jane", CABLE)
    house.work()
    assert [post.verdict for post in house.posts()] == [PostKind.UNMATCHED]
    house.edit(answer, "Look at my cat.")
    house.work()
    assert [(post.verdict, post.text) for post in house.posts()] == [(PostKind.NOT_FOR_US, "")]


def test_s23_said_again_in_public_it_is_published(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question, visibility=Visibility.PRIVATE)
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    assert [post.text for post in house.by_brand()] == ["Try the other cable. ^Jane"]
    assert [answer.state for answer in house.answers()] == [AnswerState.WITHDRAWN, AnswerState.PUBLISHED]


def test_s23_a_private_answer_does_not_keep_a_colleagues_public_one_back(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question, visibility=Visibility.PRIVATE)
    house.post("ravi", CABLE, question)
    later(house)
    assert [post.text for post in house.by_brand()] == ["Try the other cable. ^Ravi"]


@pytest.mark.parametrize("visibility", HIDDEN)
def test_s23_an_answer_to_a_private_question_is_never_published(house: House, visibility: Visibility) -> None:
    question = house.post("sam", "@brand no picture on my TV", visibility=visibility)
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    assert not house.by_brand()
    assert house.questions()[0].state == QuestionState.ESCALATED
    assert "Answer by hand" in (house.answers()[0].held_for or "")
    with pytest.raises(Undecidable), house.database.write() as session:
        decide.ask_again(session, session.get_one(QuestionRow, 1), house.clock())


def test_s23_what_the_customer_adds_in_private_is_not_answered_in_public(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    more = house.post(
        "sam", "@brand still nothing, this is about my order", question, visibility=Visibility.PRIVATE
    )
    house.work()
    assert house.questions()[0].state == QuestionState.ESCALATED
    house.post("ravi", "Then send us the set. #chorus", more)
    later(house)
    with house.database.write() as session:
        asked, jane = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, 1)
        with pytest.raises(NotAnswerable, match="Answer by hand"):
            house.answering.take(session, asked, jane, "Sorry!", via=Via.DESK, now=house.clock())
    assert len(house.by_brand()) == 1


def test_s23_a_public_reply_to_a_private_post_further_down_is_not_published(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    private = house.post("sam", "@brand my number is secret", question, visibility=Visibility.PRIVATE)
    house.post("sam", "@brand and it is a new one", question)
    house.work()
    house.post("jane", "About your number: call us. #chorus", private)
    later(house)
    assert not house.by_brand()


@pytest.mark.parametrize(
    ("asked", "answered", "said"),
    [
        (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.PUBLIC),
        (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.UNLISTED),
        (Visibility.UNLISTED, Visibility.PUBLIC, Visibility.UNLISTED),
        (Visibility.UNLISTED, Visibility.UNLISTED, Visibility.UNLISTED),
    ],
)
def test_s23_every_part_is_as_visible_as_the_less_visible_of_question_and_answer(
    house: House, asked: Visibility, answered: Visibility, said: Visibility
) -> None:
    question = house.post("sam", "@brand no picture on my TV", visibility=asked)
    house.work()
    house.post("jane", "First unplug the set, then wait. " * 22 + "#chorus", question, visibility=answered)
    later(house)
    assert len(sent(house)) > 1
    assert {one.visibility for one in sent(house)} == {said}


def test_s23_an_answer_of_the_desk_to_an_unlisted_question_is_unlisted(house: House) -> None:
    house.post("sam", "@brand no picture on my TV", visibility=Visibility.UNLISTED)
    house.work()
    with house.database.write() as session:
        question, jane = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, 1)
        house.answering.take(session, question, jane, "Try it.", via=Via.DESK, now=house.clock())
    later(house)
    assert [one.visibility for one in sent(house)] == [Visibility.UNLISTED]


@pytest.mark.parametrize("judged", [True, False], ids=["judged", "only stored"])
@pytest.mark.parametrize("whose", ["question", "answer"])
def test_s23_what_is_made_private_before_sending_is_not_published(
    house: House, whose: str, judged: bool
) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    assert house.answers()[0].state == AnswerState.QUEUED
    house.edit(question if whose == "question" else answer, visibility=Visibility.FOLLOWERS)
    if judged:
        house.work()
    house.clock.advance(60)
    house.steps.deliver.run()

    assert not house.by_brand()
    assert house.answers()[0].state == AnswerState.HELD
    house.work()
    assert not house.by_brand()
    [held] = house.answers()
    assert held.state == AnswerState.HELD
    assert held.text == "Try the other cable."
    assert (house.questions()[0].note == PRIVATE_QUESTION) == (whose == "question")


def test_s23_held_at_the_last_look_it_goes_out_once_it_is_public_again(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    house.edit(answer, visibility=Visibility.FOLLOWERS)
    house.clock.advance(60)
    house.steps.deliver.run()
    house.work()
    assert house.answers()[0].state == AnswerState.HELD
    house.edit(answer, visibility=Visibility.PUBLIC)
    later(house)
    assert [post.text for post in house.by_brand()] == ["Try the other cable. ^Jane"]


def test_s23_what_is_made_unlisted_before_sending_goes_out_unlisted(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    house.work()
    house.edit(question, visibility=Visibility.UNLISTED)
    house.clock.advance(60)
    house.steps.deliver.run()
    house.work()
    assert [one.visibility for one in sent(house)] == [Visibility.UNLISTED]
    assert [row.attempts for row in house.deliveries()] == [1]


def test_s23_a_question_made_private_leaves_the_archive(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    assert house.entries()[0].state == EntryState.PUBLIC
    house.edit(question, visibility=Visibility.FOLLOWERS)
    house.work()
    [entry] = house.entries()
    assert (entry.state, entry.quotation, entry.title) == (EntryState.GONE, None, "")
    assert entry.withheld == "The customer's post is not public any more."


def test_s23_a_private_question_that_becomes_public_is_put_to_people(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV", visibility=Visibility.PRIVATE)
    house.work()
    house.edit(question, visibility=Visibility.PUBLIC)
    house.work()
    assert house.questions()[0].state == QuestionState.OFFERED


def test_s23_no_first_reply_points_to_the_archive_below_a_private_post(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    house.post("kim", "@brand no picture either", visibility=Visibility.PRIVATE)
    house.work()
    with house.database.write() as session:
        private = session.get_one(QuestionRow, 2)
        assert point_to_archive(house.answering, session, private, 1, house.clock()) is None


@pytest.mark.parametrize("whose", ["question", "answer"])
def test_r04_what_is_deleted_between_storing_and_sending_is_not_published(house: House, whose: str) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    house.clock.advance(60)
    house.delete(question if whose == "question" else answer)  # stored, and intake has not seen it yet
    house.steps.deliver.run()
    assert not house.by_brand()
    house.work()
    assert not house.by_brand()
    assert house.answers()[0].state == AnswerState.WITHDRAWN


def test_r04_an_answer_edited_between_storing_and_sending_goes_out_as_it_now_is(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    house.clock.advance(60)
    house.edit(answer, "Try the other socket. #chorus")  # stored, and intake has not seen it yet
    house.steps.deliver.run()
    assert not house.by_brand()
    later(house)
    assert [post.text for post in house.by_brand()] == ["Try the other socket. ^Jane"]


def test_r04_an_answer_whose_edit_cannot_be_handled_does_not_go_out_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    house.edit(answer, "Try the other socket. #chorus")
    with monkeypatch.context() as fault:
        fault.setattr("bot.actions.taking_back.own_posts.post_edited", lambda *_: 1 / 0)
        for _ in range(30):
            house.wait(60)
    assert not house.by_brand()
    assert house.answers()[0].held_for == EDIT_SET_ASIDE
    with house.database.write() as session:
        assert set_aside.try_again(session, house.answers()[0].post_id or 0, house.clock())
    later(house)
    assert [post.text for post in house.by_brand()] == ["Try the other socket. ^Jane"]


def test_r04_an_edited_answer_is_judged_like_a_new_one(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", CABLE, question)
    house.work()
    house.edit(answer, "See https://evil.example/tv #chorus")
    later(house)
    assert not house.by_brand()
    [held] = house.answers()
    assert held.state == AnswerState.HELD
    assert "evil.example" in (held.held_for or "")


def test_s11_what_employees_post_without_the_tag_leaves_nothing(house: House) -> None:
    house.post(
        "jane",
        "Pub tonight?\n\n@ravi which one?\n\n• The Anchor",
        warning="Pub tonight?",
        choices=("The Anchor",),
        pictures=("Ravi asleep at his desk",),
    )
    house.work()
    [post] = house.posts()
    assert (post.verdict, post.state) == (PostKind.NOT_FOR_US, PostState.DONE)
    assert (post.text, post.warning, post.choices, post.pictures, post.mentions) == ("", "", [], [], [])


def test_s23_what_is_made_private_while_it_is_answered_does_not_get_into_the_archive(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    house.work()

    def hide(_point: str) -> None:
        house.checkpoint = lambda _name: None
        house.edit(question, visibility=Visibility.PRIVATE)

    house.clock.advance(60)
    house.checkpoint = hide  # between the last look and the first byte
    house.steps.deliver.run()
    assert len(house.by_brand()) == 1
    house.work()
    assert not house.entries()


def test_r04_an_answer_to_a_follow_up_that_was_deleted_meanwhile_waits_for_a_person(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    more = house.post("sam", "@brand and no sound either", question)
    house.work()
    house.post("jane", CABLE, more)
    house.work()
    house.clock.advance(60)
    house.delete(more)
    house.steps.deliver.run()
    house.work()
    assert not house.by_brand()
    assert "deleted the post" in (house.answers()[0].held_for or "")
    with house.database.write() as session:
        answer = session.get_one(AnswerRow, 1)
        decide.approve(session, house.answering, answer, AnswerKind.ADDITION, house.clock())
    later(house)
    assert [post.in_reply_to for post in house.by_brand()] == [question.id]


def test_s23_words_that_were_changed_before_they_went_out_are_in_no_public_history(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    answer = house.post("jane", "Ask Bob, he is in room 5. #chorus", question)
    house.work()
    house.edit(answer, CABLE)
    later(house)
    with house.database.read() as session:
        record = archive.find(session, house.entries()[0].id)
    assert record is not None
    assert record.answer.text == "Try the other cable."
    assert record.answer.former == ()


def test_s12_an_entry_that_is_gone_takes_no_words_in_again(house: House) -> None:
    question = house.post("sam", "@brand no picture on my TV")
    house.work()
    house.post("jane", CABLE, question)
    later(house)
    house.edit(question, visibility=Visibility.PRIVATE)
    house.work()
    house.edit(question, visibility=Visibility.PUBLIC)
    house.work()
    [entry] = house.entries()
    assert (entry.state, entry.quotation, entry.title) == (EntryState.GONE, None, "")


def test_s23_private_words_are_in_no_proposal_of_topics(house: House) -> None:
    house.post("sam", "@brand my toaster sings", visibility=Visibility.PRIVATE)
    house.post("kim", "@brand my kettle hums", visibility=Visibility.UNLISTED)
    house.work()
    with house.database.read() as session:
        assert admin.unanswered_texts(session) == ["@brand my kettle hums"]
        assert texts_without_answer(session) == ["@brand my kettle hums"]
