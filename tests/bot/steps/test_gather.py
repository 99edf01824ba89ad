"""Questions about the same thing come into one matter, whoever gathers; what people decide holds."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions.erase import erase_customer
from bot.actions.matters import decisions
from bot.actions.matters.who_they_are import who_they_are
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.states import MatterState
from bot.store.engine import Database
from bot.store.matters import gathered
from bot.store.privacy import erasure
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow
from routing.matters.surges import Surge
from tests.conftest import FakeClock
from tests.house import House

LAMP = "@brand my aurora lamp stays dark after the update"
LAMP_TOO = "@brand after the update the aurora lamp stays dark"
LAMPE = "@brand meine Aurora-Leuchte bleibt seit der Aktualisierung dunkel"
BILL = "@brand why was my credit card charged twice for one invoice?"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


def ask(house: House, who: str, text: str, seconds: float = 60) -> None:
    house.clock.advance(timedelta(seconds=seconds))
    house.post(who, text)
    house.steps.intake.run()
    house.steps.gather.run()


def matters(house: House) -> list[int | None]:
    return [one.matter_id for one in house.questions()]


def rows(house: House) -> dict[int, MatterRow]:
    with house.database.read() as session:
        return {one.id: one for one in session.exec(select(MatterRow)).all()}


def test_the_same_from_two_people_is_one_matter_and_something_else_another(house: House) -> None:
    ask(house, "sam", LAMP)
    ask(house, "kim", LAMP_TOO)
    ask(house, "lee", BILL)
    first, second, third = matters(house)
    assert first is not None
    assert first == second
    assert third not in (None, first)
    assert rows(house)[first].questions == 2
    assert "aurora lamp" in rows(house)[first].title.lower()
    assert all(one.gathered for one in house.questions())


def test_whoever_takes_over_goes_on_from_what_is_written(house: House, clock: FakeClock) -> None:
    ask(house, "sam", LAMP)
    house.steps.gather._memory = None
    house.steps.gather.snapshot = None
    ask(house, "kim", LAMP_TOO)
    assert len(set(matters(house))) == 1


def test_a_snapshot_says_the_same_as_the_rows(house: House) -> None:
    ask(house, "sam", LAMP)
    gather = house.steps.gather
    assert gather._memory is not None
    assert gather.snapshot is not None
    gather._memory.save(gather.snapshot)
    gather._memory = None
    ask(house, "kim", LAMP_TOO)
    gather.snapshot.write_bytes(b"no snapshot at all")
    gather._memory = None
    ask(house, "lee", LAMP)
    assert len(set(matters(house))) == 1


def test_another_process_gathers_nothing_meanwhile(house: House, clock: FakeClock) -> None:
    ask(house, "sam", LAMP)
    with House(house.database, clock, data_directory=None or house._directory / "other") as other:
        house.post("kim", LAMP_TOO)
        house.steps.intake.run()
        assert other.steps.gather.run() == 0
        clock.advance(timedelta(seconds=90))
        assert other.steps.gather.run() == 1
    assert len(set(matters(house))) == 1


def test_two_matters_that_a_person_joins_stay_one(house: House) -> None:
    ask(house, "sam", LAMP)
    ask(house, "lee", BILL)
    with house.database.write() as session:
        decisions.merge(session, 1, 2, "mei", house.clock())
    ask(house, "kim", BILL)
    ask(house, "ann", LAMP_TOO)
    assert len(set(matters(house))) == 1
    assert [one.state for one in rows(house).values()].count(MatterState.MERGED) == 1
    with pytest.raises(Undecidable), house.database.write() as session:
        decisions.merge(session, 1, 2, "mei", house.clock())


def test_a_question_that_a_person_takes_out_is_one_of_its_own_and_stays_so(house: House) -> None:
    ask(house, "sam", LAMP)
    ask(house, "kim", LAMP_TOO)
    with house.database.write() as session:
        decisions.move(session, session.get_one(QuestionRow, 2), None, "mei", house.clock())
    assert house.steps.gather.run() == 1
    first, second = matters(house)
    assert first != second
    assert [one.questions for one in rows(house).values()] == [1, 1]
    house.steps.gather._memory = None
    ask(house, "lee", BILL)
    house.steps.gather._memory.clustering.added_since = 100  # type: ignore[union-attr]
    house.steps.gather.look_again()
    assert matters(house)[0] != matters(house)[1]


def test_looking_again_is_written_and_given_up_where_a_person_was_faster(house: House) -> None:
    for number in range(40):
        ask(house, f"sam{number}", LAMP if number % 2 else LAMP_TOO)
    assert house.steps.gather._memory is not None
    assert house.steps.gather._memory.clustering.is_due
    with house.database.write() as session:
        decisions.move(session, session.get_one(QuestionRow, 3), None, "mei", house.clock())
    house.steps.gather.look_again()
    assert house.steps.gather._memory is None
    house.steps.gather.run()
    assert len(set(matters(house))) == 2


def test_who_is_forgotten_leaves_no_words_in_a_title(house: House) -> None:
    ask(house, "sam", LAMP)
    with house.database.write() as session:
        erase_customer(session, erasure.customer(session, "local", "sam"), house.clock())
    [matter] = rows(house).values()
    assert "lamp" not in matter.title.lower()
    assert (matter.questions, matters(house)) == (0, [None])
    assert house.steps.gather.run() == 1
    ask(house, "kim", LAMP_TOO)
    assert matters(house)[1] is not None


def test_what_is_no_question_is_in_no_matter(house: House) -> None:
    ask(house, "sam", "@brand Win a FREE phone!!! Follow us and click https://spam.example/win")
    assert matters(house) in ([None], [1])
    with house.database.read() as session:
        assert gathered.waiting(session, 10) == []


def test_more_people_than_usual_are_noticed_once_and_it_is_over_again(house: House) -> None:
    for day in range(14):
        ask(house, f"early{day}", LAMP, seconds=86_400)
    for number in range(12):
        ask(house, f"sam{number}", LAMP_TOO, seconds=20)
    [matter] = [one for one in rows(house).values() if one.surge]
    assert "people in" in matter.surge
    noticed = matter.surge_at
    ask(house, "kim", LAMP, seconds=20)
    assert rows(house)[matter.id].surge_at == noticed
    house.clock.advance(timedelta(hours=12))
    house.steps.gather.calm()
    assert rows(house)[matter.id].surge == ""


def test_a_surge_says_what_its_people_have_in_common(house: House) -> None:
    """Given a known trouble, then what is new of those who write now is said; words in charge alone."""
    for number in range(36):
        ask(house, f"early{number}", LAMP if number % 3 else BILL, seconds=86_400)
    for number in range(12):
        ask(house, f"tim{number}", LAMP_TOO + " on version twelve", seconds=20)
    [matter] = [one for one in rows(house).values() if one.surge]
    figures, _, shared = matter.surge.partition("; mostly ")
    assert "people in" in figures
    assert "“twelve”" in shared
    assert "lamp" not in shared  # everybody has said that before
    assert "in English" not in shared  # so does everybody else here
    assert outside(house, matter.id) == "", "other programs get no words of customers"
    assert "growing, known since" in house.browser(in_charge(house)).get("/admin/matters").text


def test_a_surge_in_another_language_says_which(house: House) -> None:
    for day in range(14):
        ask(house, f"early{day}", LAMP, seconds=86_400)
    for number in range(12):
        ask(house, f"tim{number}", LAMPE, seconds=20)
    [matter] = [one for one in rows(house).values() if one.surge]
    assert "; mostly in German" in matter.surge
    assert outside(house, matter.id) == "; mostly in German"


def outside(house: House, matter: int) -> str:
    with house.database.read() as session:
        return who_they_are(session, Surge(matter, house.clock().timestamp(), 12, 10.0, 1.0)).outside


def in_charge(house: House) -> int:
    return house.employee("Mei Ito", role=Role.MODERATOR).id


def test_those_in_charge_see_what_most_ask_and_decide(house: House) -> None:
    for who in ("sam", "kim", "ann"):
        ask(house, who, LAMP)
    ask(house, "lee", BILL)
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    page = boss.get("/admin/matters").text
    assert 'href="/admin/matters/1"' in page
    one = boss.get("/admin/matters/1").text
    assert "3, each counted once" in one
    boss.post("/admin/matters/1/title", {"title": "=Lamps stay dark"})
    lines = boss.get("/admin/matters.csv").text.splitlines()
    assert lines[0].startswith("matter,title,topic,people_last_7_days")
    assert lines[1].startswith("1,'=Lamps stay dark,")
    boss.post("/admin/matters/1/title", {"title": "Lamps stay dark"})
    assert "Lamps stay dark" in boss.get("/admin/matters").text
    assert (
        boss.post("/admin/matters/1/merge", {"other": "2"}).headers["location"].startswith("/admin/matters/1")
    )
    assert boss.get("/admin/matters/2").headers["location"] == "/admin/matters/1"
    boss.post("/admin/matters/1/settle")
    assert rows(house)[1].state == MatterState.SETTLED
    ask(house, "tom", LAMP)
    assert rows(house)[1].state == MatterState.OPEN


def test_what_each_language_says_stays_one_once_a_person_has_joined_it(house: House) -> None:
    """Given an outage in two languages that a person joined: whoever asks later in either is in it, too."""
    for number in range(4):
        ask(house, f"sam{number}", LAMP)
        ask(house, f"uli{number}", LAMPE)
    with house.database.write() as session:
        decisions.merge(session, 1, 2, "mei", house.clock())
    ask(house, "kim", LAMP_TOO)
    ask(house, "eva", LAMPE)
    assert len(set(matters(house))) == 1
    house.steps.gather._memory = None  # another process takes over, from what is written
    for number in range(4):
        ask(house, f"lee{number}", BILL)
        ask(house, f"ida{number}", LAMPE)
    house.steps.gather._memory.clustering.added_since = 100  # type: ignore[union-attr]
    house.steps.gather.look_again()
    assert len(set(matters(house))) == 2
