"""Colleagues are asked whether they know a topic, and what they say reaches their profiles."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.erase import erase_employee
from bot.actions.people.topics import remove_topic
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.privacy import personal_record
from bot.store.tables.house import AuditRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, TopicCallRow, TopicReplyRow, TopicRow
from bot.store.topics import calls
from routing.model.domain import EmployeeState
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

ASKS = "Do you know about <bdi>Drones</bdi>?"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV", ("tv",))
    built.topic("drones", "Drones", ("drone",))
    return built


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN, topics={"drones": 1}))


@pytest.fixture
def jane(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Jane Doe", topics={"tv": 3}))


def ask(mei: Browser, topic: str = "drones") -> None:
    assert mei.post(f"/admin/topics/{topic}/ask").status_code == 303


def is_asked(somebody: Browser, asks: str = ASKS) -> bool:
    return asks in somebody.get("/desk").text


def say(somebody: Browser, level: str, call: int = 1) -> Any:
    return somebody.post(f"/desk/topics/{call}", {"level": level})


def levels(house: WorkHouse, name: str) -> dict[str, int]:
    with house.database.read() as session:
        found = session.exec(
            select(TopicRow.slug, ExpertiseRow.level)
            .join(ExpertiseRow, ExpertiseRow.topic_id == TopicRow.id)
            .join(EmployeeRow, EmployeeRow.id == ExpertiseRow.employee_id)
            .where(EmployeeRow.name == name)
        ).all()
    return dict(found)


def said(house: WorkHouse) -> list[TopicReplyRow]:
    with house.database.read() as session:
        return list(session.exec(select(TopicReplyRow)).all())


def deeds(house: WorkHouse) -> list[tuple[str, str]]:
    return [(one.action, one.subject) for one in house.rows(AuditRow) if one.action.startswith("topic.")]


def test_whoever_knows_it_has_it_in_the_profile_and_is_asked(
    house: WorkHouse, mei: Browser, jane: Browser
) -> None:
    page = mei.get("/admin/topics/drones").text
    assert "1 person knows it." in page
    assert "1 colleague of whom it is not known would see" in page
    assert not is_asked(jane)

    ask(mei)
    assert is_asked(jane)
    assert not is_asked(mei), "it is known that she knows it"
    done = say(jane, "2")

    assert (done.status_code, done.headers["location"]) == (303, "/desk?done=knows")
    assert levels(house, "Jane Doe") == {"tv": 3, "drones": 2}
    assert not is_asked(jane)
    page = mei.get("/admin/topics/drones").text
    assert "2 people know it." in page
    assert '<bdi>Jane Doe</bdi> <span class="badge">knows it</span>' in page
    assert "0 said that it is not theirs." in page
    assert deeds(house) == [("topic.ask", "topic drones"), ("topic.reply", "employee 2")]
    post = {"author": "sam", "text": "@brand my drone lost its propeller"}
    assert house.ask("POST", "/local/posts", json=post).status_code == 201
    house.work()
    assert "my drone lost its propeller" in jane.get("/desk").text


def test_nobody_is_asked_twice_about_one_topic(house: WorkHouse, mei: Browser, jane: Browser) -> None:
    olu = house.browser(house.employee("Olu Ade"))
    ask(mei)
    assert say(jane, "0").headers["location"] == "/desk?done=not_known"
    assert "You are not asked about it again." in jane.get("/desk?done=not_known").text
    assert levels(house, "Jane Doe") == {"tv": 3}
    assert mei.post("/admin/topics/drones/stop-asking").status_code == 303
    assert not is_asked(olu)

    assert "1 said that it is not theirs." in mei.get("/admin/topics/drones").text
    ask(mei)

    assert (is_asked(jane), is_asked(olu)) == (False, True)
    late = say(jane, "2", call=2)
    assert late.status_code == 409
    assert "You have said already how well you know this." in late.text
    assert levels(house, "Jane Doe") == {"tv": 3}


def test_it_is_over_after_a_fortnight_and_can_be_asked_anew(
    house: WorkHouse, mei: Browser, jane: Browser
) -> None:
    ask(mei)
    house.clock.advance(calls.CALL_LASTS - timedelta(seconds=1))
    mei, jane = house.browser(1), house.browser(2)  # whose sessions have ended meanwhile
    assert is_asked(jane)
    again = mei.post("/admin/topics/drones/ask")
    assert (again.status_code, "being asked about this topic already" in again.text) == (409, True)

    house.clock.advance(1)

    assert not is_asked(jane)
    assert say(jane, "2").status_code == 409
    assert mei.post("/admin/topics/drones/stop-asking").status_code == 409
    ask(mei)
    assert is_asked(jane)
    assert [one.closed_at is None for one in house.rows(TopicCallRow)] == [False, True]


def test_only_who_takes_part_now_is_asked(house: WorkHouse, mei: Browser, jane: Browser) -> None:
    house.employee("Invited Person", opted_in=False)
    house.employee("Audit Person", role=Role.AUDITOR)
    assert "1 colleague of whom" in mei.get("/admin/topics/drones").text
    ask(mei)
    assert jane.post("/desk/pause").status_code == 303
    assert not is_asked(jane)
    assert jane.post("/desk/resume").status_code == 303
    assert is_asked(jane)


def test_what_is_no_answer_is_said_and_changes_nothing(house: WorkHouse, mei: Browser, jane: Browser) -> None:
    ask(mei)
    for level in ("", "4", "-1", "two", "²"):
        answer = say(jane, level)
        assert (answer.status_code, "Choose how well you know it." in answer.text) == (422, True)
    assert say(jane, "1", call=77).status_code == 404
    assert said(house) == []


def test_at_most_three_stand_at_the_desk_at_one_time(house: WorkHouse, mei: Browser, jane: Browser) -> None:
    for number in range(4):
        house.topic(f"t{number}", f"T{number}")
        ask(mei, f"t{number}")
    assert [is_asked(jane, f"<bdi>T{number}</bdi>?") for number in range(4)] == [True, True, True, False]
    assert say(jane, "0").status_code == 303
    assert is_asked(jane, "<bdi>T3</bdi>?")


def test_a_topic_that_is_retired_is_asked_about_no_more(
    house: WorkHouse, mei: Browser, jane: Browser
) -> None:
    ask(mei)
    assert mei.post("/admin/topics/drones/retire").status_code == 303
    assert not is_asked(jane)
    assert say(jane, "2").status_code == 409
    assert mei.post("/admin/topics/drones/ask").status_code == 409
    assert mei.post("/admin/topics/drones/bring-back").status_code == 303
    assert not is_asked(jane)


def test_what_was_said_follows_the_topic(house: WorkHouse, mei: Browser, jane: Browser) -> None:
    olu = house.browser(house.employee("Olu Ade"))
    ask(mei)
    assert mei.post("/admin/topics/drones/rename", {"to": "copters"}).status_code == 303
    assert is_asked(jane)
    assert say(jane, "0").status_code == 303
    assert "1 said that it is not theirs." in mei.get("/admin/topics/copters").text
    while house.steps.refile.run() or not _moved(house):
        house.clock.advance(31)

    assert mei.post("/admin/topics/copters/merge", {"into": "tv", "step": "merge"}).status_code == 303

    assert not is_asked(olu), "the one that is no more is asked about no more"
    assert "1 said that it is not theirs." in mei.get("/admin/topics/tv").text
    ask(mei, "tv")
    assert is_asked(olu, "<bdi>TV</bdi>?")
    assert len(house.rows(TopicCallRow)) == 2


def _moved(house: WorkHouse) -> bool:
    return "still on their way" not in house.browser(1).get("/admin/topics/copters/merge").text


def test_a_topic_that_is_removed_takes_what_was_said_along(
    house: WorkHouse, mei: Browser, jane: Browser
) -> None:
    ask(mei)
    assert say(jane, "2").status_code == 303
    assert mei.post("/admin/topics/drones/remove").status_code == 303
    assert (house.rows(TopicCallRow), said(house)) == ([], [])
    assert say(jane, "2").status_code == 404


def test_what_somebody_said_is_handed_to_them_and_forgotten_with_them(
    house: WorkHouse, mei: Browser, jane: Browser
) -> None:
    ask(mei)
    assert say(jane, "0").status_code == 303
    with house.database.write() as session:
        employee = session.exec(select(EmployeeRow).where(EmployeeRow.name == "Jane Doe")).one()
        [told] = personal_record.of_employee(session, employee)["asked_whether_they_know"]
        assert (told["topic"], told["level"]) == ("drones", 0)
        leaving.leave(session, employee, house.clock())
        assert employee.state == EmployeeState.LEFT
        erase_employee(session, employee, house.clock())
    assert said(house) == []


def test_a_topic_that_was_just_made_leads_to_asking(house: WorkHouse, mei: Browser) -> None:
    made = mei.post("/admin/missing-topics", {"name": "Hearing aids"})
    page = mei.get(made.headers["location"]).text
    assert 'href="/admin/topics/hearing-aids#who-knows"' in page
    assert "Ask colleagues whether they know it" not in mei.get("/admin/topics/drones").text, "nobody is left"


def at_once(*jobs: Callable[[], int]) -> list[int]:
    """What came of jobs that all began at the same moment."""
    start, outcomes = threading.Barrier(len(jobs)), [0] * len(jobs)

    def run(number: int) -> None:
        start.wait(20)
        outcomes[number] = jobs[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return sorted(outcomes)


@pytest.mark.parametrize("_round", range(3))
def test_of_two_presses_at_once_one_asks(house: WorkHouse, mei: Browser, jane: Browser, _round: int) -> None:
    other = house.browser(house.employee("Rae Lin", role=Role.ADMIN))
    came = at_once(
        *(lambda who=who: who.post("/admin/topics/drones/ask").status_code for who in (mei, other))
    )
    assert came == [303, 409]
    assert len(house.rows(TopicCallRow)) == 1
    assert is_asked(jane)


@pytest.mark.parametrize("_round", range(3))
def test_of_two_answers_at_once_one_counts(
    house: WorkHouse, mei: Browser, jane: Browser, _round: int
) -> None:
    ask(mei)
    came = at_once(*(lambda level=level: say(jane, level).status_code for level in ("0", "3")))
    assert came == [303, 409]
    [row] = said(house)
    assert levels(house, "Jane Doe") == ({"tv": 3, "drones": 3} if row.level else {"tv": 3})
    assert [action for action, _ in deeds(house)] == [AuditAction.TOPIC_ASK, AuditAction.TOPIC_REPLY]


@pytest.mark.parametrize("_round", range(3))
def test_an_answer_and_the_end_of_its_topic_leave_nothing_half_done(
    house: WorkHouse, mei: Browser, jane: Browser, _round: int
) -> None:
    ask(mei)

    def remove() -> int:
        with house.database.write() as session:
            remove_topic(
                session, session.exec(select(TopicRow).where(TopicRow.slug == "drones")).one(), house.clock()
            )
        return 200

    came = at_once(remove, lambda: say(jane, "2").status_code)
    assert came in ([200, 303], [200, 404], [200, 409])
    assert (house.rows(TopicCallRow), said(house)) == ([], [])
    assert levels(house, "Jane Doe") == {"tv": 3}
