"""How fast the archive is searched, against raw Tantivy on the same index in the same run.

``python tests/bench/bench_search.py [--entries 100000] [--meaning]`` prints one JSON object. Entries are
resampled from real text: a title is one real question, an answer two to five real sentences drawn from all
sources, and every third entry gets a made-up word of its own, so that the vocabulary grows with the archive
as it does in life. Queries are runs of three to eight words of real questions; each is asked three times and
counts with its best time, because the machine may be busy. Vectors, with ``--meaning``, are real embeddings
of 1,500 sentences mixed in pairs, with noise, until there are enough; queries are really embedded each time.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from tantivy import Occur, Query

from bot.archive.documents import Change, Document
from bot.archive.lexical.analysis import analyser
from bot.archive.lexical.build import View
from bot.archive.lexical.index import Index
from bot.archive.lexical.languages import stop_words
from bot.archive.lexical.query import Filters
from bot.archive.lexical.schema import BODY, ID, TITLE, schema, term
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.ranking import Archive
from bot.archive.semantic.embedding_model import EmbeddingModel
from bot.archive.semantic.vector_index import VectorReplica, quantised
from tests.bench.retrieval_sets import rows, without_links

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def sentences() -> tuple[list[str], list[str]]:
    """Real questions, and real sentences of any kind."""
    questions = [row["text"] for row in rows("intent_banking77.jsonl.gz")]
    questions += [row["q"] for row in rows("faq_stackfaq_queries.jsonl.gz")]
    questions += [without_links(row["text"]) for row in rows("tweets_twcs_inbound.jsonl.gz")]
    texts = [row["answer"] for row in rows("faq_stackfaq_docs.jsonl.gz")]
    texts += [row["answer"] for row in rows("tweets_ibm.jsonl.gz")]
    for name in ("routing_redash", "routing_se_dba", "routing_se_android"):
        texts += [row["title"] + ". " + row["body"][:600] for row in rows(f"{name}.jsonl.gz")]
    said = [part.strip() for text in texts + questions for part in re.split(r"(?<=[.!?])\s+", text)]
    return [each for each in questions if len(each) > 15], [each for each in said if 15 < len(each) < 200]


class Resampled(MemorySource):
    """Entries made on the way, so that a million of them take no memory in this process."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.questions, self.said = sentences()

    def stream(self) -> Iterator[Document]:
        rng = random.Random(5)
        for number in range(1, self.size + 1):
            answer = " ".join(rng.choices(self.said, k=rng.randint(2, 5)))
            if number % 3 == 0:
                answer += f" ref{rng.getrandbits(40):x}"
            yield plain_document(
                number,
                rng.choice(self.questions),
                answer,
                topic=f"topic-{number % 40}",
                platform=("x", "local", "mastodon")[number % 3],
                answered_at=BEGIN + timedelta(minutes=number),
            )


def fragments(questions: Sequence[str], count: int) -> list[str]:
    rng = random.Random(9)
    found: list[str] = []
    while len(found) < count:
        words = re.findall(r"[\w']+", rng.choice(questions))
        length = rng.randint(3, 8)
        if len(words) >= length:
            start = rng.randint(0, len(words) - length)
            found.append(" ".join(words[start : start + length]))
    return found


def raw(view: View, text: str, *, cut: bool) -> list[Any]:
    """What Tantivy alone takes: the words' stems in titles and answers, ten ids."""
    words = dict.fromkeys(text.lower().split())
    if cut:
        words = dict.fromkeys(word for word in words if word not in stop_words("en")) or words
    stems = [stem for word in words for stem in analyser("en").analyze(word)]
    clauses = [
        (Occur.Should, Query.term_query(schema(), field, term("en", stem), "freq"))
        for stem in stems
        for field in (TITLE, BODY)
    ]
    found = view.searcher.search(Query.boolean_query(clauses), 10, count=False).hits
    return list(view.searcher.fast_field_values(ID, [address for _, address in found]))


def milliseconds(
    call: Callable[[str], object], queries: Sequence[str], before: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """Percentiles of each query's best time of three; ``before`` runs ahead of every call, untimed."""
    best = [float("inf")] * len(queries)
    for _ in range(3):
        for number, query in enumerate(queries):
            before()
            begin = time.perf_counter()
            call(query)
            best[number] = min(best[number], (time.perf_counter() - begin) * 1_000)
    best.sort()
    return {"p50": round(best[len(best) // 2], 2), "p95": round(best[len(best) * 95 // 100], 2)}


def resident() -> int:
    return int(psutil.Process().memory_info().rss / 1_000_000)


def lexical(index: Index, queries: Sequence[str]) -> dict[str, Any]:
    view = index.view
    assert view is not None
    for query in queries:
        index.search(query)
    figures: dict[str, Any] = {
        "raw": milliseconds(lambda text: raw(view, text, cut=True), queries),
        "raw_all_words": milliseconds(lambda text: raw(view, text, cut=False), queries),
        "ours": milliseconds(lambda text: index.search(text), queries),
        "ours_typing": milliseconds(lambda text: index.search(text[:-1], typing=True), queries),
        "ours_with_typing_error": milliseconds(
            lambda text: index.search(text[:-2] + text[-1:] + "q"), queries
        ),
        "ours_filtered": milliseconds(lambda text: index.search(text, Filters(topic="topic-7")), queries),
    }
    figures["ours_to_raw_p95"] = round(figures["ours"]["p95"] / figures["raw"]["p95"], 2)
    return figures


def freshness(index: Index, source: Resampled) -> float:
    """Milliseconds from a change in the log to its being found."""
    took = []
    for number in range(20):
        document = plain_document(10**9 + number, f"fresh entry fresh{number}", "just published")
        source._documents[document.entry_id] = document
        source._changes.append(Change(len(source._changes) + 1, document.entry_id))
        begin = time.perf_counter()
        index.follow()
        assert index.search(f"fresh{number}").hits[0].entry_id == document.entry_id
        took.append((time.perf_counter() - begin) * 1_000)
    return round(sorted(took)[-2], 1)


def with_meaning(index: Index, said: Sequence[str], queries: Sequence[str], size: int) -> dict[str, Any]:
    """The same searches ranked by meaning too, and how much of the exact nearest the scan of signs finds."""
    import numpy as np

    model = EmbeddingModel.load()
    if model is None:
        return {"skipped": "the meaning extra is not installed"}
    rng = np.random.default_rng(3)
    base = model.embed(random.Random(1).sample(list(said), 1_500))
    before = resident()
    vectors = VectorReplica(index.source, model, embeds=False)
    vectors.follow()
    table = vectors.index
    assert table is not None
    for first in range(0, size, 20_000):
        count = min(20_000, size - first)
        share = rng.random((count, 1), dtype=np.float32)
        rows = base[rng.integers(0, 1_500, count)] + share * base[rng.integers(0, 1_500, count)]
        rows += rng.standard_normal(rows.shape, dtype=np.float32) * 0.03
        table.put([(first + number + 1, quantised(row)) for number, row in enumerate(rows)])
    archive = Archive(index, vectors)

    def forget() -> None:
        """No query is known from before."""
        nonlocal archive
        archive = Archive(index, vectors)

    figures: dict[str, Any] = {
        "resident_mb_before_and_with_vectors": [before, resident()],
        "meaning": milliseconds(lambda text: archive.search(text), queries, forget),
        "meaning_filtered": milliseconds(
            lambda text: archive.search(text, Filters(topic="topic-7")), queries[:100], forget
        ),
    }
    found, everything = 0, range(1, size + 1)
    for query in queries[:40]:
        meant = model.embed([query])[0]
        likeness = table.score(meant, everything)
        exact = sorted(likeness, key=likeness.__getitem__, reverse=True)[:10]
        found += len(set(exact) & {each.entry_id for each in table.top_k(meant, 100)})
    figures["nearest_10_found_among_100"] = round(found / 400, 3)
    return figures


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--queries", type=int, default=500)
    arguments.add_argument("--meaning", action="store_true")
    chosen = arguments.parse_args()
    source = Resampled(chosen.entries)
    made_in, made_cpu = time.perf_counter(), time.process_time()
    for _ in source.stream():
        pass
    made_in, made_cpu = time.perf_counter() - made_in, time.process_time() - made_cpu
    with tempfile.TemporaryDirectory() as directory:
        before = resident()
        index = Index(Path(directory), source)
        begin, begin_cpu = time.perf_counter(), time.process_time()
        index.follow()
        took, took_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        figures: dict[str, Any] = {
            "entries": chosen.entries,
            "rebuild_entries_per_s": round(chosen.entries / (took - made_in)),
            "rebuild_entries_per_s_with_making_them": round(chosen.entries / took),
            "rebuild_processor_microseconds_per_entry": round(
                (took_cpu - made_cpu) / chosen.entries * 1e6, 1
            ),
            "index_mb": round(sum(f.stat().st_size for f in Path(directory).rglob("*.*")) / 1e6),
            "resident_mb_before_and_after_building": [before, resident()],
        }
        figures |= lexical(index, fragments(source.questions, chosen.queries))
        figures["resident_mb_after_searching"] = resident()
        figures["follow_and_find_ms_p95"] = freshness(index, source)
        if chosen.meaning:
            queries = fragments(source.questions, min(200, chosen.queries))
            figures |= with_meaning(index, source.said, queries, chosen.entries)
        index.close()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
