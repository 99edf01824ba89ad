"""Which of the answers that say the same are ticked, to be put right or taken back together."""

from collections.abc import Mapping

from app.web.forms import numbers_ticked

COPY = "copy-"
"""Before the number of an answer in the name of its field."""


def chosen_copies(fields: Mapping[str, str]) -> list[int]:
    """The numbers of the copies that are ticked."""
    return list(numbers_ticked(fields, COPY))
