"""The page on which a customer says how it went."""

from datetime import timedelta

import pytest

from bot.actions.survey.say import PageVote, say_on_page
from bot.actions.survey.tokens import token_of
from bot.store.engine import Database
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.surveying import Surveyed


@pytest.fixture
def sam(sqlite_database: Database, clock: FakeClock) -> Surveyed:
    made = Surveyed(sqlite_database, clock)
    made.ask()
    return made


def test_a_score_is_sent_once_and_can_be_changed_for_a_day_by_the_same_browser(
    database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(database, clock)
    sam.ask()
    mine, other = sam.house.browser(), sam.house.browser()
    page = mine.get(sam.path)
    assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "How well did we help you?" in page.text
    assert "@sam" not in page.text
    assert "lamp" not in page.text
    sent = mine.post(sam.path, {"score": "2", "comment": "<b>Too slow</b>"})
    assert (sent.status_code, sent.headers["location"]) == (303, sam.path)
    assert (sam.row.score, sam.row.comment, sam.row.waits_since) == (2, "<b>Too slow</b>", clock())
    again = mine.get(sam.path).text
    assert "&lt;b&gt;Too slow&lt;/b&gt;" in again
    assert 'value="2" required checked' in again
    assert "Thank you, this was answered" in other.get(sam.path).text
    assert other.post(sam.path, {"score": "5"}).status_code == 409
    assert mine.post(sam.path, {"score": "4"}).status_code == 303
    assert (sam.row.score, sam.row.comment, sam.row.waits_since) == (4, "", None)
    clock.advance(timedelta(days=1, minutes=1))
    assert mine.post(sam.path, {"score": "1"}).status_code == 409
    assert sam.row.score == 4


@pytest.mark.parametrize("site", ["http://chorus.example", "https://chorus.example"])
def test_the_browsers_secret_goes_to_this_page_alone_and_to_no_script(
    sqlite_database: Database, clock: FakeClock, site: str
) -> None:
    sam = Surveyed(sqlite_database, clock, base_url=site)
    sam.ask()
    sent = sam.house.browser().post(sam.path, {"score": "4"})
    told = {part.strip() for part in sent.headers["set-cookie"].split(";")}
    assert {"HttpOnly", "SameSite=lax", "Max-Age=86400", f"Path={sam.path}"} <= told
    assert ("Secure" in told) is site.startswith("https")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_only_looks_says_nothing(sam: Surveyed, method: str) -> None:
    sam.house.browser().request(method, f"{sam.path}?score=1")
    assert sam.row.score is None


def test_another_site_says_nothing(sam: Surveyed) -> None:
    answer = sam.house.browser().post(sam.path, {"score": "1"}, sec_fetch_site="cross-site")
    assert (answer.status_code, sam.row.score) == (403, None)


@pytest.mark.parametrize("score", ["", "0", "6", "5.0", "x", "٥"])
def test_what_is_wrong_comes_back_with_what_was_written(sam: Surveyed, score: str) -> None:
    answer = sam.house.browser().post(sam.path, {"score": score, "comment": "It took <long>"})
    assert answer.status_code == 422
    assert "Choose one of the numbers first." in answer.text
    assert "It took &lt;long&gt;" in answer.text
    assert sam.row.score is None


def test_a_long_comment_comes_back_whole(sam: Surveyed) -> None:
    answer = sam.house.browser().post(sam.path, {"score": "3", "comment": "a" * 501})
    assert (answer.status_code, "a" * 501 in answer.text) == (422, True)


def test_addresses_are_signed_and_end(sam: Surveyed, clock: FakeClock) -> None:
    browser = sam.house.browser()
    last = "b" if sam.path[-10] != "b" else "c"
    forged = f"{sam.path[:-10]}{last}{sam.path[-9:]}"
    assert browser.get(forged).status_code == 404
    assert browser.post(forged, {"score": "1"}).status_code == 404
    assert browser.get("/s/bbbb").status_code == 404
    clock.advance(timedelta(days=15))
    assert browser.get(sam.path).status_code == 410
    assert browser.post(sam.path, {"score": "1"}).status_code == 410
    assert sam.row.score is None


def test_no_score_beyond_the_scale_is_taken_whatever_page_it_came_from(
    sam: Surveyed, clock: FakeClock
) -> None:
    with pytest.raises(ValueError, match="9"), sam.house.database.write() as session:
        say_on_page(session, sam.row.id, PageVote(9, "", "x"), clock())
    assert sam.row.score is None


def test_nobody_makes_an_address_up(sam: Surveyed) -> None:
    """Whoever knows how addresses are made still lacks the key."""
    forged = f"/s/{token_of(b'x' * 32, sam.row.id, sam.row.expires_at)}"
    assert len(forged) == len(sam.path)
    assert sam.house.browser().get(forged).status_code == 404
    assert sam.house.browser().post(forged, {"score": "1"}).status_code == 404
    assert sam.row.score is None


def test_what_the_customer_replied_counts_before_the_page(sam: Surveyed) -> None:
    browser = sam.house.browser()
    browser.post(sam.path, {"score": "1", "comment": "Bad"})
    sam.says("5", sam.asked)
    assert (sam.row.score, sam.row.comment, sam.row.waits_since) == (5, "", None)
    assert browser.post(sam.path, {"score": "1"}).status_code == 409
    assert sam.row.score == 5


def test_too_many_looks_have_to_wait(sam: Surveyed) -> None:
    browser = sam.house.browser()
    codes = [browser.get("/s/nothing").status_code for _ in range(31)]
    assert (codes[0], codes[-1]) == (404, 429)


def test_the_page_speaks_the_customers_language_and_direction(sam: Surveyed) -> None:
    page = Browser(sam.house.app).get(sam.path, accept_language="ar")
    assert 'dir="rtl"' in page.text
    assert "How well" not in page.text


def test_it_asks_for_a_recommendation_where_that_is_chosen(
    sqlite_database: Database, clock: FakeClock
) -> None:
    sam = Surveyed(sqlite_database, clock, "nps")
    sam.ask()
    browser = sam.house.browser()
    assert "How likely are you to recommend Acme?" in browser.get(sam.path).text
    assert browser.post(sam.path, {"score": "6"}).status_code == 303
    assert sam.row.waits_since is None, "a detractor without words"
    browser.post(sam.path, {"score": "6", "comment": "Slow"})
    assert sam.row.waits_since == clock()
