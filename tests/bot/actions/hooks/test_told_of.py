"""Every event of the catalogue is emitted by the deed that it tells of."""

from datetime import timedelta

import pytest

from bot.actions.archive import curate
from bot.actions.archive.gate import weigh_entry
from bot.actions.conversations import decide
from bot.actions.hooks.payload import content_of
from bot.actions.matters import decisions
from bot.channels.messages import BrandProfile
from bot.posts import Ambiguous
from bot.states import LISTENED, HookEvent, StatementKind
from bot.store import rows
from bot.store.engine import Database
from bot.store.hooks import outbox
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.hooks import HookEventRow
from bot.store.tables.listening import ListenedRow
from bot.store.tables.matters import MatterRow
from routing.dialogue.gate import HeldBack
from tests.bot.actions.test_statements import DOWN, Outage
from tests.conftest import FakeClock
from tests.house import House


@pytest.fixture
def outage(database: Database, clock: FakeClock) -> Outage:
    outage = Outage(database, clock)
    outbox.always_listened(outage.database)
    return outage


def told(house: House) -> list[tuple[str, int]]:
    return [(one.kind, one.subject) for one in house.rows(HookEventRow)]


def test_a_question_that_is_given_up_taken_over_and_closed(outage: Outage) -> None:
    outage.post("sam", DOWN)
    outage.work()
    with outage.database.write() as session:
        decide.escalate(session, session.get_one(QuestionRow, 1), "Look.", outage.clock())
    with outage.database.write() as session:
        decide.close(session, session.get_one(QuestionRow, 1), outage.clock())
    kinds = [kind for kind, subject in told(outage) if subject == 1]
    assert kinds == ["question.opened", "question.offered", "question.escalated", "question.settled"]


def test_a_held_answer_and_an_entry_that_comes_and_goes(outage: Outage) -> None:
    asked = outage.post("sam", DOWN)
    outage.work()
    outage.post("jane", "@sam It is back. Switch the box off and on again, please. #chorus", asked)
    outage.work()
    outage.post("jane", "@sam Or look at http://strange.example/x #chorus", asked)
    outage.work()
    assert ("answer.held", 2) in told(outage)
    assert told(outage).count(("entry.published", 1)) == 1
    with outage.database.write() as session:
        curate.hide(session, session.get_one(EntryRow, 1), "mei", outage.clock())
    with outage.database.write() as session:
        curate.show(session, session.get_one(EntryRow, 1), outage.clock())
    assert told(outage).count(("entry.published", 1)) == 2
    with outage.database.write() as session:
        entry = session.get_one(EntryRow, 1)
        entry.decided = False
        weigh_entry(session, entry, HeldBack.UNSOLVED, outage.clock())
    with outage.database.write() as session:
        weigh_entry(session, session.get_one(EntryRow, 1), None, outage.clock())
    assert told(outage).count(("entry.published", 1)) == 3


def test_a_message_of_which_nobody_knows_whether_it_went_out(outage: Outage) -> None:
    asked = outage.post("sam", DOWN)
    outage.work()
    outage.post("jane", "@sam It is back. #chorus", asked)
    outage.steps.intake.run()

    def vanish(*_: object, **__: object) -> None:
        raise Ambiguous("no answer")

    outage.local.publish = vanish  # type: ignore[assignment]
    outage.steps.deliver.run()
    assert ("delivery.unknown", 1) in told(outage)


def test_a_sender_that_died_midway_leaves_one_too(outage: Outage) -> None:
    asked = outage.post("sam", DOWN)
    outage.work()
    outage.post("jane", "@sam It is back. #chorus", asked)
    outage.steps.intake.run()

    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == "after_send":
            raise Died

    outage.checkpoint = die
    with pytest.raises(Died):
        outage.steps.deliver.run()
    outage.checkpoint = lambda _name: None
    outage.clock.advance(timedelta(minutes=10))
    outage.steps.settle.run()
    assert ("delivery.unknown", 1) in told(outage)


def test_a_matter_is_noticed_stated_grown_and_settled(outage: Outage) -> None:
    for number in range(12):
        outage.asks(f"c{number}")
    noticed = [subject for kind, subject in told(outage) if kind == "matter.noticed"]
    assert len(noticed) == 1
    (number,) = noticed
    said = [one.detail["said"] for one in outage.rows(HookEventRow) if one.kind == "matter.noticed"]
    assert "people in" in said[0]
    outage.writes()
    outage.approves(1, outage.ravi)
    assert ("matter.stated", number) in told(outage)
    outage.writes(StatementKind.SETTLED)
    outage.approves(2, outage.ravi)
    assert told(outage).count(("matter.settled", number)) == 1

    with outage.database.write() as session:
        matter = session.get_one(MatterRow, number)
        matter.state = "open"
    with outage.database.write() as session:
        decisions.settle(session, session.get_one(MatterRow, number), outage.clock())
    assert told(outage).count(("matter.settled", number)) == 2


def test_a_matter_tells_how_many_spoke_of_it_without_asking(outage: Outage) -> None:
    outage.asks("sam")
    with outage.database.write() as session:
        for number, (who, matter) in enumerate(
            (("kim", 1), ("kim", 1), ("ann", 1), ("sam", 1), ("lee", None))
        ):
            post = PostRow(platform="local", external_id=f"t{number}", received_at=outage.clock())
            rows.keep(session, post)
            heard = {"found_at": outage.clock(), "looked_at": outage.clock()}
            rows.keep(
                session,
                ListenedRow(post_id=post.id, platform="local", author_id=who, matter_id=matter, **heard),
            )
        asked = {"platform": "local", "asked_at": outage.clock(), "matter_id": 1, "unasked": True}
        for who in ("joe", "sam"):  # of their posts somebody made questions; Sam has asked as well
            rows.keep(session, QuestionRow(customer_id=who, **asked))
        decisions.settle(session, session.get_one(MatterRow, 1), outage.clock())
    (settled,) = (one for one in outage.rows(HookEventRow) if one.kind == "matter.settled")
    with outage.database.read() as session:
        assert content_of(session, settled, BrandProfile("Acme", "https://a.example"))["unasked"] == 3


def test_a_matter_is_given_to_a_department(outage: Outage) -> None:
    outage.asks("sam")
    with outage.database.write() as session:
        row = DepartmentRow(name="Streaming", created_at=outage.clock())
        rows.keep(session, row)
        decisions.assign(session, session.get_one(MatterRow, 1), row.id, "mei", outage.clock())
    (assigned,) = (one for one in outage.rows(HookEventRow) if one.kind == "matter.assigned")
    assert (assigned.subject, assigned.detail["department_name"]) == (1, "Streaming")


def test_a_surge_after_the_first_is_growth(outage: Outage) -> None:
    from bot.actions.matters.gathering import gathered_in
    from bot.store.matters.gathered import AskedQuestion
    from routing.matters.surges import Surge

    now = outage.clock()
    asked = AskedQuestion(0, DOWN, "en", now, None, ("local", "sam"), None, "tv", counts=True, praises=False)
    surge = Surge(7, now.timestamp(), 9, 10.0, 1.0)
    for _ in range(2):
        with outage.database.write() as session:
            gathered_in(session, [asked], {0: 7}, [surge], now)
        with outage.database.write() as session:
            session.get_one(MatterRow, 7).surge = ""
    assert told(outage) == [("matter.noticed", 7), ("matter.grown", 7)]


def test_every_event_that_can_be_chosen_is_tried_here_or_beside() -> None:
    """One that nothing emits has no place in the catalogue."""
    from pathlib import Path

    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("actions", "steps", "store")
        for path in (Path(__file__).parents[4] / "bot" / folder).rglob("*.py")
    )
    assert [one for one in LISTENED if f"HookEvent.{HookEvent(one).name}" not in source] == []
