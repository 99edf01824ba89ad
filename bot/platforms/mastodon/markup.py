"""The HTML of statuses as plain text, the way a person reads it.

Pure. What a link leads to is content: servers shorten long addresses by hiding pieces of them, and some let
people put a link behind words (Markdown). Only mentions and hashtags, which servers make links of, stay the
words they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from bot.text.link_targets import linked, with_addresses

_BLOCKS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset({"script", "style"})
_VOID = frozenset({"br", "img", "hr", "wbr", "input", "meta", "link"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINE_END = re.compile(r"\r\n?")
_MANY_BREAKS = re.compile(r"\n{3,}")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_MARK = re.compile(r"[@＠#＃][\w.@+-]+")
_MARK_CLASSES = frozenset({"mention", "hashtag", "u-url"})
_QUOTE_FALLBACK = "quote-inline"
"""The class of what only repeats a quoted post's link for clients that cannot show quotes."""


def html_to_text(html: str, *, targets: bool = True) -> str:
    """The words of a status: ``<br>`` is a line break, a paragraph's end an empty line, ``<pre>`` as it is.

    Without ``targets`` links are their words alone, as they were typed.
    """
    reader = _Reader(targets=targets)
    reader.feed(html)
    reader.close()
    lines = (line.rstrip(" ") for line in reader.text().split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip("\n").rstrip()


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that is open: where it leads, how many pieces stood before its words, what it says it is."""

    target: str
    start: int
    is_mark: bool


class _Reader(HTMLParser):
    """Gathers the text of a status; character references are resolved last, in text only."""

    def __init__(self, *, targets: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._targets = targets
        self._pieces: list[str] = []
        self._skipping: list[str] = []
        self._quoted: list[str] = []
        self._preformatted = 0
        self._link: _Link | None = None

    def text(self) -> str:
        """What was read; what is quoted, which only a fallback names, on lines of its own."""
        self._close_link()
        return with_addresses("".join(self._pieces).rstrip("\n"), self._quoted)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if self._skipping or tag in _UNSEEN or _QUOTE_FALLBACK in told.get("class", "").split():
            self._skip(tag, told)
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "a":
            self._open_link(told)
        elif tag in _BLOCKS:
            self._preformatted += tag == "pre"
            self._pieces.append("\n\n")
        elif tag == "li":
            self._pieces.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
        elif tag == "a":
            self._close_link()
        elif tag in _BLOCKS:
            self._preformatted = max(self._preformatted - (tag == "pre"), 0)
            self._pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        if self._preformatted:
            words = _LINE_END.sub("\n", data)
        else:
            words = _SPACE.sub(" ", data)
            if not self._pieces or self._pieces[-1].endswith(("\n", " ")):
                words = words.lstrip(" ")
        if words:
            self._pieces.append(words)

    def _skip(self, tag: str, told: Mapping[str, str]) -> None:
        if tag not in _VOID:
            self._skipping.append(tag)
        if tag == "a" and (target := self._target(told)):
            self._quoted.append(target)

    def _open_link(self, told: Mapping[str, str]) -> None:
        self._close_link()
        if target := self._target(told):
            self._link = _Link(target, len(self._pieces), _is_mark(told))

    def _close_link(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        words = "".join(self._pieces[link.start :])
        if not (link.is_mark and _MARK.fullmatch(words.strip())):
            self._pieces[link.start :] = [linked(words, link.target)]

    def _target(self, told: Mapping[str, str]) -> str:
        target = told.get("href", "").strip()
        if not (self._targets and _ABSOLUTE.match(target)):
            return ""
        return f"https:{target}" if target.startswith("//") else target


def _is_mark(told: Mapping[str, str]) -> bool:
    """Whether a link says of itself that it is a mention or a hashtag."""
    return not _MARK_CLASSES.isdisjoint(told.get("class", "").split()) or "tag" in told.get("rel", "").split()
