"""English sentences of ours that a page or a mail may say in another language (pure)."""

from collections.abc import Callable, Mapping
from typing import Protocol

Value = str | int


class Words(Protocol):
    """A catalogue of a language (``gettext.NullTranslations``)."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str: ...


class Phrase(str):
    """A sentence in English that still knows what it was made of.

    It is a string like any other, so programs, logs and tables take it as it stands; a page says it in its
    reader's language by ``template`` and ``values``, of which those that are phrases are said in it, too.
    ``many`` is the template for other numbers than one, ``number`` the number that chooses.
    """

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: Mapping[str, Value]
    many: str | None
    number: int

    def __new__(
        cls, template: str, values: Mapping[str, Value], many: str | None = None, number: int = 1
    ) -> "Phrase":
        """The sentence as English writes it."""
        chosen = template if many is None or number == 1 else many
        made = super().__new__(cls, filled(chosen, values, "{:,}".format))
        made.template, made.values, made.many, made.number = template, values, many, number
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, Value], str | None, int]:  # type: ignore[override]
        """What a copy is made of."""
        return self.template, self.values, self.many, self.number


def phrase(template: str, **values: Value) -> str:
    """``template`` with each ``%(name)s`` filled in; what stands in such a call is in every catalogue."""
    return Phrase(template, values)


def phrases(one: str, many: str, number: int, **values: Value) -> str:
    """As ``phrase``, in the form for ``number``, which both forms may name as ``%(number)s``."""
    return Phrase(one, {"number": number, **values}, many, number)


def sentences(*texts: str) -> str:
    """Several sentences one after the other; empty ones are left out."""
    said = [text for text in texts if text]
    places = {f"s{place}": text for place, text in enumerate(said)}
    return Phrase(" ".join(f"%({name})s" for name in places), places) if len(said) != 1 else said[0]


def said_by(words: Words, text: str, number: Callable[[int], str]) -> str:
    """A sentence of ours as a catalogue has it, numbers as ``number`` writes them; else as it stands."""
    if not text:
        return text
    if not isinstance(text, Phrase):
        return words.gettext(text)
    template = (
        words.gettext(text.template)
        if text.many is None
        else words.ngettext(text.template, text.many, text.number)
    )
    values = {
        name: said_by(words, value, number) if isinstance(value, Phrase) else value
        for name, value in text.values.items()
    }
    return filled(template, values, number)


def filled(template: str, values: Mapping[str, Value], number: Callable[[int], str]) -> str:
    """The template with its places filled in, numbers as ``number`` writes them."""
    shown = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return template % shown if values else template
