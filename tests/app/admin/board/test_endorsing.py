"""The board's button says below another customer's answer what stands on its line, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.roles import Role
from tests.browser import Browser
from tests.endorsing import HELPS, SAID, SAM, WORDS, Endorsing
from tests.forms import fields_of


def begun(url: str, tmp_path: Path, **how: str) -> Endorsing:
    return Endorsing(url, tmp_path / "ledger", **how)


def board(endorsing: Endorsing) -> Browser:
    return endorsing.house.browser(endorsing.house.employee("Mei Tan", role=Role.ADMIN).id)


@pytest.mark.parametrize("name", ["x", "mastodon"])
def test_what_is_said_stands_on_the_line_and_goes_out(database_url: str, tmp_path: Path, name: str) -> None:
    endorsing = begun(database_url, tmp_path, name=name)
    endorsing.begin()
    mei = board(endorsing)
    page = mei.get("/admin/board?kind=community").text
    assert f'<q dir="auto">{WORDS}</q>' in page
    action = "/admin/questions/1/posts/2/endorse"
    done = mei.post(action, fields_of(page, action))
    assert "done=endorsed" in done.headers["location"]
    endorsing.work(1)
    assert endorsing.ledger.accepted() == [(SAID, "tip-1")]
    assert "community-2" not in mei.get("/admin/board?kind=community").text


def test_where_no_app_may_reply_the_line_leads_to_saying_it_by_hand(
    database_url: str, tmp_path: Path
) -> None:
    endorsing = begun(database_url, tmp_path)
    endorsing.begin(replace(HELPS, text=HELPS.text.replace("@brand ", ""), mentions=(SAM,)))
    page = board(endorsing).get("/admin/board?kind=community").text
    assert "https://x.com/intent/post?in_reply_to=tip-1" in page
    assert 'name="below@' not in page
