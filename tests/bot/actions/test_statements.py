"""What the brand says on a matter: approved by a second person, told once to each who asked and asks."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import regroup, statements
from bot.actions.conversations.hold_or_publish import composed
from bot.actions.statements import Unsayable
from bot.actions.undecidable import Undecidable
from bot.platforms.local.adapter import Local
from bot.posts import Author, Mention, Outgoing, Post, Published, Retry, Visibility
from bot.roles import Role
from bot.states import AnswerKind, AnswerState, StatementAudience, StatementKind, StatementState
from bot.store.engine import Database
from bot.store.matters import statements as matter_statements
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.matters import StatementRow, ToldRow
from bot.store.tables.people import EmployeeRow
from bot.wording.compose import CannotCompose
from routing.ladder.policy import Policy
from routing.model.domain import OfferState, QuestionState
from tests.bot.platforms.memory_feed import MemoryFeed
from tests.conftest import FakeClock
from tests.house import SECRET
from tests.ledger_platform import LedgerPlatform
from tests.outage import DOWN, GERMAN, TEXT, Outage


@pytest.fixture
def outage(database: Database, clock: FakeClock) -> Outage:
    return Outage(database, clock)


def test_everybody_who_asked_is_told_once_in_reply_to_their_own_post(outage: Outage) -> None:
    for who in ("sam", "kim", "ann"):
        outage.asks(who)
    outage.says()
    for who in ("sam", "kim", "ann"):
        assert [text.endswith(TEXT) for text in outage.told(who)] == [True]
    assert len(outage.by_brand()) == 3
    assert {one.state for one in outage.questions()} == {QuestionState.ANSWERED}
    assert {one.state for one in outage.offers()} == {OfferState.WITHDRAWN}
    assert outage.entries() == []


def test_who_asks_later_is_told_and_nobody_twice(outage: Outage) -> None:
    outage.asks("sam")
    outage.says()
    outage.clock.advance(timedelta(hours=1))
    outage.asks("sam", "@brand the streaming service is down again, I cannot watch anything!")
    outage.asks("kim")
    assert len(outage.told("sam")) == 1
    assert len(outage.told("kim")) == 1
    assert len(outage.rows(ToldRow)) == 2


def test_it_is_said_in_the_language_of_who_asked(outage: Outage) -> None:
    outage.asks("sam")
    outage.post("uli", DOWN, language="de")
    outage.all_work()
    outage.says(de=GERMAN)
    assert outage.told("uli")[0].endswith(GERMAN)
    assert outage.told("sam")[0].endswith(TEXT)


def test_a_persons_answer_beats_it(outage: Outage) -> None:
    outage.asks("sam")
    own = outage.feed.read(None, 10)[0]
    outage.post("jane", "Your account was locked, I have opened it for you: try again, please. #chorus", own)
    outage.all_work()
    outage.asks("kim")
    outage.says()
    assert len(outage.told("sam")) == 1
    assert "locked" in outage.told("sam")[0]
    assert [one.kind for one in outage.answers()] == [AnswerKind.ANSWER, AnswerKind.STATEMENT]


def test_nobody_approves_their_own_where_there_is_somebody_else(outage: Outage) -> None:
    outage.asks("sam")
    number = outage.writes()
    with pytest.raises(Undecidable, match="somebody else"):
        outage.approves(number, outage.mei)
    outage.all_work()
    assert outage.by_brand() == []


def test_whoever_is_alone_in_charge_may(database: Database, clock: FakeClock) -> None:
    outage = Outage(database, clock)
    with database.write() as session:
        session.get_one(EmployeeRow, outage.ravi).role = Role.EMPLOYEE
    outage.asks("sam")
    outage.approves(outage.writes(), outage.mei)
    outage.all_work()
    assert len(outage.told("sam")) == 1


def test_settled_is_told_to_all_who_were_told_and_ends_it(outage: Outage) -> None:
    outage.asks("sam")
    outage.asks("kim")
    outage.says()
    settled = "Streaming is back for everybody. Thank you for your patience."
    outage.says(StatementKind.SETTLED, default=settled)
    outage.asks("ann")
    assert [text.endswith(settled) for text in outage.told("sam")] == [False, True]
    assert outage.told("ann") == []
    assert [one.state for one in outage.rows(StatementRow)] == [StatementState.ENDED] * 2
    assert outage.questions()[-1].state == QuestionState.OFFERED


def test_who_has_deleted_what_they_asked_keeps_nobody_waiting_and_it_ends(outage: Outage) -> None:
    outage.asks("sam")
    outage.asks("kim")
    outage.says()
    outage.delete(outage.feed.read(None, 10)[0])
    outage.work()
    outage.says(StatementKind.SETTLED)
    assert len(outage.told("kim")) == 2
    assert len(outage.by_brand()) == 3
    assert [one.state for one in outage.rows(StatementRow)] == [StatementState.ENDED] * 2


def test_whose_questions_have_become_one_is_told_what_is_said_later(outage: Outage) -> None:
    outage.asks("kim")
    outage.asks("sam", "@brand how do I pair the remote control with my TV?")
    outage.clock.advance(timedelta(hours=1))
    outage.asks("sam")
    outage.says()
    with outage.database.write() as session:
        regroup.join(session, 2, 3, Policy(), outage.clock())
    assert [one.question_id for one in outage.rows(ToldRow)] == [1, 2]
    outage.says(StatementKind.SETTLED)
    assert len(outage.told("sam")) == 2
    assert [one.state for one in outage.rows(StatementRow)] == [StatementState.ENDED] * 2


def test_an_update_goes_to_whom_its_writer_chose(outage: Outage) -> None:
    for who in ("sam", "kim"):
        outage.asks(who)
    outage.says()
    said = next(post for post in outage.by_brand() if post.in_reply_to == "1")
    outage.clock.advance(60)
    outage.post("sam", "still nothing, when will it work again?", said)
    outage.work()
    news = "We have found the cause: it will be back at three."
    outage.says(StatementKind.UPDATE, StatementAudience.REPLIED, default=news)
    assert outage.told("sam")[-1].endswith(news)
    assert len(outage.told("kim")) == 1
    outage.says(StatementKind.UPDATE, StatementAudience.NONE, default="Nothing new yet.")
    assert len(outage.told("kim")) == 1


def test_what_waits_to_go_out_when_it_is_settled_is_not_told_any_more(outage: Outage) -> None:
    outage.asks("sam")
    outage.approves(outage.writes(), outage.ravi)
    outage.steps.tell.run()
    settled = "Streaming is back for everybody. Thank you for your patience."
    outage.says(StatementKind.SETTLED, default=settled)
    assert [text.endswith(settled) for text in outage.told("sam")] == [True]
    assert [one.state for one in outage.answers()] == [AnswerState.WITHDRAWN, AnswerState.PUBLISHED]
    assert outage.questions()[0].state == QuestionState.ANSWERED


def test_what_waits_to_go_out_when_it_is_stopped_is_not_told_and_people_are_asked(outage: Outage) -> None:
    outage.asks("sam")
    number = outage.writes()
    outage.approves(number, outage.ravi)
    outage.steps.tell.run()
    with outage.database.write() as session:
        statements.withdraw(session, session.get_one(StatementRow, number), outage.clock())
    outage.all_work()
    assert outage.told("sam") == []
    assert outage.questions()[0].state == QuestionState.OFFERED


def test_an_update_that_is_put_out_to_all_is_told_though_it_is_over(outage: Outage) -> None:
    outage.asks("sam")
    outage.says()
    news = "We have found the cause: it will be back at three."
    number = outage.writes(StatementKind.UPDATE, default=news)
    outage.approves(number, outage.ravi)
    outage.steps.tell.run()
    outage.steps.tell.run()
    assert outage.rows(StatementRow)[-1].state == StatementState.ENDED
    outage.all_work()
    assert outage.told("sam")[-1].endswith(news)


@pytest.mark.parametrize("point", ["after_telling", "after_send", "before_send"])
def test_whatever_dies_on_the_way_everybody_is_told_once(outage: Outage, point: str) -> None:
    for who in ("sam", "kim", "ann"):
        outage.asks(who)
    outage.approves(outage.writes(), outage.ravi)
    deaths = iter([True, True])

    def die(name: str) -> None:
        if name == point and next(deaths, False):
            raise RuntimeError("died")

    outage.checkpoint = die
    for _ in range(12):
        with contextlib.suppress(RuntimeError):
            outage.all_work()
        outage.clock.advance(timedelta(minutes=2))
    assert [len(outage.told(who)) for who in ("sam", "kim", "ann")] == [1, 1, 1]


def test_never_more_than_can_go_out_wait_in_the_outbox(outage: Outage) -> None:
    for number in range(60):
        outage.post(f"sam{number}", DOWN)
    outage.work()
    outage.steps.gather.run()
    outage.approves(outage.writes(), outage.ravi)
    for _ in range(5):
        outage.steps.tell.run()
    assert len(outage.rows(ToldRow)) == 40
    for _ in range(5):
        outage.work()
        outage.steps.tell.run()
    outage.work()
    assert len(outage.rows(ToldRow)) == 60
    assert len(outage.by_brand()) == 60


def test_a_platform_that_takes_nothing_for_now_keeps_nobody_waiting_on_another(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    def refuse(outgoing: Outgoing, timeout: float) -> Published:
        raise Retry("The budget is used up.", at=clock() + timedelta(days=1))

    feed, slow = MemoryFeed(clock), LedgerPlatform(tmp_path / "slow", "mastodon")
    slow.publish = refuse  # type: ignore[method-assign]
    local = Local(feed, "brand", [SECRET], "http://test", clock)
    outage = Outage(database, clock, platforms={"local": local, slow.name: slow})
    outage.feed, outage.local = feed, local
    brand = (Mention("brand", "brand-id"),)
    outage.ingest.write(
        [
            Post(
                slow.name,
                f"q{n}",
                Author(f"a{n}", f"a{n}"),
                DOWN,
                mentions=brand,
                visibility=Visibility.PUBLIC,
                posted_at=clock(),
            )
            for n in range(45)
        ]
    )
    outage.all_work()
    for number in range(5):
        outage.post(f"sam{number}", DOWN)
    outage.all_work()
    outage.says()
    outage.all_work()
    assert len(outage.by_brand()) == 5
    waiting = [one for one in outage.deliveries() if one.platform == slow.name]
    assert len(waiting) == 40
    outage.says(StatementKind.SETTLED, default="It is back. Thank you for your patience.")
    assert len(outage.by_brand()) == 10
    assert outage.rows(StatementRow)[-1].state == StatementState.ACTIVE


@pytest.mark.parametrize(("text", "why"), [("", "first"), ("x" * 2001, "characters")])
def test_what_cannot_be_said_is_refused_with_the_reason(outage: Outage, text: str, why: str) -> None:
    outage.asks("sam")
    with pytest.raises(Unsayable, match=why):
        outage.writes(default=text)


def test_the_browser_of_two_people_and_the_public_page(outage: Outage) -> None:
    for who in ("sam", "kim"):
        outage.asks(who)
    mei, ravi = outage.browser(outage.mei), outage.browser(outage.ravi)
    refused = mei.post("/admin/matters/1/statements", {"text": "", "kind": "statement"})
    assert refused.status_code == 422
    typed = {"text": TEXT, "kind": "statement", "text-de": GERMAN}
    assert (
        mei.post("/admin/matters/1/statements", typed).headers["location"].endswith("done=proposed&at=said")
    )
    assert "Somebody else has to approve it" in mei.get("/admin/matters/1").text
    assert outage.browser().get("/m/1").status_code == 404
    assert "Approve: tell it now" in ravi.get("/admin/matters/1").text
    ravi.post("/admin/statements/1/approve")
    outage.all_work()
    public = outage.browser()
    path = public.get("/m/1").headers["location"]
    page = public.get(path).text
    assert "2 people asked about it." in page
    assert "We are on it" in page
    assert "cannot watch" not in page
    assert f'href="{path}"' in public.get("/").text
    [item] = outage.ask("GET", "/api/v1/matters").json()["items"]
    assert (item["people"], item["state"], item["statement"]) == (2, "open", TEXT)


def test_of_many_posts_of_one_customer_one_is_replied_to_also_in_one_go(outage: Outage) -> None:
    for _ in range(3):
        outage.asks("sam")
        outage.clock.advance(timedelta(hours=1))
    outage.asks("kim")
    outage.says()
    assert (len(outage.told("sam")), len(outage.told("kim"))) == (1, 1)
    assert len(outage.rows(ToldRow)) == 2


def test_a_question_that_has_become_another_matters_meanwhile_is_not_told(outage: Outage) -> None:
    outage.asks("sam")
    outage.asks("kim")
    outage.approves(outage.writes(), outage.ravi)
    ids = [one.id for one in outage.questions()]
    with outage.database.write() as session:
        statement = session.get_one(StatementRow, 1)
        session.get_one(QuestionRow, ids[0]).matter_id = None
        assert statements.tell(session, outage.answering, statement, ids, outage.clock()) == 1
    outage.all_work()
    assert (outage.told("sam"), len(outage.told("kim"))) == ([], 1)


def test_one_to_whom_it_cannot_be_said_keeps_nobody_else_waiting(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handle or a content warning may leave no room for words that fitted when they were approved."""
    for who in ("sam", "kim"):
        outage.asks(who)
    monkeypatch.setattr("bot.actions.conversations.answer.composed", refusing("sam", composed))
    outage.says()
    assert (outage.told("sam"), len(outage.told("kim"))) == ([], 1)


def refusing(handle: str, compose: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def some(text: str, credit: str, question: QuestionRow, *around: Any, **named: Any) -> list[str]:
        if question.customer_handle == handle:
            raise CannotCompose("There is no room for it.")
        return compose(text, credit, question, *around, **named)

    return some


@pytest.mark.parametrize("what", ["answered", "unasked"])
def test_what_has_changed_since_it_was_looked_for_is_seen_again_when_it_is_said(
    outage: Outage, what: str
) -> None:
    """A person has answered meanwhile, which beats the statement; or nobody had asked us there."""
    outage.asks("sam")
    outage.asks("kim")
    outage.approves(outage.writes(), outage.ravi)
    sam, kim = (one.id for one in outage.questions())
    with outage.database.write() as session:
        statement, question = session.get_one(StatementRow, 1), session.get_one(QuestionRow, sam)
        assert matter_statements.next_to_tell(session, statement, 20) == [sam, kim]
        if what == "answered":
            question.state = QuestionState.ANSWERED
        else:
            question.unasked = True
        assert statements.tell(session, outage.answering, statement, [sam, kim], outage.clock()) == 1
        assert [one.question_id for one in session.exec(select(ToldRow)).all()] == [kim]


def test_whom_it_is_not_to_be_said_to_keeps_no_place_among_those_who_are_next(outage: Outage) -> None:
    for who in ("sam", "kim", "ann", "joe"):
        outage.asks(who)
    outage.approves(outage.writes(), outage.ravi)
    ids = [one.id for one in outage.questions()]
    with outage.database.write() as session:
        statement = session.get_one(StatementRow, 1)
        session.get_one(QuestionRow, ids[0]).state = QuestionState.ANSWERED
        session.get_one(QuestionRow, ids[1]).unasked = True
        session.get_one(QuestionRow, ids[2]).matter_id = None
        session.flush()
        assert matter_statements.next_to_tell(session, statement, 20) == [ids[3]]


def test_the_most_urgent_is_told_first_within_one_go(outage: Outage) -> None:
    for who in ("sam", "kim"):
        outage.asks(who)
    outage.approves(outage.writes(), outage.ravi)
    sam, kim = (one.id for one in outage.questions())
    with outage.database.write() as session:
        session.get_one(QuestionRow, kim).priority = 9
    outage.steps.tell.run()
    assert [one.question_id for one in outage.deliveries() if one.kind == "publication"] == [kim, sam]


def test_whom_a_statement_reaches_is_told_before_it_is_approved_and_how_far_it_came(outage: Outage) -> None:
    for who in ("sam", "kim"):
        outage.asks(who)
    outage.asks("sam")
    outage.asks("uwe", "@brand das Streaming ist gestört, ich kann seit heute Mittag nichts ansehen")
    with outage.database.write() as session:
        for question in session.exec(select(QuestionRow)).all():
            question.matter_id = 1
    number = outage.writes(de=GERMAN)
    page = outage.browser(outage.ravi).get("/admin/matters/1").text
    assert "told to 3 people, and to who asks later: 2 on the local feed in English" in page
    assert "1 on the local feed in German" in page
    assert "In German:" in page
    outage.approves(number, outage.ravi)
    outage.steps.tell.run()
    assert how_far(outage, number) == (0, 3, 0, 0), "in the outbox is not told"
    outage.all_work()
    assert how_far(outage, number) == (3, 0, 0, 0)
    assert "3 people have got it." in outage.browser(outage.ravi).get("/admin/matters/1").text


def test_whom_a_platform_lets_nobody_tell_is_not_counted_as_told(outage: Outage) -> None:
    for who in ("sam", "kim"):
        outage.asks(who)
    number = outage.says()
    with outage.database.write() as session:
        first = session.exec(select(AnswerRow)).first()
        assert first is not None
        first.state = AnswerState.FAILED
    assert how_far(outage, number) == (1, 0, 1, 0)
    page = outage.browser(outage.ravi).get("/admin/matters/1").text
    assert "1 person has got it, 1 could not be told." in page


def how_far(outage: Outage, number: int) -> tuple[int, int, int, int]:
    with outage.database.read() as session:
        found = matter_statements.telling(session, session.get_one(StatementRow, number))
    return found.out, found.waiting, found.missed, found.to_come
