"""Placeholders in the public texts: what stands in braces, and is filled in whenever somebody reads it."""

import re
from collections.abc import Mapping
from typing import Final

PLACEHOLDERS: Final = {"brand": "the brand's name", "tag": "the tag that marks an employee's answer"}
"""What may stand in braces, and what it stands for."""
_ANY: Final = re.compile(r"\{([^{}\n]{0,40})\}")


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands in braces and stands for nothing, as it is written."""
    return tuple(dict.fromkeys(found[0] for found in _ANY.finditer(text) if found[1] not in PLACEHOLDERS))


def fill(text: str, means: Mapping[str, str]) -> str:
    """The text with each placeholder replaced once: what it stands for is not looked through again."""
    return _ANY.sub(lambda found: means.get(found[1], found[0]), text)
