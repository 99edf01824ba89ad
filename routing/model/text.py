"""Reading posts: words and their stems; and the one place to import all of reading from.

Imports no numpy: intake and composing read texts in processes that route nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from routing.model.courtesy import is_not_for_us
from routing.model.entities import (
    has_tag,
    is_wordless,
    mentions,
    normalise,
    own_words,
    strip_leading_handles,
    strip_tag,
    without_links_and_handles,
)
from routing.model.words import ELISIONS, STEMMERS, STOP_WORDS

__all__ = [
    "SaidText",
    "has_tag",
    "is_not_for_us",
    "is_wordless",
    "mentions",
    "normalise",
    "own_words",
    "stems",
    "strip_leading_handles",
    "strip_tag",
    "tokens",
    "words",
]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*[\u0300-\u036f]*")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_WORDS_KEPT = 50_000
_LANGUAGES_KEPT = 500
_LONGEST_WORD = 40
"""Characters; what is longer is no word and only costs time."""


@dataclass(frozen=True, slots=True)
class SaidText:
    """What somebody wrote: ``person`` is whatever tells one customer from another."""

    text: str
    language: str | None
    person: object


def words(text: str) -> list[str]:
    """The words of a text in comparing form, in order.

    Links, e-mail addresses and handles are dropped, hashtags are words, French and Italian elisions are cut
    off, and scripts written without blanks come as pairs of neighbouring characters.
    """
    return [one for word in _written_words(text) for one in _compared(word)]


def stems(text: str, language: str | None = None) -> list[str]:
    """The stems of all words of a text, in order; see ``words`` and ``tokens``."""
    code = language_code(language)
    return [_stem(word, code) for word in words(text)]


def tokens(text: str, language: str | None = None) -> list[str]:
    """The stems of the words that carry meaning, in order.

    ``language`` is an ISO 639 code (``pt-BR`` counts as ``pt``); without one, English is assumed. Languages
    without a stemmer keep their words as they are.
    """
    code = language_code(language)
    return [stem for word in _written_words(text) for stem in _telling_stems(word, code)]


@lru_cache(maxsize=_LANGUAGES_KEPT)
def language_code(language: str | None) -> str:
    """The two-letter code of a language tag: ``EN_us`` gives ``en``; none gives ``en``."""
    return re.split(r"[-_]", language.strip().casefold())[0] if language and language.strip() else "en"


def _written_words(text: str) -> list[str]:
    return _WORD.findall(normalise(without_links_and_handles(text)))


@lru_cache(maxsize=_WORDS_KEPT)
def _telling_stems(word: str, code: str) -> tuple[str, ...]:
    """What a written word gives ``tokens``; most words of a text were met before."""
    stop = STOP_WORDS.get(code, frozenset())
    return tuple(_stem(one, code) for one in _compared(word) if one not in stop)


def _compared(word: str) -> Sequence[str]:
    """What a written word gives ``words``."""
    if _IS_UNSPACED.match(word):
        return _pairs(word)
    return (_without_apostrophe(word),) if len(word) <= _LONGEST_WORD else ()


@lru_cache(maxsize=_WORDS_KEPT)
def _stem(word: str, code: str) -> str:
    # A stemmer of its own for each new word: stemmers must not be shared between threads, and one costs
    # a quarter of a microsecond.
    algorithm = STEMMERS.get(code)
    return str(Stemmer.Stemmer(algorithm).stemWord(word)) if algorithm else word


def _pairs(word: str) -> list[str]:
    return [word] if len(word) == 1 else [word[at : at + 2] for at in range(len(word) - 1)]


def _without_apostrophe(word: str) -> str:
    """``l'écran`` gives ``écran``, ``can't`` gives ``cant``, ``brand's`` gives ``brand``."""
    head, mark, tail = word.replace("’", "'").partition("'")
    if not mark:
        return word
    if head in ELISIONS:
        return tail.replace("'", "")
    return head if tail == "s" else (head + tail).replace("'", "")
