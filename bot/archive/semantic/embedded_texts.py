"""Embeddings of queries and titles, kept: one takes milliseconds, and they come again."""

from collections.abc import Callable, Mapping, Sequence
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


class _Round:
    """Texts that are embedded together, for whoever waits for any of them; None where that failed."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}
        self.is_over = False
        self.rows: dict[str, NDArray[np.float32]] | None = None


class EmbeddedTexts:
    """The vectors of texts, made by ``embed`` where they are not there yet. Safe from several threads.

    One round is made at a time, and whoever comes meanwhile is in the next one together: the model reads its
    weights once for all of them, which is most of what a short text costs.
    """

    def __init__(self, embed: "Callable[[Sequence[str]], NDArray[np.float32]]") -> None:
        self._embed = embed
        self._lock = Lock()
        self._turn = Lock()
        self._next = _Round()
        self._rows: dict[str, NDArray[np.float32]] = {}

    def of(self, texts: Sequence[str]) -> "list[NDArray[np.float32]] | None":
        """One vector per text.

        None where the model turns out to be unusable, which is logged.
        """
        with self._lock:
            known = {text: self._rows[text] for text in texts if text in self._rows}
            missing = dict.fromkeys(text for text in texts if text not in known)
            ours = self._next
            ours.texts |= missing
        if missing:
            with self._turn:
                if not ours.is_over:
                    self._make(ours)
            if ours.rows is None:
                return None
            known |= ours.rows
        return [known[text] for text in texts]

    def _make(self, ours: _Round) -> None:
        """Make a round that nobody has made; it takes in nobody any more."""
        with self._lock:
            if self._next is ours:
                self._next = _Round()
        wanted = list(ours.texts)
        try:
            ours.rows = dict(zip(wanted, self._embed(wanted), strict=True))
        except EmbeddingError as error:
            _log.error("archive: searching by words alone", reason=str(error))
        else:
            self._keep(ours.rows)
        ours.is_over = True

    def _keep(self, made: "Mapping[str, NDArray[np.float32]]") -> None:
        with self._lock:
            if len(self._rows) + len(made) > _KEPT:
                self._rows.clear()
            self._rows |= made
