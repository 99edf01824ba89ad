"""What the house does beside answering, on a network that is really there: the same deeds on each of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

from bot.actions import endorse, statements
from bot.actions.announce import decide
from bot.actions.announce.propose import Proposal, propose
from bot.actions.announce.retract import retract as retract_announcement
from bot.actions.matters import campaigns
from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Wish
from bot.actions.taking_back.retract_many import retract_all
from bot.platforms.base import LikesPosts
from bot.roles import Role
from bot.states import AnswerState, PostKind, StatementAudience, StatementKind, StatementState, Via
from bot.store.community import likes
from bot.store.queries.pages import public_matters
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow
from tests.bot.platforms.bluesky_network import until
from tests.bot.round_trip import RoundTrip
from tests.listened import listening, on_the_tray

PATIENCE = 120.0
"""Seconds, on the slowest machine."""
DEMAND = "Bring back the dark theme"
CHANGED = "The dark theme is back: update the app, and choose it under Settings."
NEWS = "The shop is open again from nine on."
TIP = "Hold the ring for ten seconds until it blinks, then pair it again, that fixed mine"


class PublicNetwork(Protocol):
    """A network as its people use it."""

    name: str

    def posts(self, who: str, text: str, to: str | None = None, *, addressed: bool = True) -> str:
        """Somebody posts, with the brand's handle in front where it is addressed; the post's id."""

    def by_brand(self) -> list[tuple[str, str | None]]:
        """What the brand's account shows, by the server's own list: words, and the id replied to."""

    def liked(self) -> list[str]:
        """The posts that the brand likes, by the server's own list."""


class RealTown:
    """A house on a network; Jane answers, Mei writes, Ravi approves."""

    def __init__(self, house: RoundTrip, network: PublicNetwork) -> None:
        self.house, self.network = house, network
        topic = house.topic("tv", "TV", "picture")
        self.jane = house.employee("Jane Doe", topic).id
        self.mei = house.employee("Mei Ito", role=Role.MODERATOR).id
        self.ravi = house.employee("Ravi Rao", role=Role.MODERATOR).id

    def turn(self) -> None:
        """Listen and work, now."""
        self.house.clock.at = datetime.now(UTC)
        self.house.turn()

    def until(self, check: Callable[[], Any]) -> Any:
        """What ``check`` says once it says something; the house works meanwhile."""
        return until(lambda: self.turn() or check(), PATIENCE)

    def said(self) -> list[str]:
        """The words that the brand's account shows."""
        return sorted(text for text, _ in self.network.by_brand())

    def questions(self, count: int) -> list[QuestionRow]:
        """So many have come in."""
        found: list[QuestionRow] = self.until(
            lambda: rows if len(rows := self.house.questions()) >= count else None
        )
        return found

    def answers(self, question: QuestionRow, text: str) -> int:
        """Jane answers at the desk; the answer's id, once it is out."""
        house = self.house
        with house.database.write() as session:
            row, jane = session.get_one(QuestionRow, question.id), session.get_one(EmployeeRow, self.jane)
            number = house.answering.take(session, row, jane, text, via=Via.DESK, now=house.clock()).id
        self.until(lambda: any(text in said for said in self.said()))
        return number


def words_are_listened_for(town: RealTown) -> None:
    """Given somebody who says the brand's word to nobody in particular, it is on the tray, and unanswered.

    The word is a hashtag, too, and in quotation marks: one network's search finds the one, and that of
    another looks for a query literally, marks and all.
    """
    word = f"acme{uuid4().hex[:6]}"
    listening(town.house, word)
    town.network.posts("kim", f'my "{word}" is dead #{word}', addressed=False)
    assert "is dead" in town.until(lambda: _after_a_search(town))[0]
    assert town.house.questions() == []
    assert town.said() == []


def _after_a_search(town: RealTown) -> list[str]:
    """The tray, searched for anew, however short a time ago that was."""
    town.house.steps.search_words._from.clear()
    town.house.steps.search_words.run()
    town.house.work()
    return on_the_tray(town.house)


def the_brand_likes_a_customers_answer(town: RealTown) -> None:
    """Given Kim who answers Sam, and somebody of the house who endorses it: liked once, and taken back."""
    house = town.house
    question = town.network.posts("sam", "no picture on my lamp since the update")
    town.questions(1)
    tip = town.network.posts("kim", TIP, question)
    found = town.until(lambda: [one for one in house.rows(PostRow) if one.verdict == PostKind.COMMUNITY])
    platform = house.chorus.platforms[town.network.name]
    assert isinstance(platform, LikesPosts)
    with house.database.write() as session:
        now = house.clock()
        asked, post = session.get_one(QuestionRow, 1), session.get_one(PostRow, found[0].id)
        post.indexable = True  # on the stand-in for Mastodon nobody can say so
        key = platform.new_key(now)  # type: ignore[attr-defined]
        assert endorse.endorse(session, house.answering, asked, post, now, like=key)
    town.until(lambda: town.network.liked())
    town.turn()
    assert town.network.liked() == [tip]
    with house.database.write() as session:
        likes.take_back(session, house.answers()[0].id, house.clock())
    town.until(lambda: not town.network.liked())


def a_campaign_is_joined_by_a_post_and_told(town: RealTown) -> None:
    """Given Sam who asks for it and Kim who joins with the page's words: two people, told once each."""
    house = town.house
    town.network.posts("sam", "please bring back the dark theme in your app, my eyes hurt at night")
    town.until(lambda: house.rows(MatterRow))
    with house.database.write() as session:
        campaigns.make(session, session.get_one(MatterRow, 1), DEMAND, town.mei, 14, house.clock())
    with house.database.write() as session:
        campaigns.open_page(session, session.get_one(CampaignRow, 1), house.clock())
    town.network.posts("kim", f"{DEMAND} join-1")
    town.until(lambda: _people(town) == 2)
    with house.database.write() as session:
        row = statements.propose(
            session,
            session.get_one(MatterRow, 1),
            StatementKind.CHANGED,
            {"": CHANGED},
            StatementAudience.ALL,
            town.mei,
            house.answering,
            house.clock(),
        )
        number = row.id
    with house.database.write() as session:
        statements.approve(session, session.get_one(StatementRow, number), town.ravi, house.clock())
    town.until(lambda: house.rows(StatementRow)[0].state == StatementState.ENDED and len(town.said()) == 2)
    town.turn()
    assert all(CHANGED in one for one in town.said())
    assert len({to for _, to in town.network.by_brand()}) == 2


def _people(town: RealTown) -> int:
    with town.house.database.read() as session:
        matter = public_matters.find(session, 1)
    return matter.people if matter is not None else 0


def an_announcement_is_published_and_taken_back(town: RealTown) -> None:
    """It is there once, and then it is not there any more."""
    house, chorus = town.house, town.house.chorus
    house.clock.at = now = datetime.now(UTC)
    with house.database.write() as session:
        proposal = Proposal(NEWS, (town.network.name,), {})
        row = propose(session, proposal, chorus.platforms, chorus.rules, town.jane, now)
        decide.approve(session, row, 1, town.mei, now)
        decide.plan(session, row, now, chorus.platforms, chorus.rules, now)
    town.until(lambda: town.said() == [NEWS])
    with house.database.write() as session:
        retract_announcement(session, session.get_one(AnnouncementRow, 1), "It is closed.", house.clock())
    town.until(lambda: town.said() == [])


def answers_are_put_right_and_many_taken_back(town: RealTown) -> None:
    """Given three answers, one is given other words, and two are taken back in one go: one is left."""
    house = town.house
    for number in ("one", "two", "three"):
        town.network.posts("sam" if number == "one" else number, f"no picture on my TV number {number}")
    asked = town.questions(3)
    numbers = [town.answers(one, f"Hold the button of set {one.id} for ten seconds.") for one in asked]
    with house.database.write() as session:
        answer, mei = session.get_one(AnswerRow, numbers[0]), session.get_one(EmployeeRow, town.mei)
        wanted = Rewording("Hold it for twenty seconds, and wait.", "It was too short.", mei)
        correct(session, house.answering, answer, wanted, house.clock())
    town.until(lambda: _ends(town.said(), "and wait. ^Mei") and len(town.said()) == 3)
    with house.database.write() as session:
        wish = Wish(why="They are wrong.", by=town.mei)
        done = retract_all(session, house.answering, numbers[1:], wish, house.clock())
    assert len(done) == 2
    town.until(lambda: len(town.said()) == 1)
    assert _ends(town.said(), "and wait. ^Mei")
    states = {one.id: one.state for one in house.answers()}
    assert [states[one] for one in numbers[1:]] == [AnswerState.RETRACTED] * 2


def _ends(said: list[str], words: str) -> bool:
    return sum(one.endswith(words) for one in said) == 1


DEEDS = (
    words_are_listened_for,
    the_brand_likes_a_customers_answer,
    a_campaign_is_joined_by_a_post_and_told,
    an_announcement_is_published_and_taken_back,
    answers_are_put_right_and_many_taken_back,
)
