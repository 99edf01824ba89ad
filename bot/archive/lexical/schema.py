"""The search index's fields, and how a document fills them.

A text's stems carry the analyser that made them, ``de:fernseh``: entries of all languages are measured by
the same lengths, and every language keeps words, and their frequencies, of its own.

The text itself is not stored: what a page shows comes from the database, so that a text withdrawn
there is nowhere else to be read.
"""

import hashlib
from functools import cache
from importlib import metadata
from typing import Any, Final

import tantivy

from bot.archive.documents import Document
from bot.archive.lexical.analysis import (
    STEMMERS,
    UNSTEMMED,
    analyser,
    analyser_for,
    base_language,
    beginning_of,
    compounds,
    indexable,
    pairs,
    signs,
    spaced,
    terms,
)
from bot.archive.lexical.folding import fold

REVISION: Final = 3
"""Raised whenever documents are turned into fields in another way: every index is then built again."""

ANALYSERS: Final = (*STEMMERS, UNSTEMMED)

PAIRS: Final = "pairs"
"""Stands for an analyser in terms that are pairs of characters."""

BEGINNING: Final = "begin"
"""Stands for an analyser in terms that are the beginnings of words which no stemmer knows."""

_SPECIMEN: Final = (
    "Running Türen Tueren Straße İNTERNET IŞIK WRT-54G wi-fi écrans ﾃﾚﾋﾞを נַתֵּק الجِهَازَ کلید می‌شود ۱۲۳ Ёлка й "
    f"Οθόνες điện {'я' * 64} {'ა' * 65}"
)

ID: Final = "id"
ANSWERED_AT: Final = "answered_at"
TITLE: Final = "title"
BODY: Final = "body"
WORDS: Final = "words"
JOINED: Final = "joined"
SIGNS: Final = "signs"
TOPIC: Final = "topic"
LANGUAGE: Final = "language"
PLATFORM: Final = "platform"
ANALYSER: Final = "analyser"
IDENTITY: Final = "identity"
POSITION: Final = "position"


def term(key: str, stem: str) -> str:
    """A stem as the fields of titles and bodies have it: with the analyser it comes from."""
    return f"{key}:{stem}"


def _terms(folded: str, key: str) -> list[str]:
    """What a folded text is found by: its stems, and its pairs of characters where it has such."""
    stems = analyser(key).analyze(indexable(folded, key))
    found = [term(key, stem) for stem in stems]
    if key == UNSTEMMED:
        found += [term(BEGINNING, beginning) for stem in stems if (beginning := beginning_of(stem))]
    return found if folded.isascii() else found + [term(PAIRS, pair) for pair in pairs(folded)]


@cache
def schema() -> tantivy.Schema:
    """All fields. ``words`` is the shared vocabulary that prefixes and typing errors are looked up in.

    Titles of all languages are in one field, and so are bodies: BM25 sees a text's length against the
    average of its field, and in a field that few entries fill that would make every one of them endless.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(TITLE, tokenizer_name="spaced")
    builder.add_text_field(BODY, tokenizer_name="spaced")
    builder.add_text_field(WORDS, tokenizer_name=f"stem_{UNSTEMMED}", index_option="basic")
    builder.add_text_field(JOINED, tokenizer_name="spaced", index_option="freq")
    builder.add_text_field(SIGNS, tokenizer_name="spaced", index_option="freq")
    for name in (TOPIC, LANGUAGE, PLATFORM, ANALYSER, IDENTITY):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(ID, indexed=True, fast=True)
    builder.add_integer_field(ANSWERED_AT, fast=True)
    builder.add_integer_field(POSITION, fast=True)
    return builder.build()


@cache
def version() -> str:
    """Changes with the schema, the analysers and Tantivy's file format; part of each index's path.

    What the analysers make of a specimen stands for them, so that an index of another analysis is built anew.
    """
    engine = ".".join(metadata.version("tantivy").split(".")[:2])
    analysis = [(key, terms(_SPECIMEN, key)) for key in ANALYSERS]
    beside = [make(fold(_SPECIMEN)) for make in (compounds, pairs, signs)]
    said = f"{REVISION} {engine} {analysis} {beside}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def register_analysers(index: tantivy.Index) -> None:
    """Give a freshly opened index the analysers its schema names."""
    index.register_tokenizer(f"stem_{UNSTEMMED}", analyser(UNSTEMMED))
    index.register_tokenizer("spaced", spaced())


def to_tantivy(document: Document, default_language: str) -> tantivy.Document:
    """The document's fields. A quotation that says the same as the title is not counted twice."""
    key = analyser_for(document.language, default_language)
    title, body = fold(document.title), [fold(answer) for answer in document.answers]
    if document.question and document.question != document.title:
        body.insert(0, fold(document.question))
    whole = "\n".join((title, *body))
    alone = signs(whole)
    fields: dict[str, Any] = {
        ID: document.entry_id,
        ANSWERED_AT: int(document.answered_at.timestamp()),
        TITLE: " ".join(_terms(title, key)),
        BODY: [" ".join(_terms(text, key)) for text in body],
        WORDS: indexable(whole, UNSTEMMED),
        ANALYSER: [key, PAIRS] if alone else key,
        PLATFORM: document.platform,
        TOPIC: list(dict.fromkeys((*document.topics, *((document.topic,) if document.topic else ())))),
    }
    if language := base_language(document.language):
        fields[LANGUAGE] = language
    if joined := compounds(whole):
        fields[JOINED] = " ".join(joined)
    if alone:
        fields[SIGNS] = " ".join(alone)
    return tantivy.Document(**fields)


def position_document(position: int, identity: str) -> tantivy.Document:
    """The document that says how far the index has followed which database; without it, it is unfinished."""
    return tantivy.Document(position=position, identity=identity, analyser=POSITION)
