"""S20: every page behind the sign-in says who may use it, and refuses everybody else."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

import app
from app import admin, desk
from app.identity.auth import deny_undeclared, guarded, permission_of
from bot.roles import Permission, Role, roles_with
from bot.store.engine import Database
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

EMPLOYEE, LEAD, READER, MODERATOR, ADMIN, AUDITOR = (
    Role.EMPLOYEE,
    Role.LEAD,
    Role.READER,
    Role.MODERATOR,
    Role.ADMIN,
    Role.AUDITOR,
)
ANSWERERS = {EMPLOYEE, LEAD, MODERATOR, ADMIN}
EXPECTED: dict[tuple[str, str], set[Role]] = {
    **{
        ("GET", f"/desk{path}"): ANSWERERS
        for path in (
            "",
            "/open",
            "/questions/{question_id}",
            "/answers",
            "/answers/{answer_id}/challenge",
            "/announcements",
            "/announcements/{announcement_id}",
            "/announcements/{announcement_id}/correct",
            "/coming",
            "/coming/{announcement_id}",
            "/listening",
            "/profile",
            "/welcome",
        )
    },
    **{
        ("POST", f"/desk{path}"): ANSWERERS
        for path in (
            "/questions/{question_id}/answer",
            "/questions/{question_id}/pass",
            "/questions/{question_id}/refer",
            "/questions/{question_id}/claim",
            "/questions/{question_id}/notes",
            "/questions/{question_id}/notes/{note_id}/remove",
            "/questions/{question_id}/private",
            "/questions/{question_id}/private/{page_id}/read",
            "/questions/{question_id}/join",
            "/questions/{question_id}/posts/{post_id}/part",
            "/questions/{question_id}/posts/{post_id}/endorse",
            "/announcements",
            "/announcements/{announcement_id}",
            "/announcements/{announcement_id}/withdraw",
            "/announcements/{announcement_id}/correct",
            "/coming/{announcement_id}",
            *(f"/listening/{{listened_id}}/{act}" for act in ("let-be", "put-back", "ask")),
            "/answers/{answer_id}/retract",
            "/answers/{answer_id}/take-down",
            "/answers/{answer_id}/challenge",
            "/answers/{answer_id}/kind",
            "/answers/{answer_id}/accept",
            "/profile",
            "/welcome",
            "/topics/{call_id}",
            "/pause",
            "/resume",
            "/link",
            "/accounts/{identity_id}/unlink",
        )
    },
    **{
        ("GET", f"/admin{path}"): {READER, MODERATOR, ADMIN, AUDITOR}
        for path in (
            "/questions",
            "/questions/{question_id}",
            "/entries/{entry_id}",
            "/matters",
            "/matters.csv",
            "/drivers",
            "/drivers.csv",
            "/campaigns",
        )
    },
    **{
        ("GET", f"/admin{path}"): {READER, LEAD, MODERATOR, ADMIN, AUDITOR}
        for path in (
            "/matters/{matter_id}",
            "/departments",
            *(
                f"/departments/{{department_id}}{page}"
                for page in ("", "/matters", "/drivers", "/drivers.csv")
            ),
        )
    },
    **{
        ("GET", f"/admin{path}"): {MODERATOR, ADMIN, AUDITOR}
        for path in (
            "",
            "/announcements",
            "/announcements/month",
            "/announcements/day",
            "/announcements/{announcement_id}",
            "/answers",
            "/board",
            "/budget",
            "/connections",
            "/deliveries",
            "/figures",
            "/figures.csv",
            "/posts",
            "/review",
            "/rules",
            "/topics",
            "/topics/{slug}",
            "/missing-topics",
            "/words",
            "/words/{word_id}",
        )
    },
    **{("GET", f"/admin/topics/{{slug}}/{act}"): {ADMIN} for act in ("merge", "split")},
    **{
        ("GET", f"/admin{path}"): {ADMIN, AUDITOR}
        for path in (
            "/employees",
            "/employees/{employee_id}",
            "/texts",
            "/texts/{name}",
            "/audit",
            "/audit.csv",
            "/coverage",
        )
    },
    **{
        ("POST", f"/admin{path}"): {MODERATOR, ADMIN}
        for path in (
            "/publishing/pause",
            "/publishing/resume",
            *(
                f"/questions/{{question_id}}/{act}"
                for act in ("dismiss", "praise", "restore", "close", "escalate", "topics", "title", "join")
            ),
            "/questions/{question_id}/notes",
            "/questions/{question_id}/notes/{note_id}/remove",
            "/questions/{question_id}/private/{page_id}/read",
            "/questions/{question_id}/posts/{post_id}/part",
            "/questions/{question_id}/posts/{post_id}/endorse",
            *(f"/matters/{{matter_id}}/{act}" for act in ("title", "merge", "settle", "department", "kind")),
            "/matters/{matter_id}/questions/{question_id}/move",
            "/campaigns",
            "/matters/{matter_id}/campaign",
            *(f"/matters/{{matter_id}}/campaign/{act}" for act in ("open", "close", "count")),
            *(f"/statements/{{statement_id}}/{act}" for act in ("approve", "withdraw")),
            *(
                f"/announcements/{{announcement_id}}/{act}"
                for act in ("approve", "correct", "decline", "plan", "withdraw", "retract")
            ),
            "/answers/{answer_id}/approve",
            "/answers/{answer_id}/drop",
            "/answers/{answer_id}/retract",
            "/answers/{answer_id}/kind",
            "/answers/{answer_id}/accept",
            "/posts/{post_id}/match",
            *(f"/posts/{{post_id}}/{act}" for act in ("set-aside", "again", "dismiss")),
            *(f"/deliveries/{{delivery_id}}/{act}" for act in ("sent", "gone", "again", "give-up")),
            *(f"/entries/{{entry_id}}/{act}" for act in ("hide", "show", "reviewed")),
            "/words",
            "/words/{word_id}",
            "/words/{word_id}/remove",
            "/board/bulk",
            *(f"/board/{{kind}}/{{row_id}}/{act}" for act in ("assign", "snooze", "wake")),
            "/board/filters",
            "/board/filters/{filter_id}/forget",
        )
    },
    **{
        ("POST", f"/admin/matters/{{matter_id}}/{act}"): {LEAD, MODERATOR, ADMIN}
        for act in ("answers", "answers/{answer_id}/withdraw", "statements", "issue")
    },
    ("POST", "/admin/departments/{department_id}/given/{kind}/{row_id}/take"): {LEAD, MODERATOR, ADMIN},
    ("GET", "/admin/answers/{answer_id}/retract"): {MODERATOR, ADMIN},
    ("GET", "/admin/announcements/{announcement_id}/correct"): {MODERATOR, ADMIN},
    ("GET", "/admin/answers/{answer_id}/correct"): {MODERATOR, ADMIN},
    ("POST", "/admin/answers/{answer_id}/correct"): {MODERATOR, ADMIN},
    ("GET", "/admin/challenges/{challenge_id}"): {MODERATOR, ADMIN},
    **{
        ("POST", f"/admin/challenges/{{challenge_id}}/{act}"): {MODERATOR, ADMIN}
        for act in ("accept", "take-back", "decline")
    },
    ("GET", "/admin/take-back"): {MODERATOR, ADMIN},
    ("POST", "/admin/take-back"): {MODERATOR, ADMIN},
    ("POST", "/admin/figures/goals"): {ADMIN},
    ("POST", "/admin/figures/goals/{goal_id}/remove"): {ADMIN},
    ("GET", "/desk/live"): set(Role),
    ("GET", "/admin/helpful"): {MODERATOR, ADMIN},
    ("GET", "/admin/scores"): {MODERATOR, ADMIN},
    ("POST", "/admin/scores/{survey_id}/seen"): {MODERATOR, ADMIN},
    ("GET", "/desk/link/back"): ANSWERERS,
    ("POST", "/desk/link/sign-in"): ANSWERERS,
    ("GET", "/admin/connections/back"): {ADMIN},
    ("POST", "/admin/connections/{platform}/sign-in"): {ADMIN},
    ("GET", "/admin/employees/new"): {ADMIN},
    ("GET", "/admin/hooks"): {ADMIN},
    ("GET", "/admin/tokens"): {ADMIN},
    ("GET", "/admin/hooks/{endpoint_id}"): {ADMIN},
    ("GET", "/admin/first-run"): {ADMIN},
    ("POST", "/admin/first-run/dismiss"): {ADMIN},
    **{
        (method, f"/admin/first-run/{step}"): {ADMIN}
        for method in ("GET", "POST")
        for step in ("brand", "topics", "people", "question")
    },
    **{
        ("POST", f"/admin{path}"): {ADMIN}
        for path in (
            "/employees/new",
            "/employees/{employee_id}",
            *(
                f"/employees/{{employee_id}}/{act}"
                for act in ("pause", "resume", "leave", "return", "link", "accounts")
            ),
            "/employees/{employee_id}/accounts/{identity_id}/unlink",
            "/people/bulk",
            *(f"/join-requests/{{request_id}}/{act}" for act in ("accept", "decline")),
            "/departments",
            "/departments/{department_id}",
            *(f"/departments/{{department_id}}/{act}" for act in ("people", "retire", "reopen")),
            "/departments/{department_id}/people/{employee_id}/remove",
            "/tokens",
            "/tokens/{token_id}/revoke",
            "/hooks",
            "/hooks/{endpoint_id}",
            *(f"/hooks/{{endpoint_id}}/{act}" for act in ("secret", "switch", "remove", "test", "again")),
            "/hooks/{endpoint_id}/let-go",
            "/topics",
            "/topics/{slug}",
            *(
                f"/topics/{{slug}}/{act}"
                for act in (
                    "remove",
                    "merge",
                    "split",
                    "rename",
                    "retire",
                    "bring-back",
                    "ask",
                    "stop-asking",
                )
            ),
            "/topics/{slug}/former/{before}/forget",
            "/missing-topics",
            "/texts",
            "/texts/{name}",
            "/texts/{name}/retire",
            "/texts/{name}/versions/{version_id}/approve",
            "/texts/{name}/versions/{version_id}/withdraw",
            "/rules",
        )
    },
}


def _pages(routers: Iterable[APIRouter]) -> dict[tuple[str, str], RouteContext]:
    return {
        (method, route.path): route
        for router in routers
        for route in iter_route_contexts(router.routes)
        for method in route.methods or ()
    }


PAGES = _pages([desk.router, admin.router])


def test_s20_every_page_is_in_the_matrix() -> None:
    assert set(PAGES) == set(EXPECTED)


def test_s20_every_page_declares_the_roles_of_the_matrix() -> None:
    declared = {page: set(roles_with(permission)) for page, permission in needed().items()}
    assert declared == EXPECTED


def needed() -> dict[tuple[str, str], Permission]:
    """What each page needs."""
    found = {page: permission_of(route.dependant) for page, route in PAGES.items()}
    return {page: permission for page, permission in found.items() if permission is not None}


GUIDE = (Path(__file__).parents[3] / "docs" / "roles.md").read_text(encoding="utf-8")


def documented(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the guide, without code marks."""
    table = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows[1:]]


def test_the_guide_says_what_each_role_may_do() -> None:
    told = {
        (permission, role)
        for permission, *marks in documented("What each role may do")
        for role, mark in zip(Role, marks[1:], strict=True)
        if mark
    }
    assert told == {(permission, role) for role in Role for permission in role.permissions}
    head = GUIDE.partition("## What each role may do\n")[2].strip().splitlines()[0]
    assert [cell.strip() for cell in head.strip("|").split("|")][2:] == list(Role)


def test_the_guide_says_what_each_page_needs() -> None:
    told = {(method, path): permission for permission, method, path in documented("What each page needs")}
    assert told == {page: str(permission) for page, permission in needed().items()}


def test_every_permission_is_needed_by_a_page_and_had_by_somebody() -> None:
    assert set(needed().values()) == set(Permission)
    assert {permission for role in Role for permission in role.permissions} == set(Permission)


TEMPLATES = Path(app.__file__).parent / "templates"


def test_templates_ask_for_permissions_never_for_roles() -> None:
    sources = {page.name: page.read_text(encoding="utf-8") for page in TEMPLATES.rglob("*.html")}
    asked = {
        name for source in sources.values() for name in re.findall(r"\bmay\(Permission\.(\w+)\)", source)
    }
    assert asked <= set(Permission.__members__)
    by_role = re.compile(
        r"""person\.role\s*(==|!=|in\b|not\b)|["'](reader|lead|moderator|admin|auditor)["']"""
    )
    assert [name for name, source in sources.items() if by_role.search(source)] == []


def test_s20_every_page_is_refused_unless_it_declares_somebody() -> None:
    for page, route in PAGES.items():
        assert deny_undeclared in [dependency.call for dependency in route.dependant.dependencies], page


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(sqlite_database, clock)


def _path(template: str) -> str:
    filled = template.replace("{slug}", "none").replace("{name}", "none").replace("{platform}", "x")
    filled = filled.replace("{kind}", "question")
    rows = (
        "department",
        "endpoint",
        "token",
        "matter",
        "statement",
        "announcement",
        "question",
        "answer",
        "post",
        "delivery",
        "entry",
        "employee",
        "identity",
        "page",
        "listened",
        "survey",
        "word",
        "row",
        "filter",
        "request",
    )
    for name in rows:
        filled = filled.replace(f"{{{name}_id}}", "424242")
    return filled


def _is_refused(browser: Browser, method: str, path: str) -> bool:
    answer = browser.request(method, path)
    return answer.status_code == 403 and "may not do this" in answer.text


def test_s20_the_matrix_holds_for_every_role_and_page(house: WorkHouse) -> None:
    browsers = {role: house.browser(house.employee(f"{role} person", role=role)) for role in Role}
    for (method, template), allowed in EXPECTED.items():
        for role, browser in browsers.items():
            refused = _is_refused(browser, method, _path(template))
            assert refused is (role not in allowed), (method, template, role)
    assert house.browser().get("/desk").status_code == 303


def test_s20_without_a_sign_in_nothing_answers(house: WorkHouse) -> None:
    stranger = house.browser()
    for method, template in EXPECTED:
        answer = stranger.request(method, _path(template))
        if method == "GET":
            assert answer.headers["location"].startswith("/sign-in"), template
        else:
            assert answer.status_code == 401, template
        assert stranger.request(method, _path(template), headers={"accept": "*/*"}).status_code == 401


def test_s20_a_page_that_declares_nothing_is_refused_to_everybody(house: WorkHouse) -> None:
    router = guarded("/admin")

    @router.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    app: FastAPI = house.app
    app.include_router(router)
    admin_browser = house.browser(house.employee(role=ADMIN))

    answer = admin_browser.get("/admin/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text
