"""What no database can hold of a text, replaced once for everything that is written or asked.

PostgreSQL's text takes no NUL, and neither database takes half of a surrogate pair, which is no character at
all. Each becomes the character that Unicode has for it, U+FFFD, which no name or id holds by itself: taking
them out instead would make Jane of a stranger who writes a NUL into her name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def is_storable(text: str) -> bool:
    """Whether a text can be stored as it is."""
    if text.isascii():
        return "\x00" not in text
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """The text as it can be stored."""
    return text if is_storable(text) else _UNSTORABLE.sub(_REPLACEMENT, text)


def storable_parameters(given: Any) -> Any:
    """A statement's parameters, or those of many, with every text as it can be stored."""
    if all(_is_fine(one) for one in _values(given)):
        return given
    return _replaced(given)


def dump_json(value: Any) -> str:
    """A JSON column's value, with every text in it as it can be stored.

    Whoever writes one writes it like this: such values are compared, and looked for, as texts.
    """
    text = json.dumps(value)
    if "\\u0000" in text or "\\ud" in text:  # the second begins emoji, too: looking closer does no harm
        return json.dumps(_replaced(value))
    return text


def _values(given: Any) -> Sequence[Any] | Any:
    return given.values() if isinstance(given, Mapping) else given


def _is_fine(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, Mapping | list | tuple):
        return all(_is_fine(one) for one in _values(value))
    return True


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {_replaced(name): _replaced(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one) for one in value]
    if isinstance(value, tuple):
        return tuple(_replaced(one) for one in value)
    return value
