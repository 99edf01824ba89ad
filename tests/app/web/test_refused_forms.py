"""Whoever is refused has a way on, sees what they typed, and is offered nothing that cannot succeed."""

import re
from html import escape
from pathlib import Path

import pytest

from app.web.refusals.submitted import submitted_to
from app.web.together.fields import SubmittedField
from bot.roles import Role
from bot.store.engine import Database
from tests.app.board_house import BoardHouse
from tests.app.identity.deeds.ground import Ground
from tests.app.identity.test_auth_matrix import EXPECTED
from tests.app.identity.test_deeds_are_noted import DEEDS
from tests.browser import ADDRESS
from tests.conftest import FakeClock

TEMPLATES = Path(__file__).parents[3] / "app" / "templates"
_CONTROL = re.compile(r'<(input|button|textarea|select)\b((?:[^<>"]|"[^"]*")*)>', re.DOTALL)
_PLAIN = re.compile(r'\bname="([a-z_-]+)"')


def names_in_templates() -> tuple[set[str], set[str]]:
    """The names of what is chosen or comes with a form, and of what is typed."""
    chosen: set[str] = set()
    typed: set[str] = set()
    for page in TEMPLATES.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for tag, attributes in _CONTROL.findall(text):
            name = _PLAIN.search(attributes)
            if name is not None:
                is_chosen = tag in ("button", "select") or re.search(
                    r'\btype="(hidden|checkbox|radio)"', attributes
                )
                (chosen if is_chosen else typed).add(name[1])
        for name, rest in re.findall(r'parts\.field\("([a-z_-]+)"([^)]*)\)', text):
            (chosen if 'type="select"' in rest else typed).add(name)
    return chosen, typed


def _field(name: str, value: str) -> SubmittedField:
    scope = {"chorus.typed": f"{name}={value}".encode()}
    (found,) = submitted_to(scope)
    return found


def test_what_nobody_can_type_is_not_shown_as_typed_and_what_is_typed_is() -> None:
    chosen, typed = names_in_templates()
    assert {name for name in chosen - typed if _field(name, "words").label} == set()
    assert {name for name in typed - {"main"} if not _field(name, "words").label} == set()


@pytest.mark.timeout(480)
def test_every_deed_that_comes_too_late_has_a_way_on_and_keeps_what_was_typed(
    sqlite_database: Database, clock: FakeClock
) -> None:
    desk = BoardHouse(sqlite_database, clock)
    who = desk.house.employee("Who Ever", role=Role.ADMIN, handle="who")
    ground, browser = Ground(desk, who), desk.house.browser(who)
    wrong, late = [], 0
    for path, (_, prepare) in DEEDS.items():
        if Role.ADMIN not in EXPECTED["POST", path]:
            continue
        where, fields = prepare(ground)
        address = path.format(**where)
        browser.post(address, fields)
        page = browser.post(address, fields, referer=f"{ADDRESS}/admin/board")
        if page.status_code not in (409, 410):
            continue
        late += 1
        main = page.text.partition("<main")[2].partition("</main>")[0]
        words = [value for name, value in fields.items() if _field(name, value).label]
        lost = [one for one in words if escape(one) not in main and one not in main]
        if lost or not re.search(r'href="/(?:admin|desk)', main) or (not words and "Send it" in main):
            wrong.append((path, page.status_code, lost, re.sub(r"<[^>]+>|\s+", " ", main)[:300]))
        clock.advance(1)
    assert not wrong, "\n".join(map(str, wrong))
    assert late > 40


def test_what_was_not_given_as_it_has_to_be_can_be_changed_or_leads_back(
    sqlite_database: Database, clock: FakeClock
) -> None:
    desk = BoardHouse(sqlite_database, clock)
    question, browser = desk.question(), desk.browser
    came_from = f"{ADDRESS}/admin/questions/{question}"
    page = browser.post(f"/admin/board/question/{question}/assign", {"to": "nobody@x.org"}, referer=came_from)
    assert page.status_code == 422
    assert 'value="nobody@x.org"' in page.text
    assert "Send it again" in page.text
    colleague = browser.post(f"/desk/questions/{question}/refer", {"colleague": "77"}, referer=came_from)
    assert colleague.status_code == 422
    assert "Send it" not in colleague.text
    assert f'href="/admin/questions/{question}">See how it stands now' in colleague.text
