"""Where feeds see a web address and a cashtag: the grammar of twitter-text, which not only X goes by (pure).

Version 3 (https://docs.x.com/fundamentals/counting-characters), checked against its
official conformance cases.
"""

import re
from collections.abc import Iterator

import regex

from bot.text.links import top_level_end

# The rule of twitter-text: behind a blank or at the beginning, before a blank, a mark or the end.
CASHTAG = re.compile(
    r"(?:^|(?<=\s))\$(?P<name>[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)(?=$|[\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])"
)
"""``$NAME``, of which X takes one in a post."""

_DIRECTIONAL = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_INVALID = r"\uFFFE\uFEFF\uFFFF"
_SPACES = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_DOMAIN_CHAR = rf"[^\-_.!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${_SPACES}{_INVALID}{_DIRECTIONAL}]"
_NEXT = r"(?!(?<![A-Za-z0-9])https?://)"
_HOST_RUN = regex.compile(
    rf"(?<protocol>https?://)?(?<host>{_NEXT}{_DOMAIN_CHAR}(?:{_NEXT}{_DOMAIN_CHAR}|[-_.])*)", re.IGNORECASE
)
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]*")
_NO_ADDRESS_AFTER = re.compile(rf"[A-Za-z0-9@＠$#＃{_INVALID}]")
_LATIN_ACCENTS = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289"
    r"\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_ASCII_HOST = re.compile(rf"[-a-z0-9{_LATIN_ACCENTS}][-a-z0-9.{_LATIN_ACCENTS}]*", re.IGNORECASE)
_MAX_URL_LENGTH = 4096
_MAX_TCO_SLUG = 40
_TCO = re.compile(
    r"https?://t\.co/(?P<slug>[a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE,
)


def path_grammar(general: str, ending: str, query: str, query_ending: str) -> "regex.Pattern[str]":
    """Port, path and query behind a host. Brackets count when balanced, one level deep."""
    balanced = rf"\((?:{general}+|{general}*\({general}+\){general}*)\)"
    path = rf"/(?:(?:{general}|{balanced})*(?:{ending}|{balanced}))?"
    return regex.compile(rf"(?::[0-9]+)?(?:{path})?(?:\?{query}*{query_ending})?", re.IGNORECASE)


_X_PATH = path_grammar(
    rf"[a-z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN_ACCENTS}]",
    rf"[+\-a-z\u0400-\u04FF0-9=_#/{_LATIN_ACCENTS}]",
    r"[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]",
    r"[a-z0-9\-_&=#/]",
)


def _host_end(host: str, following: str, ascii_only: bool) -> tuple[int, int] | None:
    """Start and end of the longest valid domain in a run of host characters, if there is one."""
    for part in _ASCII_HOST.finditer(host) if ascii_only else [None]:
        start, end = part.span() if part else (0, len(host))
        labels = host[start:end].split(".")
        for last in range(len(labels) - 1, 0, -1):
            after = "." if last < len(labels) - 1 else host[end : end + 1] or following
            size = top_level_end(labels[last], after)
            before = labels[:last]
            if last == 1 and host[:start].endswith("_"):
                break
            if size and all(_is_label(label) for label in before) and "_" not in before[-1]:
                return start, start + len(".".join(before)) + 1 + size
    return None


def _is_label(label: str) -> bool:
    return bool(label) and label[0] not in "-_" and label[-1] not in "-_"


def addresses(text: str, path: "regex.Pattern[str]", bare: bool) -> Iterator[tuple[int, int]]:
    """Start and end of every address as the platform's counter finds it."""
    position = 0
    while run := _HOST_RUN.search(text, position, concurrent=False):
        position = run.end()
        start = run.start()
        if start and _NO_ADDRESS_AFTER.match(text[start - 1]):
            position = _ALPHANUMERIC.match(text, start).end() + 1  # type: ignore[union-attr]
            continue
        if run["protocol"] is None and (not bare or (start and text[start - 1] in "-_./")):
            continue
        domain = _host_end(run["host"], text[run.end() : run.end() + 1], ascii_only=run["protocol"] is None)
        if domain is None or not _encodes(run["host"][domain[0] : domain[1]]):
            continue
        host_start = run.start("host")
        position = host_start + domain[1]
        tail = path.match(text, position)
        # A bare domain's query or port counts only together with a path.
        if tail and (run["protocol"] or "/" in tail.group()):
            position = tail.end()
        yield (start if run["protocol"] else host_start + domain[0]), position


def _encodes(domain: str) -> bool:
    """Whether a domain can be written in the DNS at all (labels of at most 63 bytes, among others)."""
    try:
        return len(domain.encode("idna")) <= _MAX_URL_LENGTH
    except UnicodeError:
        return False


def x_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where X makes links: start and end of each.

    Behind one of its own short links (t.co) nothing but a query belongs to it.
    """
    for start, end in addresses(text, _X_PATH, bare=True):
        short = _TCO.match(text, start, end)
        if short is None:
            yield start, end
        elif len(short["slug"]) <= _MAX_TCO_SLUG:
            yield start, short.end()
