"""Values in the words of a page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from app.public.caches import TtlCache
from app.web.addresses import entry_path, is_web
from app.web.languages.interface import interface
from app.web.phrasing import (
    ago,
    clock,
    day,
    differences,
    language,
    lasted,
    minute,
    platform,
    sentence,
    unbroken,
    voice,
    weekday,
    weekday_minute,
)

NOW = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (44, "just now"),
        (-44, "just now"),
        (50, "1 minute ago"),
        (60, "1 minute ago"),
        (3540, "59 minutes ago"),
        (3590, "1 hour ago"),
        (7200, "2 hours ago"),
        (85_000, "1 day ago"),
        (86_400 * 5, "5 days ago"),
        (86_400 * 40, "1 month ago"),
        (-600, "in 10 minutes"),
    ],
)
def test_a_moment_is_told_in_one_unit(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_dates_are_those_of_the_houses_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert day(NOW, berlin) == "6 March 2026"
    assert minute(NOW, berlin) == "6 March 2026, 00:30"
    assert clock(NOW, NOW - timedelta(days=2), berlin) == "6 March, 00:30"
    assert weekday(NOW, berlin) == "Friday, 6 March 2026"
    assert weekday_minute(NOW, berlin) == "Friday, 6 March 2026, 00:30"


@pytest.mark.parametrize(
    ("code", "day_of_week"), [("de", "Freitag"), ("fr", "vendredi"), ("ar", "الجمعة"), ("ja", "金曜日")]
)
def test_a_weekday_is_said_in_the_readers_language(code: str, day_of_week: str) -> None:
    assert day_of_week in weekday_minute(NOW, ZoneInfo("Europe/Berlin"), interface(code))


@pytest.mark.parametrize(
    ("code", "date", "distance"),
    [
        ("de", "6. März 2026, 00:30", "vor 3 Stunden"),
        ("fr", "6 mars 2026, 00:30", "il y a 3 heures"),
        ("ja", "2026年3月6日 0:30", "3 時間前"),
        ("ar", "6 مارس 2026، 12:30 ص", "قبل 3 ساعات"),
    ],
)
def test_moments_are_told_as_a_language_tells_them(code: str, date: str, distance: str) -> None:
    spoken = interface(code)
    told = ago(NOW - timedelta(hours=3), NOW, spoken)

    assert (minute(NOW, ZoneInfo("Europe/Berlin"), spoken), told) == (date, distance)


def test_names_for_people_fall_back_to_what_is_known() -> None:
    assert (platform("bluesky"), platform("new")) == ("Bluesky", "new")
    assert (language("de"), language("pt-BR"), language("xx")) == ("German", "Portuguese", "xx")
    assert language("de", interface("fr")) == "Allemand"


def test_a_colour_stays_with_what_it_belongs_to() -> None:
    assert voice("tv") == voice("tv")
    assert voice(None).startswith("voice-")
    assert len({voice(str(number)) for number in range(200)}) == 8


@given(st.text(max_size=80), st.text(max_size=80))
def test_differences_hold_both_texts_and_no_markup_of_theirs(former: str, later: str) -> None:
    shown = str(differences(former, later))

    assert unescape(re.sub("<ins>.*?</ins>|</?del>", "", shown, flags=re.DOTALL)) == unescape_free(former)
    assert unescape(re.sub("<del>.*?</del>|</?ins>", "", shown, flags=re.DOTALL)) == unescape_free(later)


def unescape_free(text: str) -> str:
    """What ``unescape`` makes of the escaped text: a few characters are replaced by HTML's own rules."""
    return unescape(str(escape(text)))


def test_very_long_texts_are_shown_one_after_the_other() -> None:
    shown = differences("a " * 2000, "b " * 2000)

    assert shown.startswith("<del>a ")
    assert shown.endswith("</ins>")


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://example.com/a", True),
        ("http://127.0.0.1:8000/local", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("https://", False),
        ("http://[broken", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, fits: bool) -> None:
    assert is_web(address) is fits


def test_an_entrys_path_is_readable_and_encoded() -> None:
    assert entry_path(7, "Why is there no picture?") == "/q/7-why-is-there-no-picture"
    assert entry_path(7, "???") == "/q/7"
    assert entry_path(7, "画面") == "/q/7-%E7%94%BB%E9%9D%A2"


def test_what_is_slow_to_count_is_counted_seldom() -> None:
    times = iter([0.0, 0.3, 29.0, 31.0, 31.3])
    counts = iter(range(10))
    remembered = TtlCache(lambda: next(counts), lambda: next(times))

    assert [remembered.get() for _ in range(3)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("My Wi-Fi dies", 'My <span class="nowrap">Wi-Fi</span> dies'),
        ("USB-C or HDMI-2?", '<span class="nowrap">USB-C</span> or <span class="nowrap">HDMI-2</span>?'),
        ("a battery-powered button", "a battery-powered button"),
        ("<b>Wi-Fi</b>", '&lt;b&gt;<span class="nowrap">Wi-Fi</span>&lt;/b&gt;'),
        (Markup("<mark>Wi-Fi</mark>"), '<mark><span class="nowrap">Wi-Fi</span></mark>'),
        ("--a-b-c-d--", "--a-b-c-d--"),
    ],
)
def test_short_compounds_are_not_torn_at_the_end_of_a_line(text: str, shown: str) -> None:
    assert unbroken(text) == shown


def test_words_from_elsewhere_do_not_run_into_what_follows() -> None:
    assert sentence("The token has expired") == "The token has expired."
    assert sentence("Really? ") == "Really?"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59.6, "1 h 0 min"), (200, "3 h 20 min"), (1440 * 1_200 + 61, "1,200 d 1 h")],
)
def test_how_long_something_took_is_said_in_two_units(minutes: float, said: str) -> None:
    assert lasted(timedelta(minutes=minutes)) == said


def test_what_took_some_seconds_did_not_take_none() -> None:
    assert lasted(timedelta(seconds=20)) == "less than a minute"
    assert lasted(timedelta(0)) == "0 min"
