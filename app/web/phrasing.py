"""Values in the words of a page: moments, names, colours, what was changed in a text (pure)."""

import re
import zlib
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.platforms.registry import traits_of
from bot.store.house.audit_actions import action_of

_VOICES = 8
_NEAR_SECONDS = 604_800
_TIME_END = Markup("</time>")
_STEPS = ((60, "minute"), (60, "hour"), (24, "day"))
_MOST_COMPARED = 2_000
"""Words; two longer texts are shown one after the other instead of compared."""
_COMPOUND = re.compile(r"(?<![\w-])\w{1,5}(?:-\w{1,5}){1,2}(?![\w-])")
_ENDS = (".", "!", "?", "…", ":", ".”", ".)")
_WORD = re.compile(r"\s+|[^\s]+")
_LANGUAGES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


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
    direction = "rtl" if base(language) in _RIGHT_TO_LEFT else "ltr"
    return Markup(' lang="{}" dir="{}"').format(language, direction)


def language(code: str) -> str:
    """A language's name in English; its code where we have none."""
    return _LANGUAGES.get(base(code), code)


def day(moment: datetime, zone: ZoneInfo) -> str:
    """A date for people: ``5 March 2026``."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """A time for people: ``5 March 2026, 14:05``."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def clock(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A time on the reader's clock: ``14:05``, with its day where that is not today's."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%B}, {local:%H:%M}"


def end(moment: datetime, zone: ZoneInfo) -> str:
    """When something ends that lasts days: ``5 March 2026`` where that day begins, else with the time."""
    local = moment.astimezone(zone)
    return day(moment, zone) if (local.hour, local.minute) == (0, 0) else minute(moment, zone)


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit, or how long until: ``3 hours ago``, ``in 5 minutes``, ``just now``."""
    seconds = (now - moment).total_seconds()
    amount, unit = abs(seconds), "second"
    if amount < 45:
        return "just now"
    for size, larger in _STEPS:
        if unit != "second" and amount < size - 0.5:
            break
        amount, unit = amount / size, larger
    count = max(1, round(amount))
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> Markup:
    """A moment on a page: how long ago within a week, else the day; in full on hover and for machines."""
    is_near = abs((now - moment).total_seconds()) < _NEAR_SECONDS
    words = escape(ago(moment, now) if is_near else day(moment, zone))
    return Markup("").join((_time_of(moment, zone), words, _TIME_END))


@lru_cache(maxsize=4_096)
def _time_of(moment: datetime, zone: ZoneInfo) -> Markup:
    return Markup('<time datetime="{}" title="{} ({})">').format(
        moment.isoformat(timespec="seconds"), minute(moment, zone), zone
    )


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
