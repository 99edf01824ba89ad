"""Judging the host of a web address: whose it is, and whether it pretends to be another (pure)."""

import re
import unicodedata
from collections.abc import Iterable

import regex

from bot.text.links import Link
from routing.model.phrases import phrase

_SCRIPTS = (
    "Latin",
    "Greek",
    "Cyrillic",
    "Armenian",
    "Hebrew",
    "Arabic",
    "Thai",
    "Georgian",
    "Devanagari",
    "Cherokee",
)
_SCRIPT = {name: regex.compile(rf"\p{{Script={name}}}") for name in _SCRIPTS}
_EAST_ASIAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}]")
# Letters of other scripts that look like Latin ones (the usual suspects of Unicode's confusables list).
_CONFUSABLE = str.maketrans(
    "аеорсухіјѕһԁԛԝѵьгкмтвнпӏүбαοερνικτυχωγηβϲոսցօհքզյɑɡɩıʟᴏꜱѡғҍҽԍ",
    "aeopcyxijshdqwvbrkmtbhnly6aoepviktuxwynbcnugohpqjagiiloswfbeg",
)
_FIGURES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "|": "l"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("-", ""))
_NUMBER = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}|\[[0-9a-f:.]+\]", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)(?:\.(?:0|[1-9]\d{0,2}))+")
_HOST_AS_WRITTEN = re.compile(r"(?:https?://)?(?:[^/?#\\]*@)?(?P<host>[^/?#\\:]*)", re.IGNORECASE)
LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
"""One part of a host's name, between dots."""
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "ac", "edu", "gob", "gouv"})


def folded(text: str) -> str:
    """Full-width, styled and otherwise decorated letters as plain ones (NFKC), as browsers read them."""
    return unicodedata.normalize("NFKC", text)


def belongs(host: str, domains: Iterable[str]) -> bool:
    """Whether ``host`` is one of ``domains`` or a subdomain of one."""
    name = host.removeprefix("www.")
    return any(name == domain or name.endswith("." + domain) for domain in map(_normal, domains))


def lookalike(host: str, own: Iterable[str], shown: str = "") -> str | None:
    """In what way a foreign host pretends to be something else, in a sentence; None if it does not.

    ``own`` are the brand's domains: being taken for one of those is the gravest case. ``shown`` is how the
    sentence names the address.
    """
    if any(label.startswith("xn--") for label in host.split(".")):
        return phrase("“%(address)s” is written in punycode, which people cannot read.", address=shown)
    for label in host.split("."):
        if _mixes_scripts(label):
            return phrase("“%(address)s” mixes letters of several scripts that look alike.", address=shown)
    for domain in map(_normal, own):
        if _imitates(host, domain):
            return phrase(
                "“%(address)s” looks like %(host)s, but is another site.", address=shown, host=domain
            )
    if _imitates_latin(host):
        return phrase(
            "“%(address)s” uses letters of another script that look like Latin ones.", address=shown
        )
    return None


def shown(link: Link) -> str:
    """The address as a page shows it: a host of look-alike letters in punycode, so that it looks foreign."""
    if link.host.isascii() or lookalike(link.host, ()) is None:
        return link.url
    try:
        host = link.host.encode("idna").decode("ascii")
    except UnicodeError:
        host = link.host.encode("unicode_escape").decode("ascii")
    written = _HOST_AS_WRITTEN.match(link.url)
    return link.url[: written.start("host")] + host + link.url[written.end("host") :] if written else host


def is_disguised_number(host: str) -> bool:
    """Whether the host is a bare network address; those of home networks (a router's page) are not meant."""
    return bool(_NUMBER.fullmatch(host)) and not _PLAIN_NUMBER.fullmatch(host)


def _normal(domain: str) -> str:
    return domain.strip().casefold().removeprefix("www.").strip(".")


def _mixes_scripts(label: str) -> bool:
    found = {name for name, pattern in _SCRIPT.items() if pattern.search(label)}
    if _EAST_ASIAN.search(label):
        found.discard("Latin")  # brands in Japanese or Korean names mix with Latin as a matter of course
        found.add("East Asian")
    return len(found) > 1


def _imitates_latin(host: str) -> bool:
    """A label all of whose letters could pass for Latin ones, under a Latin top-level domain."""
    *labels, last = host.split(".")
    return last.isascii() and any(
        not label.isascii() and not _SCRIPT["Latin"].search(label) and label.translate(_CONFUSABLE).isascii()
        for label in labels
    )


def _skeleton(name: str) -> str:
    """What a hasty reader takes a name for: without accents, with look-alikes resolved."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(each for each in decomposed if not unicodedata.combining(each)).translate(_CONFUSABLE)
    plain = plain.translate(_FIGURES)
    for shown, meant in _PAIRS:
        plain = plain.replace(shown, meant)
    return plain


def _imitates(host: str, own: str) -> bool:
    """Whether a foreign host could be taken for our own domain."""
    if f".{host}.".find(f".{own}.") >= 0:
        return True  # example.com.evil.net
    name, own_name = _main_label(host), _main_label(own)
    if len(own_name) < 4 or name == own_name:
        return False  # too short to tell, or the same name under another top-level domain: a person decides
    wanted, seen = _skeleton(own_name), _skeleton(name)
    return seen == wanted or (len(wanted) > 5 and _one_slip(seen, wanted)) or f"-{own_name}-" in f"-{name}-"


def _main_label(host: str) -> str:
    """The label that a site is known by: ``example`` of ``www.example.co.uk``."""
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return labels[-3] if short else labels[-2] if len(labels) > 1 else labels[0]


def _one_slip(seen: str, wanted: str) -> bool:
    """Whether two names differ by one letter added, left out, changed, or two neighbours exchanged."""
    if abs(len(seen) - len(wanted)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(seen, wanted, strict=False)) if a != b), min(len(seen), len(wanted))
    )
    a, b = seen[at:], wanted[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
