"""The parts of the one form of a page, as templates write them, and what was typed in them, put back.

A page behind a sign-in has one HTML form, ``page``; ``{% call form_part("/address") %}`` makes a part of it:
its fields are named ``why@part``, and its buttons go to the part's own address. So a browser without script
sends all that is typed with whatever button is pressed; the deed's handler gets its own part alone
(``app.web.together.sent``).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

PAGE = "page"
"""The id of the one form."""
OF = "of"
"""What says in an address which part a button is of."""
HAS_PARTS = f'form="{PAGE}"'
"""Stands in every page that has parts of the form."""
PAGE_FIELD = "@"
"""The field that says on which page the form stands."""
AS_IT_CAME = "was"
"""The name of the field that tells whether somebody has changed a part since it came."""
_CONTROL = re.compile(r"<(input|textarea|select|button)\b([^>]*)>")
_NAMED = re.compile(r'(?<![\w-])name="([^"]*)"')
_ADDRESS = re.compile(r'\sformaction="([^"]*)"')
_UNCHECKED = re.compile(r"\sformnovalidate\b")
_PLACES = re.compile(r"<input\b[^>]*>|<(textarea|select)\b[^>]*>.*?</\1>", re.DOTALL)
_OPTION = re.compile(r"<option\b([^>]*)>")
_VALUE = re.compile(r'\svalue="([^"]*)"')
_STATE = re.compile(r"\s(?:checked|selected)\b")
_TICKED = re.compile(r'\stype="(?:checkbox|radio)"')
_PARTS = 4_096

Pairs = Sequence[tuple[str, str]]
"""Names and values of fields, as a browser sends them."""


def form_part(address: str, name: str = "", *, caller: Callable[[], Markup], **attributes: Any) -> Markup:
    """A part of the page's form: what its buttons do is done at ``address``, with its own fields.

    ``name`` is what the part is called among those of the page where its address does not do for that: two of
    one name must not hold fields. A button with a ``formaction`` of its own does that with the part's fields.
    """
    extra = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<div{extra}{_part(address, name, str(caller()))}</div>")  # noqa: S704 - templates are ours


def page_form(address: str) -> Markup:
    """The one form of the page at this address.

    Its first button is none: the key Enter in a field would press it, and it is not known what was meant.
    """
    stands = f'<input type="hidden" name="{PAGE_FIELD}" value="{escape(address)}">'
    return Markup(f'<form id="{PAGE}" method="post">{stands}<button hidden disabled></button></form>')  # noqa: S704


@lru_cache(maxsize=_PARTS)
def _part(address: str, name: str, body: str) -> str:
    part = name or address
    fields = _as_sent(body)

    def belonging(found: re.Match[str]) -> str:
        tag, given = found.groups()
        if tag == "button" and 'type="button"' in given:
            return found[0]
        given = _NAMED.sub(lambda one: f'name="{one[1]}@{escape(part)}"', given)
        if tag != "button":
            return f'<{tag} form="{PAGE}"{given}>'
        own = _ADDRESS.search(given)
        goes = unescape(own[1]) if own else address
        unchecked = " data-unchecked" if _UNCHECKED.search(given) else ""
        given = _UNCHECKED.sub("", _ADDRESS.sub("", given))
        return (
            f'<button form="{PAGE}" formaction="{escape(_to(goes, part))}" formnovalidate{unchecked}{given}>'
        )

    held = _CONTROL.sub(belonging, body)
    if came := digest(fields):
        held += _hidden(f"{AS_IT_CAME}@{part}", came)
    return f' data-form="{escape(part)}">{held}'


def _to(address: str, part: str) -> str:
    """The address, which says whose fields are meant where it is not the part's name itself."""
    if address == part:
        return address
    return f"{address}{'&' if '?' in address else '?'}{OF}={quote(part, safe='/')}"


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" form="{PAGE}" name="{escape(name)}" value="{escape(value)}">'


def digest(fields: Iterable[tuple[str, str]]) -> str:
    """What tells the fields of a part from any others; nothing where nothing stands in them."""
    held = sorted((name, text) for name, value in fields if (text := as_typed(value)))
    return blake2b(repr(held).encode("utf-8", "replace"), digest_size=6).hexdigest() if held else ""


def as_typed(value: str) -> str:
    """A value without what browsers do to the ends of lines."""
    return value.replace("\r\n", "\n").strip()


def filled(page: str, kept: Mapping[str, Sequence[str]]) -> tuple[str, set[str]]:
    """The page with what was typed in its fields, by their names; and which of these names it has.

    What the server itself would say there stands beside it, for the script that renews open pages.
    """
    met: set[str] = set()
    rest = {name: list(values) for name, values in kept.items()}
    parts = {_part_in(name) for name in kept} - {""}

    def put(found: re.Match[str]) -> str:
        field = found[0]
        head, _, _ = field.partition(">")
        called = _NAMED.search(head)
        name = unescape(called[1]) if called else ""
        # A box in a part of which something is kept, and not the box itself, was not ticked.
        if HAS_PARTS not in head or (
            name not in kept and not (_TICKED.search(head) and _part_in(name) in parts)
        ):
            return field
        met.add(name)
        if _TICKED.search(head):
            return _ticked(field, rest.get(name, []))
        value = rest[name].pop(0) if rest.get(name) else ""
        if found[1] == "select":
            return _chosen(field, head, value)
        if found[1]:
            was = unescape(field.partition(">")[2].rpartition("</")[0].removeprefix("\n"))
            return f"{head}{_kept(was)}>\n{escape(value)}</textarea>"
        was = unescape(one[1]) if (one := _VALUE.search(head)) else ""
        return f'{_VALUE.sub("", head)} value="{escape(value)}"{_kept(was)}>'

    return _PLACES.sub(put, page), met


def _part_in(name: str) -> str:
    return name.partition("@")[2]


def _kept(was: str) -> str:
    return f' data-kept="{escape(was)}"'


def _ticked(field: str, values: Sequence[str]) -> str:
    value = unescape(one[1]) if (one := _VALUE.search(field)) else "on"
    was = "checked" if _STATE.search(field) else ""
    return f"{_STATE.sub('', field)[:-1]}{' checked' if value in values else ''}{_kept(was)}>"


def _chosen(field: str, head: str, value: str) -> str:
    was = ""

    def choose(found: re.Match[str]) -> str:
        nonlocal was
        its = unescape(one[1]) if (one := _VALUE.search(found[1])) else ""
        if _STATE.search(found[1]):
            was = its
        return f"<option{_STATE.sub('', found[1])}{' selected' if its == value else ''}>"

    options = _OPTION.sub(choose, field[len(head) :])
    return f"{head}{_kept(was)}{options}"


def marked_as_typed(page: str, part: str) -> str:
    """The page with what stands in this part taken for typed: it came back as it was sent."""
    came = re.compile(rf'(name="{AS_IT_CAME}@{re.escape(escape(part))}" value=")[^"]*"')
    return came.sub(r'\1typed"', page)


class _Fields(HTMLParser):
    """What a browser would send of a part that nobody has touched."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._area: list[str] | None = None
        self._chosen: str | None = None
        self._is_choosing = False
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind = given.get("type") or "text"
        if tag in ("input", "textarea", "select") and "disabled" in given:
            return
        if tag == "input" and (kind not in ("checkbox", "radio") or "checked" in given):
            ticked = "on" if kind in ("checkbox", "radio") else ""
            self._add(given.get("name"), given.get("value", ticked) or "")
        elif tag == "textarea":
            self._name, self._area = given.get("name") or "", []
        elif tag == "select":
            self._name, self._chosen, self._is_choosing = given.get("name") or "", None, True
        elif tag == "option" and self._is_choosing and ("selected" in given or self._chosen is None):
            self._chosen = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self._add(self._name, "".join(self._area))
            self._area = None
        elif tag == "select" and self._is_choosing:
            self._add(self._name, self._chosen or "")
            self._is_choosing = False

    def _add(self, name: str | None, value: str) -> None:
        if name:
            self.found.append((name, value))


def _as_sent(body: str) -> Pairs:
    fields = _Fields()
    fields.feed(body)
    fields.close()
    return fields.found
