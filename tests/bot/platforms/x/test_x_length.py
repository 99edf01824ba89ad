"""X's lengths as we count them, against an independent reading of X's own rules (twitter-text)."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.length import XLength

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it reads its rules in a way that setuptools has announced the end of
    from twitter_text import parse_tweet

PIECES = (
    "Please hold the power button",
    "für zehn Sekunden gedrückt",
    "电源按钮",
    "電源ボタンを押して",
    "전원 버튼",
    "اضغط على زر",
    "нажмите кнопку",
    "👍",
    "👩‍🚀",
    "🇩🇪",
    "👋🏽",
    "e\u0301",
    "“quoted” – dashed…",
    "@brand",
    "#chorus",
    "$SHOP",
    "https://example.com",
    "http://example.com/a/very/long/path?with=query&and=more#fragment",
    "example.com",
    "support.example.co.uk/help",
    "(https://example.com/a_(b))",
    "https://例え.jp/道",
    "file.txt",
    "jane@example.com",
    "1.2.3",
    "a.b",
    "\n",
)


def theirs(text: str) -> int:
    return int(parse_tweet(text).weightedLength)


@pytest.mark.parametrize("text", PIECES)
def test_a_piece_is_as_long_as_x_counts_it(text: str) -> None:
    assert XLength().length(text) == theirs(text)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join))
def test_a_text_is_as_long_as_x_counts_it(text: str) -> None:
    assert XLength().length(text) == theirs(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Co", "Cn"]), min_size=1, max_size=40))
def test_any_characters_are_as_long_as_x_counts_them(text: str) -> None:
    assert XLength().length(text) == theirs(text)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map(" ".join))
def test_what_fits_is_what_x_takes(text: str) -> None:
    assert XLength().fits(text) == parse_tweet(text).valid
