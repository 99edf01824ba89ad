"""Makes the documentation's pictures anew from a running demo; see ``main`` for how."""  # noqa: INP001 - a script

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

HERE = Path(__file__).parent
WINDOW: ViewportSize = {"width": 1200, "height": 760}
PREVIEW: ViewportSize = {"width": 1200, "height": 630}
THREE_ANSWERS = 3


def main() -> None:
    """Start the demo and photograph it: ``.venv/bin/python docs/images/make.py [path of a Chromium]``."""
    chromium = sys.argv[1] if len(sys.argv) > 1 else None
    chorus = Path(sys.executable).with_name("chorus")
    with tempfile.TemporaryDirectory() as directory:
        command = [str(chorus), "demo", "--port", "0", "--directory", directory]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
        try:
            feed, desk, charge = _links(process.stderr)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _photograph(browser, feed, desk)
                _photograph_in_charge(browser, feed.removesuffix("/local"), charge)
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _links(said: IO[str] | None) -> tuple[str, str, str]:
    """What the demo prints before it is ready: the feed's address, and the links to a desk and in charge."""
    lines = []
    for line in said or ():
        lines.append(line)
        if "Ready after" in line:
            break
    text = "".join(lines)
    found = [re.search(rf"{name}\s+(\S+)", text) for name in ("The feed", "A desk", "In charge")]
    feed, desk, charge = (one[1] if one else "" for one in found)
    if not (feed and desk and charge):
        raise SystemExit(f"The demo did not start:\n{text}")
    return feed, desk, charge


def _photograph(browser: Browser, feed: str, desk: str) -> None:
    page: Any = browser.new_context(viewport=WINDOW, color_scheme="light").new_page()
    page.set_default_timeout(90_000)
    page.goto(feed)
    page.locator(".post.is-brand").nth(THREE_ANSWERS - 1).wait_for()
    # the page's own scroll position, so that a whole conversation is in the picture
    page.locator(".conversations").evaluate("list => scrollTo(0, list.offsetTop - 24)")
    _save(page, "feed.png")

    page.goto(desk)
    page.get_by_role("main").get_by_role("button").click()
    page.locator("#offers li").first.wait_for()
    _save(page, "desk.png")

    archive = feed.removesuffix("local")
    reader: Any = browser.new_context(viewport=WINDOW, color_scheme="light").new_page()
    reader.goto(archive)
    reader.locator("#latest").get_by_role("link", name="turns itself off").click()
    reader.get_by_role("heading", level=1).wait_for()
    _save(reader, "archive.png")
    _say_it_is_wrong(page, archive)
    _draw_preview(browser, archive)


def _say_it_is_wrong(page: Any, archive: str) -> None:
    """The employee says that an answer is wrong, so that somebody has to decide."""
    page.goto(f"{archive}search?q=mesh+nodes+flat")
    page.get_by_role("main").get_by_role("link", name="How many mesh nodes").first.click()
    page.get_by_role("link", name="This answer is wrong").first.click()
    page.locator("[name=wrong]").fill("It is right for a flat. In a house each floor needs its own.")
    words = page.locator(".answer .said").first.inner_text()
    page.locator("[name=words]").fill(words.replace("enough.", "enough; in a house it is one to a floor.", 1))
    page.get_by_role("main").get_by_role("button").first.click()


def _photograph_in_charge(browser: Browser, home: str, charge: str) -> None:
    page: Any = browser.new_context(viewport=WINDOW, color_scheme="light").new_page()
    page.goto(charge)
    page.get_by_role("main").get_by_role("button").click()
    page.goto(f"{home}/admin/board")
    _save(page, "board.png")
    page.goto(f"{home}/admin/figures")
    _save(page, "figures.png")
    page.goto(f"{home}/admin/board?kind=challenge")
    page.locator("a[href^='/admin/challenges/']").first.click()
    _save(page, "challenge.png")


def _draw_preview(browser: Browser, home: str) -> None:
    """What other sites show beside a link to the archive (og:image): the home page's drawing alone."""
    page: Any = browser.new_context(viewport=PREVIEW, color_scheme="light").new_page()
    page.goto(home)
    page.evaluate("""() => {
      const drawing = document.querySelector(".voices");
      Object.assign(drawing.style, { position: "fixed", inset: "0", margin: "auto", width: "800px" });
      document.body.replaceChildren(drawing);
    }""")
    page.screenshot(path=HERE.parents[1] / "app" / "static" / "preview.png")


def _save(page: Any, name: str) -> None:
    page.wait_for_timeout(3_000)  # whatever glows because it is new has faded
    page.screenshot(path=HERE / name)


if __name__ == "__main__":
    main()
