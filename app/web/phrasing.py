"""Values in the words of a page: moments, names, colours, what was changed in a text (pure)."""

import re
import zlib
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_datetime_format
from markupsafe import Markup, escape

from app.web.languages.interface import ENGLISH, RIGHT_TO_LEFT, Interface
from bot.platforms.registry import traits_of
from bot.store.house.audit_actions import action_of
from bot.wording.languages.catalogues import SOURCE
from routing.model.phrases import phrase

_VOICES = 8
_NEAR_SECONDS = 604_800
_STEPS = ((60, "minute"), (60, "hour"), (24, "day"))
_MOST_COMPARED = 2_000
"""Words; two longer texts are shown one after the other instead of compared."""
_COMPOUND = re.compile(r"(?<![\w-])\w{1,5}(?:-\w{1,5}){1,2}(?![\w-])")
_ENDS = (".", "!", "?", "…", ":", ".”", ".)")
_WORD = re.compile(r"\s+|[^\s]+")


def voice(key: str | None) -> str:
    """The class that colours what belongs to ``key`` (a topic, a person), always the same one."""
    return f"voice-{zlib.crc32((key or '').encode('utf-8', 'replace')) % _VOICES}"


def unbroken(text: str) -> Markup:
    """The text with its short compounds, like Wi-Fi and USB-C, kept on one line."""
    marked = str(escape(text))
    if "-" in marked:
        marked = _COMPOUND.sub(r'<span class="nowrap">\g<0></span>', marked)
    return Markup(marked)  # noqa: S704 - escaped just above


def sentence(text: str) -> str:
    """Words from elsewhere as a sentence that others may follow."""
    text = text.rstrip()
    return text if not text or text.endswith(_ENDS) else f"{text}."


def platform(name: str) -> str:
    """A platform's name for people."""
    return traits_of(name).label


def base(language: str) -> str:
    """A language without its region: ``pt`` for ``pt-BR``."""
    return language.partition("-")[0].lower()


@lru_cache(maxsize=256)
def tongue(language: str | None, *, isolated: bool = False) -> Markup:
    """The attributes ``lang`` and ``dir`` of an element whose words are in this language.

    One that isolates them (``bdi``) finds their direction by itself where the language is not known.
    """
    if not language:
        return Markup() if isolated else Markup(' dir="auto"')
    direction = "rtl" if base(language) in RIGHT_TO_LEFT else "ltr"
    return Markup(' lang="{}" dir="{}"').format(language, direction)


def tongue_of(text: str, spoken: Interface) -> Markup:
    """The attributes of an element that says ``spoken.said(text)``: English where there is no translation."""
    return Markup() if spoken.has(text) else tongue(SOURCE)


def language(code: str, spoken: Interface = ENGLISH) -> str:
    """A language's name; its code where there is none."""
    name = spoken.locale.languages.get(base(code), code)
    return name[:1].upper() + name[1:] if name != code else code


def day(moment: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """A date for people: ``5 March 2026``."""
    return _date(moment.astimezone(zone).date(), spoken)


def calendar_day(on: str, spoken: Interface = ENGLISH) -> str:
    """A day that is stored by its date alone (ISO 8601), for people: ``5 March 2026``."""
    return _date(date.fromisoformat(on), spoken)


def minute(moment: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """A time for people: ``5 March 2026, 14:05``."""
    return _joined(day(moment, zone, spoken), moment.astimezone(zone), spoken)


def weekday(moment: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """A date for people who plan by the week: ``Thursday, 5 March 2026``."""
    return format_date(moment.astimezone(zone).date(), "full", locale=spoken.locale)


def weekday_minute(moment: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """The same with the time: ``Thursday, 5 March 2026, 14:05``."""
    return _joined(weekday(moment, zone, spoken), moment.astimezone(zone), spoken)


def clock(moment: datetime, now: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """A time on the reader's clock: ``14:05``, with its day where that is not today's."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return _time(local.hour, local.minute, spoken)
    return _joined(format_skeleton("MMMMd", local, tzinfo=zone, locale=spoken.locale), local, spoken)


def end(moment: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> str:
    """When something ends that lasts days: ``5 March 2026`` where that day begins, else with the time."""
    local = moment.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return day(moment, zone, spoken)
    return minute(moment, zone, spoken)


@lru_cache(maxsize=1_024)
def _date(on: date, spoken: Interface) -> str:
    return format_date(on, "long", locale=spoken.locale)


def _joined(on: str, local: datetime, spoken: Interface) -> str:
    return _day_and_time(spoken).format(_time(local.hour, local.minute, spoken), on)


# Of an archive's moments hardly two are the same, but there are few days, and fewer times of day.
@lru_cache(maxsize=8_192)
def _time(hour: int, minute: int, spoken: Interface) -> str:
    return format_time(time(hour, minute), "short", locale=spoken.locale)


@lru_cache(maxsize=64)
def _day_and_time(spoken: Interface) -> str:
    return str(get_datetime_format("medium", locale=spoken.locale))


def ago(moment: datetime, now: datetime, spoken: Interface = ENGLISH) -> str:
    """How long ago, in one unit, or how long until: ``3 hours ago``, ``in 5 minutes``, ``just now``."""
    seconds = (now - moment).total_seconds()
    amount, unit = abs(seconds), "second"
    if amount < 45:
        return spoken.said(phrase("just now"))
    for size, larger in _STEPS:
        if unit != "second" and amount < size - 0.5:
            break
        amount, unit = amount / size, larger
    return _distance(max(1, round(amount)), unit, seconds > 0, spoken)


@lru_cache(maxsize=4_096)
def _distance(count: int, unit: str, is_past: bool, spoken: Interface) -> str:
    distance = timedelta(**{f"{unit}s": -count if is_past else count})
    return format_timedelta(
        distance, granularity="minute", threshold=1, add_direction=True, locale=spoken.locale
    )


def when(moment: datetime, now: datetime, zone: ZoneInfo, spoken: Interface = ENGLISH) -> Markup:
    """A moment on a page: how long ago within a week, else the day; in full on hover and for machines."""
    local = moment.astimezone(zone)
    on = _date(local.date(), spoken)
    is_near = abs((now - moment).total_seconds()) < _NEAR_SECONDS
    return Markup(  # noqa: S704 - escaped piece by piece
        f'<time datetime="{moment.isoformat(timespec="seconds")}"'
        f' title="{escape(_joined(on, local, spoken))} ({escape(str(zone))})">'
        f"{escape(ago(moment, now, spoken) if is_near else on)}</time>"
    )


def lasted(duration: timedelta) -> str:
    """How long something took, in two units: ``3 h 20 min``; English, for pages of those in charge."""
    minutes = round(duration.total_seconds() / 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days:,} d {hours} h"
    if not minutes and duration > timedelta(0):
        return "less than a minute"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def differences(former: str, later: str) -> Markup:
    """Both versions of a text in one: what was taken out as ``del``, what was put in as ``ins``."""
    old, new = _WORD.findall(former), _WORD.findall(later)
    if len(old) + len(new) > _MOST_COMPARED:
        return Markup("<del>{}</del> <ins>{}</ins>").format(former, later)
    pieces: list[Markup] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(escape("".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Markup("<del>{}</del>").format("".join(old[a:b])))
        if c < d:
            pieces.append(Markup("<ins>{}</ins>").format("".join(new[c:d])))
    return Markup().join(pieces)


def did(action: str) -> str:
    """What an audit line says that somebody did, in words, however old the line is."""
    known = action_of(action)
    return known.words if known is not None else action


def so_many(number: int, one: str, many: str) -> str:
    """``1 tagged post`` or ``2 tagged posts``."""
    return f"{number} {one if number == 1 else many}"


def counted(number: int, most: int) -> str:
    """A count that goes no further than ``most``: ``12``, ``1,000+``."""
    return f"{most:,}+" if number > most else f"{number:,}"
