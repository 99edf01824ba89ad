"""How each platform counts the length of a post (pure; every class is a ``Measure``).

X: twitter-text version 3 (https://docs.x.com/fundamentals/counting-characters), checked against its
official conformance cases. Mastodon: ``StatusLengthValidator`` of the server. Bluesky: the lexicon of
``app.bsky.feed.post``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import regex

from bot.text.characters import GRAPHEME
from bot.text.domains import COUNTRY_DOMAINS
from bot.text.links import cut_short, top_level_end


class Measure(Protocol):
    """How a platform counts the length of a text, and what else it takes a text for."""

    @property
    def most_cashtags(self) -> int | None:
        """How many different ``$NAME`` a post may hold; None for any number."""

    @property
    def links_file_names(self) -> bool:
        """Whether it makes a link of ``readme.md``, because .md is a country's domain."""

    def length(self, text: str) -> int:
        """The length of ``text`` in the platform's own units."""

    def fits(self, text: str) -> bool:
        """Whether the platform accepts a post of this text."""


X_LIMIT = 280
X_URL_LENGTH = 23
MASTODON_LIMIT = 500
MASTODON_URL_LENGTH = 23
"""Mastodon's own values, used until a server has told its."""


# -- where X and Mastodon see a web address (the grammar of twitter-text) ---------------------------------

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


def _path_grammar(general: str, ending: str, query: str, query_ending: str) -> "regex.Pattern[str]":
    """Port, path and query behind a host. Brackets count when balanced, one level deep."""
    balanced = rf"\((?:{general}+|{general}*\({general}+\){general}*)\)"
    path = rf"/(?:(?:{general}|{balanced})*(?:{ending}|{balanced}))?"
    return regex.compile(rf"(?::[0-9]+)?(?:{path})?(?:\?{query}*{query_ending})?", re.IGNORECASE)


_X_PATH = _path_grammar(
    rf"[a-z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN_ACCENTS}]",
    rf"[+\-a-z\u0400-\u04FF0-9=_#/{_LATIN_ACCENTS}]",
    r"[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]",
    r"[a-z0-9\-_&=#/]",
)
_MASTODON_PATH = _path_grammar(
    r"[^\s<>()?]",
    r"""[^\s()?!*"'「」<>;:=,.$%\[\]~&|@]""",
    r"[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00A0-\U0010FFFD]",
    r"[a-z0-9_&=#/\-\u00A0-\U0010FFFD]",
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


def _addresses(text: str, path: "regex.Pattern[str]", bare: bool) -> Iterator[tuple[int, int]]:
    """Start and end of every address as the platform's counter finds it."""
    position = 0
    while run := _HOST_RUN.search(text, position):
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


# -- emoji, each counted as one -----------------------------------------------------------------------------

# Domains that are no region of ISO 3166, and regions that have a flag but no domain.
_REGIONS = (COUNTRY_DOMAINS - {"uk", "su", "tp", "an"}) | {"gb", "un", "xk", "cp", "dg", "ea", "ic", "ta"}
_TONE = r"[\U0001F3FB-\U0001F3FF]"
_PERSON = rf"[\U0001F468\U0001F469\U0001F9D1]{_TONE}?"
# The joined sequences that Unicode 15 recommends; others count as the several emoji they are drawn as.
_JOINED = rf"""
    {_PERSON}\u200D(?:\u2764\uFE0F?\u200D(?:\U0001F48B\u200D)?|\U0001F91D\u200D){_PERSON}
  | [\U0001F468\U0001F469](?:\u200D[\U0001F468\U0001F469])?(?:\u200D[\U0001F466\U0001F467]){{1,2}}
  | {_PERSON}\u200D(?:[\u2695\u2696\u2708]\uFE0F?
      | [\U0001F33E\U0001F373\U0001F37C\U0001F384\U0001F393\U0001F3A4\U0001F3A8\U0001F3EB\U0001F3ED\U0001F4BB
         \U0001F4BC\U0001F527\U0001F52C\U0001F680\U0001F692\U0001F9AF\U0001F9BC\U0001F9BD\U0001F9B0-\U0001F9B3])
  | [\p{{Emoji_Modifier_Base}}\U0001F46F\U0001F93C\U0001F9DE\U0001F9DF](?:{_TONE}|\uFE0F)?
      \u200D[\u2640\u2642]\uFE0F?
  | \U0001FAF1{_TONE}\u200D\U0001FAF2{_TONE}
  | \U0001F3F3\uFE0F?\u200D(?:\U0001F308|\u26A7\uFE0F?) | \U0001F3F4\u200D\u2620\uFE0F?
  | \u2764\uFE0F?\u200D[\U0001F525\U0001FA79] | \U0001F441\uFE0F?\u200D\U0001F5E8\uFE0F?
  | \U0001F415\u200D\U0001F9BA | [\U0001F408\U0001F426]\u200D\u2B1B | \U0001F43B\u200D\u2744\uFE0F?
  | \U0001F62E\u200D\U0001F4A8 | \U0001F635\u200D\U0001F4AB | \U0001F636\u200D\U0001F32B\uFE0F?
"""
_EMOJI = regex.compile(
    rf"""
    {_JOINED}
  | (?<flag>[\U0001F1E6-\U0001F1FF]{{2}})
  | \U0001F3F4\U000E0067\U000E0062(?:\U000E0065\U000E006E\U000E0067|\U000E0073\U000E0063\U000E0074
      |\U000E0077\U000E006C\U000E0073)\U000E007F
  | [0-9#*]\uFE0F?\u20E3
  | \p{{Emoji_Modifier_Base}}{_TONE}
  | [\p{{Emoji}}--[0-9#*]]\uFE0F?
    """,
    regex.VERBOSE | regex.VERSION1,
)
_LIGHT = regex.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")
# The rule of twitter-text: behind a blank or at the beginning, before a blank, a mark or the end.
CASHTAG = re.compile(
    r"(?:^|(?<=\s))\$(?P<name>[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)(?=$|[\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])"
)
"""``$NAME``, of which X takes one in a post."""
_INVALID_FOR_X = re.compile(rf"[{_INVALID}\uD800-\uDFFF]")


def _is_emoji(match: "regex.Match[str]") -> bool:
    if match["flag"] is None:
        return True
    letters = "".join(chr(ord(symbol) - 0x1F1E6 + ord("a")) for symbol in match["flag"])
    return letters in _REGIONS


@dataclass(frozen=True, slots=True)
class XLength:
    """X's weighted length: 1 for Latin and its neighbours, 2 for the rest and per emoji, 23 per address.

    ``emoji_as_one=False`` counts by version 2 of the rules, every code point of an emoji by itself.
    """

    most_cashtags: ClassVar[int | None] = 1
    links_file_names: ClassVar[bool] = True

    limit: int = X_LIMIT
    emoji_as_one: bool = True

    def length(self, text: str) -> int:
        """The weighted length of ``text``, in X's characters."""
        text = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text))
        total, position = 0, 0
        for start, end in x_addresses(text):
            total += self._weight(text[position:start]) + X_URL_LENGTH
            position = end
        return total + self._weight(text[position:])

    def fits(self, text: str) -> bool:
        """Whether X takes it: not empty, not above the limit, no character that X refuses."""
        return not _INVALID_FOR_X.search(text) and 0 < self.length(text) <= self.limit

    def _weight(self, text: str) -> int:
        emoji = 0
        if self.emoji_as_one and not text.isascii():
            found = [match for match in _EMOJI.finditer(text) if _is_emoji(match)]
            emoji = 2 * len(found)
            for match in reversed(found):
                text = text[: match.start()] + text[match.end() :]
        return emoji + 2 * len(text) - len(_LIGHT.findall(text))


def x_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where X makes links: start and end of each.

    Behind one of its own short links (t.co) nothing but a query belongs to it.
    """
    for start, end in _addresses(text, _X_PATH, bare=True):
        short = _TCO.match(text, start, end)
        if short is None:
            yield start, end
        elif len(short["slug"]) <= _MAX_TCO_SLUG:
            yield start, short.end()


_MENTION = regex.compile(
    r"(?<![=/\w])(@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@\w+(?:[.-]+\w+)*", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MastodonLength:
    """Grapheme clusters; an http(s) address counts as reserved, ``@user@host`` as ``@user``.

    Both figures come from the server (``/api/v2/instance``, ``configuration.statuses``). Servers that count
    addresses in full (GoToSocial) have ``characters_reserved_per_url=None``; they count code points.
    """

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    max_characters: int = MASTODON_LIMIT
    characters_reserved_per_url: int | None = MASTODON_URL_LENGTH

    def length(self, text: str) -> int:
        """The length of ``text`` as the server counts it."""
        if self.characters_reserved_per_url is None:
            return len(text)
        total, position, pieces = 0, 0, []
        for start, end in _addresses(text, _MASTODON_PATH, bare=False):
            pieces.append(text[position:start])
            total += self.characters_reserved_per_url
            position = end
        pieces.append(text[position:])
        return total + sum(graphemes(_MENTION.sub(r"\1", piece)) for piece in pieces)

    def fits(self, text: str) -> bool:
        """Whether the server takes a post of this text."""
        return bool(text.strip()) and self.length(text) <= self.max_characters


@dataclass(frozen=True, slots=True)
class BlueskyLength:
    """At most 300 grapheme clusters and at most 3,000 bytes of UTF-8.

    An address that would hardly leave place for anything else is shown cut short; its link leads to it all.
    """

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    max_graphemes: int = 300
    max_bytes: int = 3000
    longest_address: int = 240
    shown_of_longer: int = 60

    def shown(self, text: str) -> tuple[str, dict[int, tuple[int, str]]]:
        """The text as it is posted, and the addresses that it shows cut short; see ``cut_short``."""
        return cut_short(text, self.longest_address, self.shown_of_longer)

    def length(self, text: str) -> int:
        """The number of grapheme clusters."""
        return graphemes(self.shown(text)[0])

    def fits(self, text: str) -> bool:
        """Whether both limits hold."""
        text, _ = self.shown(text)
        size = len(text.encode("utf-8", "surrogatepass"))
        return bool(text.strip()) and size <= self.max_bytes and graphemes(text) <= self.max_graphemes


@dataclass(frozen=True, slots=True)
class PlainLength:
    """At most ``limit`` grapheme clusters: the local and the generic feed."""

    most_cashtags: ClassVar[int | None] = None
    links_file_names: ClassVar[bool] = False

    limit: int

    def length(self, text: str) -> int:
        """The number of grapheme clusters."""
        return graphemes(text)

    def fits(self, text: str) -> bool:
        """Whether the text is there and not too long."""
        return bool(text.strip()) and graphemes(text) <= self.limit


def graphemes(text: str) -> int:
    """How many characters a reader sees (extended grapheme clusters, Unicode Annex 29)."""
    return len(text) if text.isascii() and "\r" not in text else len(GRAPHEME.findall(text))
