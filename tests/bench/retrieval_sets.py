"""Sets of labelled queries, made from the evaluation data.

``faq`` is what it is. ``intents``: ten training questions per intent of banking77 as entries, the test
questions as queries, and what has the same intent is right. ``tweets``: conversations that were answered
with the same document, every second one an entry and the others queries. ``titles_*``: a forum's bodies as
entries, their titles as queries, one right each. ``numbers``: made-up device numbers in eight stock
phrases, where nothing but the number tells entries apart. ``foreign_*``: a set enciphered letter by letter,
which is how any language looks to a model that does not know it. ``mixed``: a thousand English entries,
and among them a few of each of thirteen languages that ``mixed_languages.json`` was written in for this;
``across`` asks for those in a language that they are not in.
"""

import gzip
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("CHORUS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
_CIPHER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "oskrupgvadfxtmyzjblneqchwi")
_SAID = (
    "no picture after the update",
    "keeps disconnecting from the wifi",
    "does not switch on any more",
    "shows an error on the screen",
    "is not found by the app",
    "makes a loud noise",
    "will not charge",
    "remote control stopped working",
)


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Entries (question, answer), and queries with the numbers of the entries that are right.

    ``languages`` has the entries' languages; where it is empty all are English.
    """

    name: str
    entries: list[tuple[str, str]]
    queries: list[tuple[str, list[int]]]
    languages: list[str | None] = field(default_factory=list)


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The lines of one of the data files."""
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def without_links(text: str) -> str:
    """The text without links and handles."""
    return re.sub(r"https?://\S+|@\w+", "", text).strip()


def faq() -> RetrievalSet:
    documents = list(rows("faq_stackfaq_docs.jsonl.gz"))
    place = {row["id"]: number for number, row in enumerate(documents)}
    return RetrievalSet(
        "faq",
        [(row["question"], row["answer"]) for row in documents],
        [(row["q"], [place[each] for each in row["rel"]]) for row in rows("faq_stackfaq_queries.jsonl.gz")],
    )


def intents() -> RetrievalSet:
    rng = random.Random(1)
    train: dict[str, list[str]] = defaultdict(list)
    test = []
    for row in rows("intent_banking77.jsonl.gz"):
        if row["split"] == "train":
            train[row["intent"]].append(row["text"])
        else:
            test.append(row)
    entries: list[tuple[str, str]] = []
    right: dict[str, list[int]] = {}
    for intent, texts in sorted(train.items()):
        right[intent] = list(range(len(entries), len(entries) + 10))
        entries += [(text, "") for text in rng.sample(texts, 10)]
    rng.shuffle(test)
    return RetrievalSet("intents", entries, [(row["text"], right[row["intent"]]) for row in test[:700]])


def tweets() -> RetrievalSet:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("tweets_ibm.jsonl.gz"):
        groups[row["doc"]].append(row)
    entries: list[tuple[str, str]] = []
    queries: list[tuple[str, list[int]]] = []
    for _, group in sorted(groups.items()):
        right = list(range(len(entries), len(entries) + len(group[::2])))
        entries += [(without_links(row["text"]), without_links(row["answer"])) for row in group[::2]]
        queries += [(without_links(row["text"]), right) for row in group[1::2]]
    return RetrievalSet("tweets", entries, queries)


def titles(forum: str) -> RetrievalSet:
    found = [row for row in rows(f"routing_{forum}.jsonl.gz") if len(row["body"]) > 40]
    random.Random(2).shuffle(found)
    return RetrievalSet(
        f"titles_{forum}",
        [("", row["body"]) for row in found[:1_000]],
        [(row["title"], [number]) for number, row in enumerate(found[:400])],
    )


def numbers() -> RetrievalSet:
    rng = random.Random(3)
    letters = "ABCDEFGHKLMRSTX"
    models = [
        f"{''.join(rng.choices(letters, k=2))}-{rng.randint(100, 9999)}{rng.choice('XBS')}"
        for _ in range(400)
    ]
    return RetrievalSet(
        "numbers",
        [(f"My {model} {rng.choice(_SAID)}", f"Restart the {model}, please.") for model in models],
        [
            (f"{rng.choice(('my', 'help with'))} {model.lower()} {rng.choice(_SAID)}", [n])
            for n, model in enumerate(models)
        ],
    )


def foreign(original: RetrievalSet) -> RetrievalSet:
    def enciphered(text: str) -> str:
        return text.lower().translate(_CIPHER)

    return RetrievalSet(
        f"foreign_{original.name}",
        [(enciphered(question), enciphered(answer)) for question, answer in original.entries],
        [(enciphered(query), right) for query, right in original.queries[:400]],
    )


def mixed(asked: str = "queries") -> RetrievalSet:
    """Entries of many languages among English ones; ``asked`` is ``queries`` or ``across``."""
    written = json.loads((Path(__file__).parent / "mixed_languages.json").read_text(encoding="utf-8"))
    english = [*faq().entries, *titles("se_android").entries]
    queries = [
        (query, [len(english) + number])
        for number, entry in enumerate(written)
        for query in entry.get(asked, ())
    ]
    return RetrievalSet(
        "mixed" if asked == "queries" else asked,
        english + [(entry["question"], entry["answer"]) for entry in written],
        queries,
        [None] * len(english) + [entry["language"] for entry in written],
    )


SETS: dict[str, Callable[[], RetrievalSet]] = {
    "faq": faq,
    "intents": intents,
    "tweets": tweets,
    "titles_redash": lambda: titles("redash"),
    "titles_se_android": lambda: titles("se_android"),
    "titles_se_dba": lambda: titles("se_dba"),
    "numbers": numbers,
    "mixed": mixed,
    "across": lambda: mixed("across"),
    "foreign_faq": lambda: foreign(faq()),
    "foreign_intents": lambda: foreign(intents()),
}
