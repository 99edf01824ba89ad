"""Goals: set at the page, judged by the worker, and heard of once."""

from datetime import timedelta

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow, QuestionRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

GOAL = {"topic": "", "percent": "80", "within": "1", "unit": "hours", "counts": "clock", "days": "7"}


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    house = WorkHouse(database, clock, notify_webhook="http://127.0.0.1:9/chat")
    house.topic()
    return house


@pytest.fixture
def boss(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def ask(house: WorkHouse, number: int, **columns: object) -> None:
    with house.database.write() as session:
        for _ in range(number):
            session.add(QuestionRow(platform="local", asked_at=house.clock(), state="offered", **columns))


def look(house: WorkHouse) -> None:
    while house.steps.roll_up.run():
        pass
    house.steps.goal_watch.look()
    assert house.steps.notify is not None
    house.steps.notify.look()


def told(house: WorkHouse) -> int:
    return sum(one.tells.alarm == "goals" for one in house.rows(DeliveryRow))


def test_of_a_missed_goal_those_in_charge_hear_once(house: WorkHouse, boss: Browser) -> None:
    look(house)
    assert boss.post("/admin/figures/goals", GOAL).status_code == 303
    ask(house, 6)
    look(house)
    assert (told(house), house.rows(GoalRow)[0].missed_since) == (0, None)  # there is still time
    house.clock.advance(timedelta(hours=2))
    look(house)
    once = told(house)
    assert once == 1
    assert house.rows(GoalRow)[0].missed_since == house.clock()
    for _ in range(3):
        house.clock.advance(timedelta(hours=1))
        look(house)
    assert told(house) == once, "they heard of the same twice"
    page = boss.get("/admin/figures").text
    assert "80 % within 1 h, over 7 days" in page
    assert "0 % (0 in time, 6 late)" in page
    assert "goal that is missed" in boss.get("/admin").text


def test_met_and_missed_again_they_hear_again(house: WorkHouse, boss: Browser) -> None:
    look(house)
    boss.post("/admin/figures/goals", GOAL)
    ask(house, 6)
    house.clock.advance(timedelta(hours=2))
    look(house)
    with house.database.write() as session:
        for number in range(1, 7):
            session.get_one(QuestionRow, number).state = "settled"
    look(house)
    assert house.rows(GoalRow)[0].missed_since is None
    ask(house, 6)
    house.clock.advance(timedelta(hours=2))
    look(house)
    assert told(house) == 2


def test_nobody_is_told_while_everything_is_counted_anew(house: WorkHouse, boss: Browser) -> None:
    boss.post("/admin/figures/goals", GOAL)
    ask(house, 6)
    house.clock.advance(timedelta(hours=2))
    house.steps.goal_watch.look()
    assert house.rows(GoalRow)[0].missed_since is None
    assert "how goals stand is told when that is done" in boss.get("/admin/figures").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"percent": "101"}, "1 to 100"),
        ({"percent": "many"}, "whole number"),
        ({"within": "0"}, "within a minute"),
        ({"within": "999999", "unit": "days"}, "thirty days"),
        ({"unit": "fortnights"}, "minutes, hours or days"),
        ({"counts": "sundial"}, "by the clock"),
        ({"days": "93"}, "over 1 to 92 days"),
        ({"topic": "nothing"}, "no such topic"),
        ({"measure": "mood"}, "response, satisfied, csat, nps"),
        ({"percent": "-5"}, "1 to 100"),
        ({"measure": "csat", "percent": "0"}, "1 to 100"),
        ({"measure": "nps", "percent": "101"}, "-99 to 100"),
        ({"measure": "nps", "percent": "-100"}, "-99 to 100"),
        ({"measure": "nps", "percent": "--5"}, "whole number"),
    ],
)
def test_what_can_be_no_goal_is_refused(
    house: WorkHouse, boss: Browser, wrong: dict[str, str], says: str
) -> None:
    answer = boss.post("/admin/figures/goals", {**GOAL, **wrong})
    assert answer.status_code in (409, 422)
    assert says in answer.text
    assert not house.rows(GoalRow)


def test_a_goal_is_there_once_and_can_be_taken_away(house: WorkHouse, boss: Browser) -> None:
    assert boss.post("/admin/figures/goals", {**GOAL, "topic": "tv", "counts": "hours"}).status_code == 303
    assert boss.post("/admin/figures/goals", {**GOAL, "topic": "tv", "counts": "hours"}).status_code != 303
    (goal,) = house.rows(GoalRow)
    assert (goal.topic, goal.in_hours, goal.within_seconds) == ("tv", True, 3_600)
    look(house)
    assert "80 % within 1 h of business hours" in boss.get("/admin/figures").text
    assert boss.post(f"/admin/figures/goals/{goal.id}/remove").status_code == 303
    assert boss.post(f"/admin/figures/goals/{goal.id}/remove").status_code == 404
    assert not house.rows(GoalRow)
    assert {"goal.set", "goal.remove"} <= {one.action for one in house.rows(AuditRow)}


def give(house: WorkHouse, kind: str, *scores: int) -> None:
    """Customers say how it went."""
    ask(house, len(scores), settled_at=house.clock())
    with house.database.write() as session:
        newest = max(one.id for one in house.rows(QuestionRow))
        for number, score in enumerate(scores):
            session.add(
                SurveyRow(
                    question_id=newest - number,
                    platform="local",
                    customer_id=f"c{newest - number}",
                    kind=kind,
                    score=score,
                    said_at=house.clock(),
                    asked_at=house.clock(),
                    expires_at=house.clock(),
                )
            )


@pytest.mark.parametrize(
    ("measure", "percent", "good", "bad", "says"),
    [
        ("csat", "80", 5, 1, "CSAT of at least 80 %, over 7 days"),
        ("nps", "-20", 10, 0, "NPS of at least -20, over 7 days"),
    ],
)
def test_of_customers_who_are_less_content_than_wanted_those_in_charge_hear_once(
    house: WorkHouse, boss: Browser, measure: str, percent: str, good: int, bad: int, says: str
) -> None:
    look(house)
    assert boss.post("/admin/figures/goals", {**GOAL, "measure": measure, "percent": percent}).is_redirect
    (goal,) = house.rows(GoalRow)
    assert (goal.within_seconds, goal.in_hours) == (0, False)
    give(house, measure, *[bad] * 9)
    look(house)
    assert (told(house), house.rows(GoalRow)[0].missed_since) == (0, None), "of nine nothing is said"
    assert "too few to tell (9 of at least 10)" in boss.get("/admin/figures").text
    give(house, measure, bad)
    for _ in range(3):
        look(house)
        house.clock.advance(timedelta(hours=1))
    assert told(house) == 1
    page = boss.get("/admin/figures").text
    assert says in page
    assert "missed" in page
    board = boss.get("/admin/board?kind=goal").text
    assert f"The {measure.upper()} is to be" in board
    give(house, measure, *[good] * 90)
    look(house)
    assert house.rows(GoalRow)[0].missed_since is None
    assert boss.post("/admin/figures/goals", {**GOAL, "measure": measure, "percent": percent}).is_client_error


def test_a_goal_for_the_satisfied_is_judged_by_what_customers_say(house: WorkHouse, boss: Browser) -> None:
    look(house)
    assert boss.post("/admin/figures/goals", {**GOAL, "measure": "satisfied"}).is_redirect
    ask(house, 3, satisfied=True)
    ask(house, 2, satisfied=False)
    ask(house, 9)
    look(house)
    assert told(house) == 1
    assert "60 % (3 satisfied, 2 not)" in boss.get("/admin/figures").text
    assert "of 100 who say whether it helped are to be satisfied" in boss.get("/admin/board?kind=goal").text
