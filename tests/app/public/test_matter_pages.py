"""The public page of a matter and its feed, and what those in charge see of it."""

from xml.etree import ElementTree as ET

import pytest

from bot.states import StatementKind
from bot.store.engine import Database
from tests.conftest import FakeClock
from tests.outage import DOWN, GERMAN, TEXT, Outage

ATOM = "{http://www.w3.org/2005/Atom}"
SETTLED = "Streaming is back for everybody. Thank you for your patience."


@pytest.fixture
def outage(database: Database, clock: FakeClock) -> Outage:
    house = Outage(database, clock)
    for who in ("sam", "kim", "ann"):
        house.asks(who)
    return house


def test_a_matter_has_a_feed_of_what_the_brand_said_the_latest_first(outage: Outage) -> None:
    outage.says(de=GERMAN)
    outage.says(StatementKind.SETTLED, default=SETTLED)
    reader = outage.browser()
    path = reader.get("/m/1").headers["location"]
    assert f'href="{path}/feed.atom"' in reader.get(path).text
    moved = reader.get("/m/1/feed.atom")
    assert (moved.status_code, moved.headers["location"]) == (301, f"{path}/feed.atom")
    answer = reader.get(f"{path}/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.text)
    entries = feed.findall(f"{ATOM}entry")
    titles = [one.findtext(f"{ATOM}title", "").partition(":")[0] for one in entries]
    assert titles == ["Settled", "Statement"]
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
    assert len({one.findtext(f"{ATOM}id") for one in entries}) == 2
    spoken = ET.fromstring(reader.get(f"{path}/feed.atom", **{"accept-language": "de"}).text)
    assert "gestört" in spoken.findall(f"{ATOM}entry")[1].findtext(f"{ATOM}content", "")


@pytest.mark.parametrize("reference", ["1", "99", "x", "1-streaming"])
def test_what_has_no_public_page_has_no_feed(outage: Outage, reference: str) -> None:
    assert outage.browser().get(f"/m/{reference}/feed.atom").status_code == 404


def test_those_in_charge_see_its_words_and_what_it_costs(outage: Outage) -> None:
    own = outage.feed.read(None, 10)[0]
    outage.post("jane", "Sign out, wait a minute and sign in again: that helps. #chorus", own)
    for number in range(15):
        outage.post(f"lee{number}", DOWN)
        outage.post(f"max{number}", "@brand where do I find the invoice of my last order?")
    outage.all_work()
    page = outage.browser(outage.mei).get("/admin/matters/1").text
    assert '<span class="chip" dir="auto">streaming</span>' in page
    assert "The question most like all the others" in page
    assert "<dt>Time of our people</dt><dd>5 min</dd>" in page
    assert "answers (1) × 5 minutes" in page


def test_the_public_page_leads_to_what_was_answered_and_repeats_no_customers_words(outage: Outage) -> None:
    own = outage.feed.read(None, 10)[0]
    outage.post("jane", "Sign out, wait a minute and sign in again: that helps. #chorus", own)
    outage.all_work()
    outage.says()
    reader = outage.browser()
    page = reader.get(reader.get("/m/1").headers["location"]).text
    assert "What our people have answered on it" in page
    assert 'href="/q/1-' in page
    outage.delete(own)
    outage.all_work()
    page = reader.get(reader.get("/m/1").headers["location"]).text
    assert "What our people have answered on it" not in page
    assert TEXT[:20] in page
