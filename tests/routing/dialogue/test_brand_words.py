"""Which of the words that are listened for a post holds."""

import pytest

from routing.dialogue.brand_words import BrandWord, BrandWords

ACME = BrandWord(1, "Acme")
ROUTER = BrandWord(2, "acme router", languages=("en", "es"))
PIE = BrandWord(3, "Kirsche", without=("Kuchen", "im Garten"), platforms=("x",))
WORDS = BrandWords.of([ACME, ROUTER, PIE])


def found(text: str, *, tags: tuple[str, ...] = (), language: str | None = None, on: str = "x") -> list[int]:
    return WORDS.found_in(on, text, tags, language)


@pytest.mark.parametrize(
    "text",
    [
        "my ACME is broken",
        "Acme's tv",
        "“acme”!",
        "ａｃｍｅ again",
        "buy #acme now",
        "is it acme?",
        "ac\u200bme",
    ],
)
def test_a_word_is_found_whole_in_any_case(text: str) -> None:
    assert found(text) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "acmeology",
        "pacme",
        "see https://acme.example/tv",
        "ask @acme or @acme_fan",
        "write to me@acme.com",
        "",
    ],
)
def test_a_part_of_a_word_a_link_and_a_handle_are_not_it(text: str) -> None:
    assert found(text) == []


def test_a_phrase_may_be_broken_and_may_be_a_hashtag() -> None:
    assert found("the acme\nrouter died") == [1, 2]
    assert found("it died again", tags=("AcmeRouter",)) == [2]
    assert found("the router by acme") == [1]


def test_a_post_in_another_language_is_left_alone_and_one_nobody_can_tell_is_not() -> None:
    assert found("acme router", language="de") == [1]
    assert found("acme router", language="es-MX") == [1, 2]
    assert found("acme router", language=None) == [1, 2]


def test_an_excluded_word_or_phrase_keeps_a_post_out() -> None:
    assert found("Meine Kirsche geht nicht an") == [3]
    assert found("Kirsche und Kuchen") == found("die Kirsche im Garten") == []


def test_a_word_is_listened_for_on_its_platforms_alone() -> None:
    assert found("Kirsche", on="mastodon") == []
    assert [word.id for word in WORDS.on("mastodon")] == [1, 2]


def test_where_words_are_written_without_spaces_one_may_stand_within_others() -> None:
    words = BrandWords.of([BrandWord(1, "アクメ"), BrandWord(2, "아크메")])
    assert words.found_in("x", "新しいアクメのテレビ", (), "ja") == [1]
    assert words.found_in("x", "아크메는 왜 이래", (), "ko") == [2]
