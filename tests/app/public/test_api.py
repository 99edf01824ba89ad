"""The JSON API, as a program uses it."""

from typing import Any
from urllib.parse import quote

import pytest

from app.public.cursors import of_offset, of_position, offset_of, position_of
from app.web.problems import Problem
from bot.store.engine import Database
from bot.store.queries.pages.archive import ListPosition
from bot.store.tables.conversations import AnswerRow
from tests.app.archive_house import NOW, ArchiveHouse

SHAPE = [
    "id",
    "title",
    "answer",
    "topic",
    "language",
    "platform",
    "url",
    "source_url",
    "answered_by",
    "answered_at",
    "score",
]


@pytest.fixture
def site(database: Database) -> ArchiveHouse:
    return ArchiveHouse(database)


@pytest.fixture
def quick(sqlite_database: Database) -> ArchiveHouse:
    return ArchiveHouse(sqlite_database)


def read(site: ArchiveHouse, path: str) -> Any:
    answer = site.get(path, accept="*/*")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def follow(site: ArchiveHouse, path: str) -> list[list[str]]:
    """The titles of every page from ``path`` on."""
    pages, cursor = [], ""
    while cursor is not None:
        page = read(site, f"{path}&cursor={cursor}" if cursor else path)
        pages.append([item["title"] for item in page["items"]])
        cursor = page["next"]
    return pages


def test_an_answer_has_exactly_the_promised_shape(site: ArchiveHouse) -> None:
    site.shelf.topic("tv", "TV")
    entry = site.shelf.entry(topic="tv", language="en", source_url="https://social.example/1")

    page = read(site, "/api/v1/answers?q=picture")

    assert list(page) == ["items", "next"]
    (item,) = page["items"]
    assert list(item) == SHAPE
    assert item == {
        "id": str(entry),
        "title": "Why is there no picture?",
        "answer": "Hold the power button for ten seconds.",
        "topic": "tv",
        "language": "en",
        "platform": "local",
        "url": f"http://answers.test/q/{entry}-why-is-there-no-picture",
        "source_url": "https://social.example/1",
        "answered_by": "JD",
        "answered_at": "2026-03-05T13:00:00Z",
        "score": 1.0,
    }


def test_without_a_query_the_latest_come_first_and_have_no_score(site: ArchiveHouse) -> None:
    site.shelf.entry("Older", minutes_ago=2)
    site.shelf.entry("Newer", minutes_ago=1)

    items = read(site, "/api/v1/answers")["items"]

    assert [(item["title"], item["score"]) for item in items] == [("Newer", None), ("Older", None)]


def test_cursors_lead_through_the_latest_once_each_even_at_one_moment(site: ArchiveHouse) -> None:
    for number in range(7):
        site.shelf.entry(f"Question {number}", minutes_ago=30)

    pages = follow(site, "/api/v1/answers?limit=3")

    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({title for page in pages for title in page}) == 7


def test_what_comes_in_meanwhile_does_not_disturb_the_following_page(site: ArchiveHouse) -> None:
    for number in range(4):
        site.shelf.entry(f"Question {number}", minutes_ago=30 + number)
    first = read(site, "/api/v1/answers?limit=2")

    site.shelf.entry("Brand new", minutes_ago=0)
    second = read(site, f"/api/v1/answers?limit=2&cursor={first['next']}")

    assert [item["title"] for item in second["items"]] == ["Question 2", "Question 3"]


def test_cursors_lead_through_the_results_of_a_search(site: ArchiveHouse) -> None:
    for number in range(5):
        site.shelf.entry(f"Picture {number}")

    pages = follow(site, "/api/v1/answers?q=picture&limit=2")

    assert [len(page) for page in pages] == [2, 2, 1]


def test_filters_narrow_lists_and_searches(site: ArchiveHouse) -> None:
    site.shelf.entry("Picture one", topic="tv", language="en")
    site.shelf.entry("Picture two", topic="wifi", language="de")

    for path in ("/api/v1/answers?", "/api/v1/answers?q=picture&"):
        for narrowed in ("topic=wifi", "language=de", "topic=wifi&language=de"):
            items = read(site, path + narrowed)["items"]
            assert [item["title"] for item in items] == ["Picture two"], path + narrowed


def test_one_answer_has_its_further_answers_and_the_customers_words(site: ArchiveHouse) -> None:
    entry = site.shelf.entry(asked_count=3)
    site.shelf.answer(entry, "Something more.", kind="addition", url="https://social.example/2")

    item = read(site, f"/api/v1/answers/{entry}")

    assert list(item)[: len(SHAPE)] == SHAPE
    assert item["question"] == "@brand Why is there no picture?"
    assert item["asked_count"] == 3
    assert [one["kind"] for one in item["answers"]] == ["answer", "addition"]
    assert item["answers"][1]["source_url"] == "https://social.example/2"


def test_a_withheld_quotation_is_null(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(quotation=None, withheld="It holds personal data.")

    assert read(quick, f"/api/v1/answers/{entry}")["question"] is None


def test_suggestions_come_with_their_probability(site: ArchiveHouse) -> None:
    entry = site.shelf.entry()

    items = read(site, "/api/v1/suggest?q=no+picture")["items"]

    assert [(item["id"], item["probability"]) for item in items] == [(str(entry), 0.4)]
    assert read(site, "/api/v1/suggest?q=")["items"] == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/v1/answers?limit=0", "limit"),
        ("/api/v1/answers?limit=101", "limit"),
        ("/api/v1/answers?limit=abc", "limit"),
        ("/api/v1/answers?cursor=garbage", "cursor"),
        ("/api/v1/answers?cursor=%00%FF", "cursor"),
        ("/api/v1/answers?cursor=" + "A" * 5000, "cursor"),
        ("/api/v1/answers?q=picture&cursor=" + of_position(ListPosition(NOW, 1)), "cursor"),
        ("/api/v1/answers?cursor=" + of_offset(20), "cursor"),
        ("/api/v1/answers?q=" + "a" * 10_000, "q"),
        ("/api/v1/suggest?q=" + "a" * 10_000, "q"),
    ],
)
def test_a_parameter_that_is_not_usable_is_named_in_a_problem_document(
    quick: ArchiveHouse, path: str, named: str
) -> None:
    answer = quick.get(path, accept="*/*")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["title"]
    assert problem["detail"]
    assert [error["name"] for error in problem["errors"]] == [named]


@pytest.mark.parametrize("reference", ["999", "0", "abc", "9" * 30, "%00", "-1"])
def test_an_unknown_answer_is_a_problem_document_even_for_a_browser(
    quick: ArchiveHouse, reference: str
) -> None:
    answer = quick.get(f"/api/v1/answers/{reference}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_answers_are_cached_by_their_version_and_open_to_every_origin(quick: ArchiveHouse) -> None:
    quick.shelf.entry()
    first = quick.get("/api/v1/answers", origin="https://elsewhere.example")

    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"].startswith("public")
    again = quick.get("/api/v1/answers", if_none_match=first.headers["etag"])
    assert again.status_code == 304
    assert again.headers["etag"] == first.headers["etag"]


def test_lone_surrogates_in_the_store_do_not_break_the_json(quick: ArchiveHouse) -> None:
    quick.shelf.entry("Odd title \ufffd")

    assert read(quick, f"/api/v1/answers?q={quote('odd')}")["items"]


def test_the_description_explains_every_parameter_and_gives_examples(quick: ArchiveHouse) -> None:
    description = quick.get("/openapi.json").json()

    operation = description["paths"]["/api/v1/answers"]["get"]
    assert all(parameter["description"] for parameter in operation["parameters"])
    assert description["components"]["schemas"]["AnswerPage"]["examples"]
    assert "/search" not in description["paths"]


def test_a_cursor_comes_back_as_what_it_was() -> None:
    position = ListPosition(NOW, 2**62)

    assert position_of(of_position(position)) == position
    assert offset_of(of_offset(40)) == 40


@pytest.mark.parametrize(
    "cursor",
    ["", "e30", "W10", "WzFd!", "bnVsbA", "WzEsMl0x", "é", "WyJhIiwiYiJd", "Wy0xLDFd", "W3RydWUsdHJ1ZV0"],
)
def test_anything_else_is_no_cursor(cursor: str) -> None:
    with pytest.raises(Problem):
        position_of(cursor)


def test_s24_content_warnings_and_pictures_come_beside_the_words(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(warning="blood", quotation="my thumb", pictures=["a thumb"])
    quick.shelf.answer(entry, "Press on it.", kind="addition", warning="needles")

    item = read(quick, f"/api/v1/answers/{entry}")

    assert (item["question"], item["question_warning"], item["question_pictures"]) == (
        "my thumb",
        "blood",
        ["a thumb"],
    )
    assert [one.get("warning") for one in item["answers"]] == [None, "needles"]
    with quick.database.write() as session:
        answer = session.get_one(AnswerRow, quick.shelf.lead_of(entry))
        answer.warning = "spoiler"
        session.add(answer)
    (listed,) = read(quick, "/api/v1/answers")["items"]
    assert (list(listed), listed["warning"]) == ([*SHAPE, "warning"], "spoiler")


def test_s24_on_x_nothing_that_stood_beside_the_customers_words_is_told(quick: ArchiveHouse) -> None:
    entry = quick.shelf.entry(platform="x", warning="blood", quotation="my thumb", pictures=["a thumb"])
    item = read(quick, f"/api/v1/answers/{entry}")
    assert (item["question"], item["question_warning"], item["question_pictures"]) == (None, None, [])
