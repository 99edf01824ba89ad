import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.bluesky.length import BlueskyLength
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.x.length import XLength
from bot.text.lengths import PlainLength, graphemes

SAMPLES = Path(os.environ.get("CHORUS_TEST_SAMPLES", "../shared/samples"))
CASES = SAMPLES / "twitter-text" / "validate.yml"
FAMILY = "👨‍👩‍👧‍👦"
URL = "https://example.com/a/page?with=query"


def official(group: str) -> list[Any]:
    if not CASES.exists():
        return []
    cases: list[Any] = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"][group]
    return cases


@pytest.mark.skipif(
    not CASES.exists(), reason="the official conformance cases are not at CHORUS_TEST_SAMPLES"
)
@pytest.mark.parametrize(
    ("group", "measure"),
    [
        ("WeightedTweetsCounterTest", XLength(emoji_as_one=False)),
        ("WeightedTweetsWithDiscountedEmojiCounterTest", XLength()),
        ("UnicodeDirectionalMarkerCounterTest", XLength()),
    ],
)
def test_x_counts_as_the_official_cases_say(group: str, measure: XLength) -> None:
    for case in official(group):
        expected = (case["expected"]["weightedLength"], case["expected"]["valid"])
        assert (measure.length(case["text"]), measure.fits(case["text"])) == expected, case["description"]


@pytest.mark.skipif(
    not CASES.exists(), reason="the official conformance cases are not at CHORUS_TEST_SAMPLES"
)
def test_x_finds_the_official_valid_addresses() -> None:
    # Valid as addresses, but posts do not link them, or not to their last character.
    unsupported = {
        *("Valid url: port and userinfo", "Valid url: ipv4", "Valid url: ipv6"),
        "Valid url: sub delims and question marks",
    }
    for case in official("urls") + official("urls_without_protocol"):
        if case["expected"] and case["description"] not in unsupported:
            assert XLength().length(case["text"]) == 23, case["description"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("café", 4),
        ("cafe\u0301", 4),
        ("漢字", 4),
        (FAMILY, 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("🇽🇽", 4),
        ("1️⃣", 2),
        ("see example.com now", 4 + 23 + 4),
        ("see example.com.", 4 + 23 + 1),
        ("jane@example.com", 16),
        ("file.unknowntld", 15),
        ("https://t.co/abcdefghij/more", 23 + 5),
        ("(https://example.com/a_(b))", 25),
        ("日本https://example.com", 4 + 23),
    ],
)
def test_x_weighs(text: str, length: int) -> None:
    assert XLength().length(text) == length


def test_x_refuses_what_is_empty_too_long_or_not_allowed() -> None:
    measure = XLength()
    assert measure.fits("a" * 280)
    assert not measure.fits("a" * 281)
    assert measure.fits("a" * 256 + " " + URL)
    assert not measure.fits("")
    assert not measure.fits("a\ufffe")
    assert not measure.fits("a\ud800")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("abc", 3),
        (FAMILY, 1),
        ("see " + URL, 4 + 23),
        ("http://a.de/", 23),
        ("example.com/page", 16),
        ("@jane@social.example hi", 8),
        ("@jane hi", 8),
        ("mail jane@social.example", 24),
        (URL + "/@jane@host", 23),
    ],
)
def test_mastodon_counts(text: str, length: int) -> None:
    assert MastodonLength().length(text) == length


def test_mastodon_takes_its_limits_from_the_instance() -> None:
    measure = MastodonLength(max_characters=30, characters_reserved_per_url=10)
    assert measure.length(URL) == 10
    assert measure.fits("a" * 19 + " " + URL)
    assert not measure.fits("a" * 20 + " " + URL)
    assert not measure.fits(" ")


def test_a_server_that_counts_addresses_in_full() -> None:
    measure = MastodonLength(characters_reserved_per_url=None)
    assert measure.length(URL) == len(URL)
    assert measure.length("@jane@social.example") == 20


def test_bluesky_has_two_limits() -> None:
    measure = BlueskyLength()
    assert measure.length(FAMILY) == 1
    assert measure.fits("a" * 300)
    assert not measure.fits("a" * 301)
    assert measure.fits(FAMILY * 120)  # 25 bytes each
    assert not measure.fits(FAMILY * 121)
    assert measure.fits("क्षि" * 250)
    assert not measure.fits("")


def test_plain_counts_what_a_reader_sees() -> None:
    assert PlainLength(2).fits(FAMILY + "é")
    assert not PlainLength(2).fits("abc")
    assert not PlainLength(2).fits("  ")


@given(st.text())
def test_every_measure_takes_any_text(text: str) -> None:
    for measure in (XLength(), MastodonLength(), BlueskyLength(), PlainLength(100)):
        assert measure.length(text) >= 0
        assert measure.fits(text) in (True, False)


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_line_between_two_texts_adds_one(first: str, second: str) -> None:
    joined = f"{first}\n\n{second}"
    for measure in (MastodonLength(), BlueskyLength()):
        assert measure.length(joined) >= measure.length(first) + measure.length(second)


@given(st.text(alphabet="abc .,é👍🏽漢"))
def test_graphemes_never_exceed_code_points(text: str) -> None:
    assert graphemes(text) <= len(text)
