"""Embeddings kept on disk by the hash of their text, so that a text is embedded once."""

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.private_files import make_private_directory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.archive.semantic.embedding_model import EmbeddingModel

_TEXTS_PER_COMMIT = 128
"""An interrupted run loses no more than these."""


def cache_directory() -> Path:
    """Where this user keeps what can be made again: ``$XDG_CACHE_HOME/chorus``, else ``~/.cache/chorus``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "chorus"


def embed_cached(
    model: "EmbeddingModel", texts: Sequence[str], directory: Path | None = None
) -> "NDArray[np.float32]":
    """One vector per text, as ``model.embed`` gives them; only texts never seen before are embedded.

    Args:
        model: The embedding model; vectors of different models are kept apart.
        texts: Any number of texts, repeated ones too.
        directory: Where to keep the vectors; the user's cache directory by default.
    """
    import numpy as np

    directory = directory or cache_directory()
    make_private_directory(directory)
    keys = [hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest() for text in texts]
    with sqlite3.connect(directory / f"embeddings-{model.version}.sqlite3", timeout=60) as database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS embedding (text_hash BLOB PRIMARY KEY, vector BLOB NOT NULL)"
        )
        known = dict(database.execute("SELECT text_hash, vector FROM embedding"))
        missing = [
            (key, text) for key, text in dict(zip(keys, texts, strict=True)).items() if key not in known
        ]
        for start in range(0, len(missing), _TEXTS_PER_COMMIT):
            some = missing[start : start + _TEXTS_PER_COMMIT]
            vectors = model.embed([text for _, text in some])
            rows = [(key, vector.tobytes()) for (key, _), vector in zip(some, vectors, strict=True)]
            database.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?)", rows)
            database.commit()
            known.update(rows)
    database.close()
    return np.array([np.frombuffer(known[key], dtype=np.float32) for key in keys], dtype=np.float32)
