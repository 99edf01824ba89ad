"""What Chorus says, in each of its languages.

English is what stands in templates and code. Every other language is a file beside this one, ``<code>.po``,
read when it is first spoken: no step of a build lies between a translation and whoever reads it.
"""

import io
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"
CATALOGUES = Path(__file__).parent
"""The folder with a catalogue for each language but English."""


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The codes of the languages there are: English, then the others."""
    return (SOURCE, *sorted(file.stem for file in CATALOGUES.glob("*.po")))


@lru_cache(maxsize=64)
def catalogue(code: str) -> NullTranslations:
    """The words of a language, whose code is one of ``languages()``."""
    if code == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    with (CATALOGUES / f"{code}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def spoken_for(language: str | None) -> str:
    """The language of ours for somebody who writes in ``language``: ``pt`` for ``pt-BR``, else English."""
    code = (language or "").partition("-")[0].lower()
    return code if code in languages() else SOURCE
