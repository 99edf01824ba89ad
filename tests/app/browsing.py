"""A real Chromium before a served application."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.web.html import STATIC

CHROMIUM = os.environ.get("CHORUS_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)
"""The one without windows of its own comes first: they take three quarters of a browser's time."""


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The application on a port of this machine, its steps at rest; its address.

    With it end the connections that are open.
    """
    if not any(getattr(route, "name", "") == "static" for route in app.routes):
        app.mount("/static", StaticFiles(directory=STATIC), name="static")
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)


def needs_chromium() -> None:
    """Skips the test where there is no Chromium."""
    if CHROMIUM is None:
        pytest.skip(
            "needs Chromium (apt install chromium-headless-shell), or CHORUS_TEST_CHROMIUM with its path"
        )


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; the test is skipped where there is none."""
    needs_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield launched
        finally:
            launched.close()


def shuts_nobody_out(page: Any, what: object) -> None:
    """No rule of accessibility that a machine can check is broken, and nothing is wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, (what, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
