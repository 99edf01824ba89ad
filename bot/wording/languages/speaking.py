"""What the brand and its notices say by themselves, in the language of whoever they say it to."""

from bot.wording.languages.catalogues import SOURCE, catalogue, spoken_for
from bot.wording.languages.recognising import recognised
from routing.model.phrases import Phrase, said_by


def said(text: str, language: str | None) -> str:
    """A sentence of ours to somebody who reads ``language``; in English where we do not speak it."""
    code = spoken_for(language)
    if code == SOURCE:
        return str(text)
    return said_by(catalogue(code), text if isinstance(text, Phrase) else recognised(text), str)
