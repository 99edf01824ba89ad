"""The brand likes what a customer answered another one, where somebody endorsed it, and takes that back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.actions import endorse
from bot.actions.erase import erase_customer
from bot.platforms.local.adapter import FeedPost
from bot.posts import PlatformError, Reconnect, Refusal, Rejected, Retry
from bot.roles import Role
from bot.states import DeliveryState
from bot.store.community import helpful, likes
from bot.store.engine import Database
from bot.store.privacy import erasure
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.listening import LikeRow
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

TIP = "Hold the ring for ten seconds until it blinks, then pair it again, that fixed mine"


class WithLikes:
    """The local feed on which the brand can like."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.liked: set[str] = set()
        self.calls: list[tuple[str, str, str]] = []
        self.trouble: list[PlatformError] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def like(self, external_id: str, refs: Mapping[str, str], key: str, at: datetime) -> None:
        del refs, at
        self._called("like", external_id, key)
        self.liked.add(external_id)

    def unlike(self, external_id: str, key: str) -> None:
        self._called("unlike", external_id, key)
        self.liked.discard(external_id)

    def _called(self, what: str, external_id: str, key: str) -> None:
        self.calls.append((what, external_id, key))
        if self.trouble:
            raise self.trouble.pop(0)


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    return Talk(House(database, clock, wrap=WithLikes))  # type: ignore[arg-type]


def feed(talk: Talk) -> WithLikes:
    return talk.house.chorus.platforms["local"]  # type: ignore[return-value]


def kim(talk: Talk, who: str = "kim", text: str = TIP) -> FeedPost:
    talk.house.clock.advance(60)
    post = talk.house.post(who, text, talk.opening)
    talk.house.work()
    return post


def endorsed(talk: Talk, post: FeedPost, like: bool = True) -> None:
    with talk.house.database.write() as session:
        [row] = [one for one in talk.house.posts() if one.external_id == post.id]
        key = "key-1" if like else None
        question = session.get_one(QuestionRow, 1)
        found, now = session.get_one(PostRow, row.id), talk.house.clock()
        endorse.endorse(session, talk.house.answering, question, found, now, like=key)


def give(talk: Talk) -> int:
    return talk.house.steps.give_likes.run()


def states(talk: Talk) -> list[str]:
    return [one.state for one in talk.house.rows(LikeRow)]


def test_it_is_given_once_where_that_was_wanted(talk: Talk) -> None:
    post = kim(talk)
    endorsed(talk, post)
    assert (give(talk), give(talk)) == (1, 0)
    assert feed(talk).calls == [("like", post.id, "key-1")]
    assert states(talk) == [DeliveryState.SENT]


def test_without_the_box_nothing_is_liked(talk: Talk) -> None:
    endorsed(talk, kim(talk), like=False)
    assert (give(talk), feed(talk).calls) == (0, [])


def test_an_attempt_that_died_is_made_once_more_with_the_same_key(talk: Talk) -> None:
    post = kim(talk)
    endorsed(talk, post)
    feed(talk).trouble = [Retry("The line is broken.")]
    give(talk)
    [row] = talk.house.rows(LikeRow)
    assert (row.state, row.reason) == (DeliveryState.READY, "The line is broken.")
    assert give(talk) == 0
    talk.house.clock.advance(timedelta(minutes=2))
    assert give(talk) == 1
    assert feed(talk).calls == [("like", post.id, "key-1")] * 2
    assert states(talk) == [DeliveryState.SENT]


def test_a_refusal_is_final_and_said_at_the_desk(talk: Talk) -> None:
    endorsed(talk, kim(talk))
    feed(talk).trouble = [Rejected("The post cannot be liked.", Refusal.NOT_PERMITTED)]
    give(talk)
    talk.house.clock.advance(timedelta(days=1))
    assert (give(talk), states(talk)) == (0, [DeliveryState.REJECTED])
    page = talk.house.browser(talk.jane).get("/desk/questions/1").text
    assert "The post cannot be liked." in page


def test_a_lost_account_is_waited_for_some_days(talk: Talk) -> None:
    endorsed(talk, kim(talk))
    feed(talk).trouble = [Reconnect("Connect the account again.")] * 12
    for _ in range(12):
        give(talk)
        talk.house.clock.advance(timedelta(hours=6))
    assert states(talk) == [DeliveryState.REJECTED]


def test_nothing_is_liked_while_publishing_is_paused(talk: Talk) -> None:
    endorsed(talk, kim(talk))
    with talk.house.database.write() as session:
        switches.put(session, switches.PAUSED, value=True, by="mei", now=talk.house.clock())
    assert give(talk) == 0


def test_with_its_endorsement_the_like_goes(talk: Talk) -> None:
    post = kim(talk)
    endorsed(talk, post)
    give(talk)
    talk.house.edit(post, "never mind, that was wrong")
    talk.house.work()
    assert give(talk) == 1
    assert (feed(talk).liked, talk.house.rows(LikeRow)) == (set(), [])


def test_what_was_undone_before_it_was_given_is_never_given(talk: Talk) -> None:
    post = kim(talk)
    endorsed(talk, post)
    talk.house.delete(post)
    talk.house.work()
    give(talk)
    assert [what for what, *_ in feed(talk).calls] == ["unlike"]
    assert talk.house.rows(LikeRow) == []


def test_undone_while_it_is_given_it_is_taken_back_next(talk: Talk) -> None:
    endorsed(talk, kim(talk))
    with talk.house.database.write() as session:
        [seen] = likes.due(session, ["local"], talk.house.clock(), 5)
        session.expunge(seen)
    with talk.house.database.write() as session:
        likes.take_back(session, seen.answer_id, talk.house.clock())
    with talk.house.database.write() as session:
        assert not likes.settle(session, seen, DeliveryState.SENT, talk.house.clock())
    assert give(talk) == 1
    assert [what for what, *_ in feed(talk).calls] == ["unlike"]


def test_at_the_desk_the_box_is_there_where_the_brand_can_like(talk: Talk) -> None:
    post = kim(talk)
    browser = talk.house.browser(talk.jane)
    assert "and like it as the brand" in browser.get("/desk/questions/1").text
    [row] = [one for one in talk.house.posts() if one.external_id == post.id]
    browser.post(f"/desk/questions/1/posts/{row.id}/endorse", {"like": "1"})
    assert "the like has not been given (yet)" in browser.get("/desk/questions/1").text
    give(talk)
    assert "the brand likes it" in browser.get("/desk/questions/1").text


def test_who_helps_most_is_seen_with_words_to_invite_them(talk: Talk) -> None:
    for text in (TIP, "Open the case and push the little blue button until it clicks, then restart it"):
        endorsed(talk, kim(talk, text=text), like=False)
    endorsed(
        talk,
        kim(talk, "lee", "Update the app to version three, then remove the lamp and add it again"),
        like=False,
    )
    with talk.house.database.read() as session:
        found = helpful.customers(session, 10)
    endorsed_answers = [one for one in talk.house.rows(AnswerRow) if one.kind == "community"]
    assert sum(one.answers for one in found) == len(endorsed_answers)
    assert [(one.handle, one.answers) for one in found] == [("kim", 2), ("lee", 1)]
    mei = talk.house.employee("Mei Tan", handle="mei", role=Role.ADMIN)
    page = talk.house.browser(mei.id).get("/admin/helpful").text
    assert "2 endorsed answers" in page
    assert "Thank you for helping other customers" in page
    with talk.house.database.write() as session:
        erase_customer(session, erasure.customer(session, "local", "kim"), talk.house.clock())
    with talk.house.database.read() as session:
        assert [one.handle for one in helpful.customers(session, 10)] == ["lee"]
