"""``chorus demo --story outage`` as a person starts it, ten times faster than life."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.cli.demo.test_demo_walk import Demo

pytestmark = [pytest.mark.timeout(360)]

OVER = "The story is told"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Demo]:
    """The demo after its last line, still serving."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
    start = "from app.cli import main; main()"
    options = ["--port", "0", "--pace", "10", "--story", "outage", "--directory", "demo"]
    running, over = Demo(), threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", start, "demo", *options],
        cwd=tmp_path,
        env=environment | {"CHORUS_SEARCH__MEANING": "off"},
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:

        def listen() -> None:
            for line in process.stderr or ():
                running.lines.append(line)
                if OVER in line:
                    over.set()
            over.set()

        threading.Thread(target=listen, daemon=True).start()
        try:
            assert over.wait(300), running.printed
            assert process.poll() is None, running.printed
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert "Traceback" not in running.printed


def test_an_outage_is_noticed_told_and_settled_and_a_campaign_grows(told: Demo) -> None:
    printed = told.printed
    steps = (
        "An outage begins",
        "that was noticed",
        "waits for a second person",
        "has approved it",
        "were told",
    )
    places = [printed.find(step) for step in steps]
    assert -1 not in places, printed
    assert places == sorted(places), printed
    base = re.search(r"(http://127\.0\.0\.1:\d+)/local", printed)
    assert base is not None
    matters = httpx.get(f"{base[1]}/api/v1/matters", trust_env=False).json()["items"]
    states = {one["kind"]: one for one in matters}
    assert states["campaign"]["campaign"] == "looked_at"
    assert states["campaign"]["people"] == 17
    assert states["campaign"]["doing"]["kind"] == "seen"
    assert states["surge"]["state"] == "settled"
    assert states["surge"]["people"] >= 24
    feed = httpx.get(f"{base[1]}/local/posts?after=0", trust_env=False).json()["items"]
    replies = [post["in_reply_to"] for post in feed if post["author"] == "brand"]
    assert len(replies) >= 48
    assert max(replies.count(one) for one in set(replies)) <= 2
