"""Closed days as people type and paste them."""

import pytest

from bot.text.times.closed_days import NotClosedDay, closed_day_line, parse_closed_days, pasted_days
from routing.model.closed_days import ClosedDay


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-12-25 Christmas", "2026-12-25 Christmas"),
        ("25.12.2026 Christmas", "2026-12-25 Christmas"),
        ("12-25", "12-25"),
        ("25.12. Christmas,  first day", "12-25 Christmas, first day"),
        ("29.2.", "02-29"),
        ("2026-12-24 9:00 - 13:00 Christmas Eve", "2026-12-24 09:00-13:00 Christmas Eve"),
        ("2026-12-24 9:00-12:00+13:00-14:00", "2026-12-24 09:00-12:00+13:00-14:00"),
        ("2026-12-28 - 2026-12-31 Between the years", "2026-12-28..2026-12-31 Between the years"),
        ("2026-12-28 to 2026-12-31", "2026-12-28..2026-12-31"),
        ("24.12.-2.1.", "12-24..01-02"),
    ],
)
def test_a_line_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert closed_day_line(typed) == kept
    assert closed_day_line(kept) == kept


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Christmas", "begin each line with its day"),
        ("12/25/2026 Christmas", "begin each line with its day"),
        ("Dec 25", "begin each line with its day"),
        ("2026-12-25Christmas", "begin each line with its day"),
        ("2027-02-29", "on the calendar"),
        ("0000-01-01", "on the calendar"),
        ("13-01", "on the calendar"),
        ("2026-12-24 22:00-02:00", "hours of that day alone"),
        ("2026-12-24 25:00-26:00", "hours of that day alone"),
        ("2026-12-31..2026-12-01", "from the first to the last"),
        ("2026-01-01..2026-12-31", "from the first to the last"),
        ("12-24..2026-12-31", "both with a year"),
        ("2026-12-25 " + "x" * 81, "80 characters"),
    ],
)
def test_what_is_no_closed_day_is_refused_with_its_line(typed: str, told: str) -> None:
    with pytest.raises(NotClosedDay, match=told) as caught:
        closed_day_line(typed)
    assert typed[-70:] in str(caught.value)


def test_days_on_end_are_each_a_day_over_the_new_year_too() -> None:
    found = parse_closed_days(["12-30..01-02 Over the year"]).days
    assert [(one.year, one.month, one.day) for one in found] == [
        (None, 12, 30),
        (None, 12, 31),
        (None, 1, 1),
        (None, 1, 2),
    ]
    assert parse_closed_days(["2026-12-24 09:00-13:00"]).days == (ClosedDay(12, 24, 2026, ((540, 780),)),)


def test_a_day_is_named_once() -> None:
    with pytest.raises(NotClosedDay, match="name each day once"):
        parse_closed_days(["2026-12-20..2026-12-26", "2026-12-25 Christmas"])
    assert parse_closed_days(["2026-12-25", "12-25"]), "of one year and of every year are two things"


def test_a_calendar_holds_so_many_days() -> None:
    lines = [f"{year}-01-01..{year}-04-10" for year in range(2020, 2040)]
    with pytest.raises(NotClosedDay, match="1,000 days at the most"):
        parse_closed_days(lines)


def test_a_spreadsheet_is_pasted_as_it_is() -> None:
    pasted = '"2026-12-25","Christmas"\r\n2027-01-01;New Year\n\n2027-05-01\tLabour Day\n'
    assert pasted_days(pasted) == ["2026-12-25 Christmas", "2027-01-01 New Year", "2027-05-01 Labour Day"]
