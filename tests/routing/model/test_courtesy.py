"""Praise and advertisement; every doubt means question."""

import gzip
import json
import os
from pathlib import Path

import pytest

from routing.model.text import is_not_for_us

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))


def openings(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "love @brand!!",
        "@brand you guys are the best ❤️",
        "Thank you @brand, amazing service!",
        "@brand free followers for you! check out my channel",
        "@brand crypto giveaway, double your money https://spam.example/x",
    ],
)
def test_praise_and_advertisement_are_not_for_us(text):
    assert is_not_for_us(text)


@pytest.mark.parametrize(
    "text",
    [
        "I love @brand but my router is dead",
        "love @brand, when is the sale?",
        "great service @brand 🙄",
        "@brand awesome, no picture again",
        "my account was hacked and they sent a crypto giveaway from it",
        "@brand https://pic.example/1",
        "@brand",
        "",
    ],
)
def test_whatever_might_be_a_question_is_for_us(text):
    assert not is_not_for_us(text)


def test_no_real_opening_of_a_support_conversation_is_dismissed():
    texts = openings("tweets_ibm.jsonl.gz")
    assert not [text for text in texts if is_not_for_us(text)]


def test_of_real_inbound_posts_only_courtesies_are_dismissed():
    texts = openings("tweets_twcs_inbound.jsonl.gz")
    dismissed = [text for text in texts if is_not_for_us(text)]
    assert len(dismissed) < 0.02 * len(texts)
    assert not [text for text in dismissed if "?" in text or len(text) > 120]
