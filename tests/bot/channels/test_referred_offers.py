"""A colleague to whom a question is referred is told of it as of any offer: once, and not while at a page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.actions.conversations import handover
from bot.states import DeliveryState
from bot.store.engine import Database
from bot.store.tables.conversations import OfferRow, QuestionRow
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
    ask(office)
    office.work(61)
    assert _told(office, "Jane Doe") == 1
    yield office
    office.house.close()


def _told(office: Office, name: str) -> int:
    return sum(f"Hello {name}," in one for one in office.mails.texts())


def _refer(office: Office, to: EmployeeRow, giver: int = 1) -> None:
    with office.house.database.write() as session:
        handover.refer(
            session,
            office.house.chorus.rules,
            session.get_one(QuestionRow, 1),
            session.get_one(EmployeeRow, giver),
            session.get_one(EmployeeRow, to.id),
            office.house.clock(),
        )


def test_a_colleague_is_told_of_what_is_referred_to_them_once(office: Office) -> None:
    mo = office.house.employee("Mo Ray")
    _refer(office, mo)
    _refer(office, mo)
    office.work()
    assert _told(office, "Mo Ray") == 0, "what is offered to them within a minute goes into one mail"
    for _ in range(3):
        office.work(61)
    assert _told(office, "Mo Ray") == 1
    [mail] = [one for one in office.mails.texts() if "Hello Mo Ray," in one]
    assert "no picture on my TV" in mail
    assert "Jane Doe thinks that you know this" in mail
    assert "/desk/questions/1" in mail
    _refer(office, mo)
    for _ in range(3):
        office.work(61)
    assert _told(office, "Mo Ray") == 1, "they are being asked already"


def test_whoever_is_at_a_page_reads_it_there(office: Office) -> None:
    mo = office.house.employee("Mo Ray")
    office.sees_a_page(mo)
    _refer(office, mo)
    office.work(61)
    assert _told(office, "Mo Ray") == 0
    office.work(300)
    assert _told(office, "Mo Ray") == 1


def test_what_is_over_before_the_mail_goes_out_is_not_told(office: Office) -> None:
    mo = office.house.employee("Mo Ray")
    _refer(office, mo)
    with office.house.database.write() as session:
        handover.release_offers(session, mo.id, office.house.clock())
    office.work(61)
    assert _told(office, "Mo Ray") == 0
    [notice] = [one for one in office.notices() if one.employee_id == mo.id]
    assert (notice.state, notice.reason) == (DeliveryState.WITHDRAWN, "The offer is over.")


def test_whoever_has_passed_is_told_once_more_when_a_colleague_thinks_of_them(office: Office) -> None:
    mo = office.house.employee("Mo Ray")
    _refer(office, mo)
    office.work(61)
    _pass(office, mo)
    _refer(office, mo)
    _pass(office, mo)
    _refer(office, mo)
    office.work(61)
    assert _told(office, "Mo Ray") == 2, "of what is on its way already there is no second notice"


def _pass(office: Office, who: EmployeeRow) -> None:
    with office.house.database.write() as session:
        offer = session.get_one(OfferRow, max(one.id for one in office.house.offers()))
        assert offer.employee_id == who.id
        assert handover.decline(session, offer, OfferState.PASSED, office.house.clock())


def test_whose_offer_rests_is_told_when_it_goes_on_and_not_again_of_what_they_know(office: Office) -> None:
    mo, kim = office.house.employee("Mo Ray"), office.house.employee("Kim Oh")
    _refer(office, mo)
    with office.house.database.write() as session:
        question, taker = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, kim.id)
        handover.claim(session, question, taker, Policy(claim=timedelta(minutes=30)), office.house.clock())
    _refer(office, mo, giver=kim.id)
    office.work(61)
    office.work(61)
    assert _told(office, "Mo Ray") == 1
