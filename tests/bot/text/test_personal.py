import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.personal import PersonalDataKind, find, redact

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "personal_corpus.jsonl").read_text(encoding="utf-8").splitlines()
]
Row = dict[str, Any]


def figures(rows: list[Row]) -> tuple[float, float]:
    """Recall and precision, a post counting as one: it is withheld or it is not."""
    withheld = [bool(find(row["text"])) for row in rows]
    personal = [bool(row["personal"]) for row in rows]
    right = sum(a and b for a, b in zip(withheld, personal, strict=True))
    return right / sum(personal), right / sum(withheld)


def is_found(row: Row, value: str) -> bool:
    text: str = row["text"]
    starts = [at for at in range(len(text)) if text.startswith(value, at)]
    return any(each.start < at + len(value) and each.end > at for each in find(text) for at in starts)


def test_the_corpus_is_large_and_mixed() -> None:
    share = sum(bool(row["personal"]) for row in CORPUS) / len(CORPUS)
    assert len(CORPUS) >= 320
    assert 0.3 <= share <= 0.5
    assert {item["kind"] for row in CORPUS for item in row["personal"]} == set(PersonalDataKind)
    assert {row["language"] for row in CORPUS} == {"en", "de", "fr", "es", "it", "pt", "nl"}


@pytest.mark.parametrize(
    "part",
    [lambda row: True, lambda row: row["held_out"], lambda row: not row["held_out"]],
    ids=["all", "held out", "tuned on"],
)
def test_s10_recall_and_precision_on_the_labelled_posts(part: Callable[[Row], bool]) -> None:
    recall, precision = figures([row for row in CORPUS if part(row)])
    assert recall >= 0.95
    assert precision >= 0.8


def test_s10_single_items_are_found_as_well_as_posts() -> None:
    items = [is_found(row, item["value"]) for row in CORPUS for item in row["personal"]]
    assert sum(items) / len(items) >= 0.95


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("mail jane@gmail.com now", "mail [email] now"),
        ("jane [at] web [dot] de", "[email]"),
        ("call 07700 900123!", "call [phone]!"),
        ("ring ０７７００ ９００１２３", "ring [phone]"),
        ("07700\u200b900\u200b123", "[phone]"),
        ("visa 4111-1111-1111-1111 ok", "visa [card] ok"),
        ("DE89 3704 0044 0532 0130 00", "[iban]"),
        ("order no. 88213459 is late", "order no. [order] is late"),
        ("customer number: C-1188204", "customer number: [account]"),
        ("at 14 Maple Crescent, Leeds", "at [address], Leeds"),
        ("nothing here 11.1.2", "nothing here 11.1.2"),
    ],
)
def test_s10_redacted(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112 is on the label",  # fails the check digit, and nothing calls it a card
        "https://example.com/orders/88213459",
        "@brand12345678 hi",
        "support@example.com does not answer",
        "1-800-275-2273 is busy",
    ],
)
def test_s10_what_is_nobodys(text: str) -> None:
    assert PersonalDataKind.CARD not in [each.kind for each in find(text)]
    assert not find(text) or text.startswith("4111")


def test_a_region_makes_its_numbers_likelier() -> None:
    assert [each.kind for each in find("rufen Sie 030 23125411 an", region="DE")] == [PersonalDataKind.PHONE]


@given(st.text(st.characters(codec="utf-8")) | st.text(alphabet="0123456789 -@.+()order#callIBAN"))
def test_findings_lie_in_order_within_the_text(text: str) -> None:
    found = find(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_s10_mail_is_found_in_any_case_it_is_found_in(change: Callable[[str], str]) -> None:
    for row in CORPUS:
        if any(item["kind"] == PersonalDataKind.EMAIL for item in row["personal"]):
            assert bool(find(change(row["text"]))) == bool(find(row["text"])), row["text"]


def test_a_line_drawn_of_hyphens_is_looked_through_at_once() -> None:
    assert not find("-" * 100_000)  # minutes, if a street could begin at each of them and go on to the end
