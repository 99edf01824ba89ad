"""What the brand says by itself, in the language of whoever it says it to."""

from bot.wording.languages.catalogues import catalogue, spoken_for
from bot.wording.phrases import Phrase, filled


def said(text: str, language: str | None) -> str:
    """A sentence of ours to somebody who writes in ``language``; in English where we do not speak it."""
    words = catalogue(spoken_for(language))
    if isinstance(text, Phrase):
        return filled(words.gettext(text.template), text.values, str)
    return words.gettext(text)
