"""Being told first by mail: an address is left, proved by a button, and forgotten by another."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session

from bot.actions.announce import tell_first
from bot.actions.announce.tell_first import ConfirmMail
from bot.roles import Role
from bot.states import DeliveryState
from bot.store.engine import Database, open_engine
from bot.store.house import subscribers
from bot.store.tables.announcements import AnnouncementMailRow, AnnouncementRow, SubscriberRow
from tests.app.work_house import WorkHouse
from tests.bot.steps.racing import Meanwhile
from tests.conftest import FakeClock
from tests.forms import fields_of
from tests.mail_server import MailServer

TEXT = "We are open on Sunday from ten to four."
FORM = "/announcements/tell-first"


class FirstHouse(WorkHouse):
    """A house that mails; Jane proposes, Mei decides."""

    def __init__(self, database: Database, clock: FakeClock, mails: MailServer) -> None:
        super().__init__(database, clock, brand_name="Acme", mail=mails.settings)
        self.mails = mails
        self.jane, self.mei = self.employee(), self.employee("Mei Tan", role=Role.MODERATOR)

    def asks(self, address: str, language: str = "en") -> str:
        """Somebody leaves an address; the words of the page."""
        return self.browser().post(FORM, {"email": address, "language": language}).text

    def link(self) -> str:
        """The path of the link that was mailed last."""
        return re.findall(r"http://[^/\s]+(/announcements/confirm/\S+)", self.mails.texts()[-1])[-1]

    def subscribes(self, address: str, language: str = "en") -> None:
        self.asks(address, language)
        assert "From now on" in self.browser().post(self.link(), {}).text
        self.mails.mails.clear()

    def announces(self, text: str = TEXT) -> int:
        """One is proposed, approved, and goes out."""
        self.browser(self.jane).post(
            "/desk/announcements", {"text": text, "platform-local": "1", "step": "send"}
        )
        number = int(self.rows(AnnouncementRow)[-1].id)
        charge = self.browser(self.mei)
        charge.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
        charge.post(f"/admin/announcements/{number}/plan", {"step": "now"})
        self.all_work()
        return number

    def all_work(self) -> None:
        self.worker.run_until_idle()


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock, mails: MailServer) -> FirstHouse:
    clock.at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    return FirstHouse(sqlite_database, clock, mails)


def test_an_address_is_told_once_its_owner_has_pressed_the_button(house: FirstHouse) -> None:
    visitor = house.browser()
    assert 'action="/announcements/tell-first"' in visitor.get("/announcements").text
    assert "on its way" in house.asks("Kim+news@Example.com")
    (mail,) = house.mails.mails
    assert mail["To"] == "kim@example.com"
    for _ in range(2):  # looking changes nothing
        assert "kim@example.com" in visitor.get(house.link()).text
    house.announces("Nobody hears this.")
    assert len(house.mails.mails) == 1
    link = house.link()
    assert "From now on" in visitor.post(link, {}).text
    assert visitor.post(link, {}).status_code == visitor.get(link).status_code == 410
    house.announces()
    assert [str(one["To"]) for one in house.mails.mails[1:]] == ["kim@example.com"]
    assert house.mails.mails[-1]["Subject"] == f"Acme: {TEXT}"
    assert TEXT in house.mails.texts()[-1]
    house.clock.advance(3_600)
    house.all_work()
    assert len(house.mails.mails) == 2


def test_the_page_tells_nobody_whether_an_address_is_known(house: FirstHouse) -> None:
    house.subscribes("kim@example.com")
    house.clock.advance(timedelta(minutes=5).total_seconds())
    known, unknown = house.asks("kim@example.com"), house.asks("sam@example.com")
    assert known == unknown
    assert [str(one["To"]) for one in house.mails.mails] == ["sam@example.com"]
    assert "no e-mail address" in house.asks("nonsense")


def test_a_mailbox_gets_few_links_and_each_lasts_two_days(house: FirstHouse) -> None:
    for _ in range(2):
        house.asks("kim@example.com")
    assert len(house.mails.mails) == 1
    for _ in range(9):
        house.clock.advance(61)
        house.asks("kim@example.com")
    assert len(house.mails.mails) == subscribers.MOST_LINKS
    house.clock.advance(subscribers.LINK_LASTS.total_seconds())
    assert house.browser().get(house.link()).status_code == 410
    assert house.browser().post(house.link(), {}).status_code == 410
    assert [one.confirmed_at for one in house.rows(SubscriberRow)] == [None]
    house.steps.upkeep.forget_private()
    assert len(house.rows(SubscriberRow)) == 1
    house.clock.advance(subscribers.FORGOTTEN_AFTER.total_seconds())
    house.steps.upkeep.forget_private()
    assert house.rows(SubscriberRow) == []


def test_the_house_mails_so_many_links_an_hour(house: FirstHouse) -> None:
    now = house.clock()
    with house.database.write() as session:
        session.add_all(
            SubscriberRow(address=f"p{number}@example.com", asked_at=now, mailed_at=now, mails=1)
            for number in range(subscribers.MOST_AN_HOUR)
        )
    house.asks("kim@example.com")
    assert house.mails.mails == []
    house.clock.advance(3_601)
    house.asks("kim@example.com")
    assert [str(one["To"]) for one in house.mails.mails] == ["kim@example.com"]


def test_of_two_at_once_the_last_link_of_the_hour_goes_to_one(
    fresh_postgresql_url: str, clock: FakeClock
) -> None:
    engine = open_engine(fresh_postgresql_url)
    database, now = Database(engine, clock), clock()
    with database.write() as session:
        session.add_all(
            SubscriberRow(address=f"p{number}@example.com", asked_at=now, mailed_at=now, mails=1)
            for number in range(subscribers.MOST_AN_HOUR - 1)
        )
    sent: list[ConfirmMail | None] = []

    def asks(session: Session, address: str) -> None:
        sent.append(tell_first.ask(session, address, None, now))

    def later() -> None:
        with database.write() as session:
            asks(session, "sam@example.com")

    with database.write() as session:
        asks(session, "kim@example.com")
        meanwhile = Meanwhile(database, later)
    assert meanwhile.ends() is None
    assert [one and one.to for one in sent] == ["kim@example.com", None]
    engine.dispose()


def test_a_link_confirms_its_own_mailbox_alone(house: FirstHouse) -> None:
    house.asks("kim@example.com")
    kims = house.link()
    house.asks("sam@example.com")
    assert house.browser().post(kims, {}).status_code == 200
    house.announces()
    assert [str(one["To"]) for one in house.mails.mails[2:]] == ["kim@example.com"]


def test_whoever_stops_stops_for_themselves_and_whoever_goes_on_is_kept(house: FirstHouse) -> None:
    house.subscribes("kim@example.com")
    house.subscribes("sam@example.com")
    house.announces()
    paths = {
        str(one["To"]): urlsplit(str(one["List-Unsubscribe"]).strip("<>")).path for one in house.mails.mails
    }
    page = house.browser().post(paths["kim@example.com"], {"List-Unsubscribe": "One-Click"})
    assert page.headers["referrer-policy"] == "no-referrer"
    house.clock.advance(2 * subscribers.FORGOTTEN_AFTER.total_seconds())
    house.steps.upkeep.forget_private()
    assert [one.address for one in house.rows(SubscriberRow)] == ["sam@example.com"]
    assert len(house.rows(AnnouncementMailRow)) == 1
    house.clock.advance((subscribers.MAILS_KEPT - 2 * subscribers.FORGOTTEN_AFTER).total_seconds())
    house.steps.upkeep.forget_private()
    assert (len(house.rows(SubscriberRow)), house.rows(AnnouncementMailRow)) == (1, [])


def test_a_mail_can_be_answered_with_a_stop_for_ever(
    house: FirstHouse, sqlite_database: Database, clock: FakeClock
) -> None:
    """Also under the former key, and where announcements are not mailed any more."""
    house.subscribes("kim@example.com")
    house.announces()
    path = urlsplit(str(house.mails.mails[0]["List-Unsubscribe"]).strip("<>")).path
    former = house.chorus.settings.secret_key
    assert former is not None
    later = WorkHouse(
        sqlite_database, clock, secret_key="another key " * 4, old_secret_keys=[former.get_secret_value()]
    )
    assert later.browser().get(path).status_code == 200
    assert later.browser().post(path, {}).status_code == 200
    assert later.rows(SubscriberRow) == []


def test_one_click_ends_it_without_a_session_and_looking_does_not(house: FirstHouse) -> None:
    house.subscribes("kim@example.com")
    house.announces()
    (mail,) = house.mails.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"]).strip("<>")
    path = urlsplit(address).path
    assert address in house.mails.texts()[-1]
    program = house.browser()
    assert "Stop these mails" in program.get(path).text
    assert len(house.rows(SubscriberRow)) == 1
    for _ in range(2):
        assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert house.rows(SubscriberRow) == house.rows(AnnouncementMailRow) == []
    house.announces("Nobody hears this.")
    assert len(house.mails.mails) == 1
    assert program.post(path[:-1] + ("0" if path[-1] != "0" else "1"), {}).status_code == 404


def test_a_correction_and_that_it_is_taken_back_go_to_those_who_were_mailed(house: FirstHouse) -> None:
    house.subscribes("kim@example.com", "de")
    number = house.announces()
    house.subscribes("late@example.com")
    house.announces("We sell umbrellas.")
    house.mails.mails.clear()
    house.browser(house.jane).post(
        f"/desk/announcements/{number}/correct",
        {"text": "We are open on Saturday.", "why": "The day was wrong.", "step": "send"},
    )
    charge = house.browser(house.mei)
    charge.post(f"/admin/announcements/{number + 2}/approve", {"revision": "1"})
    house.all_work()
    assert [str(one["To"]) for one in house.mails.mails] == ["kim@example.com"]
    assert "We are open on Saturday." in house.mails.texts()[-1]
    charge.post(f"/admin/announcements/{number}/retract", {"why": "It was wrong."})
    house.all_work()
    assert [str(one["To"]) for one in house.mails.mails] == ["kim@example.com"] * 2
    assert "> We are open on Saturday." in house.mails.texts()[-1]
    states = {one.state for one in house.rows(AnnouncementMailRow)}
    assert states == {DeliveryState.SENT}


def test_those_in_charge_see_how_many_are_told_and_nobody_who(house: FirstHouse) -> None:
    house.subscribes("kim@example.com")
    house.asks("sam@example.com")
    page = house.browser(house.mei).get("/admin/announcements").text
    assert "1 customer is told first, by mail." in page
    assert "kim@example.com" not in page


@pytest.mark.parametrize("on", [True, False])
def test_nothing_is_offered_where_no_mail_is_sent_or_it_is_switched_off(
    sqlite_database: Database, clock: FakeClock, mails: MailServer, on: bool
) -> None:
    mail = {} if on else {**mails.settings, "announcements": False}
    house = WorkHouse(sqlite_database, clock, mail=mail)
    assert "tell-first" not in house.browser().get("/announcements").text
    assert house.browser().get(FORM).status_code == 404
    assert house.browser().post(FORM, {"email": "kim@example.com"}).status_code == 404
    assert (house.steps.tell_first is None) == on


def test_people_in_charge_switch_it_off_and_on_again_at_once(house: FirstHouse) -> None:
    house.subscribes("kim@example.com")
    ada = house.browser(house.employee("Ada Holt", role=Role.ADMIN))
    for switch, status, mailed in (("false", 404, 0), ("true", 200, 1)):
        rules = fields_of(ada.get("/admin/rules").text, "/admin/rules")
        ada.post("/admin/rules", {**rules, "announcement_mails": switch, "do": "save"})
        assert house.browser().get(FORM).status_code == status
        assert ("tell-first" in house.browser().get("/announcements").text) == (status == 200)
        if not mailed:
            house.announces()
        house.all_work()
        assert len(house.mails.mails) == mailed
    assert len(house.rows(SubscriberRow)) == 1
