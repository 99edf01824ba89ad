"""Two people in charge and one employee, each at a window of their own, at the same moment."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlmodel import select

from app.wiring.publish_subscribe import ChangeBroker
from bot.live import news
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.house import AuditRow
from tests.app.board_house import BoardHouse
from tests.app.browsing import served
from tests.conftest import FakeClock

PATIENCE = 30_000
_BY_NOW = 300
"""Milliseconds within which every window knows when it is time."""
_TOGETHER = "(one, at) => { setTimeout(() => one.click(), at - Date.now()); }"
_DEAF = """window.EventSource = class {
    static CLOSED = 2;
    addEventListener() {}
    close() {}
};"""


@dataclass
class ThreeAtOnce:
    """A served house; ``mei`` and ``rae`` are in charge of it, ``jane`` answers."""

    desk: BoardHouse
    address: str
    browser: Any
    rae: int
    complaints: list[str] = field(default_factory=list)
    """What a server's failure or a broken script would leave."""

    @property
    def mei(self) -> int:
        return self.desk.mei

    @property
    def jane(self) -> int:
        return self.desk.jane

    def open(self, who: int, path: str) -> Any:
        """A window of somebody's, at a page that hears nothing of what others do meanwhile."""
        context = self.browser.new_context()
        context.add_init_script(_DEAF)
        context.set_default_timeout(PATIENCE)
        ((name, value),) = self.desk.house.browser(who).cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": self.address}])
        page = context.new_page()
        page.on("response", self._look)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.address + path)
        return page

    def _look(self, response: Any) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")

    def published(self) -> list[str]:
        """What stands on the feed in the brand's name."""
        feed = self.desk.house.chorus.feed
        return [post.text for post in feed.read(None, 1000) if post.author == "brand"]

    def out(self, text: str = "Hold its button for ten seconds.") -> int:
        """An answer of Jane's that is out on the feed."""
        answer = self.desk.house.answer(self.desk.question(state="offered"), self.jane, text)
        self.desk.house.deliver()
        return answer

    def deeds(self) -> list[str]:
        """What the audit log says that was done, in order."""
        with self.desk.house.database.read() as session:
            return [str(one.action) for one in session.exec(select(AuditRow).order_by(AuditRow.id)).all()]


def at_once(*buttons: Any) -> None:
    """Press these, each in a window of its own, at the same moment, and wait for what comes of it."""
    with ExitStack() as waiting:
        for one in buttons:
            waiting.enter_context(one.page.expect_navigation())
        at = time.time() * 1000 + _BY_NOW
        for one in buttons:
            one.evaluate(_TOGETHER, at)


def said(page: Any) -> str:
    """What a page says in its main part."""
    return str(page.get_by_role("main").inner_text())


def one_was_told(*told: tuple[Any, str]) -> Any:
    """The only one of these windows that says what stands beside it: who came too late."""
    late = [page for page, words in told if words in said(page)]
    assert len(late) == 1, [said(page)[:300] for page, _ in told]
    return late[0]


@contextmanager
def three_at_once(database: Database, clock: FakeClock, browser: Any, **given: Any) -> Iterator[ThreeAtOnce]:
    """The house served, and afterwards nothing that failed."""
    desk = BoardHouse(database, clock, **given)
    desk.house.give(live=ChangeBroker(partial(news, database), interval=0.05))
    rae = desk.house.employee("Rae Sun", role=Role.ADMIN)
    with served(desk.house.app) as address:
        three = ThreeAtOnce(desk, address, browser, rae)
        yield three
        for context in browser.contexts:
            context.close()
    assert three.complaints == []
