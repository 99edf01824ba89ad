"""The search index's fields, and how a document fills them.

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
    compounds,
    indexable,
    pairs,
    spaced,
    terms,
)
from bot.archive.lexical.folding import fold

REVISION: Final = 2
"""Raised whenever documents are turned into fields in another way: every index is then built again."""

ANALYSERS: Final = (*STEMMERS, UNSTEMMED)

_SPECIMEN: Final = (
    "Running Türen Tueren Straße İNTERNET IŞIK WRT-54G wi-fi écrans ﾃﾚﾋﾞを נַתֵּק الجِهَازَ کلید می‌شود ۱۲۳ Ёлка й "
    f"Οθόνες điện {'я' * 64} {'ა' * 65}"
)

ID: Final = "id"
ANSWERED_AT: Final = "answered_at"
WORDS: Final = "words"
JOINED: Final = "joined"
PAIRS: Final = "pairs"
TOPIC: Final = "topic"
LANGUAGE: Final = "language"
PLATFORM: Final = "platform"
ANALYSER: Final = "analyser"
IDENTITY: Final = "identity"
POSITION: Final = "position"


def title_field(key: str) -> str:
    """The field of titles that went through the analyser ``key``."""
    return f"title_{key}"


def body_field(key: str) -> str:
    """The field of questions and answers that went through the analyser ``key``."""
    return f"body_{key}"


@cache
def schema() -> tantivy.Schema:
    """All fields. ``words`` is the shared vocabulary that prefixes and typing errors are looked up in."""
    builder = tantivy.SchemaBuilder()
    for key in ANALYSERS:
        builder.add_text_field(title_field(key), tokenizer_name=f"stem_{key}")
        builder.add_text_field(body_field(key), tokenizer_name=f"stem_{key}")
    builder.add_text_field(WORDS, tokenizer_name=f"stem_{UNSTEMMED}", index_option="basic")
    builder.add_text_field(JOINED, tokenizer_name="spaced", index_option="freq")
    builder.add_text_field(PAIRS, tokenizer_name="spaced", index_option="position")
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
    said = f"{REVISION} {engine} {analysis} {compounds(fold(_SPECIMEN))} {pairs(fold(_SPECIMEN))}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def register_analysers(index: tantivy.Index) -> None:
    """Give a freshly opened index the analysers its schema names."""
    for key in ANALYSERS:
        index.register_tokenizer(f"stem_{key}", analyser(key))
    index.register_tokenizer("spaced", spaced())


def to_tantivy(document: Document, default_language: str) -> tantivy.Document:
    """The document's fields. A quotation that says the same as the title is not counted twice."""
    key = analyser_for(document.language, default_language)
    title, body = fold(document.title), [fold(answer) for answer in document.answers]
    if document.question and document.question != document.title:
        body.insert(0, fold(document.question))
    whole = "\n".join((title, *body))
    fields: dict[str, Any] = {
        ID: document.entry_id,
        ANSWERED_AT: int(document.answered_at.timestamp()),
        title_field(key): indexable(title, key),
        body_field(key): [indexable(text, key) for text in body],
        WORDS: indexable(whole, UNSTEMMED),
        ANALYSER: key,
        PLATFORM: document.platform,
        TOPIC: list(dict.fromkeys((*document.topics, *((document.topic,) if document.topic else ())))),
    }
    if language := base_language(document.language):
        fields[LANGUAGE] = language
    if joined := compounds(whole):
        fields[JOINED] = " ".join(joined)
    if paired := pairs(whole):
        fields[PAIRS] = " ".join(paired)
    return tantivy.Document(**fields)


def position_document(position: int, identity: str) -> tantivy.Document:
    """The document that says how far the index has followed which database; without it, it is unfinished."""
    return tantivy.Document(position=position, identity=identity, analyser=POSITION)
