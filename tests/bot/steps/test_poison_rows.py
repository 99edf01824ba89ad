"""A row that something goes wrong with has its tries and ends where a person sees it; the others flow."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.actions.conversations import answer
from bot.actions.conversations.hold_or_publish import Decision, Said
from bot.actions.people import employees, topics
from bot.actions.people.details import Details, Invalid
from bot.actions.rules import Rules
from bot.posts import Rejected
from bot.states import ChangeKind, DeliveryState, PostKind
from bot.store import changes
from bot.store.claim import finish
from bot.store.conversations import deliveries, notices
from bot.store.engine import Database
from bot.store.queries import routing as reads
from bot.store.tables.conversations import DeliveryRow, OfferRow, QuestionRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.fake_search import FakeSearch
from tests.house import House

TRIES = Rules().attempts


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    made = House(database, clock, engine=FakeSearch(database))
    made.employee("Jane Doe", made.topic("tv", "TV", "tv", "picture"), open_cap=50)
    return made


def ask(house: House, *names: str) -> None:
    """Questions that have come in, and nobody has been asked yet."""
    for name in names:
        house.post(name, f"@brand no picture on my TV, says {name}")
    house.steps.intake.run()


def states(house: House) -> dict[str, str]:
    return {row.customer_handle: row.state for row in house.questions()}


def broken_topics(house: House, question: QuestionRow) -> None:
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question.id)
        row.topics, row.topics_by = [["tv"]], "somebody"
        session.add(row)


def unknown_offer(house: House, question: QuestionRow) -> None:
    with house.database.write() as session:
        session.add(
            OfferRow(
                question_id=question.id,
                employee_id=1,
                state="dreamt of",
                offered_at=house.clock(),
                expires_at=house.clock(),
            )
        )


@pytest.mark.parametrize("poison", [broken_topics, unknown_offer])
def test_r16_a_question_that_cannot_be_read_is_set_aside_and_the_others_are_asked(
    house: House, poison: Callable[[House, QuestionRow], None]
) -> None:
    ask(house, "kim", "sam", "robin")
    poison(house, house.questions()[1])
    house.steps.route.run()
    assert states(house) == {
        "kim": QuestionState.OFFERED,
        "sam": QuestionState.OPEN,
        "robin": QuestionState.OFFERED,
    }
    for _ in range(TRIES):
        house.clock.advance(600)
        house.steps.route.run()
    [sam] = [row for row in house.questions() if row.customer_handle == "sam"]
    assert (sam.state, sam.due_at) == (QuestionState.QUARANTINED, None)
    assert sam.last_error


def test_r16_a_question_that_cannot_be_read_keeps_no_hand_from_the_others(house: House) -> None:
    ask(house, "kim", "sam", "robin")
    house.steps.route.run()
    poison = house.questions()[1]
    broken_topics(house, poison)
    with house.database.write() as session:
        for number in (poison.id, house.questions()[2].id):
            row = session.get_one(QuestionRow, number)
            row.waits_since, row.due_at = house.clock(), house.clock() + timedelta(hours=1)
            session.add(row)
    with house.database.read() as session:
        waiting = reads.waiting_for_capacity(session, [1], house.clock(), 10)
    assert [one.question_id for one in waiting] == [house.questions()[2].id]


def fails(_text: str) -> Any:
    raise OverflowError("a number too large")


def test_r22_a_question_that_the_archive_fails_on_goes_its_way_without(house: House) -> None:
    house.chorus.search.likely = lambda question: fails(question) if "sam" in question else []
    ask(house, "kim", "sam")
    house.steps.route.run()
    assert set(states(house).values()) == {QuestionState.OFFERED}


def test_r22_a_question_without_a_meaning_goes_by_its_words(house: House) -> None:
    house.chorus.search.meaning = fails
    ask(house, "sam")
    house.steps.route.run()
    assert states(house) == {"sam": QuestionState.OFFERED}


def test_r16_a_change_that_nothing_can_be_learned_from_stops_no_routing(house: House) -> None:
    with house.database.write() as session:
        changes.append(session, ChangeKind.OUTCOME, 1, house.clock(), outcome="dreamt of")
        changes.append(session, ChangeKind.OUTCOME, 1, house.clock())
        changes.append(session, ChangeKind.OUTCOME, 1, house.clock(), outcome="ignored", employee=1)
    ask(house, "sam")
    assert house.steps.route.learner.follow() == 3
    house.steps.route.run()
    assert states(house) == {"sam": QuestionState.OFFERED}


def doubtful(house: House, number: int, **values: Any) -> int:
    """A message of which nobody knows whether it went out."""
    at = house.clock().isoformat()
    payload = {"text": f"number {number}", "created_at": at, "visibility": "public"}
    with house.database.write() as session:
        row = DeliveryRow(
            **{
                "kind": "publication",
                "platform": "local",
                "key": f"key-{number}",
                "payload": payload,
                "state": DeliveryState.UNKNOWN,
                "created_at": house.clock(),
                "due_at": house.clock(),
                "attempts": 1,
                **values,
            }
        )
        session.add(row)
        session.flush()
        return row.id


def delivery(house: House, number: int) -> DeliveryRow:
    with house.database.read() as session:
        return session.get_one(DeliveryRow, number)


def test_r16_a_message_that_cannot_be_looked_up_keeps_no_other_from_it(house: House) -> None:
    poison = doubtful(house, 1, payload={"created_at": "never"})
    other = doubtful(house, 2)
    house.steps.settle.run()
    assert delivery(house, other).state == DeliveryState.READY, "absent, and may be sent again"
    assert delivery(house, poison).state == DeliveryState.UNKNOWN
    for _ in range(TRIES):
        house.clock.advance(1000)
        house.steps.settle.run()
    left = delivery(house, poison)
    assert (left.state, left.due_at, left.code) == (DeliveryState.UNKNOWN, None, "person")
    assert "looking fails" in (left.reason or "")
    with house.database.read() as session:
        assert str(poison) in notices.standing(session, house.clock())[notices.Alarm.DELIVERIES]


@pytest.fixture
def without_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """These messages belong to no answer; the last look before sending would keep them in."""
    monkeypatch.setattr(house.steps.deliver, "_kept_in", lambda _row, _seen: None)


@pytest.mark.usefixtures("without_answers")
def test_r16_a_message_that_cannot_be_read_keeps_no_other_from_being_sent(house: House) -> None:
    poison = doubtful(house, 1, state=DeliveryState.READY, payload={"created_at": "never"}, attempts=0)
    others = [doubtful(house, number, state=DeliveryState.READY, attempts=0) for number in (2, 3)]
    house.steps.deliver.run()
    assert [delivery(house, one).state for one in others] == [DeliveryState.SENT] * 2
    assert delivery(house, poison).state == DeliveryState.UNKNOWN


@pytest.mark.usefixtures("without_answers")
def test_r22_an_outcome_that_cannot_be_noted_keeps_no_other_from_being_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [doubtful(house, number, state=DeliveryState.READY, attempts=0) for number in range(1, 21)]
    publish = house.local.publish

    def refuses_the_first(outgoing: Any, timeout: float) -> Any:
        if outgoing.text == "number 1":
            raise Rejected("no")
        return publish(outgoing, timeout)

    note = house.steps.deliver._note

    def broken(outcomes: Sequence[tuple[DeliveryRow, Any]]) -> None:
        refused = [f"{outcome} {row.id}" for row, outcome in outcomes if isinstance(outcome, Rejected)]
        if refused:
            raise ValueError(refused[0])
        note(outcomes)

    monkeypatch.setattr(house.local, "publish", refuses_the_first)
    monkeypatch.setattr(house.steps.deliver, "_note", broken)
    with pytest.raises(ValueError, match="no 1"):
        house.steps.deliver.run()
    assert [delivery(house, one).state for one in numbers] == [
        DeliveryState.SENDING,
        *[DeliveryState.SENT] * 19,
    ]


def test_r22_a_reason_with_unstorable_characters_can_be_noted(house: House) -> None:
    """What goes wrong is told in words from outside, too: a poison row must not poison its own quarantine."""
    number = doubtful(house, 1)
    [row] = deliveries.claim_unknown(house.database, owner="me", lease=Rules().lease, limit=1)
    with house.database.write() as session:
        finish(session, row, state=DeliveryState.UNKNOWN, last_error="it said \x00 and \ud800", due_at=None)
    assert delivery(house, number).last_error == "it said \ufffd and \ufffd"


@pytest.mark.parametrize("field", ["name", "email", "title"])
def test_r22_who_types_what_cannot_be_stored_is_told_which_field(house: House, field: str) -> None:
    typed = {"name": "Kim Lee", "email": "kim@example.com", "title": "Chef"}
    details = Details(**{**typed, field: typed[field] + "\x00"})
    with pytest.raises(Invalid) as refused, house.database.write() as session:
        employees.add_employee(session, details, now=house.clock())
    assert refused.value.field == field


def test_r22_so_is_who_names_a_topic(house: House) -> None:
    with pytest.raises(Invalid) as refused, house.database.write() as session:
        topics.add_topic(session, "wifi", "Wi\x00Fi", now=house.clock())
    assert refused.value.field == "name"


def test_r16_an_answer_that_cannot_be_taken_is_set_aside_and_the_others_are_published(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [house.post(name, f"@brand no picture on my TV, says {name}") for name in ("kim", "sam")]
    house.work()
    decide = answer.decide_answer

    def poisoned(said: Said, *around: Any, **options: Any) -> Decision:
        if "poison" in said.text:
            raise ZeroDivisionError
        return decide(said, *around, **options)

    monkeypatch.setattr(answer, "decide_answer", poisoned)
    for question, button in zip(asked, ("poison", "green"), strict=True):
        house.post("jane", f"Hold the {button} button for ten seconds. #chorus", in_reply_to=question)
    house.steps.intake.run()
    assert [(row.verdict, row.attempts, row.last_error) for row in house.posts()[-2:]] == [
        (None, 1, "ZeroDivisionError: "),
        (PostKind.ANSWER, 0, None),
    ]
    assert [row.text for row in house.answers()] == ["Hold the green button for ten seconds."]
