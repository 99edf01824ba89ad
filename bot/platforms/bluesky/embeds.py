"""What stands beside the words of a record: link targets, cards, quoted posts, pictures and labels.

Pure. The app shows a long address cut short and keeps the whole one in the facet, a card has its address in
the embed alone, and both may differ from what is written. So the text is made whole here, and everybody else
need look at nothing but the text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.text.link_targets import linked, with_addresses

Json = Mapping[str, Any]

_LINK = "app.bsky.richtext.facet#link"
_LABELS = {
    "porn": "Adult content",
    "sexual": "Sexually suggestive",
    "nudity": "Nudity",
    "graphic-media": "Graphic media",
    "gore": "Graphic media",
}
"""What authors can say of their own posts, in the words in which the app warns of it."""


def whole_text(text: str, record: Json) -> str:
    """A record's text with whole addresses, those of card and quoted post on lines of their own."""
    encoded = text.encode("utf-8", "replace")
    pieces: list[str] = []
    reached, unplaced = 0, list[str]()
    for start, end, uri in sorted(_links(record), key=lambda link: link[:2]):
        if not _is_stretch(encoded, start, end) or start < reached:
            unplaced.append(uri)
            continue
        pieces += [_decoded(encoded[reached:start]), linked(_decoded(encoded[start:end]), uri)]
        reached = end
    whole = "".join(pieces) + _decoded(encoded[reached:]) if pieces else text
    return with_addresses(whole, (*unplaced, *_cards(record), *_quoted_elsewhere(record)))


def features_of(record: Json) -> Iterator[tuple[Json, Json]]:
    """Every feature of a record's facets, with its place in the text."""
    facets = record.get("facets")
    for facet in facets if isinstance(facets, list) else ():
        if not isinstance(facet, dict):
            continue
        index, features = facet.get("index"), facet.get("features")
        for feature in features if isinstance(features, list) else ():
            if isinstance(feature, dict):
                yield (index if isinstance(index, dict) else {}), feature


def quoted_by(record: Json) -> str | None:
    """The address of the post (or of whatever else) that a record quotes."""
    for part in _embedded(record):
        told: object = part.get("record")
        while isinstance(told, dict):
            if isinstance(uri := told.get("uri"), str) and uri:
                return uri
            told = told.get("record")
    return None


def pictures_of(record: Json) -> Iterator[str]:
    """One description for each picture or film of a record."""
    for part in _embedded(record):
        images = part.get("images")
        for image in images if isinstance(images, list) else ():
            yield _text(image.get("alt") if isinstance(image, dict) else None)
        if part.get("video"):
            yield _text(part.get("alt"))


def warning_of(record: Json) -> str:
    """What an author's own labels warn of; empty without any."""
    labels = record.get("labels")
    values = labels.get("values") if isinstance(labels, dict) else None
    given = [one.get("val") for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    warnings = [_LABELS[one] for one in given if isinstance(one, str) and one in _LABELS]
    return ", ".join(dict.fromkeys(warnings))


def _links(record: Json) -> Iterator[tuple[int, int, str]]:
    for index, feature in features_of(record):
        uri = feature.get("uri")
        if feature.get("$type") == _LINK and isinstance(uri, str) and uri:
            yield _offset(index.get("byteStart")), _offset(index.get("byteEnd")), uri


def _offset(told: object) -> int:
    return told if isinstance(told, int) else -1


def _is_stretch(encoded: bytes, start: int, end: int) -> bool:
    """Whether offsets lie in the text and between characters."""
    inside = 0 <= start < end <= len(encoded)
    return inside and not any(at < len(encoded) and encoded[at] & 0xC0 == 0x80 for at in (start, end))


def _decoded(piece: bytes) -> str:
    return piece.decode("utf-8", "replace")


def _embedded(record: Json) -> Iterator[Json]:
    """What a record shows below its words, and the picture, film or card beside a quoted post."""
    embed = record.get("embed")
    for part in (embed, embed.get("media") if isinstance(embed, dict) else None):
        if isinstance(part, dict):
            yield part


def _cards(record: Json) -> Iterator[str]:
    for part in _embedded(record):
        card = part.get("external")
        uri = card.get("uri") if isinstance(card, dict) else None
        if isinstance(uri, str):
            yield uri


def _quoted_elsewhere(record: Json) -> Iterator[str]:
    """Where to find the quoted post, unless it is of the very thread that the record belongs to."""
    quoted = quoted_by(record)
    reply = record.get("reply")
    thread = (
        [one.get("uri") for one in reply.values() if isinstance(one, dict)] if isinstance(reply, dict) else []
    )
    if quoted is None or quoted in thread:
        return
    scheme, _, path = quoted.partition("://")
    match path.split("/") if scheme == "at" else ():
        case [repo, "app.bsky.feed.post", key]:
            yield f"https://bsky.app/profile/{repo}/post/{key}"
        case _:
            yield quoted


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
