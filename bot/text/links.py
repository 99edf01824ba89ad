"""Web addresses in a text, found the way people and platforms see them (pure)."""

import re
from dataclasses import dataclass

import regex

from bot.text.domains import COUNTRY_DOMAINS, GENERIC_DOMAINS, UNICODE_DOMAINS

_ASCII_DOMAINS = COUNTRY_DOMAINS | GENERIC_DOMAINS
_LONGEST_UNICODE_DOMAIN = max(map(len, UNICODE_DOMAINS))
_TLD_START = re.compile(r"xn--[-0-9a-z]+|[a-z]+", re.IGNORECASE)
_TLD_GOES_ON = re.compile(r"[0-9a-zA-Z@+-]")

_WITH_SCHEME = r"https?://[^\s<>\"“”„«»「」]+"
# Behind "@ " stands the rest of a handle that was made harmless (bot.wording.compose).
_BARE = (
    r"(?<![\w@＠.\-/])(?<![@＠]\u00a0)(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*"
    r"(?::\d+)?(?:[/?#][^\s<>\"“”„«»「」]*)?"
)
_CANDIDATE = regex.compile(rf"(?<scheme>{_WITH_SCHEME})|(?<bare>{_BARE})", regex.IGNORECASE)
_SIGN_OF_ONE = regex.compile(r"://|\.[^\W\d_]")
"""What every address has and few texts do; looking for that alone takes a twentieth of the time."""
_AUTHORITY_END = re.compile(r"[/?#\\]")
_TRAILING = ".,;:!?'’…*_~|。、，！？；："
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【"}
_DOTS = str.maketrans("。．｡", "...")
"""What browsers read as the dot of a host (IDNA, RFC 3490 3.1)."""
_HOST_PART = re.compile(r"[^.。．｡]+")
_FOREIGN_MARK = regex.compile(r"(?![\x00-\x7f。．｡·])[\p{P}\p{Z}]")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々"
_SENTENCE_BEFORE = regex.compile(rf"(?:.*[{_UNSPACED}])(?=[A-Za-z0-9])")

_JOINT = re.compile(r"(?<=[^\W_])\.(?P<word>[A-Za-z]{2,})(?![\w@＠:/?#-]|\.\w)")
_PARTS_OF_ADDRESSES = re.compile(r"[@＠/:]")
_HANDLE = re.compile(r"[(„“\"']*[@＠]\w+")
_NEVER_A_WORD = frozenset({"com", "net", "org", "info", "biz", "edu", "gov", "io", "co"})
_ABBREVIATED = re.compile(
    r"(?:^|[\s(„“\"'])(?:bzw|evtl|ggf|inkl|exkl|usw|etc|ca|approx|incl|excl|resp|min|max|nr|tel|bspw|z\.b|d\.h"
    r"|i\.e|e\.g|p\.ej|aprox|env|ecc|bijv|evt|m\.a\.w|ex|\d{1,3})\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 8
_SMALL_WORDS = re.compile(
    r"a[imnstul]|b[ey]|d[eo]|e[rst]|i[lmnst]|je|la|m[aey]|man|mit|n[aeo]|om|s[eio]|to|um"
)
_FILE_ENDINGS = frozenset({"cab", "java", "md", "mov", "ps", "py", "sh", "zip"})
_PRODUCTS = frozenset({"asp.net", "vb.net", "ado.net", "ml.net"})


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

    @property
    def is_file_name(self) -> bool:
        """Whether it is sooner a file (``readme.md``) or a product (``ASP.NET``) than a site."""
        name, _, ending = self.host.rpartition(".")
        named = (ending in _FILE_ENDINGS and "." not in name) or self.host in _PRODUCTS
        return named and not self.has_scheme and len(self.url) == len(self.host)


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
    links: list[Link] = []
    if not _SIGN_OF_ONE.search(text):
        return links
    for candidate in _CANDIDATE.finditer(text, concurrent=False):
        start = candidate.start()
        url = _trim(candidate.group())
        link = _with_scheme(start, url) if candidate["scheme"] else _bare(start, url)
        if link is not None:
            links.append(link)
    return links


def part_sentences(text: str) -> str:
    """The text with a blank where a sentence begins right behind a dot: ``Done.Now restart``.

    X and others would make a link of that, because ``now`` is a top-level domain. So they would of
    ``bzw.im Menü``. A capital tells such a word from an address, or an abbreviation in front of it.
    """
    linked = [(link.start, link.end) for link in find_links(text) if link.has_scheme]

    def parted(joint: "re.Match[str]") -> str:
        if any(start < joint.start() < end for start, end in linked) or not _begins_sentence(joint):
            return joint.group()
        return f". {joint['word']}"

    return _JOINT.sub(parted, text)


def _begins_sentence(joint: "re.Match[str]") -> bool:
    word = joint["word"]
    if word.lower() not in _ASCII_DOMAINS - _NEVER_A_WORD:
        return False
    before = re.split(r"\s", joint.string[: joint.start()])[-1]
    if _PARTS_OF_ADDRESSES.search(before) and not _HANDLE.fullmatch(before):
        return False
    if word.istitle():
        return True
    following = joint.string[joint.end() : joint.end() + 1]
    shortened = joint.string[max(0, joint.start() - _LONGEST_ABBREVIATION) : joint.start() + 1]
    return (
        bool(_SMALL_WORDS.fullmatch(word)) and not following.strip() and bool(_ABBREVIATED.search(shortened))
    )


def cut_short(text: str, longest: int, shown: int) -> tuple[str, dict[int, tuple[int, str]]]:
    """The text with every address of more than ``longest`` characters cut to ``shown`` and an ellipsis.

    Where each of them begins and ends now, and what it was, comes with it: for platforms whose links need not
    show where they lead.
    """
    pieces: list[str] = []
    whole: dict[int, tuple[int, str]] = {}
    reached = length = 0
    for link in find_links(text):
        if link.has_scheme and len(link.url) > longest:
            pieces += [text[reached : link.start], f"{link.url[:shown]}…"]
            start = length + link.start - reached
            length = start + shown + 1
            whole[start] = (length, link.url)
            reached = link.end
    return "".join([*pieces, text[reached:]]), whole


def _with_scheme(start: int, url: str) -> Link | None:
    authority_start = url.index("://") + 3
    url = url[: authority_start + _sentence_in_host(url[authority_start:])]
    userinfo, host = _authority(url[authority_start:])
    if not host:
        return None
    return Link(start, start + len(url), url, host, userinfo)


def _sentence_in_host(rest: str) -> int:
    """Where what follows ``//`` goes over into a sentence without blanks: ``example.comを開く`` at ``を``."""
    end = _AUTHORITY_END.search(rest)
    authority = rest[: end.start()] if end else rest
    if "@" in authority or "[" in authority:
        return len(rest)
    mark = _FOREIGN_MARK.search(authority, concurrent=False)
    host = authority[: mark.start()] if mark else authority
    labels = list(_HOST_PART.finditer(host))
    if labels and top_level_end(labels[-1].group(), "") < len(labels[-1].group()):
        for label in reversed(labels[1:]):
            size = top_level_end(label.group(), "")
            cut = label.start() + size
            if size and not host[cut : cut + 1].isascii() and not _goes_on(host[cut:]):
                return cut
    return mark.start() if mark else len(rest)


def _goes_on(rest: str) -> bool:
    """Whether what follows a known domain could be more of the host: ``。evil`` in Latin letters."""
    return any(label.group()[0].isascii() for label in _HOST_PART.finditer(rest))


def _bare(start: int, url: str) -> Link | None:
    _, host = _authority(url)
    label = host.rsplit(".", 1)[-1]
    size = top_level_end(label, "")
    if not size:
        return None
    if size < len(label):  # "example.com中国語": the address ends where the domain does
        url = url[: len(host) - len(label) + size]
        host = url.lower()
    sentence = _SENTENCE_BEFORE.match(host, concurrent=False) if label[:size].isascii() else None
    if sentence and "." in host[sentence.end() :]:  # "詳細はexample.com": it begins where the letters do
        start, url, host = start + sentence.end(), url[sentence.end() :], host[sentence.end() :]
    return Link(start, start + len(url), url, host, has_scheme=False)


def _authority(rest: str) -> tuple[str, str]:
    """Userinfo and host of what follows ``//``; browsers end it at a backslash too."""
    end = _AUTHORITY_END.search(rest)
    authority = rest[: end.start()] if end else rest
    userinfo, _, host_port = authority.rpartition("@")
    if host_port.startswith("["):
        return userinfo, host_port[: host_port.find("]") + 1].lower()
    return userinfo, host_port.partition(":")[0].translate(_DOTS).rstrip(".").lower()


def _trim(url: str) -> str:
    """Cut what belongs to the sentence: final punctuation, and brackets opened before the address."""
    while url:
        last = url[-1]
        unopened = last in _BRACKETS and url.count(last) > url.count(_BRACKETS[last])
        if last not in _TRAILING and not unopened:
            break
        url = url[:-1]
    return url
