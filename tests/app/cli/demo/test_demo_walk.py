"""A visitor walks through ``chorus demo`` in a real browser: feed, archive, a desk, and the admin pages."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.cli.demo.story import Does, Shows, load_story
from tests.app.browsing import chromium, needs_chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PATIENCE = 30_000
"""Milliseconds for what Chorus does by itself, on a machine where other tests run too."""
WIDE, NARROW = 1280, 360

STORY = load_story()
OPENING = STORY.scenes[1]
ANSWER = "Not a single one: set the hub's time zone by hand once, and the schedules fall into place."


@dataclass
class Demo:
    """A running demo and what it has printed."""

    lines: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self, stream: Any) -> None:
        for line in stream:
            self.lines.append(line)
            if "Ready after" in line:
                self.ready.set()
        self.ready.set()

    @property
    def printed(self) -> str:
        return "".join(self.lines)

    def link(self, name: str) -> str:
        found = re.search(rf"^\s*{name}\s+(http://\S+)", self.printed, re.MULTILINE)
        assert found is not None, self.printed
        return found[1]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """The demo as its own process, started like a person would, ten times faster than life."""
    needs_chromium()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    start = "from app.cli import main; main()"
    command = [sys.executable, "-c", start, "demo", "--port", "0", "--pace", "10", "--directory", "demo"]
    running = Demo()
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        listening = threading.Thread(target=running.listen, args=(process.stderr,), daemon=True)
        listening.start()
        try:
            assert running.ready.wait(60), "the demo did not get ready"
            assert process.poll() is None, running.printed
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)
            listening.join(timeout=5)
    assert process.returncode in (0, -15), running.printed
    assert "Traceback" not in running.printed


@dataclass
class Visitor:
    """A browser's window, what it complained about, and the pages it has seen."""

    page: Any
    host: str
    complaints: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._check)
        self.page.on("request", self._stay)

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"http://{self.host}{path}")
        self.note()

    def note(self) -> None:
        """Remember the page for the examination."""
        parts = urlsplit(self.page.url)
        self.seen.append(parts.path + (f"?{parts.query}" if parts.query else ""))

    def _check(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _stay(self, request: Any) -> None:
        if urlsplit(request.url).netloc != self.host:
            self.complaints.append(f"asks elsewhere: {request.url}")


@pytest.fixture
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


def test_a_visitor_walks_the_demo_from_question_to_answer(demo: Demo, browser: Any) -> None:
    host = urlsplit(demo.link("The feed")).netloc
    public, desk, charge = (
        Visitor(browser.new_context(viewport={"width": WIDE, "height": 900}).new_page(), host)
        for _ in range(3)
    )
    watch_the_feed(public)
    read_the_archive(public)
    answer_at_the_desk(desk, demo.link("A desk"), watching=public)
    look_after_the_house(charge, demo.link("In charge"))
    the_stranger_got_nowhere(f"http://{host}")
    for visitor in (public, desk, charge):
        assert visitor.complaints == []
        shut_nobody_out(browser, visitor)


def watch_the_feed(visitor: Visitor) -> None:
    """A question appears, and the brand's credited answer, on a page that is never loaded again."""
    page = visitor.page
    visitor.go("/local")
    page.evaluate("window.neverLoadedAgain = true")
    answer = next(line for line in OPENING.lines if line.does is Does.ANSWER)
    page.locator(".post", has_text=OPENING.question[8:60]).first.wait_for()
    brand = page.locator(".post.is-brand", has_text=answer.text[:40])
    brand.wait_for()
    words = brand.inner_text()
    assert STORY.tag not in words
    assert any(f"^{STORY.employee(one).name.split()[0]}" in words for one in answer.by)
    brand.get_by_role("link", name="In the archive").wait_for()
    assert page.evaluate("window.neverLoadedAgain")


def read_the_archive(visitor: Visitor) -> None:
    """The answer stands in the archive, has a page, and is found by other words than the customer's."""
    page = visitor.page
    visitor.go("/")
    page.locator("#latest").get_by_role("link", name=OPENING.question[8:50]).click()
    page.get_by_role("heading", level=1).wait_for()
    assert "auto power-off" in page.get_by_role("main").inner_text()
    visitor.note()
    visitor.go("/")
    page.get_by_role("searchbox").fill("television sleep timer")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=OPENING.question[8:50]).wait_for()
    visitor.note()
    for path in ("/topics", "/topics/tv", "/about"):
        visitor.go(path)


def answer_at_the_desk(visitor: Visitor, link: str, watching: Visitor) -> None:
    """An employee finds the question that waits, with reasons, and the brand publishes what they write."""
    page, question = visitor.page, STORY.scenes[0].question
    watching.go("/local")
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    offer = page.locator("#offers li.card", has_text=question[8:60])
    offer.wait_for()
    assert "Smart home" in (offer.locator("details").text_content() or "")  # open on the first card only
    visitor.note()
    offer.get_by_role("link", name="Answer").click()
    page.get_by_label("In your own words", exact=True).fill(ANSWER)
    visitor.note()
    page.get_by_role("button", name="See what it becomes").click()
    assert f"{ANSWER} ^Nia" in page.get_by_label("Preview").inner_text()
    page.get_by_role("button", name="Publish this").click()
    page.get_by_text("Your answer is on its way").wait_for()
    watching.page.locator(".post.is-brand", has_text=f"{ANSWER} ^Nia").wait_for()
    for path in ("/desk/open", "/desk/answers", "/desk/profile"):
        visitor.go(path)


def look_after_the_house(visitor: Visitor, link: str) -> None:
    """Who is in charge reaches every page from the menu."""
    page = visitor.page
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("navigation").first.wait_for()
    paths = dict.fromkeys(leading(page, "header nav a"))
    for group in list(paths):
        visitor.go(group)
        paths |= dict.fromkeys(leading(page, "nav.beside a"))
    assert {"/admin", "/admin/questions", "/admin/answers", "/admin/employees", "/admin/words"} <= set(paths)
    for path in [*paths, "/desk/listening"]:
        visitor.go(path)
        assert page.get_by_role("heading", level=1).count() == 1, path


def leading(page: Any, where: str) -> list[str]:
    """Where these links lead."""
    return list(page.locator(where).evaluate_all("all => all.map(one => one.getAttribute('href'))"))


def the_stranger_got_nowhere(address: str) -> None:
    """Whoever is no employee gets nothing by the tag."""
    scene = next(one for one in STORY.scenes if one.shows is Shows.STRANGER)
    wanted = scene.lines[-1].text[:30]
    with httpx.Client(base_url=address) as client:
        for _ in range(60):
            posts = client.get("/local/posts").json()["items"]
            brand = [one["text"] for one in posts if one["author"] == STORY.handle]
            if any(text.startswith(wanted) for text in brand):
                break
            threading.Event().wait(0.5)
    assert any(text.startswith(wanted) for text in brand)
    assert any(one["text"] == scene.lines[1].text for one in posts)
    assert not any("pliers, works every time" in text for text in brand)


def shut_nobody_out(browser: Any, visitor: Visitor) -> None:
    """No page that was visited breaks a rule of accessibility or is wider than its window."""
    from axe_playwright_python.sync_playwright import Axe

    signed_in = visitor.page.context.storage_state()
    # axe is put into the page as a script, which the pages' own policy would refuse; and colours that are
    # still on their way from one scheme to the other would be measured where they never stay
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", storage_state=signed_in)
    page, axe = context.new_page(), Axe()
    for path in dict.fromkeys(visitor.seen):
        page.goto(f"http://{visitor.host}{path}")
        for width, scheme in ((WIDE, "light"), (NARROW, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found = axe.run(page, options={"resultTypes": ["violations"]})
            assert found.violations_count == 0, (path, width, scheme, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
    context.close()
