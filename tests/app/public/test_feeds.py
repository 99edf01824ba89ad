"""Feeds, sitemaps and descriptions, as the machines that read them see them."""

from xml.etree import ElementTree as ET

import pytest

from bot.states import EntryState
from bot.store.engine import Database
from bot.store.queries.pages import archive
from tests.app.archive_house import ArchiveHouse

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture
def site(database: Database) -> ArchiveHouse:
    return ArchiveHouse(database)


@pytest.fixture
def quick(sqlite_database: Database) -> ArchiveHouse:
    return ArchiveHouse(sqlite_database)


def xml(site: ArchiveHouse, path: str) -> ET.Element:
    answer = site.get(path)
    assert answer.status_code == 200
    assert "xml" in answer.headers["content-type"]
    return ET.fromstring(answer.content)


def locations(tree: ET.Element) -> list[str]:
    return [one.text or "" for one in tree.iter(f"{SITEMAP}loc")]


def test_the_site_feed_has_the_latest_answers_with_all_that_atom_requires(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV & more")
    entry = site.shelf.entry(topic="tv", language="en", answer="See <b> & https://support.example/tv")
    site.shelf.answer(entry, "Something more.")

    feed = xml(site, "/feed.atom")

    for name in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + name) is not None, name
    (item,) = feed.findall(f"{ATOM}entry")
    assert item.findtext(f"{ATOM}id") == f"http://answers.test/q/{entry}"
    assert item.findtext(f"{ATOM}title") == "Why is there no picture?"
    assert item.findtext(f"{ATOM}author/{ATOM}name") == "JD"
    content = item.findtext(f"{ATOM}content") or ""
    assert "See &lt;b&gt; &amp; " in content
    assert '<a href="https://support.example/tv"' in content
    assert content.endswith('<p><bdi dir="auto">Something more.</bdi></p>')
    assert content.count("<p>") == 2


def test_feeds_of_a_topic_and_of_a_search_hold_only_what_belongs_there(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    site.shelf.entry("About TV", topic="tv")
    site.shelf.entry("About Wi-Fi", "Restart the router.", topic="wifi")

    def titles(path: str) -> list[str | None]:
        return [one.findtext(f"{ATOM}title") for one in xml(site, path).findall(f"{ATOM}entry")]

    assert titles("/topics/tv/feed.atom") == ["About TV"]
    assert titles("/feed.atom?q=router") == ["About Wi-Fi"]
    assert titles("/feed.atom?topic=wifi") == ["About Wi-Fi"]
    assert site.get("/topics/none/feed.atom").status_code == 404
    assert site.get("/feed.atom?q=" + "a" * 10_000).status_code == 422


def test_an_empty_feed_is_a_valid_feed(quick: ArchiveHouse) -> None:
    feed = xml(quick, "/feed.atom")

    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"  # the same at every look
    assert feed.findall(f"{ATOM}entry") == []


def test_control_characters_in_an_answer_do_not_break_the_feed(quick: ArchiveHouse) -> None:
    quick.shelf.entry("Bell \x07 and \x0b title", "Form \x0c feed \ufffe and ]]> <!-- end")

    (item,) = xml(quick, "/feed.atom").findall(f"{ATOM}entry")

    assert "\x07" not in (item.findtext(f"{ATOM}title") or "")


def test_the_sitemap_has_every_public_page(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    entry = site.shelf.entry(topic="tv")
    site.shelf.entry("Hidden", state=EntryState.HIDDEN)

    assert locations(xml(site, "/sitemap.xml")) == [
        "http://answers.test/",
        "http://answers.test/topics",
        "http://answers.test/about",
        "http://answers.test/topics/tv",
        f"http://answers.test/q/{entry}-why-is-there-no-picture",
    ]


def test_more_entries_than_one_sitemap_may_hold_become_an_index_of_sitemaps(
    site: ArchiveHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SITEMAP_BLOCK", 2)
    site.shelf.topic("tv", "TV")
    entries = [site.shelf.entry(f"Question {number}", topic="tv") for number in range(4)]

    index = xml(site, "/sitemap.xml")

    assert index.tag == f"{SITEMAP}sitemapindex"
    found = [
        page
        for address in locations(index)
        for page in locations(xml(site, address[len("http://answers.test") :]))
    ]
    assert [page for page in found if "/q/" in page] == [
        f"http://answers.test/q/{entry}-question-{number}" for number, entry in enumerate(entries)
    ]
    assert [page for page in found if "/q/" not in page] == [
        "http://answers.test/",
        "http://answers.test/topics",
        "http://answers.test/about",
        "http://answers.test/topics/tv",
    ]
    assert site.get("/sitemap-abc.xml").status_code == 404


def test_no_sitemap_holds_more_than_it_may_where_the_entries_alone_would_fit(
    quick: ArchiveHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SITEMAP_BLOCK", 6)
    for number in range(5):
        quick.shelf.entry(f"Question {number}")

    sitemaps = [address[len("http://answers.test") :] for address in locations(xml(quick, "/sitemap.xml"))]

    assert [len(locations(xml(quick, path))) for path in sitemaps] == [3, 5]


def test_crawlers_are_shown_the_sitemap_and_kept_from_the_desk(quick: ArchiveHouse) -> None:
    rules = quick.get("/robots.txt").text.splitlines()

    assert "Disallow: /desk" in rules
    assert "Sitemap: http://answers.test/sitemap.xml" in rules


def test_a_browser_can_add_the_search(sqlite_database: Database) -> None:
    site = ArchiveHouse(sqlite_database, brand_name="An & extremely long name of a company")

    description = xml(site, "/opensearch.xml")

    assert len(description.findtext(f"{OPENSEARCH}ShortName") or "") <= 16
    assert len(description.findtext(f"{OPENSEARCH}LongName") or "") <= 48
    templates = [one.get("template") for one in description.findall(f"{OPENSEARCH}Url")]
    assert "http://answers.test/search?q={searchTerms}" in templates


def test_feeds_are_cached_by_their_version(quick: ArchiveHouse) -> None:
    quick.shelf.entry()
    first = quick.get("/feed.atom")

    assert quick.get("/feed.atom", if_none_match=first.headers["etag"]).status_code == 304


def test_s24_a_feed_folds_an_answer_behind_its_content_warning(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry()
    quick.shelf.answer(entry, "Press on it.", warning="needles & <blood>")
    content = xml(quick, "/feed.atom").find(f".//{ATOM}content")
    assert content is not None
    assert "<details><summary>needles &amp; &lt;blood&gt;</summary>" in (content.text or "")


@pytest.mark.parametrize("path", ["/feed.atom", "/", "/api/v1/answers"])
@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("{weak}", 304),
        ("{strong}", 304),
        ("*", 304),
        ('"other", {strong}', 304),
        ('W/"a,b" , {weak},W/"c"', 304),
        ("", 200),
        ('"other"', 200),
        ("{bare}", 200),
        ('"x{bare}"', 200),
        ('"{bare}x", "*"', 200),
    ],
)
def test_whoever_has_a_version_in_any_form_gets_it_no_second_time(
    quick: ArchiveHouse, path: str, held: str, status: int
) -> None:
    """RFC 9110, 13.1.2: tags are compared weakly, in a list, and ``*`` stands for any."""
    quick.shelf.entry()
    weak = quick.get(path).headers["etag"]
    strong = weak.removeprefix("W/")
    field = held.format(weak=weak, strong=strong, bare=strong.strip('"'))
    again = quick.get(path, if_none_match=field)
    assert (again.status_code, again.content == b"") == (status, status == 304)
    assert again.headers["etag"] == weak
