"""Texts as pages show them: nothing hidden, nothing active but links, escaped once at the very end (pure).

The store keeps what people wrote; this is the one way from there into HTML.
"""

import unicodedata
from collections.abc import Iterator

import regex
from markupsafe import Markup, escape

from bot.text.characters import clean
from bot.text.hosts import shown
from bot.text.links import Link, find_links

LINK_RELATION = "nofollow ugc noopener"
"""Readers' words are not ours: no rank for the target, no handle on our page."""

SLUG_LENGTH = 60
_NOT_SLUG = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_EUROPEAN_ACCENT = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}]\p{M}*)\p{M}")


def plain(text: str) -> str:
    """The text as people may read it, without markup: see ``bot.text.characters.clean``."""
    return clean(text).strip()


def to_html(text: str) -> Markup:
    """The text as an inline fragment of HTML that no neighbour can be turned round by.

    Line ends become ``<br>``, web addresses with ``http`` or ``https`` links; anything else is escaped.
    Addresses that hide another one (``https://bank.example@evil.example``) stay text.
    """
    return Markup('<bdi dir="auto">{}</bdi>').format(Markup("").join(_pieces(plain(text))))


def slug(text: str) -> str:
    """The readable end of a permalink: words in lower case joined by hyphens, at most 60 characters.

    European letters lose their accents, other scripts stay; empty when the text holds no letters.
    """
    kept = plain(text)
    for link in reversed(find_links(kept)):
        kept = kept[: link.start] + " " + kept[link.end :]
    bare = _EUROPEAN_ACCENT.sub("", unicodedata.normalize("NFKD", kept).casefold())
    words = _NOT_SLUG.sub("-", unicodedata.normalize("NFC", bare)).strip("-")
    if len(words) <= SLUG_LENGTH:
        return words
    shorter, _, _ = words[: SLUG_LENGTH + 1].rpartition("-")
    return shorter or words[:SLUG_LENGTH]


def _pieces(text: str) -> Iterator[Markup]:
    position = 0
    for link in find_links(text):
        if not _may_link(link):
            continue
        yield _lines(text[position : link.start])
        yield _anchor(link)
        position = link.end
    yield _lines(text[position:])


def _may_link(link: Link) -> bool:
    return link.has_scheme and not link.userinfo and "\\" not in link.url


def _anchor(link: Link) -> Markup:
    target = escape(link.url)
    return Markup('<a href="{}" rel="{}">{}</a>').format(target, LINK_RELATION, shown(link))


def _lines(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))
