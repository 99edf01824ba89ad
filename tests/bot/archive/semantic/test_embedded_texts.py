"""Embeddings that are asked for at once are made together, each once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.archive.semantic.embedded_texts import EmbeddedTexts
from bot.archive.semantic.embedding_model import EmbeddingError


class SlowModel:
    """Says a text's length; its first round waits until it may go on."""

    def __init__(self, broken: type[Exception] | None = None) -> None:
        self.begun, self.may_go_on = Event(), Event()
        self.rounds: list[list[str]] = []
        self._broken = broken

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.rounds.append(list(texts))
        if len(self.rounds) == 1:
            self.begun.set()
            assert self.may_go_on.wait(10)
            if self._broken is not None:
                raise self._broken("no use")
        return np.array([[len(text)] for text in texts], dtype=np.float32)


class Told(list[str]):
    """Texts that say when somebody looks at them: from then on they are waited for."""

    def __init__(self, texts: Sequence[str], looked_at: Semaphore) -> None:
        super().__init__(texts)
        self._looked_at = looked_at

    def __iter__(self) -> Iterator[str]:
        self._looked_at.release()
        return super().__iter__()


def together(
    model: SlowModel, first: list[str], *others: list[str]
) -> list[Future[list[NDArray[np.float32]] | None]]:
    """The first one begins a round; the others come while it is made."""
    texts, looked_at = EmbeddedTexts(model.embed), [Semaphore(0) for _ in others]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(texts.of, first)]
        assert model.begun.wait(10)
        asked += [
            pool.submit(texts.of, Told(each, told)) for each, told in zip(others, looked_at, strict=True)
        ]
        assert all(told.acquire(timeout=10) for told in looked_at)
        model.may_go_on.set()
    return asked


def test_who_comes_while_others_are_made_is_made_together() -> None:
    model = SlowModel()

    asked = together(model, ["a"], ["bb"], ["ccc", "bb"], ["a"], ["dddd"])

    assert [len(each) for each in model.rounds] == [1, 4]
    assert [[float(row[0]) for row in one.result() or ()] for one in asked] == [[1], [2], [3, 2], [1], [4]]


def test_a_model_that_is_no_use_is_no_use_for_all_of_a_round_and_for_nobody_else() -> None:
    model = SlowModel(broken=EmbeddingError)

    asked = together(model, ["a"], ["bb"])

    assert asked[0].result() is None
    assert [float(row[0]) for row in asked[1].result() or ()] == [2]


def test_who_fails_by_another_mishap_leaves_the_others_theirs() -> None:
    model = SlowModel(broken=MemoryError)

    asked = together(model, ["a"], ["bb"], ["ccc"])

    with pytest.raises(MemoryError):
        asked[0].result()
    assert [float(row[0]) for one in asked[1:] for row in one.result() or ()] == [2, 3]


def test_what_was_made_is_not_made_again() -> None:
    model = SlowModel()
    model.may_go_on.set()
    texts = EmbeddedTexts(model.embed)

    assert texts.of(["a", "bb", "a"]) is not None
    assert [float(row[0]) for row in texts.of(["bb", "a"]) or ()] == [2, 1]
    assert texts.of([]) == []

    assert model.rounds == [["a", "bb"]]
