"""Top drivers: people counted once a week, by what they are grouped by, for those who may see them."""

import csv
import io
from datetime import timedelta

import pytest

from bot.actions.departments import manage
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.values import NoticedSurge
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock


class Asked(WorkHouse):
    """Two departments, and people who ask about their matters."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.topic("tv", "TV & picture", ("flicker", "remote"))
        self.topic("wifi", "Wi-Fi", ("router",))
        self.lea = self.employee("Lea Lind", role=Role.LEAD)
        for name, slug in (("Screens", "tv"), ("Networks", "wifi")):
            with self.database.write() as session:
                row = manage.make(session, name, "", "", clock())
                manage.edit(session, row, name, "", "", [slug], clock())
        with self.database.write() as session:
            row = session.get_one(DepartmentRow, 1)
            manage.put_in(session, row, "lea@example.com", leads=True, now=clock())

    def matter(self, title: str, topic: str | None) -> int:
        with self.database.write() as session:
            at = self.clock()
            row = MatterRow(title=title, topic=topic, first_at=at, last_at=at)
            session.add(row)
            session.flush()
            return row.id

    def asks(self, number: int, who: str, days_ago: float, text: str = "It flickers", **columns: str) -> int:
        question = self.question(f"@brand {text}", customer=who)
        with self.database.write() as session:
            row = session.get_one(QuestionRow, question)
            row.matter_id, row.gathered = number, True
            row.asked_at = self.clock() - timedelta(days=days_ago)
            for name, value in columns.items():
                setattr(row, name, value)
        return question


@pytest.fixture
def house(database: Database, clock: FakeClock) -> Asked:
    house = Asked(database, clock)
    flicker, drops, other = (
        house.matter("It flickers", "tv"),
        house.matter("=HYPERLINK()", "wifi"),
        house.matter("Something", None),
    )
    house.asks(other, "old", 60)  # the house is that old
    for who in ("sam", "sam", "kim", "ann", "bob", "eve", "joe", "ida", "leo", "mia"):
        house.asks(flicker, who, 1, language="en")
    house.asks(flicker, "kim", 8, language="de")
    house.asks(flicker, "gone", 2, state="withdrawn")
    house.asks(drops, "pat", 3, text="My routers blink")
    house.asks(other, "zoe", 3, text="Hello there")
    return house


@pytest.fixture
def boss(house: Asked) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.MODERATOR))


def rows(browser: Browser, address: str) -> list[dict[str, str]]:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def weeks(row: dict[str, str]) -> list[int]:
    return [int(value) for name, value in row.items() if name.startswith("people_in_week")]


def test_people_count_once_a_week_and_what_is_gone_not_at_all(house: Asked, boss: Browser) -> None:
    first, second, third = rows(boss, "/admin/drivers.csv")
    assert (first["matter"], weeks(first), first["people_in_all"]) == ("It flickers", [9, 1, 0, 0, 0], "9")
    assert (first["usual_a_week"], first["more_than_usual"], first["waiting"]) == ("0.2", "yes", "11")
    assert {second["matter"], third["matter"]} == {
        "'=HYPERLINK()",
        "Something",
    }  # no formula for a spreadsheet
    assert second["more_than_usual"] == "no"


def test_the_page_tells_the_same_with_its_formula(house: Asked, boss: Browser) -> None:
    page = boss.get("/admin/drivers").text
    assert "11 people asked in the last 7 days" in page
    assert "more than usual" in page
    assert "once in 200 weeks" in page
    assert "answers × 5 minutes" in page
    assert '<th scope="row" class="is-wide"><a href="/admin/matters/1">It flickers</a></th>' in page


def test_time_and_waits_are_told(house: Asked, boss: Browser) -> None:
    question = house.asks(2, "pat", 2)
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.state, row.answered_at = "answered", row.asked_at + timedelta(hours=3)
        session.add(
            AnswerRow(question_id=question, employee_id=house.lea, text="Do", written_at=row.answered_at)
        )
    drops = next(row for row in rows(boss, "/admin/drivers.csv") if "HYPER" in row["matter"])
    assert (drops["people_minutes"], drops["waited_minutes"]) == ("5", str(3 * 60 + 3 * 24 * 60))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("topic", {"TV & picture": 9, "Wi-Fi": 1, "no topic": 1}),
        ("platform", {"The local feed": 11}),
        ("department", {"Screens": 9, "Networks": 1, "nobody's": 1}),
        ("word", {"flicker": 9, "router": 1}),
        ("language", {"English": 9, "not known": 2}),
    ],
)
def test_each_facet_counts_people_of_this_week(
    house: Asked, boss: Browser, by: str, expected: dict[str, int]
) -> None:
    found = {row[by]: weeks(row)[0] for row in rows(boss, f"/admin/drivers.csv?by={by}") if weeks(row)[0]}
    assert list(found.values()) == sorted(found.values(), reverse=True)
    if by == "platform":
        assert list(found.values()) == [11]
    else:
        assert found == expected
    assert boss.get(f"/admin/drivers?by={by}").status_code == 200


def test_by_week_each_week_has_a_line(house: Asked, boss: Browser) -> None:
    page = boss.get("/admin/drivers?by=week").text
    told = rows(boss, "/admin/drivers.csv?by=week")
    assert [row["people"] for row in told] == ["11", "1", "0", "0", "0"]
    assert [row["week_to"] for row in told][:2] == ["2026-03-04", "2026-02-25"]
    assert page.count('<th scope="row"') == 5


def test_a_lead_has_the_drivers_of_their_own_department(house: Asked) -> None:
    lea = house.browser(house.lea)
    assert [row["matter"] for row in rows(lea, "/admin/departments/1/drivers.csv")] == ["It flickers"]
    assert [row["word"] for row in rows(lea, "/admin/departments/1/drivers.csv?by=word")] == ["flicker"]
    page = lea.get("/admin/departments/1/drivers?by=department")
    assert "9 people asked" in page.text
    for refused in (
        "/admin/departments/2/drivers",
        "/admin/departments/2/drivers.csv",
        "/admin/drivers",
        "/admin/drivers.csv",
    ):
        assert lea.get(refused).status_code == 403, refused


def test_an_empty_house_says_so(database: Database, clock: FakeClock) -> None:
    house = WorkHouse(database, clock)
    boss = house.browser(house.employee("Mei Tan", role=Role.MODERATOR))
    for by in ("matter", "word", "week", "department", "topic"):
        assert "Nobody has asked" in boss.get(f"/admin/drivers?by={by}").text
        assert boss.get(f"/admin/drivers.csv?by={by}").status_code == 200
    assert boss.get("/admin/drivers?by=nonsense").status_code == 422


@pytest.mark.parametrize("page", ["/admin/drivers", "/admin/departments/1/drivers", "/admin/departments/1"])
def test_a_surge_says_how_it_goes_on(house: Asked, boss: Browser, page: str) -> None:
    with house.database.write() as session:
        row = session.get_one(MatterRow, 1)
        row.surge, row.surge_at = "4 people in 20 minutes", house.clock()
        row.noticed = NoticedSurge(house.clock() - timedelta(minutes=20), 4, 20, 0.2, "en", "local").stored()
    house.clock.advance(600)
    for who in ("new", "newer", "newer"):
        house.asks(1, who, 0)
    shown = boss.get(page).text
    assert "4 people in 20 minutes" in shown
    assert "<strong>2</strong> people since it began" in shown
    assert "still growing" in shown
    with house.database.write() as session:
        session.get_one(MatterRow, 1).end_surge(house.clock())
    shown = boss.get(page).text
    assert "is-warn" not in shown.split("It flickers</a>")[1].split("</a>")[0].split("Over since")[0]
    assert "2 people in all" in shown
