"""A language that the pages speak: its words, its numbers, its direction."""

from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations

from babel import Locale
from babel.numbers import format_decimal

from bot.wording.languages.catalogues import SOURCE, catalogue, languages
from bot.wording.languages.recognising import recognised
from routing.model.phrases import Phrase, said_by

_REGIONS = {"en": "en_GB"}
"""Whose way of writing dates a language has, where the language alone does not say: day before month, by 24
hours."""
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, eq=False, slots=True)
class Interface:
    """One language of the pages."""

    code: str
    locale: Locale
    catalogue: NullTranslations

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"

    def number(self, number: int) -> str:
        """A number as this language writes it: ``1,562``, ``1.562``."""
        return _decimal(self, number)

    def said(self, text: str) -> str:
        """A sentence of ours in this language, stored or not; as it stands where the catalogue lacks it."""
        if self.code == SOURCE:
            return str(text)
        return said_by(self.catalogue, text if isinstance(text, Phrase) else recognised(text), self.number)

    def has(self, text: str) -> bool:
        """Whether ``said`` says this in this language."""
        return self.code == SOURCE or self.said(text) != text


@lru_cache(maxsize=4_096)
def _decimal(spoken: Interface, number: int) -> str:
    return format_decimal(number, locale=spoken.locale)


@lru_cache(maxsize=64)
def interface(code: str) -> Interface:
    """The language of this code, which is one of ``languages()``."""
    return Interface(code, Locale.parse(_REGIONS.get(code, code)), catalogue(code))


@lru_cache(maxsize=1)
def named_languages() -> tuple[tuple[str, str], ...]:
    """The code of each language there is and what it is called by those who speak it."""
    names = ((code, Locale.parse(code).get_language_name() or code) for code in languages())
    return tuple((code, name[:1].upper() + name[1:]) for code, name in names)


ENGLISH = interface(SOURCE)
