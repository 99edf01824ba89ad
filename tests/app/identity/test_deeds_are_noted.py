"""Every deed of every role is a line in the audit log: one, in one spelling, by whoever did it.

Every role does each deed that it may in one house, and the lines are counted; a new page needs its deed in
``tests/app/identity/deeds``. The source is read, too: whatever page changes something leads to a line.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from sqlmodel import select

from app.identity.auth import actor
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import AuditRow
from bot.store.tables.people import EmployeeRow
from tests.app.board_house import BoardHouse
from tests.app.identity.deeds.at_the_desk import AT_THE_DESK
from tests.app.identity.deeds.ground import Ground
from tests.app.identity.deeds.in_charge import IN_CHARGE
from tests.app.identity.deeds.of_the_house import OF_THE_HOUSE
from tests.app.identity.test_auth_matrix import EXPECTED, PAGES
from tests.conftest import FakeClock

CHANGES_NOTHING = {
    "/desk/link/sign-in": "leads to the platform; what is linked on the way back is noted",
    "/admin/connections/{platform}/sign-in": "the same for the brand's account",
}
_DEEPEST = 5
_OURS = ("app.", "bot.actions.")
"""Where a line may be written: by the page, or by the deed."""


def leads_to_a_line(function: Callable[..., Any], seen: set[Any], depth: int = 0) -> bool:
    """Whether a page, or a function of ours that it names, writes an audit line."""
    if function in seen or depth > _DEEPEST:
        return False
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    if any(isinstance(node, ast.Call) and _is_line(node.func) for node in ast.walk(tree)):
        return True
    return any(leads_to_a_line(one, seen, depth + 1) for one in _named_in(tree, function.__globals__))


def _is_line(called: ast.expr) -> bool:
    return ast.unparse(called) in ("at.record", "deciding.record", "audit.append", "recorded")


def _named_in(tree: ast.AST, scope: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    for node in ast.walk(tree):
        found: Any = None
        if isinstance(node, ast.Name):
            found = scope.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = getattr(scope.get(node.value.id), node.attr, None)
        yield from (one for one in _functions(found) if one.__module__.startswith(_OURS))


def _functions(found: Any) -> Iterator[Callable[..., Any]]:
    if inspect.isfunction(found):
        yield found
    elif inspect.isclass(found):
        methods = (one for name, one in vars(found).items() if not name.startswith("__"))
        yield from (one for one in methods if inspect.isfunction(one))
    for one in found.values() if isinstance(found, dict) else ():
        yield from _functions(one)


def test_whatever_page_changes_something_leads_to_a_line() -> None:
    silent = {
        path
        for (method, path), route in PAGES.items()
        if method != "GET" and not leads_to_a_line(route.endpoint, set())
    }
    assert silent == set(CHANGES_NOTHING)


def test_a_silent_page_would_be_seen() -> None:
    def silent() -> None:
        _functions(None)

    assert not leads_to_a_line(silent, set())


DEEDS = {**IN_CHARGE, **OF_THE_HOUSE, **AT_THE_DESK}
AND_ALSO = {
    "/admin/take-back": AuditAction.ANSWER_RETRACT,
    "/admin/challenges/{challenge_id}/accept": AuditAction.ANSWER_CORRECT,
    "/admin/challenges/{challenge_id}/take-back": AuditAction.ANSWER_RETRACT,
    "/admin/first-run/people": AuditAction.EMPLOYEE_SIGN_IN_LINK,
}
"""A second line: of each of many, for whoever looks for one, or of what else is done with it."""


def test_every_page_that_changes_something_is_done_here() -> None:
    changing = {path for method, path in PAGES if method != "GET"} - set(CHANGES_NOTHING)
    assert changing == set(DEEDS)


def lines(desk: BoardHouse) -> list[AuditRow]:
    with desk.house.database.read() as session:
        return list(session.exec(select(AuditRow).order_by(AuditRow.id)).all())


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.LEAD, Role.MODERATOR, Role.ADMIN])
def test_every_deed_of_a_role_is_one_line_by_whoever_did_it(
    sqlite_database: Database, clock: FakeClock, role: Role
) -> None:
    desk = BoardHouse(sqlite_database, clock)
    who = desk.house.employee("Who Ever", role=role, handle="who")
    ground, browser = Ground(desk, who), desk.house.browser(who)
    spelled = actor(desk.house.row(EmployeeRow, who))
    wrong = []
    for path, (action, prepare) in DEEDS.items():
        if role not in EXPECTED["POST", path]:
            continue
        where, fields = prepare(ground)
        before = len(lines(desk))
        done = browser.post(path.format(**where), fields)
        added = [(line.action, line.actor) for line in lines(desk)[before:]]
        wanted = {(one.value, spelled) for one in (action, AND_ALSO.get(path, action))}
        if done.status_code not in (200, 303) or len(added) != len(wanted) or set(added) != wanted:
            wrong.append((path, done.status_code, added, *_said_in(done.text)))
        if done.status_code == 200 and path not in STAYS_A_FORM and not _stands_at_a_page(browser, done.text):
            wrong.append((path, "loading the page again would do the deed again"))
        desk.clock.advance(1)
    assert not wrong, "\n".join(map(str, wrong))


STAYS_A_FORM = {
    "/desk/questions/{question_id}/private": "what was written and the link stand in the form alone",
}


def _stands_at_a_page(browser: Any, text: str) -> bool:
    """Whether the answer to a form says the address of a page, for the address bar."""
    found = re.search(r'<body[^>]* data-stands-at="([^"]+)"', text)
    return found is not None and browser.get(unescape(found[1])).status_code == 200


def test_roles_that_only_look_can_do_nothing() -> None:
    for role in (Role.READER, Role.AUDITOR):
        assert [path for path in DEEDS if role in EXPECTED["POST", path]] == []


def _said_in(page: str) -> list[str]:
    """What a page says against what was sent."""
    return re.findall(r'class="(?:error|notice is-bad)[^>]*>(.*?)</p>|<h1>(.*?)</h1>', page, re.DOTALL)[:3]


def test_a_deed_that_is_refused_leaves_no_line(sqlite_database: Database, clock: FakeClock) -> None:
    desk = BoardHouse(sqlite_database, clock)
    for path in (
        "/admin/questions/4242/close",
        "/admin/board/question/4242/assign",
        "/admin/topics/none/remove",
    ):
        assert desk.browser.post(path).status_code == 404
    assert lines(desk) == []
