"""The language of a post from its words."""

import pytest

from bot.text.language import language_code, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My router keeps losing the connection every evening", "en"),
        ("Seit dem Update bleibt der Bildschirm schwarz, was nun?", "de"),
        ("Depuis ce matin ma télé ne trouve plus aucune chaîne", "fr"),
        ("¿Por qué mi factura es más alta este mes que el anterior?", "es"),
        ("アップデートしてから画面が映らなくなりました", "ja"),
        ("MY ROUTER KEEPS LOSING THE CONNECTION EVERY EVENING", "en"),
        ("My router\nkeeps losing\tthe connection\r\nevery evening " + "x" * 5_000, "en"),
    ],
)
def test_a_sentence_is_enough(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "ok", "123 456 789 000 111", "!!! ??? ...", "😀" * 40, "help pls"])
def test_nobody_can_be_sure_of_a_few_letters(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("in", "id"),
        ("iw", "he"),
        ("iw-IL", "he-IL"),
        ("ji", "yi"),
        ("jw", "jv"),
        ("mo", "ro"),
        ("EN", "en"),
        ("pt_BR", "pt-BR"),
        ("qu", "qu"),
        ("zh-Hant-TW", "zh-Hant-TW"),
    ],
)
def test_former_codes_are_told_in_todays(told: str, code: str) -> None:
    assert language_code(told) == code


@pytest.mark.parametrize(
    "told", [None, "", " ", "und", "zxx", "mul", "mis", "art", "qme", "QHT", "qtz-x", 5, []]
)
def test_what_is_no_language_is_none(told: object) -> None:
    assert language_code(told) is None
