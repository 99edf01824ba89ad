"""S22: nobody can put words into the brand's mouth by an address that they make up."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from bot.store.engine import Database
from tests.app.archive_house import ArchiveHouse

CLAIM = "Acme is bankrupt call 0800 555"
"""What somebody would like to see under the brand's name."""


@pytest.fixture
def site(sqlite_database: Database) -> ArchiveHouse:
    built = ArchiveHouse(sqlite_database)
    built.shelf.topic("tv", "TV")
    built.shelf.entry("Is Acme bankrupt?", "No: call anybody you like.", topic="tv", language="en")
    return built


def said(page: str) -> str:
    """Everything a page says: its text, and what its elements say in attributes; not what is in the field."""
    head = re.findall(r'(?:content|title|aria-label|alt)="([^"]*)"', page)
    return unescape(" ".join([re.sub(r"<[^>]*>", "", page), *head]))


ADDRESSES = [
    "/search?q={words}",
    "/search?q=call&topic={words}",
    "/search?q=call&language={words}&platform={words}",
    "/search?q={words}&page=2",
    "/search?page={words}",
    "/search?q=" + "{words}" * 20,
    "/feed.atom?q={words}",
    "/feed.atom?topic={words}",
    "/topics/{words}",
    "/topics/{words}/feed.atom",
    "/q/{words}",
    "/q/1-{words}/report",
    "/{words}",
    "/opensearch.xml?q={words}",
    "/sitemap-{words}.xml",
    "/api/v1/answers?limit={words}",
    "/api/v1/answers?cursor={words}",
    "/api/v1/answers/{words}",
    "/api/v1/suggest?q=" + "{words}" * 20,
    "/live/{words}",
    "/local/{words}",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_s22_no_page_says_what_a_visitor_made_up(site: ArchiveHouse, address: str, accept: str) -> None:
    answer = site.get(address.format(words=quote(CLAIM)), accept=accept)
    assert answer.status_code < 500
    assert "bankrupt call" not in said(answer.text)


@pytest.mark.parametrize(
    "address", ["/search", "/search?q=call", "/search?topic=tv", "/search?q=call&page=2", "/search?q=zzz"]
)
def test_s22_no_page_of_results_is_indexed(site: ArchiveHouse, address: str) -> None:
    page = site.get(address).text
    assert '<meta name="robots" content="noindex, follow">' in page
    assert 'rel="canonical" href="http://answers.test/search"' in page


def test_s22_no_feed_of_results_is_indexed(site: ArchiveHouse) -> None:
    assert site.get("/feed.atom?q=call").headers["x-robots-tag"] == "noindex"
    assert "x-robots-tag" not in site.get("/feed.atom").headers


def test_what_was_searched_for_stands_in_the_field(site: ArchiveHouse) -> None:
    assert f'value="{CLAIM}"' in site.get(f"/search?q={quote(CLAIM)}").text


def test_entries_and_topics_are_indexed(site: ArchiveHouse) -> None:
    for address in ("/", "/topics", "/topics/tv", "/q/1-is-acme-bankrupt", "/about"):
        page = site.get(address)
        assert page.status_code == 200
        assert 'name="robots"' not in page.text
