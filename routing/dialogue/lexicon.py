"""Words by what they do in a conversation, in many languages: ``words/de.txt`` and so on.

A line holds a concept and its words: ``_`` stands for a blank in a phrase, a final ``*`` for any ending.
All are looked for in every text, for a short post seldom says which language it is in. The files are general
vocabulary: what a word weighs is learnt from the examples (``tests/bench/fit_dialogue.py``).
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

_STROKES = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th",
        "ة": "ه", "ى": "ي", "ـ": None, "’": "'", "ʼ": "'", "´": "'", "`": "'", "ё": "е",
    }
)  # fmt: skip
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0655\u0670\u05b0-\u05c7]")
_UNSPACED = "\u0e00-\u0e7f\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[\w'+](?:[\u0900-\u0dff])*)+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_LONGEST_PHRASE = 5
_LONGEST_RUN = 9
_SHORTEST_STEM = 2
_PREFIXES = ("وال", "ال", "و", "ب", "ل", "ה", "ו", "ב", "ל")
"""Arabic and Hebrew write the article and short words together with the next one."""


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """The form in which words are compared: case, accents, vowel marks and stroke letters folded."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed)).translate(_STROKES)


def tokens(text: str) -> list[str]:
    """The words of a folded text in order; scripts written without blanks come as whole runs."""
    return _TOKEN.findall(text)


def is_unspaced(token: str) -> bool:
    """Whether a token is a run of a script that is written without blanks."""
    return _IS_UNSPACED.match(token) is not None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Which concepts a word, the beginning of a word, or a run of characters stands for."""

    words: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    stems: dict[str, frozenset[str]] = field(default_factory=dict)
    runs: dict[str, frozenset[str]] = field(default_factory=dict)
    first_of_phrases: set[str] = field(default_factory=set)

    def concepts(self, found: list[str]) -> Counter[str]:
        """How often each concept is named by these tokens."""
        counts: Counter[str] = Counter()
        for place, token in enumerate(found):
            if is_unspaced(token):
                self._count_runs(token, counts)
                continue
            longest: frozenset[str] = self._of_word(token)
            longest_phrase = _LONGEST_PHRASE if token in self.first_of_phrases else 0
            for length in range(2, longest_phrase + 1):
                phrase = tuple(found[place : place + length])
                if len(phrase) == length and phrase in self.words:
                    longest = longest | self.words[phrase]
                elif len(phrase) == length:
                    stem = self.stems.get(" ".join(phrase))
                    longest = longest | (stem or frozenset())
            if longest:
                counts.update(longest)
        return counts

    def _of_word(self, token: str) -> frozenset[str]:
        found = self.words.get((token,), frozenset())
        if not found:
            for prefix in _PREFIXES:
                if token.startswith(prefix) and len(token) > len(prefix) + 2:
                    found = found | self.words.get((token[len(prefix) :],), frozenset())
        for length in range(_SHORTEST_STEM, len(token) + 1):
            stem = self.stems.get(token[:length])
            if stem:
                found = found | stem
        return found

    def _count_runs(self, token: str, counts: Counter[str]) -> None:
        for start in range(len(token)):
            for end in range(start + 1, min(start + _LONGEST_RUN, len(token)) + 1):
                counts.update(self.runs.get(token[start:end], ()))


@cache
def lexicon() -> Lexicon:
    """All languages' words, read once."""
    read = Lexicon()
    for file in sorted(files(__package__).joinpath("words").iterdir(), key=lambda one: one.name):
        for line in file.read_text(encoding="utf-8").splitlines():
            concept, _, listed = line.partition(":")
            for word in listed.split():
                _add(read, concept.strip(), word)
    return read


def _add(into: Lexicon, concept: str, word: str) -> None:
    is_stem = word.endswith("*")
    parts = tokens(folded(word.rstrip("*").replace("_", " ")))
    if not parts:
        return
    alone = frozenset({concept})
    if len(parts) > 1:
        into.first_of_phrases.add(parts[0])
    if len(parts) == 1 and is_unspaced(parts[0]):
        into.runs[parts[0]] = into.runs.get(parts[0], frozenset()) | alone
    elif is_stem:
        stem = " ".join(parts)
        into.stems[stem] = into.stems.get(stem, frozenset()) | alone
    else:
        key = tuple(parts)
        into.words[key] = into.words.get(key, frozenset()) | alone
