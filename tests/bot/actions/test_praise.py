"""Praise is a matter of its own kind: gathered by itself, counted apart, and never trouble."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.actions.conversations import decide
from bot.actions.matters import decisions, gathering, praise
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.states import MatterState
from bot.store.conversations import questions
from bot.store.departments import drivers
from bot.store.departments.drivers import DriverFacet
from bot.store.engine import Database, open_engine
from bot.store.matters import gathered
from bot.store.queries.voice import matter_list
from bot.store.queries.voice.matter_list import MatterFilter
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterKind, MatterRow
from routing.matters.surges import Surge
from routing.model.domain import QuestionState
from tests.bot.steps.racing import Meanwhile
from tests.conftest import FakeClock
from tests.house import House

THANKS = "@brand thank you so much, great service!"
LOVE = "@brand love the dark theme of your app"
LOVE_TOO = "@brand the dark theme of your app, love it"
LAMP = "@brand my aurora lamp stays dark after the update"


class Praised:
    """A house that questions and praise come to."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.house = House(database, clock)
        self.mei = self.house.employee("Mei Tan", role=Role.ADMIN).id

    def says(self, who: str, text: str) -> None:
        self.house.clock.advance(timedelta(seconds=60))
        self.house.post(who, text)
        self.gather()

    def gather(self) -> None:
        self.house.steps.intake.run()
        while self.house.steps.gather.run():
            pass

    def matters(self) -> list[tuple[str, bool, int]]:
        """Title, whether it is praise, and how many questions."""
        return [(one.title, one.praise, one.questions) for one in self.house.rows(MatterRow)]

    def at(self) -> list[int | None]:
        """The matter of each question."""
        return [one.matter_id for one in self.house.questions()]

    def decides(self, number: int, what: str) -> None:
        """Mei says of a question that it is praise, or brings it back."""
        page = self.house.browser(self.mei)
        assert page.post(f"/admin/questions/{number}/{what}").status_code == 303
        self.gather()

    def asked_about(self, praise: bool) -> list[tuple[int, int]]:
        self.house.steps.gather.calm()
        with self.house.database.read() as session:
            wanted = MatterFilter(kind=MatterKind.PRAISE if praise else "")
            found, _ = matter_list.listed(session, wanted, self.house.clock())
        return [(one.matter.id, one.matter.people_lately) for one in found if one.matter.people_lately]

    def drivers(self) -> list[object]:
        with self.house.database.read() as session:
            at = drivers.period(session, self.house.clock() + timedelta(seconds=1))
            return [one.key for one in drivers.drivers(session, at, DriverFacet.MATTER, None, 10)]


@pytest.fixture
def praised(database: Database, clock: FakeClock) -> Praised:
    return Praised(database, clock)


def test_a_post_that_only_praises_goes_to_one_matter_and_is_offered_to_nobody(praised: Praised) -> None:
    praised.says("sam", THANKS)
    praised.says("kim", "@brand you guys are awesome, thanks")
    praised.says("sam", "@brand thanks, great!")
    assert praised.matters() == [(praise.TITLE, True, 3)]
    assert {one.state for one in praised.house.questions()} == {QuestionState.DISMISSED}
    assert {one.note for one in praised.house.questions()} == {praise.PRAISES}
    assert praised.house.offers() == []
    assert praised.asked_about(praise=True) == [(1, 2)]  # people, each once
    assert praised.asked_about(praise=False) == []
    assert praised.drivers() == []


def test_advertising_is_no_praise(praised: Praised) -> None:
    praised.says("spam", "@brand earn $500 a day from home, click here https://win.example/free bitcoin")
    assert praised.matters() == []


def test_questions_and_praise_are_in_matters_of_their_own(praised: Praised) -> None:
    praised.says("sam", LAMP)
    praised.says("kim", THANKS)
    praised.says("lee", LAMP)
    assert [(is_praise, count) for _, is_praise, count in praised.matters()] == [(False, 2), (True, 1)]
    assert praised.asked_about(praise=False) == [(1, 2)]
    assert praised.drivers() == [1]


def test_who_gathers_next_goes_on_with_the_same_matter(praised: Praised) -> None:
    praised.says("sam", THANKS)
    praised.house.steps.gather._memory = None
    praised.says("kim", THANKS)
    praised.says("lee", LAMP)
    assert [(is_praise, count) for _, is_praise, count in praised.matters()] == [(True, 2), (False, 1)]


def test_a_person_says_of_a_question_that_it_is_praise_and_brings_it_back(praised: Praised) -> None:
    praised.says("sam", LOVE)
    praised.says("kim", LOVE_TOO)
    assert [count for _, _, count in praised.matters()] == [2]
    praised.decides(1, "praise")
    assert praised.at() == [2, 1]
    assert praised.house.questions()[0].state == QuestionState.DISMISSED
    assert [(is_praise, count) for _, is_praise, count in praised.matters()] == [(False, 1), (True, 1)]
    again = praised.house.browser(praised.mei).post("/admin/questions/1/praise")
    assert again.status_code == 409
    praised.decides(1, "restore")
    assert praised.at() == [1, 1]
    assert [(is_praise, count) for _, is_praise, count in praised.matters()] == [(False, 2), (True, 0)]


def test_a_person_says_so_before_anybody_has_gathered_it(praised: Praised) -> None:
    praised.house.post("sam", LOVE)
    praised.house.steps.intake.run()
    praised.decides(1, "praise")
    assert praised.matters() == [(praise.TITLE, True, 1)]


def test_who_praised_and_asks_then_is_gathered_with_those_who_ask(praised: Praised) -> None:
    praised.says("lee", LAMP)
    opening = praised.house.post("sam", THANKS)
    praised.gather()
    praised.house.post("sam", LAMP, opening)
    praised.gather()
    assert praised.at() == [1, 1]


def test_a_matter_is_praise_once_a_person_says_so_and_to_be_mended_again(praised: Praised) -> None:
    praised.says("sam", LOVE)
    praised.says("kim", LOVE_TOO)
    mei = praised.house.browser(praised.mei)
    assert praised.drivers() == [1]
    said = mei.post("/admin/matters/1/kind", {"kind": "praise"})
    assert said.headers["location"] == "/admin/matters/1?done=praise"
    assert praised.drivers() == []
    assert praised.asked_about(praise=True) == [(1, 2)]
    assert "Praise, last two weeks" in mei.get("/admin/matters").text
    assert mei.post("/admin/matters/1/kind", {"kind": "praise"}).status_code == 409
    assert mei.post("/admin/matters/1/kind", {"kind": "odd"}).status_code == 422
    mei.post("/admin/matters/1/kind", {"kind": "trouble"})
    assert praised.drivers() == [1]


def test_however_much_praise_comes_it_is_no_surge(praised: Praised) -> None:
    praised.says("sam", LOVE)
    with praised.house.database.write() as session:
        matter = session.get_one(MatterRow, 1)
        matter.surge = "12 people in 10 minutes, usually 1"
        praise.say_what_it_is(session, matter, praise=True, now=praised.house.clock())
        assert (matter.surge, matter.surge_over_at) == ("", praised.house.clock())
        rows = gathered.of_matter(session, 1, 5)
        seen = Surge(1, praised.house.clock().timestamp(), 12, 10.0, 1.0)
        told = gathering.gathered_in(session, rows, {rows[0].id: 1}, [seen], praised.house.clock())
    assert told == []
    assert praised.house.rows(MatterRow)[0].surge == ""


def test_of_two_that_are_joined_the_one_to_be_mended_decides(praised: Praised) -> None:
    praised.says("sam", LAMP)
    praised.says("kim", THANKS)
    with praised.house.database.write() as session:
        kept = decisions.merge(session, 1, 2, "mei", praised.house.clock())
        assert (kept.praise, kept.questions) == (False, 2)
    praised.gather()
    praised.says("lee", THANKS)  # there is no matter of praise any more: another one is opened
    found = praised.house.rows(MatterRow)
    assert [(one.praise, one.state == MatterState.MERGED) for one in found] == [
        (False, False),
        (True, True),
        (True, False),
    ]


def test_a_question_that_is_over_is_no_praise(praised: Praised) -> None:
    praised.says("sam", LOVE)
    with praised.house.database.write() as session:
        decide.praises(session, session.get_one(QuestionRow, 1), praised.house.clock())
    with pytest.raises(Undecidable), praised.house.database.write() as session:
        decide.praises(session, session.get_one(QuestionRow, 1), praised.house.clock())


def test_a_department_sees_the_praise_of_its_own(praised: Praised) -> None:
    praised.says("sam", LOVE)
    mei = praised.house.browser(praised.mei)
    mei.post("/admin/departments", {"name": "Apps"})
    mei.post("/admin/matters/1/department", {"department": "1"})
    mei.post("/admin/matters/1/kind", {"kind": "praise"})
    assert "Praise, last two weeks" in mei.get("/admin/departments/1").text


def test_of_two_who_say_so_first_at_the_same_time_there_is_one_matter(
    fresh_postgresql_url: str, clock: FakeClock
) -> None:
    """The second waits for the first, and finds the matter that was opened meanwhile."""
    engine = open_engine(fresh_postgresql_url)
    database = Database(engine, clock)
    praised = Praised(database, clock)
    for who in ("sam", "kim"):
        praised.says(who, LAMP)
    first, second = (one.id for one in praised.house.questions())

    def put_in(session: Session, number: int) -> None:
        praise.put_in(session, questions.held_one(session, number), clock())

    def later() -> None:
        with database.write() as session:
            put_in(session, second)

    with database.write() as session:
        put_in(session, first)
        session.flush()
        meanwhile = Meanwhile(database, later)
    assert meanwhile.ends() is None
    assert [(title, count) for title, is_praise, count in praised.matters() if is_praise] == [("Praise", 2)]
    praised.house.close()
    engine.dispose()
