"""Which number a customer's reply to "how did it go?" gives, in the languages of the archive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.dialogue.scores import score_of

CSAT, NPS = (1, 5), (0, 10)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        *(("5", 5), ("@brand 4!", 4), ("٤", 4), ("４", 4), ("5️⃣", 5), ("4/5", 4), ("4 von 5", 4)),
        *(("4 out of 5 stars", 4), ("5点満点中4点", 4), ("⭐⭐⭐⭐", 4), ("★★★☆☆", 3), ("3 stars", 3)),
        *(("I'd say a 4", 4), ("2. It still does not work, the light blinks 3 times", 2), ("#1 1", 1)),
        *(("five", 5), ("fünf", 5), ("cinq", 5), ("cuatro", 4), ("dois", 2), ("tre", 3), ("vier", 4)),
        *(("خمسة", 5), ("五", 5), ("😡", 1), ("👍🏽", 4), ("😍😍", 5)),
        *(("Very good!", 5), ("sehr schlecht", 1), ("bien", 4), ("regular", 3), ("ruim", 2)),
        *(("ottimo", 5), ("goed", 4), ("ممتاز", 5), ("とても良い", 5), ("最悪", 1)),
    ],
)
def test_a_score_is_read(text: str, score: int) -> None:
    found = score_of(text, *CSAT)
    assert found is not None
    assert found.value == score


@pytest.mark.parametrize(
    "text",
    [
        *("", "thanks", "👍 thanks", "6", "0", "-1", "4.5", "10%", "4 5", "8/10", "5 minutes later it broke"),
        *(
            "it shows error 4 when I press the red button",
            "I waited 3 days",
            "what about 5 lamps?",
            "iPhone5",
        ),
        *("https://example.com/4", "@user4", "12:30", "5 Minuten später", "2 fois par jour", "⭐⭐⭐⭐⭐⭐"),
    ],
)
def test_what_is_not_surely_a_score_is_none(text: str) -> None:
    assert score_of(text, *CSAT) is None


@pytest.mark.parametrize(("text", "score"), [("10", 10), ("🔟", 10), ("0", 0), ("zehn", 10), ("8/10", 8)])
def test_a_recommendation_goes_to_ten(text: str, score: int) -> None:
    found = score_of(text, *NPS)
    assert found is not None
    assert found.value == score


@pytest.mark.parametrize("text", ["👍", "very good", "⭐⭐⭐", "11", "8/5"])
def test_a_recommendation_is_a_number(text: str) -> None:
    assert score_of(text, *NPS) is None


def test_whether_more_is_said_and_asked() -> None:
    alone, more, asks = (score_of(text, *CSAT) for text in ("5!", "2. Too slow", "5, but how do I dim it?"))
    assert alone is not None
    assert more is not None
    assert asks is not None
    assert (alone.says_more, alone.asks) == (False, False)
    assert (more.says_more, more.asks) == (True, False)
    assert (asks.says_more, asks.asks) == (True, True)


@given(st.text(max_size=60))
def test_whatever_is_said_a_score_lies_on_the_scale(text: str) -> None:
    for low, high in (CSAT, NPS):
        found = score_of(text, low, high)
        assert found is None or low <= found.value <= high
