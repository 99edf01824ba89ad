"""Mail addresses, also the ones written so that no machine should find them (pure)."""

import re
from collections.abc import Iterator

from bot.text.domains import COUNTRY_DOMAINS, GENERIC_DOMAINS
from bot.text.personal import words

_AT = r"(?:@|\s*[\[({<]\s*(?:at|@|a|arroba|chiocciola|ät)\s*[\])}>]\s*)"
_DOT = r"(?:\.|\s*[\[({<]\s*(?:dot|punkt|punto|point|ponto|punt|\.)\s*[\])}>]\s*)"
_SPOKEN_DOT = r"(?:\s+(?:dot|punkt|punto|point|ponto|punt)\s+|\s?\.\s?)"
_LOCAL = r"(?<![\w.+@-])[\w.+%-]{1,64}"
_EMAIL = re.compile(
    rf"(?P<local>{_LOCAL}){_AT}(?P<host>[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[a-z]{{2,12}})\b", re.IGNORECASE
)
_SPACED = re.compile(
    rf"(?P<local>{_LOCAL})(?:\s@\s|@\s)(?P<host>(?:[\w-]+\.)+(?P<top>[a-z]{{2,12}}))\b", re.IGNORECASE
)
_SPOKEN = re.compile(
    rf"(?P<local>{_LOCAL}(?:\s+(?:dot|punkt|punto|point|ponto|punt|underscore)\s+\w+)*)"
    rf"\s+(?:at|@|arroba|chiocciola|ät)\s+(?P<host>(?:{words.MAIL_HOSTS}|[\w-]+\s+(?:dot|punkt|punto|point|ponto|punt)\b)"
    rf"{_SPOKEN_DOT}?(?:com|de|fr|es|it|pt|nl|net|org|uk|co\.uk|co\s+(?:dot\s+)?uk|me|br|eu|io)\b)",
    re.IGNORECASE,
)
_PLAIN_AT = re.compile(
    rf"(?P<local>(?<!\w)(?!(?:you|me|us|him|her|them|it|this|that|look|page|here|app|site)\b){_LOCAL})\sat\s"
    r"(?P<host>(?:[\w-]+\.)+(?P<top>[a-z]{2,12}))\b",
    re.IGNORECASE,
)
_MAIL_CONTEXT = re.compile(rf"\b(?:{words.MAIL})\b", re.IGNORECASE)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Addresses of persons: plain, spaced out, bracketed (``jane[at]…``) or spelled out."""
    for pattern, certain in ((_EMAIL, True), (_SPACED, True), (_PLAIN_AT, False), (_SPOKEN, False)):
        for match in pattern.finditer(text):
            if _is_person(match) and (certain or _is_meant(match)):
                yield match.span()


def _is_person(match: "re.Match[str]") -> bool:
    """Not a department's mail box, and, where blanks are involved, at a domain that can exist."""
    top = match.groupdict().get("top")
    known = top is None or top.casefold() in COUNTRY_DOMAINS | GENERIC_DOMAINS
    return known and match["local"].casefold().strip(".") not in words.ROLES


def _is_meant(match: "re.Match[str]") -> bool:
    """Whether words that could be a sentence are an address: by figures in them, or a word before them."""
    before = match.string[max(0, match.start() - 40) : match.start()]
    return bool(re.search(r"[\d._+]|\s", match["local"]) or _MAIL_CONTEXT.search(before))
