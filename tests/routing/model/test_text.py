"""Words and stems."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.dialogue.classifier import judge
from routing.dialogue.turns import By, Utterance
from routing.model.text import (
    is_not_for_us,
    mentions,
    stems,
    strip_leading_handles,
    strip_tag,
    tokens,
    words,
)


def test_links_handles_and_stop_words_are_dropped_and_hashtags_are_words():
    assert tokens("@brand the #WiFi is down https://t.co/x jane@example.com") == ["wifi", "down"]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "televisions", "television"),
        ("de", "Fernsehern", "Fernseher"),
        ("fr", "écrans", "écran"),
        ("es", "pantallas", "pantalla"),
        ("it", "televisori", "televisore"),
        ("pt", "telas", "tela"),
        ("nl", "schermen", "scherm"),
        ("pt-BR", "telas", "tela"),
        (None, "routers", "router"),
    ],
)
def test_inflections_share_a_stem(language, one, other):
    assert tokens(one, language) == tokens(other, language) != []


def test_a_language_without_a_stemmer_keeps_its_words():
    assert tokens("routery", "xx") == ["routery"]


def test_scripts_without_blanks_come_as_pairs():
    assert tokens("画面が映らない", "ja") == ["画面", "面が", "が映", "映ら", "らな", "ない"]
    assert words("電") == ["電"]


def test_elisions_and_apostrophes():
    assert words("L'écran can't brand’s") == ["écran", "cant", "brand"]


@given(st.text(alphabet=st.characters()), st.sampled_from(["en", "de", "fr", "ja", None, "zz"]))
def test_any_text_at_all_can_be_read(text, language):
    found = tokens(text, language)
    assert len(found) <= len(stems(text, language))
    assert all(found)


def test_a_very_long_text_is_read_quickly_enough_to_serve():
    assert len(tokens("router " * 20_000)) == 20_000


def test_reading_needs_no_numpy():
    check = (
        "import sys, routing.model.text, routing.model.topics, routing.model.lifecycle, routing.model.domain;"
        "import routing.ladder.priority;"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part", ["a", "@", "@a.", "a@a.", "@a-", ".@", "#a", "a'", "thanks ", "it is ", "earn 1", "漢", "\n "]
)
def test_no_repetition_makes_reading_slow(part):
    text = part * 40_000
    tokens(text)
    mentions(text)
    judge(Utterance(By.CUSTOMER, text))
    is_not_for_us(text)
    strip_tag(strip_leading_handles(text), "#chorus")
