"""How good the search is on eleven sets: by words, by meaning, by both.

``python tests/bench/bench_search_quality.py [SET ...]`` prints one line of nDCG@10 per set (the sets are
described in ``retrieval_sets.py``); all of them take some ten minutes, for every entry is embedded.
"""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


from bot.archive.lexical.index import Index
from bot.archive.lexical.query import LONGEST_QUERY
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica
from tests.bench.retrieval_sets import SETS, RetrievalSet


def ndcg(ranked: Sequence[int], right: Sequence[int]) -> float:
    gained = sum(1 / math.log2(place + 2) for place, each in enumerate(ranked[:10]) if each in right)
    return gained / sum(1 / math.log2(place + 2) for place in range(min(10, len(right))))


def mean(chosen: RetrievalSet, ranked: Callable[[str], list[int]]) -> float:
    return sum(ndcg(ranked(text), right) for text, right in chosen.queries) / len(chosen.queries)


def compared(chosen: RetrievalSet, meaning: EmbeddingModel | None) -> list[float]:
    languages = chosen.languages or [None] * len(chosen.entries)
    source = MemorySource(
        plain_document(number, *entry, language=language)
        for number, (entry, language) in enumerate(zip(chosen.entries, languages, strict=True), start=1)
    )
    with tempfile.TemporaryDirectory() as directory:
        index = Index(Path(directory), source)
        index.follow()
        figures = [mean(chosen, lambda text: _found(index, text))]
        if meaning is not None:
            archive = Archive(index, VectorReplica(source, meaning))
            while archive.vectors is not None and archive.vectors.follow():
                pass
            figures.append(mean(chosen, lambda text: _nearest(archive, text)))
            figures.append(mean(chosen, lambda text: _found(archive, text)))
        index.close()
    return figures


def _found(archive: Archive | Index, text: str) -> list[int]:
    return [hit.entry_id - 1 for hit in archive.search(text[:LONGEST_QUERY]).hits]


def _nearest(archive: Archive, text: str) -> list[int]:
    meant = archive.embedding_of(text[:LONGEST_QUERY])
    assert archive.vectors is not None
    assert archive.vectors.index is not None
    assert meant is not None
    return [each.entry_id - 1 for each in archive.vectors.index.top_k(meant, 10)]


def main() -> None:
    meaning = EmbeddingModel.load()
    print(f"{'set':20} entries queries  words meaning   both  both - better part")
    for name in sys.argv[1:] or SETS:
        chosen = SETS[name]()
        begin = time.perf_counter()
        figures = compared(chosen, meaning)
        line = f"{name:20} {len(chosen.entries):7} {len(chosen.queries):7} " + " ".join(
            f"{x:6.4f} " for x in figures
        )
        if meaning is not None:
            line += f"{figures[2] - max(figures[:2]):+.4f}"
        print(f"{line}   ({time.perf_counter() - begin:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
