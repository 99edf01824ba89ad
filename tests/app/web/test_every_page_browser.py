"""Every page of the route table in a real browser, with something on it: it shuts nobody out.

A page that is new is looked at by itself. What stands in addresses comes from the subjects of the deeds
(``tests/app/identity/deeds``); the pages that a deed answers with, and those that say what is wrong, too.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.main import create_app
from app.wiring.keys import stop_address, survey_address
from bot.actions import private_details
from bot.roles import Role
from bot.store.engine import Database
from bot.store.house import subscribers
from bot.store.people import access, joining
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from bot.store.tables.people import EmployeeRow
from tests.app.board_house import BoardHouse
from tests.app.browsing import chromium, served
from tests.app.identity.deeds.at_the_desk import AT_THE_DESK
from tests.app.identity.deeds.ground import Ground
from tests.app.identity.deeds.in_charge import IN_CHARGE
from tests.app.identity.deeds.of_the_house import OF_THE_HOUSE
from tests.conftest import FakeClock
from tests.mail_server import MailServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DEEDS = {**IN_CHARGE, **OF_THE_HOUSE, **AT_THE_DESK}
OPEN_TO_JOIN = {"mode": "open", "domains": ["acme.example"]}
NO_PAGE = re.compile(
    r"/(api|live|webhooks)/|/(livez|readyz|metrics|robots\.txt|favicon\.ico|opensearch\.xml|openapi\.json)$"
    r"|\.(atom|csv)$|/sitemap|/live$|/local/posts$"
)
"""What programs read."""
LEADS_ON = {"/desk/link/back", "/admin/connections/back", "/admin/entries/{entry_id}", "/q/{reference}/"}
"""Addresses that lead to a page which is looked at by itself."""
ELSEWHERE = {"/setup/{secret}": "tests/app/admin/test_first_run_browser.py: there is nobody in charge"}
_SHAPE = """[...new Set([...document.querySelectorAll('main *')].map(
    one => `${one.tagName} ${one.getAttribute('class')} ${one.getAttribute('name')}`.replace(/\\d/g, '')
))].sort().join()"""
_OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"
_PRINTED = """[...document.querySelectorAll('form, header nav, .beside')]
    .filter(one => one.getClientRects().length).map(one => one.outerHTML.slice(0, 80))"""
_WIDER = "document.documentElement.scrollWidth - innerWidth"


@dataclass
class Filled:
    """A house in which everything has been done once, and waits to be done once."""

    desk: BoardHouse
    who: int
    places: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """What can stand in addresses, by its name there."""
    answered: dict[str, str] = field(default_factory=dict)
    """The pages that deeds answer with, and one of each kind that says what is wrong."""

    @classmethod
    def of(cls, database: Database, clock: FakeClock, mails: MailServer) -> "Filled":
        desk = BoardHouse(database, clock, joining=OPEN_TO_JOIN, mail=mails.settings)
        found = cls(desk, desk.house.employee("Who Ever", role=Role.ADMIN, handle="who"))
        found._do_everything()
        return found

    def _do_everything(self) -> None:
        ground, browser = Ground(self.desk, self.who), self.desk.house.browser(self.who)
        for path, (_, prepare) in DEEDS.items():
            if path == "/desk/accounts/{identity_id}/unlink":  # takes away what others need
                continue
            where, fields = prepare(ground)
            self._note(path, browser.post(path.format(**where), {}))
            self._note(path, browser.post(path.format(**where), fields))
            waits, _ = prepare(ground)
            for name in where:
                self.places[name] += [waits[name], where[name]]
            self.desk.clock.advance(1)
        self.places["name"] = ["terms"]
        self.places["secret"] = [self._sign_in_link(), self._join_link(), self._confirm_link()]
        self.places["token"] = [self._private_page(), self._survey(), self._stop()]
        entries = [row.id for row in self.desk.house.rows(EntryRow)]
        self.places["reference"] = [*reversed(entries), ground.campaign("open")]

    def _note(self, path: str, answer: Any) -> None:
        if answer.status_code in (200, 409, 422):
            heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
            self.answered.setdefault(f"{path.split('/')[1]} {heading and heading[1]}", answer.text)

    def _sign_in_link(self) -> str:
        with self.desk.house.database.write() as session:
            return access.new_login_link(
                session, session.get_one(EmployeeRow, self.desk.jane), self.desk.clock()
            )

    def _join_link(self) -> str:
        with self.desk.house.database.write() as session:
            return joining.new_link(session, "lou@acme.example", self.desk.clock())

    def _confirm_link(self) -> str:
        with self.desk.house.database.write() as session:
            return subscribers.asked(session, "kim@example.com", None, self.desk.clock()) or ""

    def _stop(self) -> str:
        return stop_address(self.desk.house.chorus.settings, 1).rpartition("/")[2]

    def _private_page(self) -> str:
        question = self.desk.question("@brand no picture", state="offered")
        with self.desk.house.database.write() as session:
            row = session.get_one(QuestionRow, question)
            return private_details.ask(session, row, self.desk.jane, self.desk.clock())

    def _survey(self) -> str:
        number = self.places["survey_id"][0]
        ends = self.desk.clock() + timedelta(days=1)
        self.desk.change(SurveyRow, number, expires_at=ends, said_at=None, score=None)
        address = survey_address(self.desk.house.chorus.settings, number, ends)
        return address.rpartition("/")[2]

    def pages(self) -> Iterator[tuple[str, list[str]]]:
        """Every address of the route table that is a page's, and where it can be looked at."""
        for route in iter_route_contexts(self.desk.house.app.routes):
            path = str(route.path)
            is_page = "GET" in (route.methods or ()) and not NO_PAGE.search(path)
            if is_page and path not in LEADS_ON and path not in ELSEWHERE:
                names = re.findall(r"{(\w+)}", path)
                filled = zip(*(self.places[name] for name in names), strict=True) if names else [()]
                yield path, [path.format(**dict(zip(names, one, strict=True))) for one in filled]


@pytest.mark.parametrize(
    ("width", "scheme", "language", "most"),
    [(1280, "light", "en", 2), (320, "dark", "ar", 1)],
    ids=["wide", "narrow"],
)
def test_no_page_shuts_anybody_out(
    sqlite_database: Database,
    clock: FakeClock,
    mails: MailServer,
    width: int,
    scheme: str,
    language: str,
    most: int,
) -> None:
    """``most`` is how many pages of one address are looked at, which differ in what stands on them."""
    filled = Filled.of(sqlite_database, clock, mails)
    filled.desk.change(EmployeeRow, filled.who, language=language)
    ((name, value),) = filled.desk.house.browser(filled.who).cookies.items()
    how: dict[str, Any] = {
        "viewport": {"width": width, "height": 900},
        "color_scheme": scheme,
        "locale": language,
        "reduced_motion": "reduce",
        "bypass_csp": True,
    }
    with chromium() as launched, served(filled.desk.house.app) as address:
        context = launched.new_context(**how)
        judge, visitor = _Judge(context, address), _Judge(launched.new_context(**how), address)
        context.add_cookies([{"name": name, "value": value, "url": address}])
        for path, places in filled.pages():
            looks = judge if path.startswith(("/desk", "/admin")) else visitor
            looks.look_at_some(path, places, most)
        for what, text in filled.answered.items() if most > 1 else ():
            judge.look_at(what, text)
    assert not (wrong := judge.wrong + visitor.wrong), "\n".join(wrong)


class _Judge:
    """A window, and what is wrong with the pages that it has shown."""

    def __init__(self, context: Any, address: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        self.wrong: list[str] = []
        self._axe = Axe()
        self._address = address
        self._page = context.new_page()
        self._shown = ""
        context.route("**/shown", self._show)

    def look_at_some(self, path: str, places: list[str], most: int) -> None:
        """Those of the places of one page that differ most in what they are made of."""
        shapes = set[str]()
        for place in places:
            answer = self._page.goto(self._address + place)
            if answer.status == 200 and (shape := self._page.evaluate(_SHAPE)) not in shapes:
                shapes.add(shape)
                self._examine(place)
            if len(shapes) == most:
                return
        if not shapes:
            self.wrong.append(f"{path}: nothing to look at among {places[:5]}")

    def look_at(self, what: str, text: str) -> None:
        """A page that was the answer to a form."""
        self._shown = text
        self._page.goto(f"{self._address}/shown")
        self._examine(what)

    def _show(self, route: Any) -> None:
        route.fulfill(body=self._shown, content_type="text/html; charset=utf-8")

    def _examine(self, what: str) -> None:
        self._page.evaluate(_OPEN)
        found = self._axe.run(self._page, options={"resultTypes": ["violations"]})
        if found.violations_count:
            self.wrong.append(f"{what}: {found.generate_report()}")
        if self._page.evaluate(_WIDER) > 0:
            self.wrong.append(f"{what}: wider than the window")
        self._page.emulate_media(media="print")
        if printed := self._page.evaluate(_PRINTED):
            self.wrong.append(f"{what}: printed, though nobody can press it on paper: {printed[:2]}")
        self._page.emulate_media(media="screen")


def test_every_exception_is_a_page_that_there_is(sqlite_database: Database, clock: FakeClock) -> None:
    app = create_app(BoardHouse(sqlite_database, clock).house.chorus)
    known = {str(route.path) for route in iter_route_contexts(app.routes)}
    assert set(ELSEWHERE) | LEADS_ON <= known
