"""How text becomes terms: one stemmer per language, one shared unstemmed form, pairs for CJK.

Documents and queries go through the same functions. The heavy part runs inside Tantivy's analysers;
Python only looks for what those cannot do: compounds, and scripts that are written without spaces.
"""

import re
from functools import cache, lru_cache
from typing import Final

import tantivy

STEMMERS: Final = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Languages with a stemmer of their own, by ISO 639-1 code."""

UNSTEMMED: Final = "xx"
"""The analyser of every other language: words as they are, in lower case and without accents."""

_SAME: Final = {"nb": "no", "nn": "no"}
_LONGEST_WORD = 40

_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
"""Runs of Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean."""

_JOINT = re.compile(r"[-_/.](?<=[^\W_].)(?=[^\W_])")
_JOINTS: Final = str.maketrans("", "", "-_/.")
_COMPOUND = re.compile(r"[^\W_]+(?:[-_/.][^\W_]+)+")
_LONGEST_COMPOUND = 2 * _LONGEST_WORD


def analyser_for(language: str | None, default: str) -> str:
    """Which analyser a text of ``language`` goes through: a key of ``STEMMERS``, or ``UNSTEMMED``."""
    code = base_language(language) or default
    return code if code in STEMMERS else UNSTEMMED


@lru_cache(maxsize=256)
def base_language(language: str | None) -> str | None:
    """``pt`` for ``pt-BR``; the two written forms of Norwegian are one language here."""
    if not language:
        return None
    code = re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]
    return _SAME.get(code, code) or None


@cache
def analyser(key: str) -> tantivy.TextAnalyzer:
    """The Tantivy analyser of a key of ``STEMMERS``, or of ``UNSTEMMED``."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST_WORD)).filter(tantivy.Filter.lowercase())
    if key in STEMMERS:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[key]))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


@cache
def lower_case() -> tantivy.TextAnalyzer:
    """The words of a query before they are stemmed: in lower case, accents kept (stemmers need them)."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return (
        builder.filter(tantivy.Filter.remove_long(_LONGEST_WORD)).filter(tantivy.Filter.lowercase()).build()
    )


@cache
def spaced() -> tantivy.TextAnalyzer:
    """The analyser of fields whose terms Python has already made: split at white space, nothing else."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def compounds(text: str) -> list[str]:
    """Words written with a joint, joined and in lower case: ``wi-fi`` -> ``wifi``, ``WRT-54G`` -> ``wrt54g``.

    So that whoever leaves the joint out, or puts one in, still finds them.
    """
    # Looking for the rare joints first takes a tenth of the time of matching every word.
    found = []
    end = 0
    for joint in _JOINT.finditer(text):
        if joint.start() < end:
            continue
        begin = max(end, joint.start() - _LONGEST_WORD)
        for match in _COMPOUND.finditer(text, begin, joint.start() + _LONGEST_COMPOUND):
            if match.end() > joint.start():
                end = match.end()
                if len(match[0]) <= _LONGEST_WORD:
                    found.append(match[0].translate(_JOINTS).lower())
                break
    return found


def pairs(text: str) -> list[str]:
    """Overlapping pairs of characters, and the single characters, of scripts written without spaces."""
    if text.isascii():
        return []
    terms: list[str] = []
    for run in _WITHOUT_SPACES.findall(text):
        terms.extend(run)
        terms.extend(run[index : index + 2] for index in range(len(run) - 1))
    return terms


def query_pairs(text: str) -> list[str]:
    """As ``pairs``, for what somebody typed: single characters only where they stand alone."""
    terms: list[str] = []
    for run in _WITHOUT_SPACES.findall(text):
        terms.extend([run] if len(run) == 1 else [run[index : index + 2] for index in range(len(run) - 1)])
    return terms


def without_pairs(text: str) -> str:
    """The text with scripts written without spaces left out: they are searched by ``pairs``."""
    return text if text.isascii() else _WITHOUT_SPACES.sub(" ", text)
