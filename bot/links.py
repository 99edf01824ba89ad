"""Web addresses in a text, found the way people and platforms see them (pure)."""

import re
from dataclasses import dataclass

import regex

from bot.domains import COUNTRY_DOMAINS, GENERIC_DOMAINS, UNICODE_DOMAINS

_ASCII_DOMAINS = COUNTRY_DOMAINS | GENERIC_DOMAINS
_LONGEST_UNICODE_DOMAIN = max(map(len, UNICODE_DOMAINS))
_TLD_START = re.compile(r"xn--[-0-9a-z]+|[a-z]+", re.IGNORECASE)
_TLD_GOES_ON = re.compile(r"[0-9a-zA-Z@+-]")

_WITH_SCHEME = r"https?://[^\s<>\"“”„«»「」]+"
_BARE = r"(?<![\w@＠.\-/])(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*(?::\d+)?(?:[/?#][^\s<>\"“”„«»「」]*)?"
_CANDIDATE = regex.compile(rf"(?<scheme>{_WITH_SCHEME})|(?<bare>{_BARE})", regex.IGNORECASE)
_AUTHORITY_END = re.compile(r"[/?#\\]")
_TRAILING = ".,;:!?'’…*_~|。、，！？；："
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【"}


@dataclass(frozen=True, slots=True)
class Link:
    """A web address at ``text[start:end]``.

    ``host`` is lower-case and as written (no punycode conversion), without userinfo and port; ``userinfo``
    is what stands before an ``@`` in the authority. A bare address (``example.com/help``) has no scheme.
    """

    start: int
    end: int
    url: str
    host: str
    userinfo: str = ""
    has_scheme: bool = True


def top_level_end(label: str, following: str) -> int:
    """How many characters of ``label`` are a known top-level domain; 0 when it does not start with one.

    ``following`` is what comes right after the label. A letter, digit or one of ``@+-`` after the domain
    means that it is none (the rule of twitter-text).
    """
    ascii_start = _TLD_START.match(label)
    if ascii_start:
        name = ascii_start.group().lower()
        after = label[ascii_start.end() :] or following
        known = name in _ASCII_DOMAINS or name.startswith("xn--")
        return ascii_start.end() if known and not _TLD_GOES_ON.match(after) else 0
    for size in range(min(_LONGEST_UNICODE_DOMAIN, len(label)), 0, -1):
        if label[:size] in UNICODE_DOMAINS and not _TLD_GOES_ON.match(label[size:] or following):
            return size
    return 0


def find_links(text: str) -> list[Link]:
    """All http(s) addresses in ``text``, and bare ones whose top-level domain is known, in order."""
    links = []
    for candidate in _CANDIDATE.finditer(text):
        start = candidate.start()
        url = _trim(candidate.group())
        link = _with_scheme(start, url) if candidate["scheme"] else _bare(start, url)
        if link is not None:
            links.append(link)
    return links


def _with_scheme(start: int, url: str) -> Link | None:
    authority_start = url.index("://") + 3
    userinfo, host = _authority(url[authority_start:])
    if not host:
        return None
    return Link(start, start + len(url), url, host, userinfo)


def _bare(start: int, url: str) -> Link | None:
    _, host = _authority(url)
    label = host.rsplit(".", 1)[-1]
    size = top_level_end(label, "")
    if not size:
        return None
    if size < len(label):  # "example.com中国語": the address ends where the domain does
        url = url[: len(host) - len(label) + size]
        host = url.lower()
    return Link(start, start + len(url), url, host, has_scheme=False)


def _authority(rest: str) -> tuple[str, str]:
    """Userinfo and host of what follows ``//``; browsers end it at a backslash too."""
    end = _AUTHORITY_END.search(rest)
    authority = rest[: end.start()] if end else rest
    userinfo, _, host_port = authority.rpartition("@")
    if host_port.startswith("["):
        return userinfo, host_port[: host_port.find("]") + 1].lower()
    return userinfo, host_port.partition(":")[0].rstrip(".").lower()


def _trim(url: str) -> str:
    """Cut what belongs to the sentence: final punctuation, and brackets opened before the address."""
    while url:
        last = url[-1]
        unopened = last in _BRACKETS and url.count(last) > url.count(_BRACKETS[last])
        if last not in _TRAILING and not unopened:
            break
        url = url[:-1]
    return url
