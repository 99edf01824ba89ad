"""Praise and advertisement: the few mentions that ask nothing.

A missed question is the worst error, so every doubt (a question mark, a "but", a word that praise is not
made of) means question.
"""

import re

from routing.model.entities import LINKS, normalise, without_links_and_handles
from routing.model.words import COURTESY, DOUBTS, PRAISE, SARCASM, SPAM, THANKS

_SPAM = [re.compile(pattern) for pattern in SPAM]
_CONTRACTION = re.compile(r"['’´`](?=(?:s|t|re|ve|ll|d|m)\b)")
_WORD = re.compile(r"[^\W_]+")


def is_not_for_us(text: str) -> bool:
    """Whether a post that addresses the brand is nothing but praise or advertisement."""
    return is_praise(text) or _is_spam(text)


def is_praise(text: str) -> bool:
    """Whether a post is nothing but praise or thanks."""
    words = _words_without_doubt(text)
    if not words or (PRAISE.isdisjoint(words) and THANKS.isdisjoint(words)):
        return False
    return all(word in COURTESY or word in PRAISE or word in THANKS for word in words)


def _is_spam(text: str) -> bool:
    plain = normalise(text)
    if "?" in plain:
        return False
    marks = sum(1 for pattern in _SPAM if pattern.search(plain))
    return marks + bool(LINKS.search(text)) >= 2 and marks >= 1


def _words_without_doubt(text: str) -> list[str]:
    """The words of a text; none where anything in it gives reason for doubt."""
    plain = normalise(without_links_and_handles(text))
    if "?" in plain or "¿" in plain or "؟" in plain or not SARCASM.isdisjoint(plain):
        return []
    words = _WORD.findall(_CONTRACTION.sub("", plain))
    return [] if not DOUBTS.isdisjoint(words) else words
