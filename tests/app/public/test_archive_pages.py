"""The public pages, as a reader's browser sees them."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlmodel import select

from app.web.html import static
from bot.actions.archive import curate
from bot.states import EntryState
from bot.store.archive import entries
from bot.store.engine import Database
from bot.store.queries.pages import archive
from bot.store.tables.conversations import AnswerRow, EntryRow
from tests.app.archive_house import NOW, ArchiveHouse

POLYGLOT = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{1979*1979}}javascript:alert(3)\u202e"


@pytest.fixture
def site(database: Database) -> ArchiveHouse:
    return ArchiveHouse(database)


@pytest.fixture
def quick(sqlite_database: Database) -> ArchiveHouse:
    return ArchiveHouse(sqlite_database)


def _schema(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    parsed: dict[str, object] = json.loads(found[1])
    return parsed


def test_home_shows_search_topics_latest_and_what_is_asked_most(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV & picture")
    site.shelf.entry("Why is there no picture?", topic="tv", asked_count=14, minutes_ago=60 * 24 * 30)
    for number in range(9):
        site.shelf.entry(f"Newer question {number}", minutes_ago=number)

    page = site.get("/")

    assert page.status_code == 200
    assert 'type="search"' in page.text
    assert "TV &amp; picture" in page.text
    assert page.text.index("Newer question 0") < page.text.index("Newer question 7")
    assert "Newer question 8" not in page.text
    assert "asked 14 times" in page.text


def test_an_empty_archive_says_so_and_invites_to_ask(site: ArchiveHouse) -> None:
    page = site.get("/")

    assert page.status_code == 200
    assert "Nothing has been answered yet." in page.text
    assert 'href="/local"' in page.text


def test_search_marks_the_words_it_found_and_hides_what_is_not_public(site: ArchiveHouse) -> None:
    site.shelf.entry("Why is there no picture?")
    site.shelf.entry("A picture nobody may see", state=EntryState.HIDDEN)

    page = site.get("/search?q=picture")

    assert page.status_code == 200
    assert "<mark>picture</mark>" in page.text
    assert "nobody may see" not in page.text


def test_search_without_words_lists_everything_newest_first_and_by_page(site: ArchiveHouse) -> None:
    for number in range(25):
        site.shelf.entry(f"Question number {number:02}", minutes_ago=number)

    first, second = site.get("/search"), site.get("/search?page=2")

    assert "Question number 00" in first.text
    assert "Question number 20" not in first.text
    assert 'href="/search?page=2"' in first.text
    assert "Question number 24" in second.text
    assert 'rel="next"' not in second.text


def test_search_passes_the_filters_on_and_keeps_them_in_the_pages_links(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    for number in range(21):
        site.shelf.entry(f"Picture {number}", topic="tv", language="en")
    site.shelf.entry("Picture elsewhere", topic="wifi", language="de")

    page = site.get("/search?q=picture&topic=tv&language=en")

    assert "elsewhere" not in page.text.split("<main")[1]
    assert 'href="/search?q=picture&amp;topic=tv&amp;language=en&amp;page=2"' in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        '"',
        '"unfinished phrase',
        "*",
        "it's",
        "a:b",
        "🤖 👩‍👩‍👧",
        "AND OR NOT ( )",
        "\\",
        "%00",
        "%ED%A0%80",
        "%FF%FE",
        "<script>",
        "' OR 1=1 --",
    ],
)
def test_whatever_is_searched_for_there_is_an_answer(quick: ArchiveHouse, query: str) -> None:
    quick.shelf.entry()

    typed = query if query.startswith("%") else quote(query)
    for path in ("/search", "/feed.atom", "/api/v1/answers", "/api/v1/suggest"):
        assert quick.get(f"{path}?q={typed}").status_code == 200, path


@pytest.mark.parametrize("page", ["-1", "abc", "0", "999999999999999999999", "1.5", "", "٣", "%00"])
def test_a_page_number_that_is_none_is_the_first_page(quick: ArchiveHouse, page: str) -> None:
    quick.shelf.entry()

    assert "no picture" in quick.get(f"/search?page={page}").text
    quick.shelf.topic("tv", "TV")
    assert quick.get(f"/topics/tv?page={page}").status_code == 200


def test_ten_thousand_characters_get_a_friendly_page_with_the_form(quick: ArchiveHouse) -> None:
    page = quick.get("/search?q=" + "a" * 10_000)

    assert page.status_code == 422
    assert "too long to search for" in page.text
    assert 'type="search"' in page.text


def test_filters_with_unstorable_characters_find_nothing_instead_of_failing(site: ArchiveHouse) -> None:
    site.shelf.entry()

    assert site.get("/search?topic=%00&language=%00%ED%A0%80&platform=%00").status_code == 200
    assert site.get("/topics/%00").status_code == 404
    assert site.get("/topics/none").status_code == 404


def test_the_question_page_shows_quotation_answer_credit_and_links(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    entry = site.shelf.entry(topic="tv", customer="sam", source_url="https://social.example/@sam/1")

    page = site.get(f"/q/{entry}-why-is-there-no-picture")

    assert page.status_code == 200
    assert "@brand Why is there no picture?" in page.text
    assert "@sam" in page.text
    assert "^JD" in page.text
    assert "Hold the power button" in page.text
    assert 'href="https://social.example/@sam/1" rel="nofollow ugc noopener"' in page.text
    assert f'<link rel="canonical" href="http://answers.test/q/{entry}-why-is-there-no-picture">' in page.text
    assert '<meta property="og:title" content="Why is there no picture?">' in page.text


@pytest.mark.parametrize(
    "path",
    ["/", "/search?q=picture", "/topics", "/topics/tv", "/about", "/q/{entry}-why-is-there-no-picture"],
)
def test_every_page_has_what_open_graph_requires(quick: ArchiveHouse, path: str) -> None:
    quick.shelf.topic("tv", "TV")
    entry = quick.shelf.entry(topic="tv")

    page = quick.get(path.format(entry=entry)).text
    found = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]+)">', page))

    assert {"title", "type", "image", "url"} <= found.keys()
    assert found["image"] == "http://answers.test" + static("preview.png")


@pytest.mark.parametrize(
    "rest",
    ["", "/", "-", "-another-title", "-why-is-there-no-picture-", "-why-is-there-no-picture/", "-%22%3E"],
)
def test_any_address_with_the_number_leads_to_the_permalink(quick: ArchiveHouse, rest: str) -> None:
    entry = quick.shelf.entry()

    answer = quick.get(f"/q/{entry}{rest}")

    assert answer.status_code == 301
    assert answer.headers["location"] == f"/q/{entry}-why-is-there-no-picture"


def test_a_title_in_another_script_has_a_permalink_that_does_not_lead_in_circles(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry("なぜ画面が映らないのですか")

    moved = quick.get(f"/q/{entry}")

    assert moved.status_code == 301
    assert quick.get(moved.headers["location"]).status_code == 200


def test_a_title_without_any_letter_keeps_the_bare_number_as_its_address(quick: ArchiveHouse) -> None:
    assert quick.get(f"/q/{quick.shelf.entry('???')}").status_code == 200


@pytest.mark.parametrize("reference", ["999", "0", "-1", "abc", "9" * 30, "1e3", "%00", "١"])
def test_a_number_nobody_gave_is_not_found(site: ArchiveHouse, reference: str) -> None:
    page = site.get(f"/q/{reference}")

    assert page.status_code == 404
    assert 'type="search"' in page.text


def test_s12_what_is_gone_answers_410_and_is_nowhere_else(site: ArchiveHouse) -> None:
    entry = site.shelf.entry("Why did the courier go to Elm Street?", state=EntryState.GONE)
    paths = ("/search", "/feed.atom", "/api/v1/answers", "/api/v1/suggest")

    assert site.get(f"/q/{entry}").status_code == 410
    assert site.get(f"/api/v1/answers/{entry}", accept="application/json").status_code == 410
    for path in ("/", "/sitemap.xml", *paths, *(f"{path}?q=courier" for path in paths)):
        assert not re.search("elm.street", site.get(path).text, re.IGNORECASE), path


def test_an_entry_out_of_sight_is_not_found_and_one_without_answers_is_gone(quick: ArchiveHouse) -> None:
    hidden = quick.shelf.entry(state=EntryState.HIDDEN)

    assert quick.get(f"/q/{hidden}").status_code == 404


def test_a_withheld_quotation_is_explained_and_the_asker_not_named(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(
        "Where is my parcel?", customer="sam_private", quotation=None, withheld="It holds personal data."
    )
    elsewhere = ("/feed.atom", "/api/v1/answers", f"/api/v1/answers/{entry}")

    page = quick.get(f"/q/{entry}-where-is-my-parcel")

    assert "It holds personal data." in page.text
    assert "sam_private" not in page.text
    for path in (f"/q/{entry}-where-is-my-parcel", *elsewhere):
        assert "local#8" not in quick.get(path).text, path


def test_the_accepted_answer_comes_first_and_the_others_say_what_they_are(site: ArchiveHouse) -> None:
    entry = site.shelf.entry(answer="The accepted words.")
    site.shelf.answer(entry, "Something more.", kind="addition")
    site.shelf.answer(entry, "It was wrong above.", kind="correction")
    site.shelf.answer(entry, "Never published.", state="held")

    page = site.get(f"/q/{entry}-why-is-there-no-picture").text

    assert (
        page.index("The accepted words.") < page.index("Something more.") < page.index("It was wrong above.")
    )
    assert page.count("Addition</span>") == page.count("Correction</span>") == 1
    assert "Never published." not in page


def test_a_corrected_answer_shows_what_it_said_before(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(answer="Press it for ten seconds.")
    quick.shelf.former(quick.shelf.lead_of(entry), "Press it for five seconds.", "Too short.")

    page = quick.get(f"/q/{entry}-why-is-there-no-picture").text

    assert "Press it for <del>five</del><ins>ten</ins> seconds." in page
    assert "Too short." in page


def test_an_answer_past_its_date_carries_a_warning(quick: ArchiveHouse) -> None:
    old = quick.shelf.entry("Old?", valid_until=NOW - timedelta(days=1))
    fresh = quick.shelf.entry("Fresh?", valid_until=NOW + timedelta(days=1))

    assert "It may be out of date" in quick.get(f"/q/{old}-old").text
    assert "It may be out of date" not in quick.get(f"/q/{fresh}-fresh").text


def test_s05_no_field_can_bring_markup_into_any_page(quick: ArchiveHouse) -> None:
    quick.shelf.topic("tv", POLYGLOT, POLYGLOT)
    entry = quick.shelf.entry(
        POLYGLOT,
        POLYGLOT,
        customer=POLYGLOT,
        quotation=POLYGLOT,
        credit=POLYGLOT,
        topic="tv",
        source_url="javascript:alert(4)",
    )
    quick.shelf.former(quick.shelf.lead_of(entry), POLYGLOT, POLYGLOT)
    location = quick.get(f"/q/{entry}").headers["location"]

    for path in (
        "/",
        "/search",
        f"/search?q={quote(POLYGLOT)}",
        "/topics",
        "/topics/tv",
        location,
        "/feed.atom",
    ):
        text = quick.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert 'href="javascript:' not in text, path
        assert "3916441" not in text, path
        assert "\u202e" not in text, path


def test_s06_nothing_written_can_reorder_or_overflow_a_page_and_emoji_stay_whole(quick: ArchiveHouse) -> None:
    zalgo, family = "Z" + "\u0301" * 60, "👩\u200d👩\u200d👧"
    hostile = f"\u202eevil\u2066 hid\u200bden {zalgo} {family}"
    entry = quick.shelf.entry(f"T {hostile}", hostile, customer=hostile, quotation=hostile, credit=hostile)
    location = quick.get(f"/q/{entry}").headers["location"]

    for path in ("/", "/search?q=T", location, "/feed.atom", "/api/v1/answers"):
        text = quick.get(path).text
        assert not set(text) & set("\u202e\u2066\u200b"), path
        assert "\u0301" * 9 not in text, path
        assert family in text, path
    assert '<bdi dir="auto">' in quick.get(location).text


def test_s05_structured_data_cannot_be_left_by_what_it_holds(quick: ArchiveHouse) -> None:
    attack = "</script><!-- <script>alert(1)</script>"
    entry = quick.shelf.entry(attack, attack, quotation=attack)

    page = quick.get(quick.get(f"/q/{entry}").headers["location"]).text

    schema = _schema(page)
    assert schema["mainEntity"]["name"] == attack  # type: ignore[index]
    assert "<script>alert" not in page


def test_structured_data_follows_the_rules_for_pages_with_one_question(quick: ArchiveHouse) -> None:
    original = "https://social.example/@sam/1"
    entry = quick.shelf.entry(helpful=7, source_url=original)
    quick.shelf.answer(entry, "Something more.")

    question = _schema(quick.get(f"/q/{entry}-why-is-there-no-picture").text)["mainEntity"]

    assert isinstance(question, dict)
    assert question["@type"] == "Question"
    assert question["name"] == "Why is there no picture?"
    assert question["author"] == {"@type": "Person", "name": "sam"}
    assert question["isBasedOn"] == original
    assert question["answerCount"] == 2
    accepted = question["acceptedAnswer"]
    assert accepted["text"] == "Hold the power button for ten seconds."
    assert accepted["upvoteCount"] == 7
    assert accepted["url"].startswith(f"http://answers.test/q/{entry}-why-is-there-no-picture#answer-")
    assert accepted["author"]["name"] == "JD"
    assert [one["text"] for one in question["suggestedAnswer"]] == ["Something more."]


def test_words_from_x_are_quoted_for_people_and_kept_from_machines(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(
        "TV: hold the button", quotation="my secret words", platform="x", customer="sam_on_x", language="en"
    )
    page = quick.get(f"/q/{entry}-tv-hold-the-button").text

    assert "my secret words" in page
    assert "@sam_on_x" in page
    assert "secret" not in json.dumps(_schema(page))
    assert "sam_on_x" not in json.dumps(_schema(page))
    for path in ("/feed.atom", "/api/v1/answers", f"/api/v1/answers/{entry}", "/api/v1/suggest?q=button"):
        text = quick.get(path).text
        assert "hold the button" in text, path
        assert "secret" not in text, path
        assert "sam_on_x" not in text, path


def test_readers_say_whether_it_helped(site: ArchiveHouse) -> None:
    entry = site.shelf.entry()

    answer = site.post(f"/q/{entry}/helpful", {"helpful": "yes"})

    assert answer.status_code == 303
    page = site.get(answer.headers["location"].partition("#")[0]).text
    assert "Thank you. It is good to know that this helped." in page
    assert "It helped 1 reader." in page
    assert site.post(f"/q/{entry}/helpful", {"helpful": "perhaps"}).status_code == 422
    assert site.post("/q/999/helpful", {"helpful": "yes"}).status_code == 404


def test_a_report_puts_the_entry_up_for_review(site: ArchiveHouse) -> None:
    from bot.store.tables.house import ReportRow

    entry = site.shelf.entry()

    answer = site.post(f"/q/{entry}/report", {"reason": "wrong", "text": "It is the other button.\x00"})

    assert answer.status_code == 303
    with site.database.read() as session:
        report = session.get_one(ReportRow, 1)
        assert (report.entry_id, report.reason, report.text) == (entry, "wrong", "It is the other button.")
        assert session.get_one(EntryRow, entry).review == "A reader says that the answer is wrong."


@pytest.mark.parametrize("fields", [{"reason": "because"}, {"reason": "wrong", "text": "a" * 2001}, {}])
def test_a_report_that_says_nothing_usable_is_refused(quick: ArchiveHouse, fields: dict[str, str]) -> None:
    assert quick.post(f"/q/{quick.shelf.entry()}/report", fields).status_code == 422


def test_topics_tell_how_many_answers_they_have(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV", "Screens of all kinds")
    site.shelf.topic("wifi", "Wi-Fi")
    site.shelf.entry(topic="tv")

    page = site.get("/topics").text

    assert "1 answer<" in page
    assert "0 answers<" in page
    assert "no picture" in site.get("/topics/tv").text
    assert "No question about this has been answered yet." in site.get("/topics/wifi").text


def test_about_shows_the_texts_in_force_and_the_default_ones_else(site: ArchiveHouse) -> None:
    from bot.store.tables.house import TextRow

    with site.database.write() as session:
        for paragraphs in (["The first version."], ["The second version of {brand}."]):
            session.add(TextRow(name="terms", title="Terms of use", paragraphs=paragraphs, published_at=NOW))

    page = site.get("/about").text

    assert "The second version of Acme." in page
    assert "The first version." not in page
    assert "In force since 5 March 2026." in page
    assert "Moderation policy" in page
    assert "{brand}" not in page


def test_pages_are_cached_by_their_version(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry()
    path = f"/q/{entry}-why-is-there-no-picture"
    first = quick.get(path)

    again = quick.get(path, if_none_match=first.headers["etag"])

    assert (again.status_code, again.content) == (304, b"")
    quick.post(f"/q/{entry}/helpful", {"helpful": "yes"})
    assert quick.get(path, if_none_match=first.headers["etag"]).status_code == 200


def test_open_pages_hear_of_new_entries_on_public_channels_only(quick: ArchiveHouse) -> None:
    events = quick.get("/live/entries")

    assert events.headers["content-type"].startswith("text/event-stream")
    assert "event: change\ndata: entries\n\n" in events.text
    assert quick.get("/live/work").status_code == 404


def test_no_page_is_heavier_than_sixty_kilobytes(quick: ArchiveHouse) -> None:
    for number in range(30):
        quick.shelf.entry(f"Question {number} " + "word " * 20, "A long answer. " * 60)

    for path in ("/", "/search", "/search?q=question", "/q/1-question-0-word"):
        page = quick.get(path)
        assert len(page.content) < 60_000, path


def test_s24_a_quotation_and_an_answer_are_folded_behind_their_content_warnings(site: ArchiveHouse) -> None:
    entry = site.shelf.entry(
        "What helps?", warning="blood <b>", quotation="my thumb bleeds", pictures=["a thumb & a knife"]
    )
    site.shelf.answer(entry, "Press on it.", kind="addition", warning="needles")

    page = site.get(f"/q/{entry}-what-helps").text

    folded = re.findall(r"<details><summary>.*?<bdi>(.*?)</bdi></summary>(.*?)</details>", page, re.DOTALL)
    assert [warning for warning, _ in folded] == ["blood &lt;b&gt;", "needles"]
    assert "my thumb bleeds" in folded[0][1]
    assert "Picture: <bdi>a thumb &amp; a knife</bdi>" in folded[0][1]
    assert "Press on it." in folded[1][1]


def test_s24_what_is_folded_away_is_not_shown_before_anybody_opens_it(site: ArchiveHouse) -> None:
    entry = site.shelf.entry("What helps?", warning="blood", quotation="my thumb bleeds")
    with site.database.write() as session:
        lead = session.get_one(AnswerRow, site.shelf.lead_of(entry))
        lead.text, lead.warning = "Sew it up with a needle.", "needles"
        session.add(lead)

    page = site.get(f"/q/{entry}-what-helps").text
    head = page.partition("</head>")[0]
    for shown in (head, site.get("/").text, site.get("/search?q=helps").text):
        assert "Sew it up" not in shown
        assert "thumb" not in shown
    question = _schema(page)["mainEntity"]
    assert isinstance(question, dict)
    assert question["text"] == "blood"
    assert question["acceptedAnswer"]["text"] == "needles"


def test_the_front_page_is_as_everything_is_now_however_often_it_was_shown(quick: ArchiveHouse) -> None:
    """Page and lines are remembered by what they are made of; what has changed is another."""
    entry = quick.shelf.entry("Where is my parcel?", "On its way.")
    assert "Where is my parcel?" in quick.get("/").text
    with quick.database.write() as session:
        row = session.get_one(EntryRow, entry)
        row.title = "Where did it go?"
        entries.touch(session, row, NOW)
    assert "Where is my parcel?" not in quick.get("/").text
    assert "Where did it go?" in quick.get("/").text
    assert "Antworten" in quick.get("/", **{"Accept-Language": "de"}).text
    assert "Antworten" not in quick.get("/").text
    assert "1 hour ago" in quick.get("/").text
    quick.clock.advance(timedelta(hours=1))
    assert "2 hours ago" in quick.get("/").text
    with quick.database.write() as session:
        curate.hide(session, session.get_one(EntryRow, entry), "jane", NOW)
    assert "Where did it go?" not in quick.get("/").text


def test_the_front_page_is_made_once_for_all_who_ask_meanwhile(
    quick: ArchiveHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick.shelf.entry("Where is my parcel?", "On its way.")
    first = quick.get("/")
    monkeypatch.setattr(archive, "latest", None)

    again = quick.get("/")

    assert (again.status_code, again.text) == (200, first.text)
    same = ("etag", "cache-control", "vary", "content-type")
    assert [again.headers[name] for name in same] == [first.headers[name] for name in same]
    assert quick.get("/", **{"If-None-Match": first.headers["etag"]}).status_code == 304


def test_machines_are_told_the_language_and_of_an_accepted_answer_only_where_one_is(
    quick: ArchiveHouse,
) -> None:
    entry = quick.shelf.entry("Kein Bild nach dem Update", "Stecker ziehen.", language="de")
    page = quick.get(f"/q/{entry}-kein-bild-nach-dem-update").text
    assert '"acceptedAnswer"' in page
    assert page.count('"inLanguage":"de"') == 3
    assert '<h1 id="question" lang="de" dir="ltr">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    with quick.database.write() as session:
        for answer in session.exec(select(AnswerRow)):
            answer.lead = False
    page = quick.get(f"/q/{entry}-kein-bild-nach-dem-update").text
    assert '"acceptedAnswer"' not in page
    assert '"suggestedAnswer"' in page


def test_whoever_asks_for_an_icon_without_a_page_is_led_to_it(quick: ArchiveHouse) -> None:
    answer = quick.get("/favicon.ico")
    assert (answer.status_code, answer.headers["location"]) == (301, static("chorus.svg"))
