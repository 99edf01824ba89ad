"""The audit log is searched by who, what, on whom, when and by words, taken along, and its chain checked."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.admin import audit as page
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.paging import PAGE
from bot.store.queries.pages import audit_log
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


@pytest.fixture
def ada(house: WorkHouse) -> Browser:
    """An auditor, who sees everything and changes nothing."""
    return house.browser(house.employee("Ada Roe", role=Role.AUDITOR))


def note(house: WorkHouse, actor: str, action: AuditAction, subject: str, **detail: Any) -> None:
    with house.database.write() as session:
        audit.append(session, actor, action, subject, detail, house.clock())


def numbers(browser: Browser, query: str = "") -> list[int]:
    answer = browser.get(f"/admin/audit?{query}")
    assert answer.status_code == 200, answer.text
    return [int(row.split("<")[0]) for row in answer.text.split('<tr><td class="number">')[1:]]


@pytest.fixture
def filled(house: WorkHouse) -> WorkHouse:
    """Five lines of two people and the operator, an hour apart."""
    mei, bo = house.employee("Mei Tan", role=Role.ADMIN), house.employee("Bo Lee", role=Role.MODERATOR)
    lines = (
        (f"mei@example.com ({mei})", AuditAction.QUESTION_CLOSE, "question 12", {"before": "escalated"}),
        (f"bo@example.com ({bo})", AuditAction.ANSWER_DROP, "answer 3", {"why": "50% wrong"}),
        (f"mei@example.com ({mei})", AuditAction.ANSWER_DROP, "answer 30", {"why": "=cmd()"}),
        ("operator", AuditAction.KEYS_ROTATE, "", {}),
        (f"bo@example.com ({bo})", AuditAction.QUESTION_CLOSE, "question 1", {}),
    )
    for actor, action, subject, detail in lines:
        note(house, actor, action, subject, **detail)
        house.clock.advance(3_600)
    return house


def test_lines_are_found_by_who_what_on_whom_and_words(filled: WorkHouse, ada: Browser) -> None:
    assert numbers(ada) == [5, 4, 3, 2, 1]
    assert numbers(ada, "who=mei") == numbers(ada, "who=Mei+Tan") == [3, 1]
    assert numbers(ada, "who=operator") == [4]
    assert numbers(ada, "what=answer.drop") == [3, 2]
    assert numbers(ada, "what=answer.drop&who=bo") == [2]
    assert numbers(ada, "subject=question+1") == [5]
    assert numbers(ada, "subject=answer+3&who=mei") == []
    assert numbers(ada, "words=50%25") == [2]
    assert numbers(ada, "words=ESCALATED") == [1]
    assert numbers(ada, "words=wrong&what=answer.drop&who=bo") == [2]
    assert numbers(ada, "who=nobody") == []


def test_days_are_those_of_whoever_looks_the_last_one_included(filled: WorkHouse, ada: Browser) -> None:
    day = filled.clock().date()
    assert numbers(ada, f"since={day}&until={day}") == [5, 4, 3, 2, 1]
    assert numbers(ada, f"since={day + timedelta(days=1)}") == []
    assert numbers(ada, f"until={day - timedelta(days=1)}") == []


@pytest.mark.parametrize("query", ["what=burn", "since=yesterday", "until=2026-13-01", "until=9999-12-31"])
def test_what_makes_no_sense_is_refused_in_words(ada: Browser, query: str) -> None:
    assert ada.get(f"/admin/audit?{query}").status_code == 422
    assert ada.get(f"/admin/audit.csv?{query}").status_code == 422


def test_old_spellings_of_a_deed_are_found_with_it(filled: WorkHouse, ada: Browser) -> None:
    with filled.database.write() as session:
        session.execute(text("UPDATE audit SET action = 'question closed' WHERE id = 1"))
    assert numbers(ada, "what=question.close") == [5, 1]


def test_pages_keep_the_filter_and_lose_nothing(house: WorkHouse, ada: Browser) -> None:
    for number in range(PAGE + 5):
        note(house, "operator", AuditAction.TOPIC_EDIT, f"topic {number % 2}")
    first = ada.get("/admin/audit?who=operator&what=topic.edit").text
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "who=operator" in address
    seen = numbers(ada, "who=operator&what=topic.edit") + numbers(ada, address.partition("?")[2])
    assert seen == list(range(PAGE + 5, 0, -1))


def test_words_are_looked_for_a_window_at_a_time_and_found_in_the_end(
    house: WorkHouse, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "WINDOW", 4)
    note(house, "operator", AuditAction.TOPIC_EDIT, "topic tv", name="needle")
    for number in range(9):
        note(house, "operator", AuditAction.TOPIC_EDIT, f"topic {number}")
    page, turns, found = "/admin/audit?words=needle", 0, []
    while page:
        answer = ada.get(page).text
        found += numbers(ada, page.partition("?")[2])
        turns += 1
        more = answer.split('rel="next" href="')[1:]
        page = more[0].split('"')[0].replace("&amp;", "&") if more else ""
    assert (found, turns) == ([1], 3)
    assert "look further" in ada.get("/admin/audit?words=needle").text


def test_a_file_has_the_same_lines_and_no_cell_is_a_formula(filled: WorkHouse, ada: Browser) -> None:
    note(filled, "=evil()", AuditAction.TOPIC_EDIT, "@topic", name="+1")
    answer = ada.get("/admin/audit.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["line", "at", "who", "did", "what", "to", "details", "hash"]
    assert [row[0] for row in rows] == ["6", "5", "4", "3", "2", "1"]
    assert rows[0][2] == "'=evil()"
    assert rows[0][5] == "'@topic"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    only = list(csv.reader(io.StringIO(ada.get("/admin/audit.csv?who=operator").text)))
    assert [row[0] for row in only[1:]] == ["4"]


def test_the_page_checks_the_latest_lines_and_says_how_many(
    filled: WorkHouse, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "from the first line to the last" in ada.get("/admin/audit?check=1").text
    monkeypatch.setattr(page, "CHECKED_HERE", 3)
    assert "The latest 3 lines are sound" in ada.get("/admin/audit?check=1").text
    with filled.database.write() as session:
        session.execute(text("UPDATE audit SET subject = 'question 13' WHERE id = 1"))
    assert "The latest 3 lines are sound" in ada.get("/admin/audit?check=1").text
    monkeypatch.setattr(page, "CHECKED_HERE", 100)
    assert "broken at line 1" in ada.get("/admin/audit?check=1").text
    with filled.database.write() as session:
        session.execute(text("DELETE FROM audit WHERE id = 4"))
    monkeypatch.setattr(page, "CHECKED_HERE", 1)
    assert "broken at line 5" in ada.get("/admin/audit?check=1").text


def test_an_empty_log_and_a_cut_one_are_told_apart(house: WorkHouse, ada: Browser) -> None:
    assert "from the first line to the last" in ada.get("/admin/audit?check=1").text
    note(house, "operator", AuditAction.TOPIC_EDIT, "topic tv")
    with house.database.write() as session:
        session.execute(text("DELETE FROM audit"))
    assert "is broken at line" in ada.get("/admin/audit?check=1").text
