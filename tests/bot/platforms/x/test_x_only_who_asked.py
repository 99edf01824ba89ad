"""X lets an app reply only to who mentioned the brand: what the house tells many keeps to that."""

import httpx
import pytest

from bot.actions.listening import decide
from bot.actions.matters import campaigns as deeds
from bot.actions.unprompted import remind
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.states import StatementKind, StatementState
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.listening import ListenedRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow, ToldRow
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, STRANGER, USERS, FakeX
from tests.conftest import FakeClock
from tests.listened import listening
from tests.outage import TEXT, Outage

DOWN = "the streaming service is down, I cannot watch anything"
BACK = "Streaming is back for everybody. Thank you for your patience."
ASKED = (CUSTOMER, EMPLOYEE)
"""Both ask the brand; the stranger says the same to nobody in particular."""


class OnX(Outage):
    """Two people ask on X, a third one says it without asking, and somebody makes a question of that."""

    def __init__(self, database: Database, clock: FakeClock, **given: object) -> None:
        self.x = FakeX(now=clock())
        account = XAccount(user_id=BRAND, handle=USERS[BRAND])
        adapter = X(account, MemoryTokens(access_token="access-1"), clock, transport=self.x.transport())
        super().__init__(database, clock, platforms={"x": adapter}, **given)
        self.adapter = adapter
        listening(self, "streaming")
        for who in ASKED:
            self.x.post(who, f"@{USERS[BRAND]} {DOWN}")
        self.strange = self.x.post(STRANGER, f"{DOWN}, anybody else?")
        self.hear()
        with self.database.write() as session:
            self.question = decide.ask(session, self.rows(ListenedRow)[0].id, clock())
        self.all_work()

    def hear(self) -> None:
        """What X has is read, and searched for the words that are listened for."""
        self.ingest.write(list(self.adapter.poll(None).posts))
        self.all_work()
        self.steps.search_words.run()
        self.all_work()

    def replies_to(self, post_id: str) -> list[httpx.Request]:
        """What X was asked to publish in reply to a post, taken or not."""
        writes = [one for one in self.x.requests if one.method == "POST" and one.url.path == "/2/tweets"]
        return [one for one in writes if post_id in one.content.decode()]

    def told(self, who: str) -> list[str]:
        own = {post.id for post in self.x.posts.values() if post.author == who}
        return [post.text for post in self.x.by_brand() if post.parent in own]


@pytest.fixture
def on_x(database: Database, clock: FakeClock) -> OnX:
    on_x = OnX(database, clock)
    assert [one.unasked for one in on_x.questions()] == [False, False, True]
    assert {one.matter_id for one in on_x.questions()} == {1}
    return on_x


def assert_only_who_asked_was_told(on_x: OnX, *texts: str) -> None:
    for who in ASKED:
        assert on_x.told(who) == [f"@{USERS[who]} {text}" for text in texts]
    assert on_x.replies_to(on_x.strange) == []
    assert {one.customer_id for one in on_x.rows(ToldRow)} == set(ASKED)


def test_a_statement_and_that_it_is_settled_are_told_to_who_asked_only(on_x: OnX) -> None:
    on_x.says()
    on_x.says(StatementKind.SETTLED, default=BACK)
    assert_only_who_asked_was_told(on_x, TEXT, BACK)
    assert {one.state for one in on_x.rows(StatementRow)} == {StatementState.ENDED}


def test_a_campaigns_word_is_told_to_who_asked_only_and_is_over(on_x: OnX) -> None:
    with on_x.database.write() as session:
        matter = session.get_one(MatterRow, 1)
        deeds.make(session, matter, "Bring it back", on_x.mei, 14, on_x.clock())
    with on_x.database.write() as session:
        deeds.open_page(session, session.get_one(CampaignRow, 1), on_x.clock())
    on_x.says(StatementKind.CHANGED, default=BACK)
    assert_only_who_asked_was_told(on_x, BACK)
    assert [one.state for one in on_x.rows(StatementRow)] == [StatementState.ENDED]


def test_what_the_brand_says_by_itself_is_said_to_who_asked_only(on_x: OnX) -> None:
    """A first reply, a reminder and a question back all go by this one deed."""
    with on_x.database.write() as session:
        rows = [session.get_one(QuestionRow, number) for number in (1, 2, 3)]
        said = [remind(on_x.answering, session, row, on_x.clock()) for row in rows]
    on_x.all_work()
    assert [answer is not None for answer in said] == [True, True, False]
    assert [len(on_x.told(who)) for who in ASKED] == [1, 1]
    assert on_x.replies_to(on_x.strange) == []


def test_who_is_told_by_an_answer_they_did_not_ask_for_gets_it_from_a_person(on_x: OnX) -> None:
    """Even if a statement were queued for them, the last look keeps it from X, with the way by hand."""
    with on_x.database.write() as session:
        session.get_one(QuestionRow, on_x.question).unasked = False
        answer = on_x.answering.say(session, session.get_one(QuestionRow, on_x.question), TEXT, on_x.clock())
        session.get_one(QuestionRow, on_x.question).unasked = True
    on_x.work()
    assert answer is not None
    assert on_x.replies_to(on_x.strange) == []
    assert [one.code for one in on_x.deliveries()] == ["not_permitted"]
