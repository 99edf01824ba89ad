"""A person joins two questions of a customer, or parts one from another: everything moves along."""

import pytest

from bot.actions import regroup
from bot.actions.erase import erase_customer
from bot.actions.undecidable import Undecidable
from bot.platforms.local.adapter import FeedPost
from bot.states import EntryState, PostKind
from bot.store.engine import Database
from bot.store.privacy import erasure
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.ladder.policy import Policy
from routing.model.domain import OfferState, QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."
OTHER = "Open the app, choose Account, then Warranty, and enter the number under the foot."
LATER = "@brand and how do I register the warranty of this lamp?"


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock))


def ask_later(talk: Talk, text: str = LATER) -> FeedPost:
    """Sam asks by itself, long after the first question."""
    talk.house.clock.advance(3600)
    return talk.says(text)


def join(talk: Talk, one: int = 1, another: int = 2) -> None:
    with talk.house.database.write() as session:
        regroup.join(session, one, another, Policy(), talk.house.clock())
    talk.house.work()


def part(talk: Talk, post: FeedPost, question: int = 1) -> None:
    with talk.house.database.write() as session:
        [row] = [one for one in talk.house.posts() if one.external_id == post.id]
        whole = session.get_one(QuestionRow, question)
        regroup.part(session, whole, session.get_one(PostRow, row.id), talk.house.clock())
    talk.house.work()


def states(talk: Talk) -> list[str]:
    return [one.state for one in talk.house.questions()]


def leads_to(talk: Talk, path: str) -> str:
    response = talk.house.browser().get(path)
    assert response.status_code == 301
    return str(response.headers["location"])


def test_two_open_questions_become_one_that_is_asked_with_both_posts(talk: Talk) -> None:
    ask_later(talk)
    join(talk)
    first, second = talk.house.questions()
    assert (first.state, second.state) == (QuestionState.OFFERED, QuestionState.JOINED)
    assert second.joined_to == first.id
    assert second.text == ""
    assert {one.question_id for one in talk.house.posts()} == {first.id}
    assert [one.verdict for one in talk.house.posts()] == [PostKind.QUESTION, PostKind.FOLLOW_UP]
    offered = [one for one in talk.house.offers() if one.state == OfferState.OPEN]
    assert [one.question_id for one in offered] == [first.id]


def test_an_answer_to_either_post_answers_the_whole(talk: Talk) -> None:
    later = ask_later(talk)
    join(talk)
    talk.answers(OTHER, later)
    assert states(talk) == [QuestionState.ANSWERED, QuestionState.JOINED]
    [entry] = talk.house.entries()
    assert [one.words for one in entry.added] == [LATER.removeprefix("@brand ")]


def test_what_was_answered_stays_answered(talk: Talk) -> None:
    talk.answers(OTHER, ask_later(talk))
    join(talk)
    assert states(talk) == [QuestionState.ANSWERED, QuestionState.JOINED]
    [answer], [entry] = talk.house.answers(), talk.house.entries()
    assert (answer.question_id, answer.lead, entry.question_id) == (1, True, 1)
    assert "lamp stays dark" in entry.quotation


def test_a_later_post_without_answer_opens_the_whole_again(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    ask_later(talk)
    join(talk)
    first, _ = talk.house.questions()
    assert first.state == QuestionState.OFFERED
    assert first.round == 1


def test_of_two_entries_one_stays_and_the_others_address_leads_to_it(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    talk.answers(OTHER, ask_later(talk))
    join(talk)
    kept, gone = talk.house.entries()
    assert (kept.state, gone.state, gone.moved_to) == (EntryState.PUBLIC, EntryState.GONE, kept.id)
    assert (gone.title, gone.quotation, gone.details) == ("", None, [])
    assert leads_to(talk, f"/q/{gone.id}-what-it-was").startswith(f"/q/{kept.id}-")
    replies = talk.house.ask("GET", f"/api/v1/answers/{gone.id}").json()["answers"]
    assert {one["text"] for one in replies} == {SOLVES, OTHER}
    assert sum(one.lead for one in talk.house.answers()) == 1


def test_the_number_of_an_entry_that_was_joined_repeats_its_answer(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    talk.answers(OTHER, ask_later(talk))
    join(talk)
    other = talk.house.post("kim", "@brand how can I register my lamp, please?")
    talk.house.work()
    assert talk.answers("2", other).text.startswith(OTHER[:20])


def test_replies_in_the_joined_thread_belong_to_the_whole(talk: Talk) -> None:
    brand = talk.answers(OTHER, ask_later(talk))
    join(talk)
    talk.says("Thank you, that worked!", brand)
    assert talk.house.posts()[-1].question_id == 1
    assert states(talk) == [QuestionState.SETTLED, QuestionState.JOINED]


def test_only_questions_of_one_customer_are_joined(talk: Talk) -> None:
    talk.house.post("kim", LATER)
    talk.house.work()
    with pytest.raises(Undecidable, match="one customer"):
        join(talk)


def test_nothing_is_joined_while_an_answer_is_on_its_way(talk: Talk) -> None:
    later = ask_later(talk)
    talk.house.post("jane", f"{OTHER} #chorus", later)
    talk.house.steps.intake.run()
    with pytest.raises(Undecidable, match="on its way"):
        join(talk)
    talk.house.work()
    join(talk)
    assert len(talk.house.by_brand()) == 1


def test_a_question_is_joined_once(talk: Talk) -> None:
    ask_later(talk)
    join(talk)
    with pytest.raises(Undecidable, match="part of another"):
        join(talk)
    with pytest.raises(Undecidable, match="another question"):
        join(talk, 1, 1)


def test_a_joined_question_is_parted_again_as_it_was(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    later = ask_later(talk)
    talk.answers(OTHER, later)
    join(talk)
    part(talk, later)
    second = talk.house.questions()[1]
    assert states(talk) == [QuestionState.ANSWERED, QuestionState.ANSWERED]
    assert (second.joined_to, second.text) == (None, LATER)
    assert [one.question_id for one in talk.house.answers()] == [1, 2]
    assert all(one.lead for one in talk.house.answers())
    one, another = talk.house.entries()
    assert (one.state, another.state, another.moved_to) == (EntryState.PUBLIC, EntryState.PUBLIC, None)
    assert (one.details, "register the warranty" in another.quotation) == ([], True)
    assert leads_to(talk, f"/q/{another.id}").startswith(f"/q/{another.id}-")


def test_a_detail_that_asks_something_else_becomes_a_question_of_its_own(talk: Talk) -> None:
    detail = talk.says("and does the app run on my phone as well", talk.opening)
    assert len(talk.house.questions()) == 1
    part(talk, detail)
    first, second = talk.house.questions()
    assert second.follows_id == first.id
    assert states(talk) == [QuestionState.OFFERED, QuestionState.OFFERED]
    talk.answers(OTHER, detail)
    talk.answers(SOLVES, talk.opening)
    assert [one.question_id for one in talk.house.entries()] == [second.id, first.id]


def test_an_answer_goes_along_with_what_it_replies_to(talk: Talk) -> None:
    brand = talk.answers(SOLVES, talk.opening)
    detail = talk.says("and it is not the lamp alone, the app does not start on my phone", brand)
    talk.answers(OTHER, detail)
    part(talk, detail)
    assert [one.question_id for one in talk.house.answers()] == [1, 2]
    assert states(talk) == [QuestionState.ANSWERED, QuestionState.ANSWERED]
    one, another = talk.house.entries()
    assert "app does not start" in another.quotation
    assert one.details == []
    assert "app does not start" not in one.title


def test_the_post_that_asked_stays(talk: Talk) -> None:
    with pytest.raises(Undecidable, match="opened the question"):
        part(talk, talk.opening)


def test_a_customer_who_is_forgotten_is_forgotten_in_joined_questions_too(talk: Talk) -> None:
    ask_later(talk)
    join(talk)
    with talk.house.database.write() as session:
        erase_customer(session, erasure.customer(session, "local", "sam"), talk.house.clock())
    assert states(talk) == [QuestionState.WITHDRAWN, QuestionState.WITHDRAWN]
    assert {one.customer_handle for one in talk.house.questions()} == {""}


def test_the_desk_joins_and_parts_and_follows(talk: Talk) -> None:
    later = ask_later(talk)
    desk = talk.house.browser(talk.jane)
    page = desk.get("/desk/questions/2").text
    assert "The same customer also asked" in page
    done = desk.post("/desk/questions/2/join", {"other": "1"})
    assert done.headers["location"] == "/desk/questions/1?done=joined"
    assert desk.get("/desk/questions/2").headers["location"] == "/desk/questions/1"
    given = desk.post("/desk/questions/2/answer", {"text": SOLVES, "step": "send"})
    assert given.headers["location"].startswith("/desk/answers")
    talk.house.work()
    assert talk.house.answers()[0].question_id == 1
    [row] = [one for one in talk.house.posts() if one.external_id == later.id]
    done = desk.post(f"/desk/questions/1/posts/{row.id}/part")
    assert done.headers["location"] == "/desk/questions/2?done=parted"
