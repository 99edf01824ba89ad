"""What the customer says next, walked through the feed."""

import pytest

from bot.states import PostKind
from bot.store.engine import Database
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock))


@pytest.mark.parametrize(
    "text", ["👍", "🙏", "ok great", "Спасибо", "شكرا", "谢谢", "ありがとう", "danke, geht!"]
)
def test_thanks_settle_and_a_settled_question_is_never_opened_by_more_of_them(talk: Talk, text: str) -> None:
    brand = talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    talk.says(text, brand)
    talk.says("👍", brand)
    [question] = talk.house.questions()
    assert question.state == QuestionState.SETTLED
    assert question.satisfied
    assert [post.verdict for post in talk.house.posts() if post.author_id == "sam"][1:] == [
        PostKind.THANKS
    ] * 2


def test_it_did_not_help_opens_the_question_again_and_the_next_answer_is_accepted(talk: Talk) -> None:
    brand = talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    no = talk.says("did that, still dark", brand)
    [question] = talk.house.questions()
    assert question.state == QuestionState.OFFERED
    assert not any(answer.lead for answer in talk.house.answers())
    talk.answers("Then the fuse in the foot is gone: unscrew it and put in a new one, 2 A.", no)
    assert [answer.lead for answer in talk.house.answers()] == [False, True]


def test_thanks_after_a_second_answer_move_the_acceptance_there(talk: Talk) -> None:
    talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    more = talk.says("it is the LX 200 by the way", talk.opening)
    second = talk.answers("On the LX 200 unscrew the foot and change the fuse.", more)
    talk.says("that worked, thank you!", second)
    assert [answer.lead for answer in talk.house.answers()] == [False, True]


def test_something_else_in_an_old_thread_is_a_question_of_its_own_with_its_own_entry(talk: Talk) -> None:
    brand = talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    other = talk.says("thanks! and how do I hang it on the wall?", brand)
    first, second = talk.house.questions()
    assert first.state == QuestionState.SETTLED
    assert first.satisfied
    assert second.follows_id == first.id
    assert second.post_id is not None
    talk.answers("With the plate from the box: two screws, then hang it in from above.", other)
    assert {entry.question_id for entry in talk.house.entries()} == {first.id, second.id}


def test_details_before_an_answer_belong_to_the_question(talk: Talk) -> None:
    talk.says("it is the LX 200, sorry", talk.opening)
    [question] = talk.house.questions()
    assert question.state == QuestionState.OFFERED
    assert talk.house.posts()[-1].verdict == PostKind.FOLLOW_UP


def test_an_aside_changes_nothing(talk: Talk) -> None:
    brand = talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    talk.says("thanks!", brand)
    talk.says("@brand", brand)
    [question] = talk.house.questions()
    assert question.state == QuestionState.SETTLED
    assert talk.house.posts()[-1].verdict == PostKind.ASIDE


def test_a_question_back_is_published_and_solves_nothing(talk: Talk) -> None:
    talk.answers("Which model is it?", talk.opening)
    [question] = talk.house.questions()
    assert talk.house.by_brand()[-1].text == "Which model is it? ^Jane"
    assert question.state == QuestionState.ASKED_BACK
    assert question.answered_at is None
    assert talk.house.entries() == []


def test_the_reply_to_a_question_back_wakes_the_question_for_whoever_asked(talk: Talk) -> None:
    brand = talk.answers("Which model is it?", talk.opening)
    details = talk.says("LX 200", brand)
    [question] = talk.house.questions()
    assert question.state == QuestionState.OFFERED
    latest = talk.house.offers()[-1]
    assert latest.round == question.round == 1
    assert latest.employee_id == talk.house.answers()[0].employee_id
    talk.answers("On the LX 200 unscrew the foot and change the fuse.", details)
    [entry] = talk.house.entries()
    assert [answer.lead for answer in talk.house.answers()] == [False, True]
    shown = talk.house.ask("GET", f"/api/v1/answers/{entry.id}").json()
    assert shown["answer"].startswith("On the LX 200")


def test_who_asked_back_may_answer_without_waiting_and_nothing_is_held(talk: Talk) -> None:
    talk.answers("Which model is it?", talk.opening)
    talk.answers("Found it: hold the ring for ten seconds until it blinks.", talk.opening)
    [question] = talk.house.questions()
    assert question.state == QuestionState.ANSWERED
    assert [answer.state for answer in talk.house.answers()] == ["published", "published"]


def test_a_question_begins_with_the_post_that_asks(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    talk = Talk(house)
    praise = talk.house.post("kim", "@brand best bakery in town, 10/10 🥖")
    house.work()
    brand = talk.answers("You make our day! 🙂", praise)
    asks = house.post("kim", "how do I keep the bread from getting hard?", brand)
    house.work()
    question = house.questions()[1]
    assert question.text.startswith("how do I keep")
    assert [one.verdict for one in house.posts() if one.author_id == "kim"] == [
        PostKind.ASIDE,
        PostKind.QUESTION,
    ]
    talk.answers("Wrap it in a cotton cloth and keep it in a bag, never in the fridge.", asks)
    entry = house.entries()[-1]
    assert (entry.quotation, entry.details) == ("how do I keep the bread from getting hard?", [])


def test_praise_that_was_answered_stays_out_of_the_archive(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    praise = talk.house.post("kim", "@brand best bakery in town, 10/10 🥖")
    talk.house.work()
    talk.answers("The secret is a sourdough that rests for two days at 4 degrees before it is baked.", praise)
    assert [(one.state, one.held_back) for one in talk.house.entries()] == [("held_back", "no_question")]


def test_who_thanks_for_an_answer_has_asked_however_it_sounded(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    sounds_like_praise = talk.house.post("kim", "@brand best bakery in town, 10/10 🥖")
    talk.house.work()
    brand = talk.answers(
        "Wrap it in a cotton cloth, so it stays fresh for two days. Never in the fridge.", sounds_like_praise
    )
    assert [(one.state, one.held_back) for one in talk.house.entries()] == [("held_back", "no_question")]
    talk.house.post("kim", "that helped, thank you!", brand)
    talk.house.work()
    assert [(one.state, one.held_back) for one in talk.house.entries()] == [("public", None)]


def test_an_employees_words_are_judged_by_what_was_said_before(talk: Talk) -> None:
    brand = talk.answers("Hold the ring for ten seconds until it blinks.", talk.opening)
    talk.says("that worked, thank you!", brand)
    talk.answers("Great to hear, have a lovely evening!", brand)
    assert [one.said for one in talk.house.answers()] == ["answer", "courtesy"]
