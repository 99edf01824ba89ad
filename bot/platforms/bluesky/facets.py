"""Facets: what in a post's text is a link, a mention or a tag.

Pure. Offsets count bytes of UTF-8, mentions name DIDs
(https://docs.bsky.app/docs/advanced-guides/post-richtext). Servers accept wrong offsets in silence, so they
are cut from the encoded text itself.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import regex

from bot.text.links import find_links

Facet = dict[str, Any]

_MENTION = re.compile(r"(?<![\w@/.])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*)")
_TAG = re.compile(r"(?<![\w#&/])[#＃]([^\s#＃.,;:!?()\[\]{}<>\"'„“”‘’«»]+)")
# Something besides digits and marks; the keycap emoji (# with U+FE0F and U+20E3) is no tag.
_OF_A_TAG = regex.compile(r"[^\p{N}\p{M}\p{P}\p{Z}\p{C}]")
MAX_TAG_CHARACTERS = 64


def facets_of(
    text: str, dids: Mapping[str, str], cut: Mapping[int, tuple[int, str]] = MappingProxyType({})
) -> list[Facet]:
    """The facets of a text in order; ``dids`` gives the DIDs of the lower-case handles that may be mentioned.

    Nobody else is mentioned: a handle without facet is plain text and notifies nobody. ``cut`` tells of the
    addresses that the text shows cut short: by where they begin, where they end and what they are.
    """
    found = sorted([*_links(text, cut), *_mentions(text, dids), *_tags(text)], key=lambda one: one[:2])
    facets: list[Facet] = []
    reached = 0
    for start, end, feature in found:
        if start >= reached:
            facets.append({"index": _bytes(text, start, end), "features": [feature]})
            reached = end
    return facets


def _bytes(text: str, start: int, end: int) -> dict[str, int]:
    """Character offsets as offsets in UTF-8."""
    before = len(text[:start].encode())
    return {"byteStart": before, "byteEnd": before + len(text[start:end].encode())}


def _links(text: str, cut: Mapping[int, tuple[int, str]]) -> Iterator[tuple[int, int, dict[str, str]]]:
    for link in find_links(text):
        if link.is_file_name:
            continue
        uri = link.url if link.has_scheme else f"https://{link.url}"
        end, uri = cut.get(link.start, (link.end, uri))
        yield link.start, end, {"$type": "app.bsky.richtext.facet#link", "uri": uri}


def _mentions(text: str, dids: Mapping[str, str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _MENTION.finditer(text):
        did = dids.get(match[1].lower())
        if did:
            yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}


def _tags(text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _TAG.finditer(text):
        tag = match[1]
        if _OF_A_TAG.search(tag) and len(tag) <= MAX_TAG_CHARACTERS:
            yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
