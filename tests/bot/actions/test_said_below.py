"""The brand says below another customer's endorsed answer that it is right: once, and not after it is not."""

import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.conversations.answer import NotAnswerable
from bot.actions.undecidable import Undecidable
from bot.posts import Ambiguous, Outgoing, PostEvent, Visibility
from bot.states import AnswerKind, AnswerState, DeliveryKind, DeliveryState
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow
from bot.wording import by_itself
from routing.model.domain import QuestionState
from tests.endorsing import GIVING, GOING, HELPS, SAID, SAM, TIP, Endorsing
from tests.mortals import Mortals
from tests.retracting import QUESTION


@pytest.fixture
def endorsing(database_url: str, tmp_path: Path) -> Endorsing:
    found = Endorsing(database_url, tmp_path / "ledger")
    found.begin()
    return found


def reply(endorsing: Endorsing) -> AnswerRow:
    [found] = [one for one in endorsing.house.answers() if one.kind == AnswerKind.ENDORSEMENT]
    return found


def died(mortals: Mortals, database_url: str, tmp_path: Path, *how: str) -> Endorsing:
    ledger = tmp_path / "ledger"
    done = mortals.run("tests.endorsing", database_url, ledger, *how)
    assert done == -signal.SIGKILL, "the point was never reached"
    after = Endorsing(database_url, ledger)
    after.clock.advance(timedelta(minutes=5))
    after.work()
    return after


@pytest.mark.parametrize("point", GIVING)
def test_r01_a_process_killed_anywhere_says_it_once(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str
) -> None:
    after = died(mortals, database_url, tmp_path, point)
    assert after.ledger.accepted() == [(SAID, "tip-1")]
    assert (reply(after).state, reply(after).url is None) == (AnswerState.POINTED, False)


@pytest.mark.parametrize("point", GOING)
def test_r01_a_process_killed_anywhere_takes_it_back_once(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str
) -> None:
    after = died(mortals, database_url, tmp_path, point, "back")
    assert (after.ledger.shown(), len(after.ledger.deleted())) == ([], 1)
    assert {one.state for one in after.house.answers()} == {AnswerState.RETRACTED}


def test_it_goes_below_the_helpers_post_and_is_nobodys_answer(endorsing: Endorsing) -> None:
    assert endorsing.endorse()
    assert not endorsing.endorse()
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]
    [question] = endorsing.house.questions()
    assert question.state == QuestionState.ANSWERED
    leads = {one.kind: (one.state, one.lead) for one in endorsing.house.answers()}
    assert leads[AnswerKind.COMMUNITY] == (AnswerState.PUBLISHED, True)
    assert leads[AnswerKind.ENDORSEMENT] == (AnswerState.POINTED, False)
    [entry] = endorsing.house.entries()
    page = endorsing.house.browser()
    shown = page.get(page.get(f"/q/{entry.id}").headers["location"]).text
    assert TIP[:20] in shown
    assert "Thank you for helping" not in shown


def test_it_is_said_in_the_helpers_language(database_url: str, tmp_path: Path) -> None:
    words = {by_itself.endorsed(code) for code in ("en", "de", "es", "fr", "it", "nl", "pt", "ja", "ar")}
    assert len(words) == 9
    endorsing = Endorsing(database_url, tmp_path / "ledger", name="mastodon")
    endorsing.begin()
    endorsing.endorse(by_itself.endorsed("en"))
    [message] = endorsing.house.deliveries()
    assert message.sends.language == "en"


def test_without_words_nothing_is_said(endorsing: Endorsing) -> None:
    endorsing.endorse("")
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []


def test_nothing_is_said_while_publishing_is_paused(endorsing: Endorsing) -> None:
    endorsing.endorse()
    with endorsing.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=True, by="test", now=endorsing.clock())
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []


def test_what_the_budget_does_not_allow_is_not_said(database_url: str, tmp_path: Path) -> None:
    endorsing = Endorsing(database_url, tmp_path / "ledger", x={"dollars_per_day": 0.005})
    endorsing.begin()
    endorsing.endorse()
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert reply(endorsing).state == AnswerState.FAILED
    assert endorsing.house.questions()[0].state == QuestionState.ANSWERED


def test_x_takes_no_reply_to_who_has_not_addressed_the_brand(database_url: str, tmp_path: Path) -> None:
    endorsing = Endorsing(database_url, tmp_path / "ledger")
    endorsing.begin(replace(HELPS, text=f"@sam {TIP}", mentions=(SAM,)))
    jane = endorsing.house.browser(endorsing.jane)
    page = jane.get("/desk/questions/1").text
    assert 'name="below@' not in page
    assert "https://x.com/intent/post?in_reply_to=tip-1" in page
    endorsing.endorse()  # from a page of before
    endorsing.work(1)
    [message] = endorsing.house.deliveries()
    assert (endorsing.ledger.accepted(), message.state) == ([], DeliveryState.REJECTED)
    assert (reply(endorsing).state, endorsing.house.questions()[0].state) == (
        AnswerState.FAILED,
        QuestionState.ANSWERED,
    )
    assert "https://x.com/intent/post?in_reply_to=tip-1" in jane.get("/desk/questions/1").text


def test_elsewhere_who_has_not_addressed_the_brand_is_replied_to(database_url: str, tmp_path: Path) -> None:
    endorsing = Endorsing(database_url, tmp_path / "ledger", name="mastodon")
    endorsing.begin(replace(HELPS, text=f"@sam {TIP}", mentions=(SAM,)))
    assert 'name="below@' in endorsing.house.browser(endorsing.jane).get("/desk/questions/1").text
    endorsing.endorse()
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("That is right, see https://bank.example/help for more.", {}),
        ("That is right, and you are great.", {"publish": {"approve_first": 1}}),
        ("That is right. " * 100, {}),
    ],
)
def test_words_that_a_person_would_have_to_approve_are_not_taken_and_nothing_is_done(
    database_url: str, tmp_path: Path, words: str, settings: dict[str, object]
) -> None:
    endorsing = Endorsing(database_url, tmp_path / "ledger", **settings)
    endorsing.begin()
    with pytest.raises(NotAnswerable):
        endorsing.endorse(words)
    assert endorsing.house.answers() == []
    refused = endorsing.house.browser(endorsing.jane).post(
        "/desk/questions/1/posts/2/endorse", {"below": words}
    )
    assert refused.status_code == 422
    assert words.strip()[:40] in refused.text
    assert endorsing.endorse()  # the house's own words need nobody


def test_ones_own_words_are_not_dropped_where_a_colleague_was_faster(endorsing: Endorsing) -> None:
    endorsing.endorse()
    with pytest.raises(Undecidable):
        endorsing.endorse("Exactly so, thank you very much!")
    late = endorsing.house.browser(endorsing.jane).post(
        "/desk/questions/1/posts/2/endorse", {"below": "Exactly so, thank you very much!"}
    )
    assert late.status_code == 409
    assert "Exactly so, thank you very much!" in late.text


def test_what_the_platform_may_have_is_looked_up_and_the_question_is_left_alone(endorsing: Endorsing) -> None:
    def fail(_: Outgoing) -> None:
        raise Ambiguous("timed out")

    endorsing.ledger.fault = fail
    endorsing.endorse()
    endorsing.work()
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]
    assert endorsing.house.questions()[0].state == QuestionState.ANSWERED


@pytest.mark.parametrize("event", [PostEvent.DELETED, PostEvent.EDITED])
def test_it_goes_with_the_helpers_post(endorsing: Endorsing, event: PostEvent) -> None:
    endorsing.endorse()
    endorsing.work(1)
    changed = replace(HELPS, text="@sam just throw it away", event=event, edited_at=endorsing.clock())
    endorsing.house.ingest.write([changed])
    endorsing.house.worker.run_until_idle("intake", turns=5)
    endorsing.work(1)
    assert endorsing.ledger.shown() == []
    assert reply(endorsing).state == AnswerState.RETRACTED


@pytest.mark.parametrize("is_out", [True, False])
def test_with_the_endorsement_the_reply_is_taken_back(endorsing: Endorsing, is_out: bool) -> None:
    endorsing.endorse()
    if is_out:
        endorsing.work(1)
    done = endorsing.retract(1)
    assert done.posts == is_out
    endorsing.work(1)
    assert endorsing.ledger.shown() == []
    downs = [one for one in endorsing.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    assert len(downs) == is_out


def test_the_reply_alone_is_taken_back_and_the_endorsement_stays(endorsing: Endorsing) -> None:
    endorsing.endorse()
    endorsing.work(1)
    assert endorsing.retract(2, tells_customer=True).posts == 1
    endorsing.work(1)
    assert endorsing.ledger.shown() == []
    states = {one.kind: one.state for one in endorsing.house.answers()}
    assert states[AnswerKind.COMMUNITY] == AnswerState.PUBLISHED
    with pytest.raises(Undecidable):
        endorsing.retract(2)


def test_taken_back_and_endorsed_again_it_is_said_again(endorsing: Endorsing) -> None:
    endorsing.endorse()
    endorsing.work(1)
    endorsing.retract(1)
    assert endorsing.endorse()
    endorsing.work(1)
    assert endorsing.ledger.shown() == [SAID]
    assert {one.text for one in endorsing.house.answers() if one.state == AnswerState.PUBLISHED} == {TIP}


def test_just_going_out_it_is_taken_down_once_it_is_there(endorsing: Endorsing) -> None:
    done: list[object] = []
    endorsing.house.checkpoint = lambda name: (
        done.append(endorsing.retract(1)) if name == "after_send" and not done else None
    )
    endorsing.endorse()
    endorsing.work(1)
    assert len(endorsing.ledger.accepted()) == 1
    assert endorsing.ledger.shown() == []


def test_what_is_no_longer_public_is_not_replied_to(endorsing: Endorsing) -> None:
    endorsing.endorse()
    hidden = replace(
        HELPS, visibility=Visibility.PRIVATE, event=PostEvent.EDITED, edited_at=endorsing.clock()
    )
    endorsing.house.ingest.write([hidden])
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert reply(endorsing).state in (AnswerState.WITHDRAWN, AnswerState.RETRACTED)


def test_pages_say_what_became_of_it(endorsing: Endorsing) -> None:
    jane = endorsing.house.browser(endorsing.jane)
    page = jane.get("/desk/questions/1").text
    assert by_itself.endorsed("en") in page
    done = jane.post("/desk/questions/1/posts/2/endorse", {"below": "Exactly so, thank you very much!"})
    assert done.headers["location"] == "/desk/questions/1?done=endorsed"
    assert "reply below it is on its way" in jane.get("/desk/questions/1").text
    endorsing.work(1)
    assert "the brand has said so below it" in jane.get("/desk/questions/1").text
    assert endorsing.ledger.accepted() == [("@kim Exactly so, thank you very much!", "tip-1")]


def test_a_refusal_of_words_says_that_nobody_approves_them_and_what_to_do(endorsing: Endorsing) -> None:
    with pytest.raises(NotAnswerable, match="not one of our own sites") as refused:
        endorsing.endorse("That is right, see https://bank.example/help for more.")
    assert "Nobody approves what is said below" in str(refused.value)
    assert "put the house’s own back" in str(refused.value)
    with pytest.raises(NotAnswerable) as short:
        endorsing.endorse("That is right, see https://bit.ly/2x")
    assert "Nobody approves" not in str(short.value)


def test_where_the_customers_post_is_private_by_then_nothing_waits_for_a_person(endorsing: Endorsing) -> None:
    endorsing.endorse()
    asked = replace(QUESTION, visibility=Visibility.PRIVATE, event=PostEvent.EDITED)
    endorsing.house.ingest.write([replace(asked, edited_at=endorsing.clock())])
    endorsing.house.worker.run_until_idle("intake", turns=5)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert reply(endorsing).state == AnswerState.WITHDRAWN
