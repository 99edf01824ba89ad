"""What people type into a search box, taken apart. Any text is a query; nothing in it is an operator.

The only sign with a meaning is the quotation mark: words between two of them are a phrase.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.archive.lexical.analysis import compounds, query_pairs, words
from bot.archive.lexical.folding import ZERO_WIDTH_JOINT, fold
from routing.model.phrases import phrase

LONGEST_QUERY = 500
"""Characters somebody may search for at once."""

MOST_WORDS = 32
"""Words of a query that are looked at: a longer text is recognised by its first ones."""

_PHRASE = re.compile(r'"([^"]*)"|“([^”“]*)[”“]|„([^“”]*)[“”]|«([^»]*)»|「([^」]*)」')
QUOTATION_MARKS = re.compile(r"[\"“”„«»「」]")
_WORD = re.compile(r"[^\W_]+")
_ENDS_OPEN = re.compile(r"[^\W_]\Z")


class QueryTooLong(ValueError):
    """More than ``LONGEST_QUERY`` characters; ``words`` are written for whoever typed them."""

    def __init__(self, length: int) -> None:
        self.words = phrase(
            "That is too long to search for: %(length)s characters, and %(most)s is the most. "
            "Try the few words that matter.",
            length=length,
            most=LONGEST_QUERY,
        )
        super().__init__(self.words)


@dataclass(frozen=True, slots=True)
class Filters:
    """What entries must be like to be found at all; None means any.

    ``topic`` is a slug, ``language`` an ISO 639-1 code; ``since`` is inclusive, ``until`` exclusive.
    """

    topic: str | None = None
    language: str | None = None
    platform: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query taken apart.

    ``text`` is the whole of it, tidied. ``words`` are in lower case, each once; ``spelled`` has each of them
    as it was typed, which tells more in some languages; ``joined`` are compounds written as one word;
    ``pairs`` come from scripts without spaces. ``unfinished`` says that the last word may still be typed.
    """

    text: str
    words: tuple[str, ...]
    phrases: tuple[str, ...]
    joined: tuple[str, ...]
    pairs: tuple[str, ...]
    unfinished: bool
    spelled: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be searched for."""
        return not (self.words or self.phrases or self.pairs)

    @property
    def loosened(self) -> "ParsedQuery":
        """The same without quotation marks: the phrases' words are words like any others."""
        return parse(QUOTATION_MARKS.sub(" ", self.text))

    def corrected(self, corrections: Sequence[tuple[str, str]]) -> "ParsedQuery":
        """The query with each first word of the pairs as the second one: what was probably meant."""
        if not corrections:
            return self
        meant = dict(corrections)
        text = _WORD.sub(lambda word: meant.get(fold(word[0]).lower(), word[0]), self.text)
        return self if text == self.text else parse(text)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """What looks like a model number or an error code.

        Four characters with digits and letters, or five digits: a year or ``ps4`` is none.
        """
        return tuple(each for each in dict.fromkeys((*self.words, *self.joined)) if _is_identifier(each))


def parse(text: str) -> ParsedQuery:
    """Take apart what somebody typed.

    Raises:
        QueryTooLong: It has more than ``LONGEST_QUERY`` characters.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryTooLong(len(text))
    tidy = _tidy(text)
    phrases = tuple(
        phrase
        for groups in _PHRASE.findall(tidy)
        for phrase in groups
        if words(fold(phrase)) or query_pairs(fold(phrase))
    )
    loose = fold(_PHRASE.sub(" ", tidy))
    spelled = words(loose)
    first = tuple(spelled)[:MOST_WORDS]
    return ParsedQuery(
        text=tidy,
        words=first,
        phrases=phrases,
        joined=tuple(dict.fromkeys(compounds(loose)))[:MOST_WORDS],
        pairs=tuple(dict.fromkeys(query_pairs(loose)))[: 2 * MOST_WORDS],
        unfinished=bool(first) and _ENDS_OPEN.search(text) is not None,
        spelled=spelled,
    )


def _tidy(text: str) -> str:
    """One form per character (NFKC), no control characters or lone surrogates, single spaces."""
    whole = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode("utf-8"))
    return " ".join("".join(map(_printable, whole)).split())


def _printable(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] != "C" or sign == ZERO_WIDTH_JOINT:
        return sign
    return "" if category == "Cf" else " "


def _is_identifier(word: str) -> bool:
    digits = sum(sign.isdigit() for sign in word)
    return digits > 0 and len(word) >= (5 if digits == len(word) else 4)
