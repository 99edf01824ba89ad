"""Where a platform tells of nothing, question and answer are read once more before the brand replies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.posts import Author, KnownPost, Lookup, Post, PostEvent, Visibility
from bot.states import AnswerState
from bot.store.engine import Database
from bot.store.people import identities
from bot.store.queries.pages import archive
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House
from tests.ledger_platform import LedgerPlatform

QUESTION = Post(
    "mastodon", "q", Author("sam", "sam"), "@brand no picture", visibility=Visibility.PUBLIC,
    mentions=(), url="https://social.example/q",
)  # fmt: skip
ANSWER = Post(
    "mastodon", "a", Author("jane-id", "jane"), "Try the other cable. #chorus", in_reply_to="q",
    visibility=Visibility.PUBLIC,
)  # fmt: skip


@dataclass
class Silent(LedgerPlatform):
    """Tells what it has of a post only when asked for it."""

    posts: dict[str, Post | None] = field(default_factory=lambda: {"q": QUESTION, "a": ANSWER})

    def fetch(
        self, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
    ) -> list[Lookup]:
        return [
            Lookup(one, gone=self.posts.get(one) is None, post=self.posts.get(one)) for one in external_ids
        ]


@dataclass
class Town:
    house: House
    platform: Silent

    def accepted(self) -> list[Any]:
        return list(self.platform.accepted())

    def send(self) -> None:
        """The undo window is over, and nobody has told us of anything."""
        self.house.wait(60)
        self.house.wait(60)


@pytest.fixture
def town(database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[Town]:
    platform = Silent(tmp_path / "ledger", "mastodon")
    house = House(database, clock, publish={"undo_window": 30}, platforms={"mastodon": platform})
    house.employee("Jane Doe", house.topic("tv", "TV", "picture"))
    with database.write() as session:
        identities.link(session, 1, "mastodon", "jane-id", "jane", proof="operator", now=clock())
    house.ingest.write([QUESTION])
    house.work()
    house.ingest.write([ANSWER])
    house.work()
    assert [answer.state for answer in house.answers()] == [AnswerState.QUEUED]
    return Town(house, platform)


def test_what_has_not_changed_goes_out_once(town: Town) -> None:
    town.send()
    assert len(town.accepted()) == 1


@pytest.mark.parametrize("whose", ["q", "a"])
def test_r04_what_was_deleted_without_a_word_is_not_published(town: Town, whose: str) -> None:
    town.platform.posts[whose] = None
    town.send()
    assert town.accepted() == []
    assert town.house.answers()[0].state == AnswerState.WITHDRAWN
    if whose == "q":
        assert town.house.questions()[0].state == QuestionState.WITHDRAWN


@pytest.mark.parametrize("whose", ["q", "a"])
def test_s23_what_was_made_private_without_a_word_is_not_published(town: Town, whose: str) -> None:
    town.platform.posts[whose] = replace({"q": QUESTION, "a": ANSWER}[whose], visibility=Visibility.FOLLOWERS)
    town.send()
    assert town.accepted() == []
    assert town.house.answers()[0].state == AnswerState.HELD


def test_r04_an_answer_edited_without_a_word_goes_out_as_it_now_is(town: Town) -> None:
    town.platform.posts["a"] = replace(
        ANSWER, text="Try the other socket. #chorus", event=PostEvent.EDITED, edited_at=town.house.clock()
    )
    town.send()
    town.send()
    assert [text for text, _to in town.accepted()] == ["@sam Try the other socket. ^Jane"]
    with town.house.database.read() as session:
        record = archive.find(session, town.house.entries()[0].id)
    assert record is not None
    assert record.answer.text == "Try the other socket."
