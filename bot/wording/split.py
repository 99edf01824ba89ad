"""One text becomes a thread: split at sentence borders, numbered, never inside a link or a mention (pure)."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from bot.text.characters import GRAPHEME, MARKS
from bot.text.lengths import Measure
from bot.text.links import find_links

# What must stay in one piece besides links: mentions (also those made harmless) and mail addresses.
_PIECES = re.compile(r"[@＠]\u00a0?\w[\w.@-]{0,99}|[\w.+-]{1,64}@[\w.-]{1,99}")
_PARAGRAPH = re.compile(r"\n\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=[ \n])|[。！？]+[」』）”]*")
_CLAUSE = re.compile(r"[,;:–—)](?= )| [–—-](?= )|[、，；：]")
_WORD = re.compile(r"[ \n]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|\d+|e\.g|i\.e|etc|vs|dr|mr|mrs|ms|no|nr|art|max|min|approx|incl|ca|st|z\.\s?b|d\.\s?h|u\.\s?a|bzw|evtl"
    r"|ggf|inkl|usw|tel|p\.\s?ej|sr|sra|dra|núm|mme|av|ex|env|es|sig|dott|ecc|bijv|d\.w\.z|evt|o\.a)\.$",
    re.IGNORECASE,
)
_NO_START = re.compile(r"[.,;:!?…)\]}»”’。、，！？；：」』）】ー々]")
_NO_END = re.compile(r"[(\[{«“‘「『（【]$")
# A platform reads the word behind these as a mention, a tag or the like, unless a letter stands before them.
_NAME = re.compile(r"\w")


class CannotSplit(ValueError):
    """``piece`` must stay whole and does not fit a post by itself."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


class Border(IntEnum):
    """How good a place is to part a text, the best last."""

    MARK = -1
    """Between two signs of punctuation, which look better together: only in rows that fill a post."""
    CHARACTER = 0
    WORD = 1
    CLAUSE = 2
    SENTENCE = 3
    LINE = 4
    PARAGRAPH = 5


# A better border is worth a shorter part, down to this share of what would have fitted.
_WORTH = {
    Border.PARAGRAPH: 0.4,
    Border.LINE: 0.4,
    Border.SENTENCE: 0.4,
    Border.CLAUSE: 0.7,
    Border.WORD: 0.5,
    Border.CHARACTER: 0.25,
    Border.MARK: 0.0,
}


# All numbers of one length take the same room, so that the thread's length need not be known before.
_TOTALS = (9, 99, 999)


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    border: Border


def split(text: str, measure: Measure, *, opening: str = "", closing: str = "") -> list[str]:
    """The posts that hold ``text``: ``opening`` before the first, ``closing`` behind the last.

    One post carries no number; the parts of a thread end in ``(1/3)``, the last one in ``(3/3)`` and the
    closing.

    Raises:
        CannotSplit: Some piece does not fit a post by itself.
    """
    whole = opening + text + closing
    if measure.fits(whole):
        return [whole]
    places = _places(text)
    for total in _TOTALS:
        bodies = _fill(text, places, measure, _Frame(opening, closing, total))
        if len(bodies) <= total:
            break
    frame = _Frame(opening, closing, len(bodies))
    return [frame.around(body, at, at == len(bodies)) for at, body in enumerate(bodies, start=1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the words of a part."""

    opening: str
    closing: str
    total: int

    def around(self, body: str, number: int, last: bool = False) -> str:
        before = self.opening if number == 1 else ""
        after = self.closing if last else ""
        return f"{before}{body} ({number}/{self.total}){after}"


def _fill(text: str, places: list[_Place], measure: Measure, frame: _Frame) -> list[str]:
    """The bodies of the parts, each as long as fits; stops counting where the total is passed."""
    bodies: list[str] = []
    start = 0
    while True:
        number = len(bodies) + 1
        if measure.fits(frame.around(text[start:].strip(), number, last=True)) or number > frame.total:
            return [*bodies, text[start:].strip()]
        end = _cut(text, start, places, partial(_fits, measure, frame, number))
        bodies.append(text[start:end].strip())
        start = len(text) - len(text[end:].lstrip())


def _fits(measure: Measure, frame: _Frame, number: int, body: str) -> bool:
    return measure.fits(frame.around(body, number))


def _cut(text: str, start: int, places: list[_Place], fits: Callable[[str], bool]) -> int:
    """Where the part that begins at ``start`` ends best; the remainder is never empty."""
    first = bisect_right(places, start, key=lambda place: place.position)
    low, high = first, len(places)
    while low < high:
        middle = (low + high) // 2
        if fits(text[start : places[middle].position].rstrip()):
            low = middle + 1
        else:
            high = middle
    if low == first:
        following = places[first].position if first < len(places) else len(text)
        raise CannotSplit(text[start:following].strip())
    return _best(places[first:low], start)


def _best(fitting: list[_Place], start: int) -> int:
    """The last place of the best kind that does not waste too much of the post."""
    far = fitting[-1].position
    for border in sorted(Border, reverse=True):
        last = max((place.position for place in fitting if place.border is border), default=0)
        if last and last - start >= (far - start) * _WORTH[border]:
            return last
    return far


def _places(text: str) -> list[_Place]:
    """Every place where ``text`` may be parted, in order, with words on both sides."""
    whole = [(link.start, link.end) for link in find_links(text)]
    whole += [found.span() for found in _PIECES.finditer(text)]
    found = dict(_characters(text))
    for border, pattern in (
        (Border.WORD, _WORD),
        (Border.CLAUSE, _CLAUSE),
        (Border.SENTENCE, _SENTENCE),
        (Border.LINE, _LINE),
        (Border.PARAGRAPH, _PARAGRAPH),
    ):
        for match in pattern.finditer(text):
            if border is not Border.SENTENCE or _ends_sentence(text, match.end()):
                found[match.end()] = border
    for start, end in whole:
        for position in range(start + 1, end):
            found.pop(position, None)
    begin = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return [_Place(position, found[position]) for position in sorted(found) if begin < position < end]


def _characters(text: str) -> Iterator[tuple[int, Border]]:
    """Between any two characters, save where a platform would read the rest in another way."""
    for match in GRAPHEME.finditer(text):
        at = match.end()
        if _is_read_otherwise(text, at, match.group()):
            continue
        together = _NO_START.match(text, at) or _NO_END.search(match.group())
        yield at, Border.MARK if together or MARKS.match(text, at) else Border.CHARACTER


def _is_read_otherwise(text: str, at: int, before: str) -> bool:
    """Whether a name behind a sign would lose it, or win one: ``#|tag``, ``a|#tag``."""
    if MARKS.match(text, at):
        return bool(_NAME.match(text, at + 1))
    return bool(MARKS.search(before)) and not (at > 1 and _NAME.match(text, at - 2))


def _ends_sentence(text: str, end: int) -> bool:
    following = text[end:].lstrip()[:1]
    return not following.islower() and not _ABBREVIATION.search(text[max(0, end - 12) : end])
