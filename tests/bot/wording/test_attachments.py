"""What stands beside a post's words, taken apart; and which content warning the brand repeats."""

import pytest

from bot.platforms.mastodon.length import MastodonLength
from bot.text.lengths import PlainLength
from bot.wording.attachments import (
    NEUTRAL_WARNING,
    Folded,
    kept_warning,
    not_carried,
    own_warning,
    unwarned,
    whole,
)
from bot.wording.guard import GuardPolicy

POLICY = GuardPolicy(own_domains=frozenset({"example.com"}), blocked_words=("rubbish",))


def test_s24_a_text_is_put_together_and_taken_apart_again() -> None:
    text = whole("@brand which one?", warning="TV trouble", choices=("A1", "B2"))
    assert text == "TV trouble\n\n@brand which one?\n\n• A1\n• B2"
    assert unwarned(text, "TV trouble") == "@brand which one?\n\n• A1\n• B2"
    assert whole("only words") == "only words"


@pytest.mark.parametrize(
    ("text", "warning", "words"),
    [
        ("no warning here", "", "no warning here"),
        ("TV", "TV", ""),
        ("TVs are fine", "TV", "TVs are fine"),
        ("something else", "TV", "something else"),
        ("TV\nTV again", "TV", "TV again"),
    ],
)
def test_s24_only_the_warning_itself_is_taken_from_the_front(text: str, warning: str, words: str) -> None:
    assert unwarned(text, warning) == words


def test_s24_an_answers_warning_is_one_line_without_tag_and_live_mentions() -> None:
    assert own_warning("@sam  #chorus spoiler:\nthe @ceo", "#chorus") == "spoiler: the @\xa0ceo"
    assert own_warning("#chorus", "#chorus") == ""


@pytest.mark.parametrize(
    ("own", "asked", "kept"),
    [
        ("", "", ""),
        ("blinking lights", "", "blinking lights"),
        ("", "TV trouble", "TV trouble"),
        ("blinking lights", "TV trouble", "blinking lights"),
        ("", "⚡", "⚡"),
    ],
)
def test_s24_the_brands_reply_keeps_the_questions_warning_unless_the_answer_has_its_own(
    own: str, asked: str, kept: str
) -> None:
    assert kept_warning(own, asked, POLICY) == kept


@pytest.mark.parametrize(
    "asked",
    [
        "see https://evil.example",
        "see https://example.com",
        "ask @everyone",
        "call +1 202 555 0143",
        "Acme is rubbish",
        "x" * 101,
        "\u200b\u202e",
    ],
)
def test_s9_what_a_customer_warns_of_does_not_come_out_of_the_brands_mouth_unexamined(asked: str) -> None:
    assert kept_warning("", asked, POLICY) == NEUTRAL_WARNING


def test_s24_pictures_and_polls_of_an_answer_are_not_carried_over_in_silence() -> None:
    assert not_carried((), ()) is None
    assert "a picture" in (not_carried(("",), ()) or "")
    assert "2 pictures" in (not_carried(("a", "b"), ()) or "")
    assert "a poll" in (not_carried((), ("A", "B")) or "")


def test_s24_a_warning_counts_against_the_length_of_a_post() -> None:
    folded = Folded(PlainLength(20), "TV trouble")
    assert folded.fits("nine char")
    assert not folded.fits("ten characters")
    assert folded.length("1234") == 15


def test_s24_a_speech_of_a_warning_is_not_read_through_for_links_before_it_is_left_out() -> None:
    asked = "-" * 100_000  # minutes, if it were
    assert kept_warning("", asked, POLICY) == NEUTRAL_WARNING


def test_s24_an_address_in_a_warning_counts_in_full_for_it_is_no_link() -> None:
    warning = "Ends of https://example.com/films/and-how-they-end"
    folded = Folded(MastodonLength(60, 23), warning)
    assert folded.length("123") == len(warning) + 4
    assert folded.fits("x" * (59 - len(warning)))
    assert not folded.fits("x" * (60 - len(warning)))


@pytest.mark.parametrize(
    ("language", "warning"),
    [("de", "Inhaltswarnung"), ("pt-BR", "Aviso de conteúdo"), ("tlh", NEUTRAL_WARNING)],
)
def test_neutral_words_are_in_the_customers_language(language: str, warning: str) -> None:
    assert kept_warning("", "see https://example.com", POLICY, language) == warning
