"""Links whose words are not their address, as plain text: nothing that stands behind words is lost (pure).

What a link leads to is a part of what its author says. Words that merely show the address, cut short or
without its scheme, give way to the whole address; other words keep it in brackets behind them.
"""

import re
from collections.abc import Iterable

from bot.text.links import find_links

_ELLIPSIS = re.compile(r"(?:…|\.{3})$")
_SCHEME = re.compile(r"^(?:https?:)?//(?:www\.)?|^www\.", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#\\]")
# What ends an address in running text although a link may hold it.
_BREAKING = re.compile(r"[\s\x00-\x20\x7f-\xa0<>\"“”„«»「」]")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))


def linked(words: str, target: str) -> str:
    """A link's words together with the address it leads to."""
    address = whole_address(target)
    shown = words.strip()
    if not address:
        return words
    if not shown:
        return f"{words}{address}"
    if _shows(shown, address):
        return words.replace(shown, address, 1)
    rest = words[len(words.rstrip()) :]
    return f"{words.rstrip()} ({address}){rest}"


def with_addresses(text: str, targets: Iterable[str]) -> str:
    """The text, with the address of each thing shown beside it on a line of its own, unless it is named.

    The text is searched once: a post can have thousands of these.
    """
    named = {_bare(one.url) for one in find_links(text)}
    lines = [text] if text else []
    for address in map(whole_address, targets):
        if address and address not in text and _bare(address) not in named:
            named.add(_bare(address))
            lines.append(address)
    return "\n".join(lines)


def whole_address(target: str) -> str:
    """An address as it can stand in a text: what would end it too early is written in percent."""
    address = _BREAKING.sub(_in_percent, target.strip())
    for opening, closing in _PAIRS:
        if address.count(opening) != address.count(closing):
            address = re.sub(rf"[{re.escape(opening + closing)}]", _in_percent, address)
    found = find_links(address)
    if len(found) == 1 and found[0].start == 0:
        kept, rest = address[: found[0].end], address[found[0].end :]
        return kept + re.sub(r".", _in_percent, rest)
    return address


def _in_percent(found: "re.Match[str]") -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "replace"))


def _shows(shown: str, address: str) -> bool:
    """Whether words are an address, or the beginning of it with its host: what apps show of long ones."""
    form, whole_form = _bare(shown), _bare(address)
    cut = _ELLIPSIS.search(form)
    if cut:
        form = form[: cut.start()]
        return "." in form and whole_form.startswith(form)
    host = _HOST_END.split(whole_form, maxsplit=1)[0]
    return form == whole_form or (form.startswith(host) and whole_form.startswith(form))


def _bare(address: str) -> str:
    """An address as people compare them: without scheme, ``www.`` and the last slash, whatever the case."""
    return _SCHEME.sub("", address.strip()).rstrip("/").casefold()
