"""An offer that rests is told of when it goes on, and one that has moved along to another question there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.actions import regroup
from bot.actions.conversations import handover
from bot.states import DeliveryState
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.ladder.policy import Policy
from routing.model.domain import OfferState
from tests.bot.channels.test_notify import Office, ask, open_office
from tests.conftest import FakeClock
from tests.mail_server import ChatServer, MailServer


@pytest.fixture
def office(database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer) -> Iterator[Office]:
    office = open_office(database, clock, mails, chat)
    topic = office.house.topic("tv", "TV", "tv", "picture", "sound")
    office.house.employee("Jane Doe", topic, level=3)
    yield office
    office.house.close()


def _taken(office: Office, minutes: int = 30) -> int:
    """Sam asks, and somebody takes it before Jane has been told; how many mails have gone out."""
    ask(office)
    other = office.house.employee("Mo Ray")
    with office.house.database.write() as session:
        (question,) = office.house.questions()
        policy = Policy(claim=timedelta(minutes=minutes))
        taken = handover.claim(
            session,
            session.get_one(QuestionRow, question.id),
            session.get_one(EmployeeRow, other.id),
            policy,
            office.house.clock(),
        )
        return int(taken.id)


def _sent(office: Office) -> list[str]:
    return [one.get_content().replace("\r\n", "\n") for one in office.mails.mails]


def test_nobody_is_told_of_what_rests_and_everybody_when_it_goes_on(office: Office) -> None:
    number = _taken(office)
    for _ in range(5):
        office.work(61)
    assert _sent(office) == []
    assert office.states() == [DeliveryState.READY]
    with office.house.database.write() as session:
        offer = session.get_one(handover.OfferRow, number)
        handover.decline(session, offer, OfferState.PASSED, office.house.clock())
    office.work(61)
    assert len(_sent(office)) == 1
    assert "no picture on my TV" in _sent(office)[0]
    office.work(61)
    assert len(_sent(office)) == 1


def test_who_has_been_told_is_not_told_once_more(office: Office) -> None:
    ask(office)
    office.work(61)
    assert len(_sent(office)) == 1
    mo = office.house.employee("Mo Ray").id
    with office.house.database.write() as session:
        question = session.get_one(QuestionRow, 1)
        other = session.get_one(EmployeeRow, mo)
        handover.claim(session, question, other, Policy(claim=timedelta(minutes=3)), office.house.clock())
    for _ in range(5):
        office.work(61)
    assert len(_sent(office)) == 1


def test_what_moves_to_another_question_before_it_is_told_is_told_as_that_one(office: Office) -> None:
    ask(office)
    office.work(61)
    (first,), (offer,) = office.house.questions(), office.house.offers()
    with office.house.database.write() as session:
        handover.release_offers(session, offer.employee_id, office.house.clock())
    office.work(3600)
    ask(office, text="@brand my TV has no sound")
    second = office.house.questions()[-1]
    assert second.id != first.id
    with office.house.database.write() as session:
        regroup.join(session, first.id, second.id, Policy(), office.house.clock())
    office.work(61)
    assert f"/desk/questions/{first.id}\n" in _sent(office)[-1]
    assert f"/desk/questions/{second.id}\n" not in _sent(office)[-1]
