"""Sentences of ours that were stored in English, taken apart again so that they can be said in any language.

A row holds why an answer waits and why somebody is asked as plain text. Which sentence that is tell the
catalogues: each has every sentence that stands in code, with the places for what varies.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.wording.languages.catalogues import CATALOGUES, SOURCE, languages
from routing.model.phrases import Phrase, Value, sentences

_PLACE = re.compile(r"%\((\w+)\)s|(%%)")
_OURS = frozenset({"day", "why"})
"""Places that hold words of ours, which are recognised in their turn."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_NUMBER = re.compile(r"\d{1,3}(?:,?\d{3})*|\d+")
_LONGEST = 2_000
"""Characters; what is longer holds other people's words and is left as it stands."""
_LONGEST_VALUE = 300
_MOST_SENTENCES = 8
"""So many ends of sentences may come before the end of the first that is ours."""
_LEAST = 6
"""Letters outside of its places that a sentence needs to be told by."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A sentence with places: what it begins with, and how the rest is read."""

    one: str
    many: str | None
    beginning: str
    expression: re.Pattern[str]

    def read(self, text: str) -> Phrase | None:
        """The phrase that this text is; None where it is none of this sentence."""
        if not text.startswith(self.beginning) or (found := self.expression.fullmatch(text)) is None:
            return None
        places = found.groupdict()
        if "day" in places and places["day"] not in _whole():
            return None
        values = {name: _value(name, written) for name, written in places.items()}
        number = values.get("number", 1)
        made = Phrase(self.one, values, self.many, number if isinstance(number, int) else 0)
        return made if made == text else None


@lru_cache(maxsize=4_096)
def recognised(text: str) -> str:
    """The phrase that a stored text is, or the phrases one after the other; as it stands where it is none."""
    if text in _whole():
        return Phrase(text, {})
    if len(text) > _LONGEST:
        return text
    for end in islice(_SENTENCE_END.finditer(text), _MOST_SENTENCES):
        head = _one(text[: end.start()])
        if head is not None:
            return sentences(head, recognised(text[end.end() :]))
    return _one(text) or text


def _one(text: str) -> Phrase | None:
    if text in _whole():
        return Phrase(text, {})
    return next((made for pattern in _patterns() if (made := pattern.read(text)) is not None), None)


@lru_cache(maxsize=1)
def _spoken() -> tuple[Message, ...]:
    """Every sentence that stands in code, from any of the catalogues: they all have the same."""
    code = next((one for one in languages() if one != SOURCE), None)
    if code is None:
        return ()
    with (CATALOGUES / f"{code}.po").open("rb") as written:
        catalogue = read_po(written, locale=code)
    return tuple(
        one for one in catalogue if one.id and any(place.endswith(".py") for place, _ in one.locations)
    )


@lru_cache(maxsize=1)
def _whole() -> frozenset[str]:
    return frozenset(one.id for one in _spoken() if isinstance(one.id, str))


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    """The sentences with places, the longest first."""
    found: list[tuple[int, _Pattern]] = []
    for message in _spoken():
        one, many = (message.id, None) if isinstance(message.id, str) else message.id
        for form in dict.fromkeys((one, many or one)):
            told = _PLACE.sub("", form)
            if told != form and sum(map(str.isalpha, told)) >= _LEAST:
                found.append((len(told), _Pattern(one, many, _beginning(form), _expression(form))))
    return tuple(pattern for _, pattern in sorted(found, key=lambda one: -one[0]))


def _beginning(form: str) -> str:
    first = _PLACE.search(form)
    return form[: first.start()] if first else form


def _expression(form: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for place in _PLACE.finditer(form):
        pieces.append(re.escape(form[at : place.start()]))
        pieces.append(_read_place(place[1]) if place[1] else "%")
        at = place.end()
    return re.compile("".join([*pieces, re.escape(form[at:])]), re.DOTALL)


def _read_place(name: str) -> str:
    """What stands in a place, no longer than needs be: what went wrong elsewhere may be of any length."""
    return f"(?P<{name}>.+?)" if name == "why" else f"(?P<{name}>.{{1,{_LONGEST_VALUE}}}?)"


def _value(name: str, written: str) -> Value:
    if _NUMBER.fullmatch(written) and f"{int(written.replace(',', '')):,}" == written:
        return int(written.replace(",", ""))
    return recognised(written) if name in _OURS else written
