"""Which of the answers that say the same are ticked, to be put right or taken back together."""

from collections.abc import Mapping

COPY = "copy-"
"""Before the number of an answer in the name of its field."""


def chosen_copies(fields: Mapping[str, str]) -> list[int]:
    """The numbers of the copies that are ticked."""
    numbers = (name.removeprefix(COPY) for name in fields if name.startswith(COPY))
    return [int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 19]
