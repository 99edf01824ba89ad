"""Where the operator wants it, the brand reposts an employee's own reply instead of saying it itself."""

import httpx
import pytest

from app.wiring.environment import UnusableSettings
from app.wiring.settings import load_settings
from bot.states import AnswerState, DeliveryState, EntryState
from bot.store.engine import Database
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock, publish={"mode": ("local:repost",)}))


def test_a_tagged_reply_is_reposted_once_answers_its_question_and_is_archived(talk: Talk) -> None:
    repost = talk.answers(SOLVES, talk.opening)
    [own] = [one for one in talk.house.feed.read(None, 100) if one.author == "jane"]
    assert (repost.text, repost.repost_of, repost.in_reply_to) == ("", own.id, None)
    assert len(talk.house.by_brand()) == 1
    assert [one.state for one in talk.house.deliveries()] == [DeliveryState.SENT]
    assert [one.state for one in talk.house.questions()] == [QuestionState.ANSWERED]
    [entry], [answer] = talk.house.entries(), talk.house.answers()
    assert (entry.state, answer.text) == (EntryState.PUBLIC, SOLVES)


def test_thanks_to_the_employees_own_reply_settle_the_question(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    [own] = [one for one in talk.house.feed.read(None, 100) if one.author == "jane"]
    talk.says("that worked, thank you!", own)
    assert [one.state for one in talk.house.questions()] == [QuestionState.SETTLED]


def test_what_is_written_at_the_desk_or_repeats_an_entry_is_a_reply(talk: Talk) -> None:
    talk.answers(SOLVES, talk.opening)
    other = talk.house.post("kim", "@brand my lamp stays dark, too, what can I do?")
    talk.house.work()
    assert talk.answers("1", other).in_reply_to == other.id
    third = talk.house.post("lee", "@brand how do I pair my lamp?")
    talk.house.work()
    desk = talk.house.browser(talk.jane)
    desk.post("/desk/questions/3/answer", {"text": SOLVES, "step": "send"})
    talk.house.work()
    said = talk.house.by_brand()[-1]
    assert (said.in_reply_to, said.repost_of) == (third.id, None)


def test_what_a_person_looks_at_first_is_not_reposted_before(talk: Talk) -> None:
    talk.house.clock.advance(60)
    talk.house.post("jane", "Look at https://elsewhere.example/lamp #chorus", talk.opening)
    talk.house.work()
    assert [one.state for one in talk.house.answers()] == [AnswerState.HELD]
    assert talk.house.by_brand() == []


def test_a_post_that_is_gone_by_then_is_not_reposted(talk: Talk) -> None:
    post = talk.house.post("jane", f"{SOLVES} #chorus", talk.opening)
    talk.house.steps.intake.run()
    talk.house.feed.remove(post.id)
    talk.house.work()
    assert talk.house.by_brand() == []


def test_other_platforms_reply_as_before(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock, publish={"mode": ("mastodon:repost", "local:reply")}))
    assert talk.answers(SOLVES, talk.opening).in_reply_to == talk.opening.id


@pytest.mark.parametrize("value", ["repost", "mars:repost", "local:shout", "local:reply,local:repost"])
def test_a_mode_that_nobody_knows_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(UnusableSettings, match="CHORUS_PUBLISH__MODE"):
        load_settings({"CHORUS_PUBLISH__MODE": value})


def test_on_bluesky_a_lost_answer_makes_no_second_repost(database_url: str, clock: FakeClock) -> None:
    network = FakeBluesky(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    mode = {"mode": ("bluesky:repost",)}
    with RoundTrip(database_url, clock, network.adapter(), publish=mode) as house:
        house.hire("bluesky", jane, "jane.example")
        question = network.post(sam, "@brand.example no picture on my TV since the update")
        house.turn()
        network.fail("com.atproto.repo.putRecord", httpx.ReadTimeout("lost"), accepted=True)
        network.post(jane, f"{SOLVES} #chorus", parent=question)
        house.turn()
        house.pass_time(600, steps=10)
        made = [one["value"] for one in network.ledger if "subject" in one["value"]]
        assert len({one["subject"]["uri"] for one in made}) == 1
        assert [one.state for one in house.deliveries()] == [DeliveryState.SENT]
        assert [one.state for one in house.entries()] == [EntryState.PUBLIC]
