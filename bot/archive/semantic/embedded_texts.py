"""Embeddings of queries and titles, kept: one takes milliseconds, and they come again."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final

import structlog

from bot.archive.semantic.embedding_model import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEPT: Final = 8_192
"""1.6 kB each."""

_log = structlog.get_logger(__name__)


class EmbeddedTexts:
    """The vectors of texts, made by ``embed`` where they are not there yet. Safe from several threads."""

    def __init__(self, embed: "Callable[[Sequence[str]], NDArray[np.float32]]") -> None:
        self._embed = embed
        self._lock = Lock()
        self._rows: dict[str, NDArray[np.float32]] = {}

    def of(self, texts: Sequence[str]) -> "list[NDArray[np.float32]] | None":
        """One vector per text; what is missing is made at once, which costs half of one by one.

        None where the model turns out to be unusable, which is logged.
        """
        with self._lock:
            known = {text: self._rows[text] for text in texts if text in self._rows}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            try:
                made = dict(zip(missing, self._embed(missing), strict=True))
            except EmbeddingError as error:
                _log.error("archive: searching by words alone", reason=str(error))
                return None
            known |= made
            with self._lock:
                if len(self._rows) + len(made) > _KEPT:
                    self._rows.clear()
                self._rows |= made
        return [known[text] for text in texts]
