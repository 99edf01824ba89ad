"""The marks of a post: links, handles, hashtags; and the one form in which texts are compared."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\x00-\x08\x0e-\x1f\x7f-\x9f]"
)
"""Zero-width characters, bidi controls, variation selectors, tags and control characters."""

LINK = r"(?:https?://|www\.)\S+|\bt\.co/\w+"
EMAIL = r"(?<![\w.+-])\w[\w.+-]{0,63}@[\w-]+(?:\.[\w-]+)+"
# A capital after the dot begins a sentence, not a domain: "@brand.Nothing works".
_DOMAIN = r"(?-i:(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.[a-z]{2,}(?!\w))"
# What must not stand before the @ is looked at after it is found: a search for one character is far quicker.
HANDLE = rf"[@＠](?<![\w/].)(?P<handle>\w+(?:-\w+)*(?:@[\w-]+(?:\.[\w-]+)+|{_DOMAIN})?)"
HASHTAG = r"(?<![\w/&#＃])[#＃](?P<tag>[\w\u0300-\u036f\u200b-\u200f\u2060\ufeff]+)"

LINKS = re.compile(LINK, re.IGNORECASE)
"""Web addresses as posts hold them."""
_LINKS_AND_HANDLES = re.compile(f"{LINK}|{EMAIL}|{HANDLE}", re.IGNORECASE)
_MARKS = re.compile(f"{LINK}|{EMAIL}|{HANDLE}|{HASHTAG}", re.IGNORECASE)
_HANDLES = re.compile(HANDLE, re.IGNORECASE)
_PLAIN_HANDLES = re.compile(r"[@＠][A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*(?:@[A-Za-z0-9.-]+)?")
_HASHTAGS = re.compile(HASHTAG)
_PART_OF_AN_ADDRESS = re.compile(r"@(?<=[\w.+-]@)")
_TEXTS_KEPT = 512
"""A post is read from several sides in turn; so many stay at hand in their plain forms."""
_LEADING_HANDLES = re.compile(rf"\s*(?:[.\u2060\u200b-\u200f]*{HANDLE.replace('?P<handle>', '?:')}[\s,:;]*)+")


@lru_cache(maxsize=_TEXTS_KEPT)
def normalise(text: str) -> str:
    """The form in which texts are compared.

    Compatibility characters are folded (NFKC), invisible and control characters removed, case folded.
    White space stays as it is.
    """
    if text.isascii():
        return INVISIBLE.sub("", text).casefold()
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", visible.casefold())


@lru_cache(maxsize=_TEXTS_KEPT)
def without_links_and_handles(text: str) -> str:
    """The text with a blank in the place of every link, e-mail address and handle."""
    return (_LINKS_AND_HANDLES if _may_hide_an_at(text) else _HANDLES).sub(" ", text)


def is_wordless(text: str) -> bool:
    """Whether nothing is said: there are only handles, links, emoji and signs.

    Platforms' handles are of ASCII: what follows one without a blank, as in Japanese, is said.
    """
    return not any(map(str.isalnum, _PLAIN_HANDLES.sub(" ", LINKS.sub(" ", text))))


def mentions(text: str) -> list[str]:
    """The handles a text addresses, without their @, in order, each once.

    Knows ``@user``, ``@user@host`` (Mastodon) and ``@name.bsky.social`` (Bluesky).
    """
    found: dict[str, str] = {}
    for match in (_MARKS if _may_hide_an_at(text) else _HANDLES).finditer(text):
        if match["handle"]:
            found.setdefault(match["handle"].casefold(), match["handle"])
    return list(found.values())


def hashtags(text: str) -> tuple[str, ...]:
    """The words after ``#`` or full-width ``＃``, in order."""
    if "#" not in text and "＃" not in text:
        return ()
    return tuple(match["tag"] for match in _HASHTAGS.finditer(text))


def _may_hide_an_at(text: str) -> bool:
    """Whether an @ may belong to an address or a link; without, looking for handles alone is far quicker."""
    return "/" in text or "www." in text.lower() or _PART_OF_AN_ADDRESS.search(text) is not None


def strip_leading_handles(text: str) -> str:
    """The text without the handles it begins with, as replies do (``.@brand`` included)."""
    found = _LEADING_HANDLES.match(text)
    return text[found.end() :].strip() if found else text.strip()


def has_tag(text: str, tag: str) -> bool:
    """Whether the text carries the hashtag: whole, in any case, ``#`` or full-width ``＃``.

    ``tag`` is one word, with or without its ``#``. A fragment of a link is no tag. With hyphens in it, like
    ``#chorus-private``, it is looked for as it is written: no platform makes a hashtag of all of it.
    """
    return any(True for _ in _tags(text, tag))


def strip_tag(text: str, tag: str) -> str:
    """The text without the hashtag, wherever it stands, and without the gap it leaves."""
    return _without(text, _tags(text, tag))


@lru_cache(maxsize=16)
def _hyphened(tag: str) -> "re.Pattern[str]":
    word = re.escape(tag.lstrip("#＃"))
    return re.compile(rf"(?<![\w/&#＃])[#＃]{word}(?![\w-])", re.IGNORECASE)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept, end = [], 0
    for start, stop in spans:
        kept.append(text[end:start])
        end = stop
    if not kept:
        return text.strip()
    joined = "".join([*kept, text[end:]])
    joined = re.sub(r"(?<=\S)[^\S\n]{2,}", " ", joined)
    joined = re.sub(r"[^\S\n]+(?=[.,;:!?…](?:\s|$))", "", joined)
    return re.sub(r"[^\S\n]*\n(?:[^\S\n](?![^\S\n]))?", "\n", joined).strip()


def own_words(text: str, *tags: str) -> str:
    """The text without the hashtags and the handles it begins with, in whatever order they stand there."""
    before, longest_first = None, sorted(tags, key=len, reverse=True)
    while before != text:
        before = text
        for tag in longest_first:
            text = strip_tag(text, tag)
        text = strip_leading_handles(text)
    return text


def _tags(text: str, tag: str) -> Iterator[tuple[int, int]]:
    """Where the hashtag stands: start and end of each."""
    if "-" in tag:
        yield from (match.span() for match in _hyphened(tag).finditer(text))
        return
    wanted = normalise(tag).lstrip("#")
    for match in _MARKS.finditer(text):
        if match["tag"] and normalise(match["tag"]) == wanted:
            yield match.span()
