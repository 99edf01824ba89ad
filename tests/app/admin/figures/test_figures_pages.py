"""The page of figures and its file: any days, told apart in many ways, beside the days before."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.roles import Role
from bot.store.departments import directory
from bot.store.engine import Database
from bot.store.figures import votes
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.people import TopicRow
from routing.figures.grouping import GroupBy
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

COLUMNS = [
    *("group", "questions", "people", "answered", "answered_share", "within_10_min_share"),
    *("within_1_h_share", "first_response_median_s", "first_response_p90_s", "settled", "satisfied"),
    *("unsatisfied", "reused", "doubled", "backlog"),
    *("csat_share", "csat_answers", "csat_response_share", "nps", "nps_low", "nps_high", "nps_answers"),
    *("nps_response_share", "upset_then_thankful"),
]


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    """Three questions of today, the fourth of March: two on TV, of which one was answered in five minutes."""
    house = WorkHouse(database, clock, timezone="Europe/Berlin")
    house.topic()
    jane = house.employee()
    with house.database.write() as session:
        for number, (topic, state) in enumerate((("tv", "settled"), ("tv", "offered"), ("", "escalated"))):
            session.add(
                QuestionRow(
                    platform="local",
                    customer_id=f"c{number % 2}",
                    text="@brand this is terrible 😡" if number == 0 else "@brand how?",
                    language="de",
                    topics=[[topic, 0.9]] if topic else [],
                    state=state,
                    asked_at=clock() - timedelta(hours=number),
                    settled_at=clock() + timedelta(hours=1) if state == "settled" else None,
                    satisfied=True if state == "settled" else None,
                )
            )
        session.flush()
        at = clock() + timedelta(minutes=5)
        session.add(
            AnswerRow(
                question_id=1, employee_id=jane, text="So.", state="published", written_at=at, published_at=at
            )
        )
        session.add(OfferRow(question_id=1, employee_id=jane, offered_at=clock(), expires_at=at))
    return house


@pytest.fixture
def boss(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def file(browser: Browser, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/admin/figures.csv{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def counted(house: WorkHouse) -> None:
    while house.steps.roll_up.run():
        pass


def test_the_file_has_the_columns_that_others_build_on(house: WorkHouse, boss: Browser) -> None:
    counted(house)
    assert boss.get("/admin/figures.csv").text.splitlines()[0].split(",") == COLUMNS
    tv, other = file(boss, "?from=2026-03-04&to=2026-03-04&by=topic")
    assert tv == {
        **dict.fromkeys(COLUMNS, "0"),
        "group": "tv",
        "questions": "2",
        "people": "2",
        "answered": "1",
        "answered_share": "0.5",
        "within_10_min_share": "0.5",
        "within_1_h_share": "0.5",
        "first_response_median_s": "300",
        "first_response_p90_s": "300",
        "settled": "1",
        "satisfied": "1",
        "backlog": "1",
        **dict.fromkeys(("csat_share", "csat_response_share", "nps", "nps_low", "nps_high"), ""),
        "nps_response_share": "",
        "upset_then_thankful": "1",
    }
    assert other["group"] == "none"
    assert (other["first_response_median_s"], other["answered_share"]) == ("", "0.0")


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("platform", ["local"]),
        ("language", ["de"]),
        ("day", ["2026-03-03", "2026-03-04"]),
        ("week", ["2026-W10"]),
        ("month", ["2026-03"]),
        ("department", ["none"]),
        ("person", ["none", "Jane Doe"]),
    ],
)
def test_it_is_told_apart_by_what_somebody_asks_for(
    house: WorkHouse, boss: Browser, by: str, groups: list[str]
) -> None:
    counted(house)
    found = file(boss, f"?from=2026-03-03&to=2026-03-04&by={by}")
    assert [one["group"] for one in found] == groups
    assert sum(int(one["questions"]) for one in found) == 3


def test_what_happened_since_days_were_counted_is_in_it(house: WorkHouse, boss: Browser) -> None:
    counted(house)
    with house.database.write() as session:
        session.get_one(QuestionRow, 2).state = "dismissed"
        session.add(QuestionRow(platform="local", asked_at=house.clock(), topics=[["wifi", 1.0]]))
    assert {one["group"]: one["questions"] for one in file(boss)} == {"none": "1", "tv": "1", "wifi": "1"}


def test_a_departments_figures_are_those_of_its_topics(house: WorkHouse, boss: Browser) -> None:
    counted(house)
    with house.database.write() as session:
        row = DepartmentRow(name="Devices", created_at=house.clock())
        session.add(row)
        session.flush()
        topic = session.exec(select(TopicRow)).one()
        directory.give_topics(session, row.id, {topic.id})
    found = {one["group"]: one["questions"] for one in file(boss, "?by=department")}
    assert found == {"Devices": "2", "none": "1"}
    assert "Devices" in boss.get("/admin/figures?by=department").text


def test_no_cell_is_taken_for_a_formula(house: WorkHouse, boss: Browser) -> None:
    with house.database.write() as session:
        session.get_one(QuestionRow, 1).topics = [['=HYPERLINK("http://evil.example")', 0.9]]
    counted(house)
    assert any(one["group"].startswith("'=HYPERLINK") for one in file(boss))
    assert "'=HYPERLINK" in boss.get("/admin/figures.csv").text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=yesterday", "like 2026-03-04"),
        ("from=2026-03-05&to=2026-03-04", "Exchange them"),
        ("from=1999-01-01", "a day since"),
        ("to=9999-12-31", "a day since"),
        ("from=2007-01-01&to=2026-01-01", "more than ten years"),
        ("by=colour", "topic, department"),
    ],
)
def test_days_that_cannot_be_are_refused_in_words(
    house: WorkHouse, boss: Browser, query: str, says: str
) -> None:
    for page in ("/admin/figures", "/admin/figures.csv"):
        answer = boss.get(f"{page}?{query}")
        assert answer.status_code == 422
        assert says in answer.text


def test_single_people_are_for_those_who_may_see_people(house: WorkHouse) -> None:
    moderator = house.browser(house.employee("Mo Lee", role=Role.MODERATOR))
    assert moderator.get("/admin/figures?by=person").status_code == 403
    assert moderator.get("/admin/figures.csv?by=person").status_code == 403
    assert 'value="person"' not in moderator.get("/admin/figures").text


@pytest.mark.parametrize("by", list(GroupBy))
def test_the_page_tells_everything_in_words_and_numbers(house: WorkHouse, boss: Browser, by: GroupBy) -> None:
    counted(house)
    page = boss.get(f"/admin/figures?from=2026-03-04&to=2026-03-04&by={by}")
    assert page.status_code == 200
    for words in ("33.3 %", "5 min", "Europe/Berlin", "business hours: always", "Upset, then thankful"):
        assert words in page.text
    assert page.text.count('id="means-') == page.text.count("<dt id=")
    assert "(1 + 0) × 0.5 = 0.5" in page.text
    assert len(page.content) < 100_000
    assert "style=" not in page.text


def test_it_stands_beside_as_many_days_before(house: WorkHouse, boss: Browser) -> None:
    with house.database.write() as session:
        for number in range(6):
            session.add(
                QuestionRow(
                    platform="local", asked_at=house.clock() - timedelta(days=1), customer_id=str(number)
                )
            )
    counted(house)
    page = boss.get("/admin/figures?from=2026-03-04&to=2026-03-04").text
    assert "beside 2026-03-03 to 2026-03-03" in page
    assert "-50 %" in page


def test_while_everything_is_counted_anew_the_page_says_so(house: WorkHouse, boss: Browser) -> None:
    assert "Everything is being counted anew: 0 % is done" in boss.get("/admin/figures").text
    counted(house)
    assert "counted anew" not in boss.get("/admin/figures").text
    with house.database.connect() as connection:
        connection.execute(text("DELETE FROM cursor WHERE name = 'figures'"))
    assert "counted anew" in boss.get("/admin/figures").text


def test_the_backlog_is_told_by_age(house: WorkHouse, boss: Browser) -> None:
    with house.database.write() as session:
        for days in (1, 5, 20, 300):
            session.add(QuestionRow(platform="local", asked_at=house.clock() - timedelta(days=days)))
    counted(house)
    page = boss.get("/admin/figures?from=2026-03-04&to=2026-03-04").text
    cells = page[page.index('id="backlog"') :].split("</table>")[0]
    assert [cell.split("<")[0] for cell in cells.split('class="number">')[1:]] == ["2", "1", "1", "1", "1"]


def test_readers_who_were_helped_count_on_the_day_they_said_so(house: WorkHouse, boss: Browser) -> None:
    house.clock.at = house.clock().replace(hour=23, minute=30)  # it is the fifth in Berlin
    today = house.clock().astimezone(ZoneInfo("Europe/Berlin")).date()
    with house.database.write() as session:
        votes.count(session, today, helpful=True)
        votes.count(session, today, helpful=True)
        votes.count(session, today, helpful=False)
        assert votes.between(session, today, today) == votes.ReaderVotes(2, 1)
    counted(house)
    assert "2 said that an answer helped, 1 that it did not" in boss.get("/admin/figures").text
    assert "0 said that an answer helped" in boss.get("/admin/figures?to=2026-03-04").text


def test_a_tiles_units_are_small_words_beside_its_number(house: WorkHouse, boss: Browser) -> None:
    while house.steps.roll_up.run():
        pass
    page = boss.get("/admin/figures").text
    assert '<strong class="nowrap">5 <span class="unit">min</span></strong>' in page
    assert '<strong class="nowrap">33.3 <span class="unit">%</span></strong>' in page
    assert '<strong class="nowrap">3</strong>' in page
