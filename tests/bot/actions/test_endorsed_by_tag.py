"""An employee's tagged reply says that another customer is right: the brand says so below it, once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.leaving import leave
from bot.posts import Author, Post, PostEvent, Visibility
from bot.states import AnswerKind, AnswerState, DeliveryState, PostKind, Via
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import EmployeeRow, IdentityRow
from routing.model.domain import EmployeeState, QuestionState
from tests.endorsing import HELPS, SAID, SAM, Endorsing

THANKS = "Exactly so, thank you very much!"
TAGGED = replace(
    HELPS,
    external_id="thanks-1",
    author=Author("jane-id", "jane"),
    text=f"@kim {THANKS} #chorus",
    mentions=(),
    tags=("chorus",),
    in_reply_to="tip-1",
)


def begun(url: str, tmp_path: Path, **settings: object) -> Endorsing:
    found = Endorsing(url, tmp_path / "ledger", **settings)  # type: ignore[arg-type]
    found.begin()
    linked(found)
    return found


def linked(endorsing: Endorsing) -> None:
    """Jane has an account on the feed."""
    account = IdentityRow(
        employee_id=endorsing.jane,
        platform=endorsing.name,
        account_id="jane-id",
        handle="jane",
        linked_at=endorsing.clock(),
    )
    with endorsing.house.database.write() as session:
        session.add(account)


@pytest.fixture
def endorsing(database_url: str, tmp_path: Path) -> Endorsing:
    return begun(database_url, tmp_path)


def thank(endorsing: Endorsing, post: Post = TAGGED, **beside: object) -> None:
    endorsing.clock.advance(60)
    said = replace(post, platform=endorsing.name, posted_at=endorsing.clock(), **beside)  # type: ignore[arg-type]
    endorsing.house.ingest.write([said])
    endorsing.house.worker.run_until_idle("intake", turns=5)


def states(endorsing: Endorsing) -> dict[str, str]:
    return {one.kind: one.state for one in endorsing.house.answers()}


def reply(endorsing: Endorsing) -> AnswerRow:
    [found] = [one for one in endorsing.house.answers() if one.kind == AnswerKind.ENDORSEMENT]
    return found


def test_the_brand_says_it_below_the_helpers_post_and_not_to_the_customer(endorsing: Endorsing) -> None:
    thank(endorsing)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(f"@kim {THANKS}", "tip-1")]
    assert states(endorsing) == {
        AnswerKind.COMMUNITY: AnswerState.PUBLISHED,
        AnswerKind.ENDORSEMENT: AnswerState.POINTED,
    }
    assert (reply(endorsing).employee_id, reply(endorsing).via) == (None, Via.POST)
    [question], tagged = endorsing.house.questions(), endorsing.house.posts()[-1]
    assert question.state == QuestionState.ANSWERED
    assert (tagged.verdict, tagged.question_id) == (PostKind.ANSWER, question.id)


def test_a_confirmation_does_as_thanks_do(endorsing: Endorsing) -> None:
    thank(endorsing, text="@kim Yes, that is correct. #chorus")
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [("@kim Yes, that is correct.", "tip-1")]
    assert AnswerKind.ANSWER not in states(endorsing)


def test_what_says_more_is_an_answer_to_the_customer(endorsing: Endorsing) -> None:
    thank(
        endorsing,
        text="@kim That is right for the old ones; hold it for twenty seconds if it is new. #chorus",
    )
    endorsing.work(1)
    [(text, to)] = endorsing.ledger.accepted()
    assert (text.startswith("That is right for the old ones"), to) == (True, "q1")
    assert AnswerKind.COMMUNITY not in states(endorsing)


@pytest.mark.parametrize(
    ("settings", "beside"),
    [
        ({"publish": {"approve_first": 1}}, {}),
        ({}, {"pictures": ("a thumb",)}),
        ({}, {"warning": "tips"}),
    ],
)
def test_where_the_policy_would_hold_the_words_the_houses_own_are_said(
    database_url: str, tmp_path: Path, settings: dict[str, object], beside: dict[str, object]
) -> None:
    endorsing = begun(database_url, tmp_path, **settings)
    thank(endorsing, **beside)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]
    assert AnswerState.HELD not in states(endorsing).values()


def test_thanks_that_not_everybody_may_see_endorse_and_say_nothing(endorsing: Endorsing) -> None:
    thank(endorsing, visibility=Visibility.PRIVATE)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert states(endorsing) == {AnswerKind.COMMUNITY: AnswerState.PUBLISHED}


def test_thanks_from_before_a_restore_say_nothing_again(endorsing: Endorsing) -> None:
    with endorsing.house.database.write() as session:
        switches.put(
            session,
            "restored",
            {"at": (endorsing.clock() + timedelta(hours=1)).isoformat()},
            by="test",
            now=endorsing.clock(),
        )
    thank(endorsing)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert states(endorsing) == {AnswerKind.COMMUNITY: AnswerState.PUBLISHED}


def test_a_second_colleagues_thanks_say_nothing_more(endorsing: Endorsing) -> None:
    thank(endorsing)
    thank(endorsing, external_id="thanks-2")
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(f"@kim {THANKS}", "tip-1")]
    assert len(endorsing.house.answers()) == 2


def test_on_x_who_has_not_addressed_the_brand_is_replied_to_by_hand(
    database_url: str, tmp_path: Path
) -> None:
    endorsing = Endorsing(database_url, tmp_path / "ledger")
    endorsing.begin(replace(HELPS, text=HELPS.text.replace("@brand ", ""), mentions=(SAM,)))
    linked(endorsing)
    thank(endorsing)
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    page = endorsing.house.browser(endorsing.jane).get("/desk/questions/1").text
    assert "https://x.com/intent/post?in_reply_to=tip-1" in page


@pytest.mark.parametrize(
    "change",
    [{"event": PostEvent.DELETED}, {"event": PostEvent.EDITED, "text": "@kim Hm, exactly? #chorus"}],
)
def test_it_stays_in_where_the_tagged_post_is_deleted_or_edited_before(
    endorsing: Endorsing, change: dict[str, object]
) -> None:
    thank(endorsing)
    thank(endorsing, **change, edited_at=endorsing.clock())
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert states(endorsing) == {
        AnswerKind.COMMUNITY: AnswerState.PUBLISHED,
        AnswerKind.ENDORSEMENT: AnswerState.WITHDRAWN,
    }
    assert endorsing.house.questions()[0].state == QuestionState.ANSWERED


def test_another_answer_on_its_way_is_none_of_its_business(endorsing: Endorsing) -> None:
    thank(endorsing)
    with endorsing.house.database.write() as session:
        session.get_one(QuestionRow, 1).state = QuestionState.ANSWERING
    thank(endorsing, event=PostEvent.DELETED)
    assert reply(endorsing).state == AnswerState.WITHDRAWN
    assert endorsing.house.questions()[0].state == QuestionState.ANSWERING


def test_once_it_is_out_it_stays_whatever_becomes_of_the_tagged_post(endorsing: Endorsing) -> None:
    thank(endorsing)
    endorsing.work(1)
    thank(endorsing, event=PostEvent.DELETED)
    endorsing.work(1)
    assert endorsing.ledger.shown() == [f"@kim {THANKS}"]


def go(endorsing: Endorsing) -> None:
    with endorsing.house.database.write() as session:
        leave(session, session.get_one(EmployeeRow, endorsing.jane), endorsing.clock())


@pytest.mark.parametrize("by_tag", [True, False])
def test_whoever_leaves_takes_along_what_has_not_gone_out(endorsing: Endorsing, by_tag: bool) -> None:
    endorsing.house.employee("Somebody Else", role="admin")
    thank(endorsing) if by_tag else endorsing.endorse()
    go(endorsing)
    assert reply(endorsing).state == AnswerState.WITHDRAWN  # at once, and not only when it would go out
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert (reply(endorsing).state, reply(endorsing).held_for) == (
        AnswerState.WITHDRAWN,
        "Whoever said that it is right has left.",
    )
    assert states(endorsing)[AnswerKind.COMMUNITY] == AnswerState.PUBLISHED
    assert {one.state for one in endorsing.house.deliveries()} == {DeliveryState.WITHDRAWN}
    assert endorsing.house.questions()[0].state == QuestionState.ANSWERED


def test_the_last_look_finds_that_they_have_left(endorsing: Endorsing) -> None:
    endorsing.endorse()
    with endorsing.house.database.write() as session:
        session.get_one(EmployeeRow, endorsing.jane).state = EmployeeState.LEFT
    endorsing.work(1)
    assert endorsing.ledger.accepted() == []
    assert reply(endorsing).state == AnswerState.WITHDRAWN


def test_whoever_may_endorse_need_not_answer_themselves(endorsing: Endorsing) -> None:
    endorsing.endorse()
    with endorsing.house.database.write() as session:
        session.get_one(EmployeeRow, endorsing.jane).opted_in_at = None
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]
