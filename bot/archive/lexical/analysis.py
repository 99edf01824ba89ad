"""How text becomes terms: one stemmer per language, one shared unstemmed form, pairs for CJK.

Documents and queries go through the same functions, each once: folded (``bot.archive.lexical.folding``),
without what is searched by pairs, then through an analyser. The heavy part runs inside Tantivy's analysers;
Python only does what those cannot: variants of letters, compounds, and scripts written without spaces.
"""

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Final

import tantivy

from bot.archive.lexical.folding import ZERO_WIDTH_JOINT, fold, turkish, with_umlauts

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

_BEGINNING: Final = 5

_SAME: Final = {"nb": "no", "nn": "no"}
_LONGEST_WORD = 64
"""Characters; in any script that makes no more than four bytes each."""
_BYTES_OF_A_WORD = 4 * _LONGEST_WORD + 1

WITHOUT_SPACES: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean: they write no spaces between words."""

_WITHOUT_SPACES = re.compile(f"[{WITHOUT_SPACES}]+")
_ONE_WITHOUT_SPACES = re.compile(f"[{WITHOUT_SPACES}]")

_JOINTS: Final = "-_/." + ZERO_WIDTH_JOINT
_JOINT = re.compile(rf"[{_JOINTS}](?<=[^\W_].)(?=[^\W_])")
_WITHOUT_JOINTS: Final = str.maketrans("", "", _JOINTS)
_COMPOUND = re.compile(rf"[^\W_]+(?:[{_JOINTS}][^\W_]+)+")
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
    builder = builder.filter(tantivy.Filter.remove_long(_BYTES_OF_A_WORD)).filter(tantivy.Filter.lowercase())
    if key in STEMMERS:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[key]))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


@cache
def _splitter(*, lower: bool) -> tantivy.TextAnalyzer:
    """The words of a query before they are stemmed, accents kept."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(_BYTES_OF_A_WORD))
    return (builder.filter(tantivy.Filter.lowercase()) if lower else builder).build()


def words(folded: str) -> dict[str, str]:
    """The words of a folded text in lower case, in order and each once, and how each is spelled there."""
    readable = without_pairs(folded)
    lower, spelled = _splitter(lower=True).analyze(readable), _splitter(lower=False).analyze(readable)
    found: dict[str, str] = {}
    for word, as_typed in zip(lower, spelled, strict=True):
        found.setdefault(word, as_typed)
    return found


def indexable(folded: str, key: str) -> str:
    """A folded text as the analyser ``key`` is given it."""
    readable = without_pairs(folded)
    return turkish(readable) if key == "tr" else readable


def terms(text: str, key: str) -> list[str]:
    """What a text is found by in the fields of the analyser ``key``."""
    return analyser(key).analyze(indexable(fold(text), key))


def beginning_of(word: str) -> str:
    """The first letters of a longer word, a stem for want of a better one; empty for a short word.

    Five: McNamee and Mayfield, Character N-Gram Tokenization for European Language Text Retrieval (2004).
    """
    return word[:_BEGINNING] if len(word) > _BEGINNING else ""


def shared(word: str) -> str:
    """A word as the vocabulary of all languages has it: in lower case, unstemmed, without accents."""
    return "".join(terms(word, UNSTEMMED))


def spellings(word: str, keys: Collection[str]) -> list[str]:
    """Every form in which the shared vocabulary may have a word, given the analysers in use.

    German stemmers know ``ue`` for ``ü``; the vocabulary, which has no language, has ``turen`` for ``Türen``.
    """
    german = [with_umlauts(fold(word))] if "de" in keys else []
    return list(dict.fromkeys(map(shared, (word, *german))))


@cache
def spaced() -> tantivy.TextAnalyzer:
    """The analyser of fields whose terms Python has already made: split at white space, nothing else."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def compounds(folded: str) -> list[str]:
    """Words written with a joint, joined, as ``shared``: ``wi-fi`` -> ``wifi``, ``WRT-54G`` -> ``wrt54g``.

    So that whoever leaves the joint out, or puts one in, still finds them.
    """
    # Looking for the rare joints first takes a tenth of the time of matching every word.
    found = []
    end = 0
    for joint in _JOINT.finditer(folded):
        if joint.start() < end:
            continue
        begin = max(end, joint.start() - _LONGEST_WORD)
        for match in _COMPOUND.finditer(folded, begin, joint.start() + _LONGEST_COMPOUND):
            if match.end() > joint.start():
                end = match.end()
                if len(match[0]) <= _LONGEST_WORD:
                    found.append(shared(match[0].translate(_WITHOUT_JOINTS)))
                break
    return found


def pairs(folded: str) -> list[str]:
    """Overlapping pairs of characters of scripts written without spaces."""
    return [run[index : index + 2] for run in _runs(folded) for index in range(len(run) - 1)]


def signs(folded: str) -> list[str]:
    """The characters of scripts written without spaces, one by one."""
    return [sign for run in _runs(folded) for sign in run]


def _runs(folded: str) -> list[str]:
    return [] if folded.isascii() else _WITHOUT_SPACES.findall(folded)


def query_pairs(folded: str) -> list[str]:
    """As ``pairs``, for what somebody typed: with the characters that stand alone."""
    found: list[str] = []
    for run in _runs(folded):
        found.extend([run] if len(run) == 1 else pairs(run))
    return found


def without_pairs(text: str) -> str:
    """The text with scripts written without spaces blanked out: they are searched by ``pairs``.

    Everything else stays in its place.
    """
    return text if text.isascii() else _ONE_WITHOUT_SPACES.sub(" ", text)
