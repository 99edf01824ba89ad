"""Calendars of holidays as closed days: what is taken, what is left out, and what keeps no page busy."""

import random
from datetime import date, datetime, time, timedelta
from time import monotonic

import pytest
from dateutil.rrule import YEARLY, rrulestr
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from bot.text.times.calendars import MOST_BYTES, days_of_calendar, split_calendar
from bot.text.times.closed_days import (
    MOST_DAYS,
    NotClosedDay,
    closed_day_line,
    parse_closed_days,
    pasted_days,
)
from bot.text.times.yearly import YearlyRule

TODAY = date(2026, 3, 4)


def calendar(*events: str, end: str = "\r\n") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Holidays//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", "UID:1@example.com", *event.split("\n"), "END:VEVENT"]
    return end.join([*lines, "END:VCALENDAR", ""])


def event(start: str, *more: str) -> str:
    return "\n".join([f"DTSTART;VALUE=DATE:{start}", *more])


def lines(*events: str) -> list[str]:
    return list(days_of_calendar(calendar(*events), (), TODAY).lines)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r\n\r\n"])
def test_a_day_is_read_with_every_line_end(end: str) -> None:
    text = calendar(event("20261225", "DTEND;VALUE=DATE:20261226", "SUMMARY:Christmas"), end=end)
    taken = days_of_calendar(f"\ufeff{text}", (), TODAY)
    assert (taken.lines, taken.days, taken.left_out) == (("2026-12-25 Christmas",), 1, ())


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (event("20261225", "DTEND;VALUE=DATE:20261227", "SUMMARY:A"), ["2026-12-25..2026-12-26 A"]),
        (event("20261225", "SUMMARY:A"), ["2026-12-25 A"]),
        (event("20261225", "DTEND;VALUE=DATE:20261225", "SUMMARY:A"), ["2026-12-25 A"]),
        (event("20261225", "DURATION:P3D"), ["2026-12-25..2026-12-27"]),
        (event("20201225", "RRULE:FREQ=YEARLY", "SUMMARY:A"), ["12-25 A"]),
        (event("20201225", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "SUMMARY:A"), ["12-25 A"]),
        (event("20200229", "RRULE:FREQ=YEARLY"), ["02-29"]),
        (
            event("20201230", "DTEND;VALUE=DATE:20210102", "RRULE:FREQ=YEARLY", "SUMMARY:A"),
            ["01-01 A", "12-30..12-31 A"],
        ),
        (
            event("20201225", "RRULE:FREQ=YEARLY;UNTIL=20271231", "SUMMARY:A"),
            ["2026-12-25 A", "2027-12-25 A"],
        ),
        (event("20251225", "RRULE:FREQ=YEARLY;COUNT=2", "SUMMARY:A"), ["2026-12-25 A"]),
        (
            event(
                "20251225",
                "RRULE:FREQ=YEARLY",
                "EXDATE;VALUE=DATE:20261225,20271225",
                "EXDATE:20281225T000000Z",
            ),
            ["2029-12-25", "2030-12-25", "2031-12-25"],
        ),
        (
            event(
                "20251127", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20280101T000000Z", "SUMMARY:Thanks"
            ),
            ["2026-11-26 Thanks", "2027-11-25 Thanks"],
        ),
        (event("20261225", "RDATE;VALUE=DATE:20270104", "SUMMARY:A"), ["2026-12-25 A", "2027-01-04 A"]),
        (event("20261225", r"SUMMARY:Rest\, and\n peace\; “quiet”"), ["2026-12-25 Rest and peace “quiet”"]),
        (event("20261225", "SUMMARY:A long na", " me"), ["2026-12-25 A long name"]),
        (event("20261225", "SUMMARY:09:00-13:00 open"), ["2026-12-25 “09:00-13:00 open”"]),
        (event("20261225", "SUMMARY:to 2026-12-31"), ["2026-12-25 “to 2026-12-31”"]),
        (event("20261225", f"SUMMARY:{'x' * 100}"), [f"2026-12-25 {'x' * 79}…"]),
    ],
)
def test_what_lasts_whole_days_is_taken(said: str, kept: list[str]) -> None:
    assert lines(said) == kept
    assert [closed_day_line(one) for one in kept] == kept
    assert pasted_days("\n".join(kept)) == kept


def test_two_on_one_day_are_one_line_and_what_is_there_already_is_not_taken_twice() -> None:
    text = calendar(event("20260501", "SUMMARY:Labour Day"), event("20260501", "SUMMARY:Ascension"))
    assert days_of_calendar(text, (), TODAY).lines == ("2026-05-01 Labour Day / Ascension",)
    again = days_of_calendar(text, ["2026-05-01 Mine"], TODAY)
    assert (again.lines, again.left_out) == ((), ("1 that the list has already",))


def test_what_is_left_out_is_said() -> None:
    taken = days_of_calendar(
        calendar(
            event("20261225", "SUMMARY:Christmas"),
            "DTSTART:20261224T090000Z\nSUMMARY:Meeting",
            "DTSTART;TZID=Europe/Berlin:20261224T000000\nSUMMARY:Meeting",
            event("20261224", "STATUS:CANCELLED"),
            event("20261224", "RRULE:FREQ=WEEKLY"),
            event("20261224", "DTEND;VALUE=DATE:20280101"),
            event("20261399"),
            "SUMMARY:Nothing",
            event("20240501"),
        ),
        (),
        TODAY,
    )
    assert taken.lines == ("2026-12-25 Christmas",)
    assert taken.left_out == (
        "2 events with a time of day",
        "1 event cancelled",
        "1 event repeated otherwise than by dates or weekdays of a year",
        "1 event of more than 120 days",
        "2 events without a readable date",
        "what is before 2026 or after 2031",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-12-25 Christmas", "which begins with BEGIN:VCALENDAR"),
        (" ", "which begins with BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "breaks off"),
        ("BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR", "is broken"),
        (calendar(), "this one has none"),
        (calendar("DTSTART:20261224T090000Z"), "left out: 1 event with a time of day"),
        (calendar(event("20261225", f"SUMMARY:{'x' * MOST_BYTES}")), "512 KB at the most"),
        (
            calendar(*(event(f"{date(2026, 1, 1) + timedelta(one):%Y%m%d}") for one in range(MOST_DAYS + 1))),
            "1,000 days at the most",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_in_words(text: str, told: str) -> None:
    with pytest.raises(NotClosedDay, match="should be") as refused:
        days_of_calendar(text, (), TODAY)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        event("19000101", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=999999999"),
        event("20260101", "RRULE:FREQ=YEARLY;INTERVAL=0"),
        event("00010101", "RRULE:FREQ=YEARLY;BYDAY=1MO"),
        event("00010101", "RRULE:FREQ=YEARLY;COUNT=9"),
        event("20260101", "RRULE:FREQ=SECONDLY"),
        event("99991231", "DURATION:P100D", "RRULE:FREQ=YEARLY"),
        event(
            "20260101",
            "DURATION:P119D",
            f"RDATE;VALUE=DATE:{','.join(f'{one:04}0101' for one in range(1, 99))}",
        ),
    ],
)
def test_no_calendar_keeps_a_page_busy(said: str) -> None:
    begun = monotonic()
    many = [said] * min(500, MOST_BYTES // (len(said) + 60))
    try:
        taken = days_of_calendar(calendar(*many), (), TODAY)
        assert taken.days <= MOST_DAYS
    except NotClosedDay:
        pass
    assert monotonic() - begun < 20


def test_a_calendar_is_found_among_the_lines_that_are_there() -> None:
    text = calendar(event("20261225"), end="\n").strip()
    assert split_calendar(f"12-24 Mine\n{text}\n12-26") == ("12-24 Mine\n12-26", text)
    assert split_calendar("12-24 Mine") == ("12-24 Mine", "")


RULES = st.fixed_dictionaries(
    {},
    optional={
        "BYMONTH": st.lists(st.integers(1, 12), min_size=1, max_size=3),
        "BYMONTHDAY": st.lists(st.integers(-31, 31).filter(bool), min_size=1, max_size=3),
        "BYYEARDAY": st.lists(st.integers(-366, 366).filter(bool), min_size=1, max_size=3),
        "BYDAY": st.sampled_from([["MO"], ["MO", "SU"], ["1MO"], ["4TH", "-1FR"], ["-53SU", "2TU"]]),
        "BYSETPOS": st.lists(st.sampled_from([1, 2, -1]), min_size=1, max_size=2),
        "INTERVAL": st.integers(1, 4),
        "COUNT": st.integers(1, 40),
    },
)


@given(RULES, st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_a_yearly_rule_names_the_days_that_dateutil_names(rule: dict[str, object], start: date) -> None:
    by_day = ("BYMONTHDAY", "BYYEARDAY", "BYDAY")
    if "BYMONTHDAY" in rule or "BYYEARDAY" in rule:
        rule.pop("BYDAY", None)
    if not any(one in rule for one in by_day):
        rule.pop("BYSETPOS", None)
    first, last = date(2020, 1, 1), date(2032, 12, 31)
    said = ";".join(
        f"{name}={','.join(map(str, one)) if isinstance(one, list) else one}" for name, one in rule.items()
    )
    known = rrulestr(f"FREQ=YEARLY;{said}".rstrip(";"), dtstart=datetime.combine(start, time()))
    assert known._freq == YEARLY
    expected = []
    for one in known:
        if one.date() > last:
            break
        if one.date() >= first:
            expected.append(one.date())
    given_rule = {
        "FREQ": ["YEARLY"],
        **{name: one if isinstance(one, list) else [one] for name, one in rule.items()},
    }
    assert list(YearlyRule.read(given_rule, start).between(first, last)) == expected


@given(st.text(max_size=120), st.dates(date(2026, 1, 1), date(2031, 12, 31)), st.integers(1, 5))
def test_whatever_an_event_is_called_its_line_means_its_days(name: str, start: date, length: int) -> None:
    made, one = Calendar(), Event()
    one.add("dtstart", start)
    one.add("dtend", start + timedelta(days=length))
    one.add("summary", name)
    made.add_component(one)
    taken = days_of_calendar(made.to_ical().decode("utf-8", "replace"), (), TODAY)
    found = parse_closed_days(pasted_days("\n".join(taken.lines))).days
    wanted = [start + timedelta(days=step) for step in range(length)]
    assert [(day.year, day.month, day.day, day.spans) for day in found] == [
        (one.year, one.month, one.day, ()) for one in wanted if one <= date(2031, 12, 31)
    ]


def test_broken_calendars_are_refused_and_never_fail() -> None:
    whole = calendar(event("20261225", "RRULE:FREQ=YEARLY;BYDAY=1MO", "SUMMARY:Christmas"))
    lots = random.Random(4)
    for _ in range(300):
        broken = "".join(one for one in whole if lots.random() > 0.03)
        try:
            days_of_calendar(broken, (), TODAY)
        except NotClosedDay:
            continue
