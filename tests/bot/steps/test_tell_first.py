"""Announcements by mail: once for each person, however the process dies, and beside everything else."""

from datetime import timedelta

import pytest

from bot.channels.customers.announced import MailingKind
from bot.channels.mail import system_trust
from bot.states import AnnouncementState, DeliveryState
from bot.steps.announcing.tell_first import AT_ONCE, TellFirst
from bot.store.backup import restored
from bot.store.engine import Database
from bot.store.house import subscribers
from bot.store.tables.announcements import AnnouncementMailRow, AnnouncementRow, MailingRow, SubscriberRow
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import MailServer

TEXT = "We are open on Sunday."


class Died(BaseException):
    """The process is gone, in the middle of it."""


class Mailing(House):
    """A house with an announcement that is out, and people who asked to be told first."""

    def __init__(self, database: Database, clock: FakeClock, mails: MailServer, people: int = 3) -> None:
        super().__init__(database, clock, mail=mails.settings)
        self.mails = mails
        now = clock()
        with database.write() as session:
            session.add_all(
                SubscriberRow(address=f"p{number}@example.com", asked_at=now, confirmed_at=now)
                for number in range(people)
            )
            row = AnnouncementRow(
                text=TEXT, state=AnnouncementState.PUBLISHED, created_at=now, changed_at=now, published_at=now
            )
            session.add(row)
            session.flush()
            for _ in range(2):
                subscribers.begin(session, row.id, MailingKind.ANNOUNCED, now)

    @property
    def step(self) -> TellFirst:
        assert self.steps.tell_first is not None
        return self.steps.tell_first

    def sends(self) -> None:
        while self.step.run():
            pass

    def told(self) -> list[str]:
        """Who was mailed, in order."""
        return sorted(str(one["To"]) for one in self.mails.mails)

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.rows(AnnouncementMailRow):
            found[one.state] = found.get(one.state, 0) + 1
        return found


@pytest.fixture
def house(database: Database, clock: FakeClock, mails: MailServer) -> Mailing:
    return Mailing(database, clock, mails)


def test_each_is_mailed_once(house: Mailing) -> None:
    house.sends()
    assert house.told() == [f"p{number}@example.com" for number in range(3)]
    house.clock.advance(3_600)
    house.sends()
    assert len(house.mails.mails) == 3
    assert house.states() == {DeliveryState.SENT: 3}


def test_who_was_not_proved_by_then_hears_nothing_of_it(house: Mailing) -> None:
    """Nobody who asked has proved a mailbox before they press the button, nor is told of what is old."""
    later = house.clock() + timedelta(seconds=1)
    with house.database.write() as session:
        session.add(SubscriberRow(address="asked@example.com", asked_at=house.clock()))
        session.add(SubscriberRow(address="late@example.com", asked_at=later, confirmed_at=later))
    house.clock.advance(60)
    house.sends()
    assert house.told() == [f"p{number}@example.com" for number in range(3)]


@pytest.mark.parametrize(("point", "mailed"), [("while_spreading", 3), ("before_mail", 2), ("after_mail", 3)])
def test_whatever_dies_on_the_way_nobody_is_mailed_twice(house: Mailing, point: str, mailed: int) -> None:
    dead: list[str] = []

    def die(name: str) -> None:
        if name == point and not dead:
            dead.append(name)
            raise Died

    house.checkpoint = die
    with pytest.raises(Died):
        house.sends()
    house.clock.advance(600)  # whoever died has a lease
    house.sends()
    assert len(house.told()) == len(set(house.told())) == mailed
    assert house.states().get(DeliveryState.UNKNOWN, 0) == (0 if point == "while_spreading" else 1)


def test_a_server_that_hangs_up_is_not_asked_again_and_one_that_refuses_for_now_is(house: Mailing) -> None:
    house.mails.refuses["MAIL"] = "451 later"
    house.step.run()
    assert house.told() == []
    house.mails.refuses.clear()
    house.mails.vanishes = True
    house.clock.advance(600)
    house.sends()
    house.mails.vanishes = False
    house.clock.advance(600)
    house.sends()
    assert len(house.told()) == len(set(house.told())) == 3
    assert house.states() == {DeliveryState.UNKNOWN: 3}


def test_a_turn_is_bounded_however_many_are_told(
    sqlite_database: Database, clock: FakeClock, mails: MailServer
) -> None:
    house = Mailing(sqlite_database, clock, mails, people=AT_ONCE + 100)
    house.step.run(limit=3)
    assert len(house.rows(AnnouncementMailRow)) == AT_ONCE
    assert len(house.told()) == 3
    house.step.run(limit=1)
    assert len(house.rows(AnnouncementMailRow)) == AT_ONCE + 100
    house.step.run(limit=1)
    assert [one.done_at is not None for one in house.rows(MailingRow)] == [True]


def test_what_a_restored_backup_was_about_to_mail_stays_in(house: Mailing) -> None:
    house.step.run(limit=1)
    with house.database.write() as session:
        restored.set_right(session, house.clock(), house.clock())
    house.clock.advance(600)
    house.sends()
    assert len(house.told()) == 1
    assert house.states() == {DeliveryState.SENT: 1, DeliveryState.UNKNOWN: 2}


def test_what_could_not_be_mailed_for_a_day_is_no_news_any_more(house: Mailing) -> None:
    house.clock.advance(timedelta(days=1).total_seconds())
    house.sends()
    assert house.told() == []
    assert [one.done_at is not None for one in house.rows(MailingRow)] == [True]


def test_what_was_mailed_is_forgotten_after_ninety_days_and_what_is_younger_is_not(house: Mailing) -> None:
    house.sends()
    house.clock.advance(subscribers.MAILS_KEPT.total_seconds() - 60)
    with house.database.write() as session:
        now = house.clock()
        said = AnnouncementRow(
            text="It is Saturday.",
            state=AnnouncementState.PUBLISHED,
            created_at=now,
            changed_at=now,
            corrects_id=1,
        )
        session.add(said)
        session.flush()
        subscribers.begin(session, said.id, MailingKind.CORRECTED, now)
        subscribers.spread(session, now, AT_ONCE)
    for passed, kept in ((0, 6), (60, 3), (60, 3)):
        house.clock.advance(passed)
        with house.database.write() as session:
            subscribers.forget_old(session, house.clock())
        assert len(house.rows(AnnouncementMailRow)) == kept


def test_the_systems_certificates_are_read_once_for_any_number_of_mails(house: Mailing) -> None:
    system_trust.cache_clear()
    house.sends()
    assert len(house.told()) == 3
    assert system_trust.cache_info().misses == 1
