"""What is said without asking us counts as a voice of the matter it speaks of, each person once."""

from datetime import timedelta

import pytest

from bot.actions import statements
from bot.actions.listening import decide
from bot.actions.matters import decisions
from bot.roles import Role
from bot.states import StatementAudience, StatementKind
from bot.store.engine import Database
from bot.store.matters import voices
from bot.store.queries.pages import matters as pages
from bot.store.queries.voice import matter_list
from bot.store.queries.voice.matter_list import MatterFilter
from bot.store.tables.listening import ListenedRow
from bot.store.tables.matters import MatterRow, ToldRow
from tests.conftest import FakeClock
from tests.house import House
from tests.listened import listening

LAMP = "my aurora lamp stays dark after the update"
BILL = "why was my credit card charged twice for one invoice?"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    listening(house, "aurora lamp")
    return house


def says(house: House, who: str, text: str, seconds: float = 60) -> None:
    house.clock.advance(timedelta(seconds=seconds))
    house.post(who, text)
    house.steps.intake.run()
    house.steps.gather.run()


def spoken(house: House) -> list[int | None]:
    return [one.matter_id for one in house.rows(ListenedRow)]


def counted(house: House, matter: int = 1) -> int:
    with house.database.read() as session:
        found = pages.detail(session, matter, house.clock(), before=None, shown=5, days=7)
    assert found is not None
    return found.voices


def test_who_says_the_same_is_a_voice_of_the_matter_each_counted_once(house: House) -> None:
    says(house, "sam", f"@brand {LAMP}")
    for who in ("kim", "lee", "kim", "sam"):  # sam has asked, and is counted there
        says(house, who, LAMP)
    assert spoken(house) == [1, 1, 1, 1]
    assert counted(house) == 2
    [matter] = house.rows(MatterRow)
    assert matter.questions == 1  # a voice is no question, and opens no matter
    with house.database.read() as session:
        [one], _ = matter_list.listed(session, MatterFilter(), house.clock())
    assert (one.matter.people_lately, one.voices) == (1, 2)


def test_the_list_of_matters_says_how_many_speak_of_each(house: House) -> None:
    says(house, "sam", f"@brand {LAMP}")
    says(house, "ann", f"@brand {LAMP}")
    says(house, "kim", LAMP)
    with house.database.read() as session:
        [one], _ = matter_list.listed(session, MatterFilter(), house.clock())
    assert (one.matter.people_lately, one.voices) == (2, 1)


def test_who_spoke_first_is_heard_when_somebody_asks_later(house: House) -> None:
    says(house, "kim", LAMP)
    assert (spoken(house), house.rows(MatterRow)) == ([None], [])
    says(house, "sam", f"@brand {LAMP}")
    house.clock.advance(timedelta(minutes=11))
    house.steps.gather.calm()
    house.steps.gather.run()
    assert (spoken(house), counted(house)) == ([1], 1)


def test_something_else_speaks_of_no_matter(house: House) -> None:
    says(house, "sam", f"@brand {BILL}")
    says(house, "kim", "the aurora lamp is so pretty in the evening")
    assert spoken(house) == [None]


def test_joined_matters_take_their_voices_along(house: House) -> None:
    says(house, "sam", f"@brand {BILL}")
    says(house, "ann", f"@brand {BILL}")
    says(house, "lee", f"@brand {LAMP}")
    says(house, "kim", LAMP)
    assert spoken(house) == [2]
    with house.database.write() as session:
        decisions.merge(session, 1, 2, "mei", house.clock())
    assert (spoken(house), counted(house)) == ([1], 1)


def test_made_a_question_it_counts_there_and_no_more_here(house: House) -> None:
    says(house, "sam", f"@brand {LAMP}")
    says(house, "kim", LAMP)
    with house.database.write() as session:
        decide.ask(session, house.rows(ListenedRow)[0].id, house.clock())
    house.steps.gather.run()
    assert counted(house) == 0
    [matter] = house.rows(MatterRow)
    assert matter.questions == 2
    with house.database.read() as session:
        assert not voices.any_waiting(session)


def test_nobody_who_has_not_asked_is_told_a_statement(house: House) -> None:
    mei = house.employee("Mei Tan", role=Role.ADMIN)
    says(house, "sam", f"@brand {LAMP}")
    says(house, "kim", LAMP)
    says(house, "lee", LAMP)
    with house.database.write() as session:
        decide.ask(session, house.rows(ListenedRow)[0].id, house.clock())
    house.steps.gather.run()
    assert [one.matter_id for one in house.questions()] == [1, 1]
    with house.database.write() as session:
        matter = session.get_one(MatterRow, 1)
        words = {"": "We know, and are on it."}
        everybody = StatementAudience.ALL
        statement = statements.propose(
            session, matter, StatementKind.STATEMENT, words, everybody, mei.id, house.answering, house.clock()
        )
        statements.approve(session, statement, mei.id, house.clock())
    house.steps.tell.run()
    house.work()
    assert [one.customer_id for one in house.rows(ToldRow)] == ["sam"]
    assert len(house.by_brand()) == 1
