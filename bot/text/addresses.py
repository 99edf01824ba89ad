"""Whatever in a text leads somewhere for somebody who reads it (pure).

Platforms and readers' programs make links of different things: X of ``example.com``, others of ``//…``,
``magnet:…`` or a mail address, and people type what they read into the address bar. The guard judges all of
it; what a platform makes a link of in the end is a part of that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import regex

from bot.text.domains import UNICODE_DOMAINS
from bot.text.links import Link, find_links, top_level_end
from bot.text.twitter_text import x_addresses


class Way(StrEnum):
    """How something in a text leads elsewhere."""

    LINK = "link"
    FILE_NAME = "file_name"
    """``readme.md``: a link on X alone, since .md is a country's domain."""
    MAIL = "mail"
    ACCOUNT = "account"
    """A handle with a host: whoever leaves its @ out has a web or a mail address."""
    NUMBER = "number"
    """A computer by its number, without a scheme."""
    SCHEME = "scheme"
    """An address that a browser opens by another program, or as a script."""
    CONTACT = "contact"
    """A scheme for writing or calling: ``mailto:``, ``tel:``."""
    DISGUISE = "disguise"
    """An address written so that no program should find it."""
    SPELLED = "spelled"
    """An address written in words: ``example dot com``."""


@dataclass(frozen=True, slots=True)
class Address:
    """Something that leads elsewhere: ``text`` as it is written, ``host`` where it leads, if to a host."""

    way: Way
    text: str
    host: str = ""
    link: Link | None = None


# -- what is found by its form alone ------------------------------------------------------------------------

_HOST = r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*"
_MAIL = re.compile(
    rf"(?<![\w.+%'@＠-])(?:mailto:)?(?P<local>[\w.+%'-]{{1,64}})[@＠](?P<host>{_HOST}|\[[^\]\s]{{2,60}}\])",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(rf"[@＠](?P<handle>(?:[\w.-]{{1,64}}[@＠])?(?P<host>{_HOST}))")
_NOT_A_MAIL_HOST = re.compile(
    r"bmp|csv|docx?|gif|heic|ico|jpe?g|json|mp[34]|pdf|png|svg|txt|webp|xlsx?|xml", re.IGNORECASE
)

_SCHEME = re.compile(
    r"(?<![A-Za-z0-9=])(?!https?:)(?:[a-z][a-z0-9+.-]{1,20}://"
    r"|(?:javascript|vbscript|blob|view-source|magnet|ed2k|xmpp|tg|zoommtg|msteams|bitcoin|bitcoincash|ethereum|litecoin"
    r"|monero|dogecoin|nostr|payto|upi|otpauth|ipfs|ipns|urn|webcal|acct|itms(?:-\w+)?|web\+[a-z]+|x-apple[\w-]*):(?=\S)"
    r"|data:(?=[;,]|[\w.+-]+/[\w.+-]+[;,])|(?:file|intent|market):(?=[/#])|matrix:(?=u/|r/|roomid/)|lightning:(?=ln)"
    r"|[a-z][a-z0-9+.-]+:(?=\?\w+=))",
    re.IGNORECASE,
)
# In lower case only: "Tel:030 123" is how people write in front of a number.
_CONTACT = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:mailto|sips?|callto|skype|whatsapp|viber|facetime(?:-audio)?|ms-[a-z-]+):(?=\S)(?!//)"
    r"|(?:tel|sms|smsto|mms|fax|geo):(?=[\d+(?-]))"
)
_DOT_WORD = r"(?:dot|punkt|punto|point|ponto|punt)"
_DISGUISE = re.compile(
    r"\bh(?:xx|tt)ps?\s*[\[(]?:[\])]?\s*//\s*\S+"
    r"|\bhttps?:(?!//|\s)[/\\]*[\w\[]\S*"
    r"|(?<![\w-])\w[\w-]{0,62}\s?(?:\[\s*\.\s*\]|\(\s*\.\s*\)|\{\s*\.\s*\}|<\.>"
    rf"|[\[({{]\s*{_DOT_WORD}\s*[\])}}])\s*\w{{2,}}"
    r"|(?<![\w-])\w[\w-]{0,62}[·•∙⋅‧](?:com|net|org|info|biz|io|co|ru|cc|xyz|shop|online|site|top)\b",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"(?<![\w-])[\w-]{{2,63}}\s+{_DOT_WORD}\s+(?:com|net|org|info|biz|io|xyz|shop|online)\b", re.IGNORECASE
)

# -- numbers of computers -----------------------------------------------------------------------------------

_QUAD = re.compile(
    r"(?<![\w.:/-])(?P<quad>\d{1,3}(?:\.\d{1,3}){3})(?P<rest>:\d{2,5}\b|/[\w?#]\S*)?(?![\w-]|\.\d)"
)
_ODD_QUAD = re.compile(
    r"(?<![\w.])(?=[\w.]*0x[0-9a-f]|(?:0\d{2,3}\.){2})(?:0x[0-9a-f]{1,8}|0\d{1,11}|\d{1,3})(?:\.(?:0x[0-9a-f]{1,8}|0\d{1,11}|\d{1,3})){1,3}"
    r"(?![\w-]|\.\w)",
    re.IGNORECASE,
)
_BEHIND_SLASHES = re.compile(r"(?<![:\w/])//(?P<number>0x[0-9a-f]{2,}|\d{7,}|\[[0-9a-f:.]+\])", re.IGNORECASE)
_SIX = re.compile(
    r"(?<![\w:.])\[?(?P<six>[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3})", re.IGNORECASE
)
_VERSION = re.compile(
    r"\b(?:v|version|versión|versão|versione|versie|firmware|software|build|driver|treiber|release|update\w*|upgrade\w*|patch"
    r"|bios|uefi|app|ios|android|windows|chrome|firefox|edge|safari|macos|aktualis\w+|actualiz\w+|aggiorn\w+"
    r"|mise à jour)\b",
    re.IGNORECASE,
)
_NAME_SERVERS = frozenset(
    {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220"}
)
_NEAR = 60

_SLASHES = re.compile(r"(?<![:\w/])//(?=[\w\[])")
# What may stand in front of a host and keeps X from seeing one: "/", "and/", "-".
_JOINERS = re.compile(r"(?<![\w@＠])[/.~*_-]+|(?<![\w.@＠/-])(?:[\w-]+/)+(?=[^\W_])")
_IDEOGRAPHIC_DOT = regex.compile(
    r"(?<=[A-Za-z0-9])[。｡](?=[A-Za-z][A-Za-z0-9.。-]*(?!\w))|(?<=\w)[。｡](?=\L<domains>(?!\w))",
    domains=list(UNICODE_DOMAINS),
)
_WWW = re.compile(r"(?<![\w@＠.-])www\d?\.(?:[\w-]+\.)*[^\W\d_][\w-]+(?:[/?#]\S*)?", re.IGNORECASE)
_INNER = re.compile(r"[^\w/=:&?#%.-](?=https?://)", re.IGNORECASE)


def find_addresses(text: str) -> list[Address]:
    """All of them, each once. ``text`` is folded (NFKC) and clean (``bot.text.characters.clean``)."""
    return list(dict.fromkeys(_found(_IDEOGRAPHIC_DOT.sub(".", text, concurrent=False))))


def _found(text: str) -> Iterator[Address]:
    links = [link for link in find_links(_INNER.sub(" ", text)) if link.has_scheme]
    yield from (Address(Way.LINK, link.url, link.host, link) for link in links)
    rest = _without(text, [(link.start, link.end) for link in links])
    mails = [match for match in _MAIL.finditer(rest) if _is_mail_host(match["host"])]
    yield from (Address(Way.MAIL, match.group(), match["host"].strip("[]").lower()) for match in mails)
    rest = _without(rest, [match.span() for match in mails])
    for way, pattern in (
        (Way.SCHEME, _SCHEME),
        (Way.CONTACT, _CONTACT),
        (Way.DISGUISE, _DISGUISE),
        (Way.SPELLED, _SPELLED),
    ):
        yield from (Address(way, match.group()) for match in pattern.finditer(rest))
    accounts = [match for match in _ACCOUNT.finditer(rest) if _is_account(match)]
    yield from (Address(Way.ACCOUNT, match.group(), match["host"].lower()) for match in accounts)
    bare = {link.host: link for link in _bare(_without(rest, [match.span() for match in accounts]))}
    yield from (Address(Way.LINK, link.url, link.host, link) for link in bare.values())
    yield from _numbers(rest)
    yield from _as_x_sees(text, {*bare, *(link.host for link in links)})


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _bare(text: str) -> Iterator[Link]:
    """Hosts without a scheme, also where a slash, a dot or a hyphen stands in front of them."""
    plain = _JOINERS.sub(_parted, _SLASHES.sub("  ", text))
    for link in find_links(plain):
        if not link.is_file_name:
            yield link
    for match in _WWW.finditer(plain):  # of a top-level domain newer than those that X knows
        host = re.split(r"[/?#]", match.group())[0].lower()
        yield Link(match.start(), match.end(), match.group(), host, has_scheme=False)


def _parted(joiner: "re.Match[str]") -> str:
    """Blanks in the place of what joins; whatever no letter or digit follows joins nothing."""
    joins = joiner.string[joiner.end() : joiner.end() + 1].isalnum()
    return " " * len(joiner.group()) if joins else joiner.group()


def _as_x_sees(text: str, seen: set[str]) -> Iterator[Address]:
    """What only X sees: it ends a host at other signs than browsers do, and links ``readme.md``."""
    for start, end in x_addresses(text):
        for link in find_links(text[start:end]):
            if link.host not in seen:
                way = Way.FILE_NAME if link.is_file_name else Way.LINK
                yield Address(way, link.url, link.host, link)


def _is_mail_host(host: str) -> bool:
    last = host.rpartition(".")[2]
    return host.startswith("[") or (len(last) > 1 and not _NOT_A_MAIL_HOST.fullmatch(last))


def _is_account(match: "re.Match[str]") -> bool:
    """Whether a handle has a host: ``@jane@example.social``, ``@jane.example``, not ``@brand.Nothing``."""
    last = match["host"].rpartition(".")[2]
    return "@" in match["handle"] or top_level_end(last, "") == len(last)


def _numbers(text: str) -> Iterator[Address]:
    """Numbers that are sooner a computer on the internet than a version or the router at home."""
    for match in _QUAD.finditer(text):
        if _is_public(match["quad"]) and (match["rest"] or not _is_version(match)):
            yield Address(Way.NUMBER, match.group(), match["quad"])
    for pattern in (_ODD_QUAD, _BEHIND_SLASHES):
        yield from (Address(Way.NUMBER, match.group()) for match in pattern.finditer(text))
    for match in _SIX.finditer(text):
        if _is_public_six(match["six"]):
            yield Address(Way.NUMBER, match.group(), match["six"])


def _is_public(quad: str) -> bool:
    try:
        return IPv4Address(quad).is_global and quad not in _NAME_SERVERS
    except AddressValueError:
        return False


def _is_version(match: "re.Match[str]") -> bool:
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR // 3]
    return bool(_VERSION.search(before) or _VERSION.search(after))


def _is_public_six(six: str) -> bool:
    try:
        address = IPv6Address(six)
    except AddressValueError:
        return False
    inside = address.ipv4_mapped
    return inside.is_global if inside is not None else address.is_global and int(address) >> 125 == 1
