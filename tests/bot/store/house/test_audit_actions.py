"""Every audit line says what was done in one of a fixed set of ways, and old lines are read as the same."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction, action_of
from bot.store.privacy.personal_record import of_employee
from bot.store.tables.people import EmployeeRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

ROOT = Path(__file__).parents[4]
SOURCE = [path for floor in ("app", "bot") for path in (ROOT / floor).rglob("*.py")]


def calls() -> Iterator[tuple[str, ast.expr]]:
    """The place of every audit line that is written, and what it says was done."""
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in ("audit.append", "recorded", "at.record"):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0 if name == "at.record" else 2]


def is_member(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return is_member(node.body) and is_member(node.orelse)
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "AuditAction"


def test_every_line_is_written_with_a_member_of_the_enumeration() -> None:
    found = list(calls())
    assert len(found) > 30
    handed_on = [where for where, action in found if isinstance(action, ast.Name) and action.id == "action"]
    strange = [where for where, action in found if not is_member(action) and where not in handed_on]
    assert strange == []


def test_every_action_is_used_and_has_words_of_its_own() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE if path.name != "audit_actions.py")
    assert [action for action in AuditAction if f"AuditAction.{action.name}" not in source] == []
    assert len({action.words for action in AuditAction}) == len(AuditAction)
    assert all(action.words for action in AuditAction)


@pytest.mark.parametrize("action", list(AuditAction))
def test_each_spelling_means_one_action(action: AuditAction) -> None:
    for spelling in (action.value, action.words, *action.former):
        assert action_of(spelling) is action
    assert action_of("danced") is None


OLD = ("question saved", "delivery given_up", "entry shown", "added an employee", "employee.add", "connect")


def write_old_lines(database: Database, subject: str = "") -> None:
    for spelling in OLD:
        with database.write() as session:
            old: Any = spelling
            audit.append(session, "mei@example.com (1)", old, subject, {}, database.now(session))


def test_s19_old_lines_keep_their_spelling_and_their_chain(database: Database) -> None:
    write_old_lines(database)
    with database.write() as session:
        audit.append(session, "mei", AuditAction.QUESTION_EDIT, "", {}, database.now(session))
    with database.read() as session:
        assert audit.verify(session) is None


def test_the_audit_page_says_old_and_new_lines_alike(sqlite_database: Database, clock: FakeClock) -> None:
    with WorkHouse(sqlite_database, clock) as house:
        mei = house.browser(house.employee("Mei", role=Role.ADMIN))
        write_old_lines(house.database)
        page = mei.get("/admin/audit?check=1").text
    assert "The chain is sound" in page
    table = page.split("<tbody>")[1]
    assert table.count(f"<td>{AuditAction.EMPLOYEE_ADD.words}</td>") == 2
    assert table.count("changed a question&#39;s topics or title") == 1
    assert "given_up" not in page


def test_what_is_stored_of_somebody_is_handed_out_in_the_spelling_of_today(database: Database) -> None:
    with database.write() as session:
        now = database.now(session)
        session.add(EmployeeRow(name="Mei", email="mei@example.com", created_at=now))
    write_old_lines(database)
    with database.read() as session:
        lines = of_employee(session, session.get_one(EmployeeRow, 1))["audit"]
    assert [line["action"] for line in lines] == [action_of(spelling) for spelling in OLD]
