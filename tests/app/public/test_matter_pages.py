"""The public page of a matter and its feed, and what those in charge see of it."""

from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from bot.channels.alarms import Alarm
from bot.platforms.registry import TRAITS
from bot.states import StatementKind
from bot.store.conversations import notices
from bot.store.engine import Database
from bot.store.tables.matters import MatterRow
from tests.campaigning import CHANGED, DEMAND, Campaign
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


def test_what_its_department_does_is_in_the_api_and_in_the_feed(outage: Outage) -> None:
    outage.says()
    mei = outage.browser(outage.mei)
    address = "/admin/matters/1/answers"
    assert outage.ask("GET", "/api/v1/matters").json()["items"][0]["doing"] is None
    for fields in (
        {"kind": "planned", "planned_for": "2026-04-01"},
        {"kind": "fixed", "version": "5.1 & later"},
    ):
        outage.clock.advance(timedelta(hours=1))
        assert mei.post(address, fields).status_code == 303
    doing = outage.ask("GET", "/api/v1/matters").json()["items"][0]["doing"]
    at = outage.clock().isoformat(timespec="seconds")
    assert doing == {
        "kind": "fixed",
        "planned_for": None,
        "version": "5.1 & later",
        "fixed_at": at,
        "reason": "",
        "said_at": at,
    }

    def titles(**headers: str) -> list[str]:
        path = outage.browser().get("/m/1").headers["location"]
        feed = ET.fromstring(outage.browser().get(f"{path}/feed.atom", **headers).text)
        assert feed.findtext(f"{ATOM}updated") == at
        return [one.findtext(f"{ATOM}title", "") for one in feed.findall(f"{ATOM}entry")]

    fixed, planned, statement = titles()
    assert (fixed, planned) == ("Fixed in 5.1 & later", "Planned for 1 April 2026")
    assert statement.startswith("Statement: ")
    assert titles(**{"accept-language": "de"})[0] == "Behoben in 5.1 & later"


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


@pytest.fixture
def campaign(database: Database, clock: FakeClock) -> Campaign:
    return Campaign(database, clock)


def page_of(house: Outage, **headers: str) -> str:
    reader = house.browser()
    return reader.get(reader.get("/m/1").headers["location"], **headers).text


def test_a_campaigns_page_says_what_is_asked_for_how_many_and_how_to_join(campaign: Campaign) -> None:
    campaign.joins("kim")
    page = page_of(campaign)
    assert f'<h1 id="matter" dir="auto">{DEMAND}</h1>' in page
    assert "2 people joined." in page
    assert "has said nothing on it yet." in page
    assert "my eyes hurt" not in page
    assert "@brand Bring back the dark theme join-1 http://127.0.0.1:8000/m/1" in page
    assert 'href="/local?text=%40brand%20Bring' in page
    assert "Several accounts of one person cannot be told from several people." in page
    ready = campaign.browser().get("/local?text=%40brand%20Bring%20it%20back%20join-1").text
    assert ">@brand Bring it back join-1</textarea>" in ready


def test_what_the_page_has_ready_joins_as_it_is(campaign: Campaign) -> None:
    page = page_of(campaign)
    text = unescape(page.partition("<code>")[2].partition("</code>")[0])
    campaign.post("ann", text)
    campaign.all_work()
    assert "2 people joined." in page_of(campaign)


def test_where_everybody_has_a_server_it_is_asked_for(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.public.matters.traits_of", lambda _name: TRAITS["mastodon"])
    reader = campaign.browser()
    path = reader.get("/m/1").headers["location"]
    assert 'name="server"' in reader.get(path).text
    page = reader.get(f"{path}?server=@me@social.example").text
    assert 'href="https://social.example/share?text=%40brand' in page
    page = reader.get(f"{path}?server=javascript:alert(1)").text
    assert "javascript:alert(1)/share" not in page
    assert 'name="server"' in page


def test_a_campaign_that_is_over_takes_nobody_in_and_says_what_became_of_it(campaign: Campaign) -> None:
    campaign.says(StatementKind.CHANGED, default=CHANGED)
    page = page_of(campaign)
    assert CHANGED in page
    assert "It is over." in page
    assert "join-1" not in page
    [item] = campaign.ask("GET", "/api/v1/matters").json()["items"]
    assert (item["kind"], item["campaign"], item["title"]) == ("campaign", "changed", DEMAND)


def test_the_api_tells_a_surge_from_a_driver(outage: Outage) -> None:
    outage.says()
    [item] = outage.ask("GET", "/api/v1/matters").json()["items"]
    assert (item["kind"], item["campaign"]) == ("driver", None)
    with outage.database.write() as session:
        session.get_one(MatterRow, 1).surge_at = outage.clock()
    [item] = outage.ask("GET", "/api/v1/matters").json()["items"]
    assert item["kind"] == "surge"


def test_the_api_has_a_matter_with_its_history(outage: Outage) -> None:
    """Given a matter that nobody has spoken on in public, then it is not there; else everything said is."""
    assert outage.ask("GET", "/api/v1/matters/1").status_code == 404
    outage.says(de=GERMAN)
    outage.says(StatementKind.SETTLED, default="It is back.")
    outage.writes(StatementKind.STATEMENT, default="Not approved by anybody.")
    found = outage.ask("GET", "/api/v1/matters/1").json()
    assert [(one["kind"], one["texts"]) for one in found["said"]] == [
        ("settled", {}),
        ("statement", {"de": GERMAN}),
    ]
    assert found["said"][1]["text"] == TEXT
    assert (found["state"], found["people"], found["done"]) == ("settled", 3, [])
    [listed] = outage.ask("GET", "/api/v1/matters").json()["items"]
    assert listed.items() <= found.items()
    for nobody in ("2", "x", "1" * 30):
        assert outage.ask("GET", f"/api/v1/matters/{nobody}").status_code == 404
    page = outage.browser().get(urlsplit(found["url"]).path).text
    assert 'type="application/json" href="/api/v1/matters/1"' in page


def test_a_campaigns_page_speaks_the_readers_language(campaign: Campaign) -> None:
    page = page_of(campaign, **{"accept-language": "ar"})
    assert '<html lang="ar" dir="rtl">' in page
    assert "انضم شخص واحد." in page


def test_those_in_charge_make_open_and_answer_campaigns_in_the_browser(outage: Outage) -> None:
    mei, ravi = outage.browser(outage.mei), outage.browser(outage.ravi)
    assert "Make it a campaign" in mei.get("/admin/matters/1").text
    refused = mei.post("/admin/matters/1/campaign", {"demand": ""})
    assert refused.status_code == 422
    assert "Say in 1 to 110 characters" in refused.text
    made = mei.post("/admin/matters/1/campaign", {"demand": DEMAND})
    assert made.headers["location"].endswith("?done=campaign&at=campaign")
    assert outage.browser().get("/m/1").status_code == 404
    mei.post("/admin/matters/1/campaign", {"demand": f"{DEMAND}!"})
    mei.post("/admin/matters/1/campaign/open")
    assert outage.browser().get("/m/1").status_code == 301
    written = mei.post("/admin/matters/1/statements", {"text": CHANGED, "kind": "changed"})
    assert written.status_code == 303
    page = ravi.get("/admin/matters/1").text
    assert "changed, to everybody who joined" in page
    ravi.post("/admin/statements/1/approve")
    outage.all_work()
    assert len(outage.told("sam")) == 1
    assert mei.post("/admin/matters/1/campaign/close").status_code == 409
    assert mei.post("/admin/matters/1/campaign/count", {"nets": "perhaps"}).status_code == 422


def test_the_list_of_campaigns_shows_what_is_overdue(campaign: Campaign) -> None:
    mei = campaign.browser(campaign.mei)
    assert mei.post("/admin/campaigns", {"demand": "x" * 200}).status_code == 422
    mei.post("/admin/campaigns", {"demand": "Print on both sides"})
    page = mei.get("/admin/campaigns").text
    assert "overdue" not in page
    assert "Print on both sides" in page
    campaign.clock.advance(timedelta(days=15))
    assert "overdue" in campaign.browser(campaign.mei).get("/admin/campaigns").text


def test_everybody_finds_the_campaigns_that_are_open_and_what_became_of_the_others(
    campaign: Campaign,
) -> None:
    visitor, mei = campaign.browser(), campaign.browser(campaign.mei)
    for number in range(6):
        campaign.joins(f"fan{number:04}")
    mei.post("/admin/matters/1/campaign/count", {"nets": "without"})
    mei.post("/admin/campaigns", {"demand": "Print on both sides"})
    path = campaign.ask("GET", "/api/v1/campaigns").json()["items"][0]["url"].removeprefix("http://test")
    page = visitor.get("/campaigns").text
    assert "Print on both sides" not in page  # its page is not open
    assert "1 person joined." in page
    assert "/campaigns" in visitor.get("/").text
    [item] = campaign.ask("GET", "/api/v1/campaigns").json()["items"]
    assert (item["title"], item["people"], item["left_out"], item["state"]) == (DEMAND, 1, 6, "new")
    assert item["statement"] == ""
    assert item["due_at"] > item["opened_at"]
    assert path.endswith("-bring-back-the-dark-theme")

    campaign.says(StatementKind.CHANGED, default=CHANGED)
    over = visitor.get("/campaigns").text.partition("What became of the others")[2]
    assert DEMAND in over
    assert CHANGED[:30] in over
    feed = ET.fromstring(visitor.get("/campaigns/feed.atom").text)
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == DEMAND
    assert CHANGED in unescape(entry.findtext(f"{ATOM}content", ""))
    assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    assert "Was viele" in visitor.get("/campaigns", **{"accept-language": "de"}).text


def test_a_closed_campaign_is_on_no_public_list(campaign: Campaign) -> None:
    campaign.browser(campaign.mei).post("/admin/matters/1/campaign/close")
    visitor = campaign.browser()
    assert DEMAND not in visitor.get("/campaigns").text + visitor.get("/campaigns/feed.atom").text
    assert campaign.ask("GET", "/api/v1/campaigns").json() == {"items": [], "next": None}
    assert "/campaigns" not in visitor.get("/").text


def test_an_overdue_word_is_told_once_and_stands_on_the_board_until_it_is_given(
    sqlite_database: Database, clock: FakeClock
) -> None:
    campaign = Campaign(sqlite_database, clock)
    with sqlite_database.read() as session:
        assert notices.standing(session, clock())[Alarm.CAMPAIGNS] == []
    campaign.clock.advance(timedelta(days=15))
    with sqlite_database.read() as session:
        assert notices.standing(session, clock())[Alarm.CAMPAIGNS] == ["1"]
    mei = campaign.browser(campaign.mei)
    assert "campaign whose next word is overdue" in mei.get("/admin/board").text
    assert DEMAND in mei.get("/admin/board?kind=campaign").text
    assert "campaign on which our word is overdue" in mei.get("/admin").text
    campaign.says(StatementKind.HEARD, default="We have heard you.")
    assert DEMAND not in mei.get("/admin/board?kind=campaign").text


def test_in_charge_it_says_who_looks_like_a_net_and_why(campaign: Campaign) -> None:
    for number in range(6):
        campaign.joins(f"fan{number:04}")
    mei = campaign.browser(campaign.mei)
    page = mei.get("/admin/matters/1").text
    assert "6 of 7 look like a net." in page
    assert "6 accounts: names that differ by a number, as fan0000; joined within" in page
    mei.post("/admin/matters/1/campaign/count", {"nets": "without"})
    assert "1 person joined." in page_of(campaign)
    assert "6 accounts that look like a net are not counted." in page_of(campaign)
    mei.post("/admin/matters/1/campaign/count", {"nets": "with"})
    assert "7 people joined." in page_of(campaign)
