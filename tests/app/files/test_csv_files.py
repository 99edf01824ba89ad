"""Lists that people open in spreadsheets."""

import csv
import io

import pytest

from app.files.csv_files import csv_text


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_begins_like_a_formula_is_a_text(sign: str) -> None:
    written = csv_text(["words"], [[f"{sign}HYPERLINK(1)"]])
    assert _cells(written)[1] == [f"'{sign}HYPERLINK(1)"]


def test_numbers_stay_numbers_and_other_words_are_left_alone() -> None:
    written = csv_text(["words", "figure"], [["2 = 1 + 1", -3], ["Größe; Maß, „so“", 0.5]])
    assert _cells(written)[1:] == [["2 = 1 + 1", "-3"], ["Größe; Maß, „so“", "0.5"]]
