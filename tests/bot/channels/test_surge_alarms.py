"""An alarm of a surge names the matter, says how it goes, and takes no customer's words out of the house."""

from datetime import timedelta

import pytest

from bot.actions.departments import manage
from bot.actions.erase import erase_customer
from bot.roles import Role
from bot.states import TitleSource
from bot.store.engine import Database
from bot.store.privacy.erasure import Customer
from bot.store.tables.matters import MatterRow
from tests.bot.channels.test_notify import BASE
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import ChatServer, MailServer

WORDS = "my walrus soundbar hums since the update"


class Alarmed(House):
    """A house with somebody in charge who reads German, a chat, and a matter of which many ask."""

    def __init__(self, database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer) -> None:
        super().__init__(
            database,
            clock,
            brand_name="Acme",
            base_url=BASE,
            mail=mails.settings,
            notify_webhook=chat.url,
            timezone="Europe/Berlin",
        )
        self.mails, self.chat = mails, chat
        boss = self.employee("Max Boss", role=Role.ADMIN, open_cap=0, daily_cap=0, language="de")
        assert boss.language == "de"
        self.topic("audio", "Audio", "soundbar")
        with database.write() as session:
            row = manage.make(session, "Sound", "", "", clock())
            manage.edit(session, row, "Sound", "", "", ["audio"], clock())
        for number in range(9):
            clock.advance(20)
            self.post(f"sam{number}", f"@brand {WORDS}")
            self.steps.intake.run()
            self.steps.gather.run()

    def matter(self) -> MatterRow:
        with self.database.read() as session:
            return session.get_one(MatterRow, 1)

    def change(self, **values: object) -> None:
        with self.database.write() as session:
            row = session.get_one(MatterRow, 1)
            for name, value in values.items():
                setattr(row, name, value)

    def told(self) -> tuple[str, str, str]:
        """Subject and words of the mail, and the words in the chat."""
        assert self.steps.notify is not None
        self.steps.notify.look()
        self.steps.notify.run()
        return str(self.mails.mails[-1]["Subject"]), self.mails.texts()[-1], self.chat.texts()[-1]


@pytest.fixture
def house(database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer) -> Alarmed:
    made = Alarmed(database, clock, mails, chat)
    assert made.matter().surge
    assert made.matter().title_source == TitleSource.DERIVED
    return made


def test_the_matter_is_named_by_topic_and_number_with_figures_and_its_page(house: Alarmed) -> None:
    house.change(topic="audio")
    subject, mail, chat = house.told()
    assert subject == "Acme: Mehr Menschen als üblich fragen: Audio (Angelegenheit 1)"
    assert f"{BASE}/admin/matters/1" in mail
    noticed = house.matter().surged
    assert noticed is not None
    assert f"{noticed.people} within {noticed.minutes} minutes, usually" in chat
    assert "By now: 9 since it began, 9 of them in the last hour." in chat
    assert "(Europe/Berlin)" in chat
    assert "Department: Sound" in chat
    assert "Abteilung: Sound" in mail


def test_a_title_that_a_person_gave_is_said(house: Alarmed) -> None:
    house.change(title="Soundbars hum", title_source=TitleSource.MODERATOR)
    subject, mail, chat = house.told()
    assert "Soundbars hum (Angelegenheit 1)" in subject
    assert "Soundbars hum (Matter 1)" in chat
    assert "Soundbars hum" in mail


def test_no_word_of_a_customer_leaves_the_house(house: Alarmed) -> None:
    assert "walrus" in house.matter().title.lower()
    house.change(surge=f"{house.matter().surge}, with “walrus”")
    everything = "\n".join(house.told()).lower()
    for word in ("walrus", "hums", "sam1"):
        assert word not in everything


def test_the_people_who_asked_meanwhile_are_told_and_not_those_of_the_first_moment(house: Alarmed) -> None:
    for number in range(20, 26):
        house.clock.advance(timedelta(minutes=1))
        house.post(f"sam{number}", f"@brand {WORDS}")
        house.steps.intake.run()
        house.steps.gather.run()
    noticed = house.matter().surged
    assert noticed is not None
    assert noticed.people < 9
    assert "By now: 15 since it began" in house.told()[2]


def test_who_is_forgotten_counts_no_more(house: Alarmed) -> None:
    with house.database.write() as session:
        erase_customer(session, Customer("local", "sam3"), house.clock())
    assert "By now: 8 since it began" in house.told()[2]
