"""A mail as HTML beside its plain text: headings, lists and a table that a screen reader can follow (pure).

It has no styles, pictures, scripts or addresses that tell who has read it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class MailTable:
    """A table: what it is about, the heads of its columns, and its rows, each led by what it says."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """As plain text: what the second column has, and the third in brackets."""
        lines = [f"{self.caption} ({', '.join(self.heads[1:])}):"]
        return "\n".join([*lines, *(f"- {row[0]}: {' | '.join(row[1:])}" for row in self.rows)])


@dataclass(frozen=True, slots=True)
class MailList:
    """A heading, and items below it."""

    heading: str
    items: tuple[str, ...]

    @property
    def text(self) -> str:
        """As plain text."""
        return "\n".join([self.heading, *(f"- {one}" for one in self.items)])


MailPart = str | MailTable | MailList
"""A part of a mail; a plain text is a paragraph."""


def as_text(parts: Sequence[MailPart]) -> str:
    """The parts as plain text."""
    return "\n\n".join(one if isinstance(one, str) else one.text for one in parts) + "\n"


def as_html(title: str, language: str | None, parts: Sequence[MailPart]) -> str:
    """The parts as a page of HTML in this language."""
    code = language or "en"
    direction = "rtl" if code.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    body = "\n".join(map(_part, parts))
    return (
        f'<!doctype html>\n<html lang="{escape(code)}" dir="{direction}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def _part(part: MailPart) -> str:
    if isinstance(part, str):
        return f"<p>{_linked(part)}</p>"
    if isinstance(part, MailList):
        items = "".join(f"<li>{_linked(one)}</li>" for one in part.items)
        return f"<h2>{escape(part.heading)}</h2>\n<ul>{items}</ul>"
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in part.heads)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(one)}</td>" for one in row[1:])
        + "</tr>"
        for row in part.rows
    )
    return (
        f'<table border="1" cellpadding="6"><caption>{escape(part.caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _linked(text: str) -> str:
    """The text with its addresses as links, and its lines kept."""
    made, at = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        made += [escape(text[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*made, escape(text[at:])]).replace("\n", "<br>\n")
