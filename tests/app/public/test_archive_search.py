"""The pages and the API over the real search engine, by words."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import event

from bot.states import EntryState
from bot.store.archive import entries
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow
from tests.app.archive_house import NOW, ArchiveHouse

QUESTIONS = (
    ("Why is there no picture since the update?", "Hold the power button for ten seconds.", "tv"),
    ("How do I pair the remote control?", "Press both arrows until it blinks.", "tv"),
    ("Why is the Wi-Fi slow upstairs?", "Place a repeater half way up the stairs.", "wifi"),
)


@pytest.fixture
def site(sqlite_database: Database) -> ArchiveHouse:
    built = ArchiveHouse(sqlite_database, engine=None)
    for title, answer, topic in QUESTIONS:
        built.shelf.entry(title, answer, topic=topic, language="en")
    built.chorus.search.catch_up()
    return built


def titles(site: ArchiveHouse, path: str) -> list[str]:
    return [item["title"] for item in site.get(path).json()["items"]]


def test_people_find_by_any_word_and_see_why(site: ArchiveHouse) -> None:
    page = site.get("/search?q=pictures%20after%20updating").text

    assert "<mark>picture</mark>" in page
    assert "Wi-Fi slow" not in page.split("<main")[1].split('id="results"')[1]


def test_programs_find_the_same_with_a_score(site: ArchiveHouse) -> None:
    (item,) = site.get("/api/v1/answers?q=repeater").json()["items"]

    assert item["title"] == "Why is the Wi-Fi slow upstairs?"
    assert item["score"] > 0
    assert titles(site, "/api/v1/answers?q=why&topic=wifi") == ["Why is the Wi-Fi slow upstairs?"]


def searched(site: ArchiveHouse, path: str = "/search?q=why", **headers: str) -> tuple[str, int]:
    """What the page shows as found, and how many statements it took."""
    statements: list[str] = []
    heard = lambda *given: statements.append(given[2]) if given[2] != "BEGIN" else None  # noqa: E731
    event.listen(site.database.engine, "before_cursor_execute", heard)
    page = site.get(path, **headers).text
    event.remove(site.database.engine, "before_cursor_execute", heard)
    return page.split('id="results"')[1].split("</main>")[0], len(statements)


def test_the_same_search_is_done_once(site: ArchiveHouse) -> None:
    first, statements = searched(site)
    again, fewer = searched(site)

    assert again == first
    assert "upstairs" in first
    assert fewer == 1 < statements  # the newest number of the change log
    tag = site.get("/search?q=why").headers["etag"]
    assert site.get("/search?q=why", if_none_match=tag).status_code == 304


@pytest.mark.parametrize(
    ("other", "shows"),
    [
        ("/search?q=why&page=2", "There are no more answers."),
        ("/search?q=why&topic=tv", "Show everything"),
        ("/search?q=why&language=de", "Show everything"),
        ("/search?q=why&platform=local", "Show everything"),
        ("/search?q=repaeter", "Showing results for"),
        ("/search?q=repaeter&exact=1", "Nothing has been answered about this yet."),
    ],
)
def test_a_search_for_something_else_finds_something_else(site: ArchiveHouse, other: str, shows: str) -> None:
    for path in ("/search?q=why", "/search?q=repaeter", other):
        found, _ = searched(site, path)

    assert shows in found
    assert shows not in searched(site)[0]


def test_a_search_speaks_the_readers_language(site: ArchiveHouse) -> None:
    assert "What was found" in searched(site)[0]
    assert "What was found" not in searched(site, accept_language="de")[0]


def test_the_same_search_finds_what_came_since(site: ArchiveHouse) -> None:
    assert "sound" not in searched(site)[0]
    site.shelf.entry("Why is there no sound since the update?", "Unmute it.", topic="tv")
    assert "sound" not in searched(site)[0]  # the change is known, the index has not followed yet
    site.chorus.search.catch_up()

    assert "sound" in searched(site)[0]


def test_s12_the_same_search_shows_no_more_what_has_gone_since(site: ArchiveHouse) -> None:
    """Also while the index has not heard of it, and the figures are the same."""
    assert "upstairs" in searched(site)[0]
    with site.database.write() as session:
        entry = session.get_one(EntryRow, 3)
        entry.state = EntryState.GONE
        entries.touch(session, entry, NOW)
    assert "upstairs" not in searched(site)[0]


def test_the_same_search_says_how_long_ago_it_is_now(site: ArchiveHouse) -> None:
    before, _ = searched(site)
    site.clock.advance(timedelta(days=2))

    assert searched(site)[0] != before


def test_related_questions_stand_beside_the_answer(site: ArchiveHouse) -> None:
    site.shelf.entry("Why is there no sound since the update?", "Unmute it.", topic="tv")
    site.chorus.search.catch_up()

    page = site.get("/q/1-why-is-there-no-picture-since-the-update").text

    assert "Why is there no sound since the update?" in page.split("Related questions")[1]


def test_s12_what_goes_is_not_found_even_before_the_index_has_heard_of_it(site: ArchiveHouse) -> None:
    with site.database.write() as session:
        entry = session.get_one(EntryRow, 1)
        entry.state = EntryState.GONE
        entries.touch(session, entry, NOW)

    for followed in (False, True):
        if followed:
            site.chorus.search.catch_up()
        assert titles(site, "/api/v1/answers?q=picture") == []
        assert "no picture" not in site.get("/search?q=picture").text.replace("&#34;", "")
        assert titles(site, "/api/v1/suggest?q=no+picture+since+the+update") == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        '"no picture',
        "*",
        "it's",
        "a:b",
        "title:picture",
        "🤖",
        "(",
        "a AND",
        "+-!~^",
        "\\",
        "%00",
        "é" * 400,
    ],
)
def test_nothing_typed_breaks_the_real_engine(site: ArchiveHouse, query: str) -> None:
    typed = query if query.startswith("%") else quote(query)
    for path in (f"/search?q={typed}", f"/search?q={typed}&typing=1", f"/feed.atom?q={typed}"):
        assert site.get(path).status_code == 200, path
    for path in (f"/api/v1/answers?q={typed}", f"/api/v1/suggest?q={typed}"):
        assert site.get(path).status_code == 200, path


def test_pages_far_beyond_the_last_result_are_empty(site: ArchiveHouse) -> None:
    assert "There are no more answers." in site.get("/search?q=picture&page=9").text
    assert site.get("/search?q=picture&page=99999").status_code == 200


def test_a_correction_is_said_and_can_be_refused(site: ArchiveHouse) -> None:
    page = site.get("/search?q=remote%20cotnrol").text

    assert "Showing results for “<bdi>remote control</bdi>”" in page
    assert 'href="/search?q=remote+cotnrol&amp;exact=1"' in page
    as_typed = site.get("/search?q=cotnrol&exact=1").text
    assert "Showing results for" not in as_typed
    assert "Nothing has been answered about this yet." in as_typed


def test_programs_are_told_of_a_correction_and_can_refuse_it(site: ArchiveHouse) -> None:
    corrected = site.get("/api/v1/answers?q=remote%20cotnrol").json()

    assert (len(corrected["items"]), corrected["meant"]) == (1, "remote control")
    assert "meant" not in site.get("/api/v1/answers?q=remote%20control").json()
    refused = site.get("/api/v1/answers?q=cotnrol&exact=true").json()
    assert (refused["items"], "meant" in refused) == ([], False)


def test_a_result_in_another_language_says_in_which(site: ArchiveHouse) -> None:
    site.shelf.entry("Router zurücksetzen", "Den Knopf drücken.", topic="wifi", language="de")
    site.shelf.entry("جهاز router لا يعمل", "أعد تشغيله.", topic="wifi", language="ar")
    site.chorus.search.catch_up()

    page = site.get("/search?q=router").text

    assert '<h3 class="row-title" lang="de" dir="ltr">' in page
    assert '<h3 class="row-title" lang="ar" dir="rtl">' in page
    assert 'hreflang="de"' in page
    assert "<span>German</span>" in page
    assert (
        "<span>German</span>"
        not in site.get("/search?q=wie%20kann%20ich%20den%20router%20zur%C3%BCcksetzen").text
    )


def test_each_line_says_its_own_moment_however_alike_the_lines_are(site: ArchiveHouse) -> None:
    """What stands beside the moment is put together once for all lines that say the same there."""
    for minutes in (10, 180, 60 * 24 * 30):
        site.shelf.entry("Why is there no picture?", minutes_ago=minutes)
    site.chorus.search.catch_up()

    page = site.get("/search?q=picture").text

    assert "answered by <bdi>JD</bdi>, <time" in page
    assert [words in page for words in ("10 minutes ago", "3 hours ago", ">3 February 2026<")] == [True] * 3
    assert "\x00" not in page
    site.clock.advance(timedelta(hours=1))
    assert "1 hour ago" in site.get("/search?q=picture").text


def test_words_are_those_of_each_reader_in_turn(site: ArchiveHouse) -> None:
    for code, words in (("de", "Für Mitarbeitende"), ("en", "For employees"), ("de", "Für Mitarbeitende")):
        page = site.get("/search?q=picture", **{"Accept-Language": code}).text
        assert f">{words}</a>" in page
        assert f'<html lang="{code}"' in page


def test_of_a_part_that_is_said_twice_in_the_address_the_last_one_counts(site: ArchiveHouse) -> None:
    assert "Why is there no" in site.get("/search?q=repeater&q=picture").text
    assert "Why is there no" not in site.get("/search?q=picture&q=repeater").text
