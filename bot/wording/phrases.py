"""English sentences of ours that a page may say in another language (pure)."""

from collections.abc import Callable, Mapping


class Phrase(str):
    """A sentence in English that still knows what it was made of.

    It is a string like any other, so programs, logs and tables take it as it stands; a page says it in its
    reader's language by ``template`` and ``values``.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str | int]

    def __new__(cls, template: str, values: Mapping[str, str | int]) -> "Phrase":
        """The sentence as English writes it."""
        made = super().__new__(cls, filled(template, values, "{:,}".format))
        made.template, made.values = template, values
        return made


def phrase(template: str, **values: str | int) -> str:
    """``template`` with each ``%(name)s`` filled in; what stands in such a call is in every catalogue."""
    return Phrase(template, values) if values else template


def filled(template: str, values: Mapping[str, str | int], number: Callable[[int], str]) -> str:
    """The template with its places filled in, numbers as ``number`` writes them."""
    shown = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return template % shown
