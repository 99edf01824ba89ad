"""Entries that nobody's words are a title for wait for one in review."""

from bot.roles import Role
from bot.states import TitleSource
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."


def archived(database: Database, clock: FakeClock, asked: str) -> House:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("lamps", "Lamps", "lamp"))
    post = house.post("sam", asked)
    house.work()
    house.post("jane", f"{SOLVES} #chorus", post)
    house.work()
    return house


def test_what_has_a_title_of_the_customers_waits_for_none(database: Database, clock: FakeClock) -> None:
    house = archived(database, clock, "@brand why does my lamp stay dark after the update?")
    [entry] = house.entries()
    assert entry.title_source == TitleSource.DERIVED
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    assert "Waiting for a title" not in boss.get("/admin/review").text


def test_a_title_is_given_where_the_entry_waits_for_one_once(database: Database, clock: FakeClock) -> None:
    house = archived(database, clock, "@brand lamp!!! my number is 030 1234567, call me")
    [entry] = house.entries()
    assert entry.title_source == TitleSource.STAND_IN
    assert "Hold the ring" in entry.title
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    page = boss.get("/admin/review").text.partition("Waiting for a title")[2]
    assert f'action="/admin/questions/{entry.question_id}/title"' in page
    assert "030" not in page
    boss.post(f"/admin/questions/{entry.question_id}/title", {"title": entry.title})
    [entry] = house.entries()
    assert entry.title_source == TitleSource.MODERATOR
    assert "Waiting for a title" not in boss.get("/admin/review").text
