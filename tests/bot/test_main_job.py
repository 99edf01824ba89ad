"""The main job, end to end without the web: a mention, offers, a tagged answer, one credited publication."""

from collections.abc import Iterator

import pytest

from bot.posts import PostEvent
from bot.states import AnswerState, DeliveryState, EntryState, PostKind, PostState
from bot.store.engine import Database
from routing.model.domain import OfferState, QuestionState
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


@pytest.fixture
def tv(house: House) -> Iterator[House]:
    """A house with a topic and two people who know it."""
    topic = house.topic("tv", "TV", "tv", "picture", "screen", "remote")
    house.employee("Jane Doe", topic, level=3)
    house.employee("Ravi Kumar", topic)
    return house


def test_a_mention_is_offered_answered_published_and_archived(tv: House) -> None:
    question = tv.post("sam", "@brand no picture on my TV since the update")
    tv.work()
    assert [row.state for row in tv.questions()] == [QuestionState.OFFERED]
    assert {row.employee_id for row in tv.offers()} == {1, 2}
    assert all(row.reasons for row in tv.offers())

    tv.post("jane", "@sam Hold the power button for ten seconds, then start it again. #chorus", question)
    tv.work()

    [published] = tv.by_brand()
    assert published.in_reply_to == question.id
    assert published.text == "Hold the power button for ten seconds, then start it again. ^Jane"
    assert [row.state for row in tv.questions()] == [QuestionState.ANSWERED]
    assert [row.state for row in tv.deliveries()] == [DeliveryState.SENT]
    assert sorted(row.state for row in tv.offers()) == [OfferState.ANSWERED, OfferState.WITHDRAWN]
    [entry] = tv.entries()
    assert entry.state == EntryState.PUBLIC
    assert entry.title == "No picture on my TV since the update"
    assert entry.quotation == "no picture on my TV since the update"
    assert entry.topic == "tv"


def test_a_tag_of_a_stranger_has_no_authority(tv: House) -> None:
    question = tv.post("sam", "@brand no picture on my TV since the update")
    tv.post("mallory", "@sam just throw it away #chorus", question)
    tv.work()
    assert not tv.by_brand()
    assert not tv.answers()
    assert len(tv.questions()) == 1


def test_a_webhook_told_twice_has_one_effect(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.tell(question)
    tv.work()
    answer = tv.post("jane", "Try the other cable. #chorus", question)
    for _ in range(3):
        tv.tell(answer)
    tv.work()
    tv.tell(question)
    tv.tell(answer)
    tv.work()
    assert len(tv.questions()) == 1
    assert len(tv.by_brand()) == 1


def test_an_answer_that_comes_before_its_question_waits_for_it(tv: House) -> None:
    question = tv.feed.append("sam", "@brand no picture")
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.work()
    assert not tv.by_brand()
    tv.wait(3)  # the parent is fetched
    tv.wait(3)
    assert [post.in_reply_to for post in tv.by_brand()] == [question.id]


def test_an_answer_without_a_reply_goes_to_the_open_question_of_the_customer_it_names(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "@sam Try the other cable. #chorus")
    tv.work()
    assert [post.in_reply_to for post in tv.by_brand()] == [question.id]


def test_an_answer_nobody_can_match_is_held_for_a_person(tv: House) -> None:
    tv.post("jane", "Restart it twice. #chorus")
    tv.work()
    [post] = tv.posts()
    assert post.verdict == PostKind.UNMATCHED
    assert not tv.by_brand()


def test_thanks_settles_the_question_and_counts_as_satisfied(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.work()
    tv.post("sam", "@brand that worked, thanks!", tv.by_brand()[0])
    tv.work()
    [row] = tv.questions()
    assert row.state == QuestionState.SETTLED
    assert row.satisfied is True


def test_a_follow_up_goes_first_to_who_answered_and_the_brand_replies_to_it(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.work()
    again = tv.post("sam", "@brand still no picture, what else can I try?", tv.by_brand()[0])
    tv.work()
    [row] = tv.questions()
    assert row.state == QuestionState.OFFERED
    assert [offer.employee_id for offer in tv.offers() if offer.state == OfferState.OPEN] == [1]
    tv.post("jane", "Then reset it in the settings. #chorus", again)
    tv.work()
    assert [post.in_reply_to for post in tv.by_brand()] == [question.id, again.id]
    assert len(tv.entries()) == 1


def test_praise_is_dismissed_and_kept_so_that_a_person_can_undo_it(tv: House) -> None:
    tv.post("sam", "@brand love you guys!!")
    tv.work()
    assert [row.state for row in tv.questions()] == [QuestionState.DISMISSED]


def test_what_employees_post_without_the_tag_is_not_kept(tv: House) -> None:
    tv.post("jane", "@brand lunch anyone?")
    tv.work()
    [post] = tv.posts()
    assert post.verdict == PostKind.NOT_FOR_US
    assert post.text == ""
    assert not tv.questions()


def test_a_deleted_question_is_never_answered(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.delete(question)
    tv.work()
    [row] = tv.questions()
    assert row.state == QuestionState.WITHDRAWN
    assert row.text == ""
    assert not tv.by_brand()
    assert all(offer.state == OfferState.WITHDRAWN for offer in tv.offers())


def test_r04_a_deletion_that_comes_before_the_post_leaves_a_tombstone(tv: House) -> None:
    question = tv.feed.append("sam", "@brand no picture")
    tv.delete(question)
    tv.tell(question)
    tv.work()
    [post] = tv.posts()
    assert post.deleted_at is not None
    assert post.text == ""
    assert not tv.questions()


def test_s12_the_customers_words_go_from_the_archive_when_the_post_goes(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.work()
    tv.delete(question)
    tv.work()
    [entry] = tv.entries()
    assert entry.state == EntryState.GONE
    assert entry.quotation is None
    assert "picture" not in entry.title


def test_a_second_answer_is_held_and_a_twin_dropped(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable first. #chorus", question)
    tv.post("ravi", "Try the other cable first! #chorus", question)
    tv.post("ravi", "You could also update the firmware. #chorus", question)
    tv.work()
    assert len(tv.by_brand()) == 1
    states = [answer.state for answer in tv.answers()]
    assert states == [AnswerState.PUBLISHED, AnswerState.DROPPED, AnswerState.HELD]
    assert all(answer.held_for for answer in tv.answers()[1:])


def test_a_link_to_a_foreign_domain_waits_for_a_person(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "See https://evil.example/tv for help #chorus", question)
    tv.work()
    assert not tv.by_brand()
    [answer] = tv.answers()
    assert answer.state == AnswerState.HELD
    assert tv.questions()[0].state == QuestionState.OFFERED


def test_a_long_answer_becomes_a_numbered_thread_in_order(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    sentence = "First unplug the set, wait for a full minute and plug it in again. "
    tv.post("jane", sentence * 12 + "#chorus", question)
    tv.work()
    posts = tv.by_brand()
    assert len(posts) >= 2
    assert [post.in_reply_to for post in posts] == [question.id, *[post.id for post in posts[:-1]]]
    assert posts[-1].text.endswith("^Jane")
    assert len(tv.entries()) == 1


def test_every_at_but_the_askers_is_neutralised_in_publications(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Ask @everyone and @boss about it #chorus", question)
    tv.work()
    assert "@everyone" not in tv.by_brand()[0].text


def test_an_edit_of_the_question_reaches_the_archive(tv: House) -> None:
    question = tv.post("sam", "@brand no picture")
    tv.work()
    tv.post("jane", "Try the other cable. #chorus", question)
    tv.work()
    tv.clock.advance(5)
    edited = tv.feed.edit(question.id, "@brand no picture on channel 4")
    assert edited is not None
    tv.tell(edited, PostEvent.EDITED)
    tv.work()
    assert tv.entries()[0].quotation == "no picture on channel 4"
    assert len(tv.by_brand()) == 1


def test_nobody_who_knows_the_topic_leads_to_a_person_in_charge(house: House) -> None:
    house.post("sam", "@brand my toaster sings at night, help?")
    house.work()
    for _ in range(60):
        house.wait(600)
    [row] = house.questions()
    assert row.state == QuestionState.ESCALATED


def test_a_poisoned_post_is_set_aside_and_the_others_flow(tv: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.steps.intake import reading

    def explode(text: str) -> bool:
        if "poison" in text:
            raise RuntimeError("cannot read this")
        return False

    monkeypatch.setattr(reading, "is_not_for_us", explode)
    tv.post("sam", "@brand poison")
    tv.post("kim", "@brand no picture")
    for _ in range(12):
        tv.wait(600)
    assert [post.state for post in tv.posts()] == [PostState.QUARANTINED, PostState.DONE]
    assert len(tv.questions()) == 1
