"""The public pages speak their reader's language; what people wrote stays in theirs."""

import pytest

from app.web.languages.negotiation import best
from bot.store.engine import Database
from tests.app.archive_house import ArchiveHouse


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, fr;q=0.8", "de"),
        ("fr;q=0.3, nl;q=0.9", "nl"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("tlh, ja;q=0.5", "ja"),
        ("tlh, *", "en"),
        ("*, de;q=0.5", "en"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=0, de-AT", "en"),
        ("DE ; Q=0.7", "de"),
        ("de;q=many, it;q=0.2", "it"),
        ("de;q=7, it;q=0.2", "it"),
        (";;,,q=1;de", "en"),
        (",".join(["tlh"] * 5000) + ",de", "en"),
        ("../de, en/../fr", "en"),
    ],
)
def test_a_reader_gets_the_language_that_their_browser_likes_best(accepted: str, code: str) -> None:
    assert best(accepted) == code


@pytest.fixture
def house(sqlite_database: Database) -> ArchiveHouse:
    house = ArchiveHouse(sqlite_database)
    house.shelf.topic("tv", "TV & picture")
    house.shelf.entry(topic="tv", asked_count=3, language="en")
    return house


def read(house: ArchiveHouse, path: str, language: str) -> str:
    page = house.get(path, **{"Accept-Language": language, "Accept": "text/html"})
    assert "Accept-Language" in page.headers["vary"]
    return page.text


def test_a_page_says_in_which_language_and_direction_it_is(house: ArchiveHouse) -> None:
    assert '<html lang="de" dir="ltr">' in read(house, "/", "de-AT")
    arabic = read(house, "/", "ar")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<h3 class="row-title" lang="en" dir="ltr"><a' in arabic
    assert '<p class="excerpt" lang="en" dir="ltr">' in arabic


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "asked 3 times"),
        ("de", "3 Mal gefragt"),
        ("fr", "demandé 3 fois"),
        ("es", "preguntado 3 veces"),
        ("pt", "perguntado 3 vezes"),
        ("it", "chiesto 3 volte"),
        ("nl", "3 keer gevraagd"),
        ("ja", "3回質問されました"),
        ("ar", "سُئل 3 مرات"),
    ],
)
def test_the_nine_languages_speak(house: ArchiveHouse, code: str, words: str) -> None:
    for path in ("/", "/search", "/topics/tv"):
        assert words in read(house, path, code)


def test_what_is_kept_of_a_page_is_kept_by_language(house: ArchiveHouse) -> None:
    english, german = (house.get("/", **{"Accept-Language": code}) for code in ("en", "de"))

    assert english.headers["etag"] != german.headers["etag"]
    asked = {"Accept-Language": "de", "If-None-Match": english.headers["etag"]}
    assert house.get("/", **asked).status_code == 200
    again = house.get("/", **{"Accept-Language": "de", "If-None-Match": german.headers["etag"]})
    assert (again.status_code, "Accept-Language" in again.headers["vary"]) == (304, True)
    assert "3 Mal gefragt" in read(house, "/", "de")
    assert "asked 3 times" in read(house, "/", "en")


def test_why_a_question_is_withheld_is_said_to_the_reader(house: ArchiveHouse) -> None:
    why = "The question is not shown because it holds personal data."
    known = house.shelf.entry("Where is my parcel?", "On its way.", quotation=None, withheld=why)
    other = house.shelf.entry("And mine?", "Too.", quotation=None, withheld="Reasons of old.")

    german = read(house, house.get(f"/q/{known}").headers["location"], "de")
    assert '<p class="quote muted">Die Frage wird nicht gezeigt, weil' in german
    german = read(house, house.get(f"/q/{other}").headers["location"], "de")
    assert '<p class="quote muted" lang="en" dir="ltr">Reasons of old.</p>' in german


def test_what_goes_wrong_is_said_to_the_reader_and_to_programs_in_english(house: ArchiveHouse) -> None:
    page = read(house, "/q/999", "nl")
    assert "Hier is niets" in page
    assert "Er is geen antwoord met dit nummer." in page
    assert house.ask("GET", "/q/999").json()["detail"] == "There is no answer with this number."

    page = house.get("/search?q=" + "a" * 1500, **{"Accept-Language": "de"})
    assert "1.500 Zeichen, höchstens 500" in page.text


def test_a_feed_speaks_the_language_of_its_entries_else_the_readers(house: ArchiveHouse) -> None:
    feed = read(house, "/feed.atom", "de")
    assert 'xml:lang="de"' in feed
    assert "<title>Antworten von Acme</title>" in feed
    feed = read(house, "/feed.atom?language=fr", "de")
    assert "<title>Les réponses de Acme</title>" in feed


def test_the_public_texts_are_translated_until_somebody_writes_their_own(house: ArchiveHouse) -> None:
    page = read(house, "/about", "es")
    assert "Este es el archivo público de las preguntas que la gente ha hecho a Acme" in page
