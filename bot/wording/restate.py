"""How a question appears in the archive: a title in few words, and the quotation or why there is none (pure).

A title derived from the customer's words goes when those go. Where the platform forbids to hand those on, or
they hold personal data, a derived title is made of the topic and our own answer.
"""

import re
from collections.abc import Sequence

from bot.text.display import plain
from bot.text.personal import find
from routing.model.entities import without_links_and_handles
from routing.model.text import strip_leading_handles

LONGEST_TITLE = 110
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+")
_HASH = re.compile(r"#(?=\w)")

WITHHELD_PERSONAL = "The question is not shown because it holds personal data."
WITHHELD_ACCOUNT = "The question is not shown because its author asks not to be shown to the public."


def quotation(
    text: str, *, beside: Sequence[str] = (), indexable: bool = True
) -> tuple[str | None, str | None]:
    """The customer's words as the public may read them, or None and the reason why not.

    The handles in front go: they are how a feed addresses somebody. ``beside`` is what would be shown with
    the words, a content warning or the descriptions of pictures: all of it is shown, or nothing.
    """
    if not indexable:
        return None, WITHHELD_ACCOUNT
    if any(find(one) for one in (text, *beside)):
        return None, WITHHELD_PERSONAL
    return strip_leading_handles(text) or text.strip(), None


def derived_title(question: str, answer: str, *, topic: str | None, quotable: bool) -> str:
    """A title from the customer's own words, or, where those may not be used, from topic and answer."""
    if quotable:
        title = _first_words(question)
        if title:
            return title
    words = _first_words(answer) or "An answer"
    return shorten(f"{topic}: {words}" if topic else words, LONGEST_TITLE)


def _first_words(text: str) -> str:
    text = _HASH.sub("", without_links_and_handles(plain(text)))
    text = re.sub(r"\s+", " ", text).strip(" \t-–—:;,.…")
    sentences = [part for part in _SENTENCE_END.split(text) if part]
    title = ""
    for sentence in sentences:
        if title and len(title) >= 25:
            break
        title = f"{title} {sentence}".strip()
    title = shorten(title, LONGEST_TITLE)
    return title[:1].upper() + title[1:]


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between words."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—")
    return (cut or text[: limit - 1]) + "…"
