"""Another customer answers: noticed, thanked for, endorsed by somebody of the house, and taken out again."""

import pytest

from bot.actions import endorse
from bot.actions.conversations import visibility
from bot.actions.erase import erase_customer
from bot.actions.undecidable import Undecidable
from bot.platforms.local.adapter import FeedPost
from bot.posts import Absence, Lookup, Visibility
from bot.states import AnswerKind, AnswerState, EntryState, PostKind
from bot.store.engine import Database
from bot.store.privacy import erasure
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

TIP = "Hold the ring for ten seconds until it blinks, then pair it again, that fixed mine"


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock))


def kim(talk: Talk, text: str = TIP, **beside: object) -> FeedPost:
    """Kim, another customer, replies to Sam's question."""
    talk.house.clock.advance(60)
    post = talk.house.post("kim", text, talk.opening, **beside)
    talk.house.work()
    return post


def row(talk: Talk, post: FeedPost) -> PostRow:
    [found] = [one for one in talk.house.posts() if one.external_id == post.id]
    return found


def say_it_is_right(talk: Talk, post: FeedPost) -> bool:
    with talk.house.database.write() as session:
        question = session.get_one(QuestionRow, 1)
        found = session.get_one(PostRow, row(talk, post).id)
        return endorse.endorse(session, talk.house.answering, question, found, talk.house.clock())


def test_another_customers_answer_is_noticed_and_settles_nothing_by_itself(talk: Talk) -> None:
    post = kim(talk)
    assert (row(talk, post).verdict, row(talk, post).question_id) == (PostKind.COMMUNITY, 1)
    assert row(talk, post).text == TIP
    assert [one.state for one in talk.house.questions()] == [QuestionState.OFFERED]
    assert "another customer answers" in talk.house.browser(talk.jane).get("/desk/questions/1").text
    assert talk.house.entries() == []


@pytest.mark.parametrize("text", ["haha good luck with that", "same here, bought it in May"])
def test_what_others_say_beside_is_not_kept(talk: Talk, text: str) -> None:
    assert row(talk, kim(talk, text)).text == ""


def test_who_addresses_the_brand_in_somebody_elses_thread_may_ask(talk: Talk) -> None:
    kim(talk, "@brand my lamp flickers as well, how do I get a new one?")
    assert len(talk.house.questions()) == 2


def test_thanks_for_it_settle_the_question_and_accept_no_answer_of_ours(talk: Talk) -> None:
    post = kim(talk)
    talk.says("wow, that worked, thank you!", post)
    [question] = talk.house.questions()
    assert (question.state, question.satisfied) == (QuestionState.SETTLED, True)
    assert talk.house.entries() == []


def test_thanks_for_it_leave_our_answer_as_it_is(talk: Talk) -> None:
    talk.answers("Please unscrew the foot and change the fuse, 2 A.", talk.opening)
    post = kim(talk)
    talk.says("wow, that worked, thank you!", post)
    assert [one.accepted_by for one in talk.house.answers()] == [None]
    assert talk.house.questions()[0].state == QuestionState.SETTLED


def test_endorsed_it_answers_the_question_and_stands_in_the_archive_without_a_name(talk: Talk) -> None:
    post = kim(talk)
    assert say_it_is_right(talk, post)
    assert not say_it_is_right(talk, post)
    [question], [answer], [entry] = talk.house.questions(), talk.house.answers(), talk.house.entries()
    assert question.state == QuestionState.ANSWERED
    assert (answer.kind, answer.lead, answer.credit) == (AnswerKind.COMMUNITY, True, "")
    assert entry.state == EntryState.PUBLIC
    assert talk.house.by_brand() == []
    browser = talk.house.browser()
    page = browser.get(browser.get("/q/1").headers["location"]).text
    assert "Another customer" in page
    assert "kim" not in page
    assert talk.house.ask("GET", "/api/v1/answers/1").json()["answers"][0]["kind"] == "community"


def test_an_employees_thanks_to_it_endorse_it(talk: Talk) -> None:
    talk.answers("Thank you so much for helping out!", kim(talk))
    kinds = [(one.kind, one.state, one.lead) for one in talk.house.answers()]
    assert (AnswerKind.COMMUNITY, AnswerState.PUBLISHED, True) in kinds
    assert talk.house.entries()[0].state == EntryState.PUBLIC


def test_deleted_or_edited_or_hidden_it_goes_and_so_does_the_entry(talk: Talk) -> None:
    house = talk.house
    post = kim(talk)
    gone = (
        lambda: house.edit(post, "Just throw it away and buy another one, that is what I did"),
        lambda: house.edit(post, TIP, visibility=Visibility.PRIVATE),
        lambda: house.edit(post, TIP, visibility=Visibility.PUBLIC) or absent(talk, post),
        lambda: house.delete(post),
    )
    for change in gone:
        if row(talk, post).is_public:
            say_it_is_right(talk, post)
        change()
        house.work()
        assert house.entries()[0].state == EntryState.HELD_BACK
        assert house.answers()[0].text == ""
    with pytest.raises(Undecidable):
        say_it_is_right(talk, post)


def absent(talk: Talk, post: FeedPost) -> None:
    talk.house.work()
    with talk.house.database.write() as session:
        look = Lookup(post.id, gone=False, absence=Absence.TAKEN_DOWN)
        visibility.show_or_withhold(session, "local", look, talk.house.clock())


def test_its_author_can_be_forgotten(talk: Talk) -> None:
    say_it_is_right(talk, kim(talk))
    with talk.house.database.write() as session:
        erase_customer(session, erasure.customer(session, "local", "kim"), talk.house.clock())
    assert talk.house.answers()[0].text == ""
    assert talk.house.entries()[0].state == EntryState.HELD_BACK


def test_what_holds_personal_data_cannot_be_endorsed(talk: Talk) -> None:
    post = kim(talk, "Hold the ring for ten seconds, or write to me: kim.lee@example.com, I can help you")
    with pytest.raises(Undecidable, match="personal data"):
        say_it_is_right(talk, post)


def test_the_desk_has_a_button_for_it(talk: Talk) -> None:
    post = kim(talk)
    desk = talk.house.browser(talk.jane)
    done = desk.post(f"/desk/questions/1/posts/{row(talk, post).id}/endorse")
    assert done.headers["location"] == "/desk/questions/1?done=endorsed"
    assert "endorsed" in desk.get("/desk/questions/1").text
