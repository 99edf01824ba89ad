"""Questions of one thread lead to each other, as far as they are public."""

from bot.actions.archive import curate
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."
OTHER = "Open the app, choose Account, then Warranty, and enter the number under the foot."


def two_questions(database: Database, clock: FakeClock) -> Talk:
    talk = Talk(House(database, clock))
    brand = talk.answers(SOLVES, talk.opening)
    following = talk.says("Great, thanks! Another question: how do I register the warranty?", brand)
    talk.answers(OTHER, following)
    first, second = talk.house.questions()
    assert second.follows_id == first.id
    return talk


def page(talk: Talk, entry: EntryRow) -> str:
    browser = talk.house.browser()
    there = browser.get(f"/q/{entry.id}").headers["location"]
    return browser.get(there).text.partition("In the same conversation")[2].partition("</section>")[0]


def test_each_question_of_a_thread_leads_to_the_other(database: Database, clock: FakeClock) -> None:
    talk = two_questions(database, clock)
    first, second = talk.house.entries()
    assert "Asked next:" in page(talk, first)
    assert f'href="/q/{second.id}-' in page(talk, first)
    assert "Asked before:" in page(talk, second)
    assert f'href="/q/{first.id}-' in page(talk, second)


def test_what_is_not_public_is_led_to_by_nothing(database: Database, clock: FakeClock) -> None:
    talk = two_questions(database, clock)
    first, second = talk.house.entries()
    with database.write() as session:
        curate.hide(session, session.get_one(EntryRow, second.id), "Mei", clock())
    assert page(talk, first) == ""
    assert f'href="/q/{first.id}-' in talk.house.browser().get("/").text
