"""Looking at one platform after the other."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

Looked = TypeVar("Looked")


def in_turn(platforms: Mapping[str, Looked], look: Callable[[str, Looked], int | None]) -> int:
    """Look at each platform; what there was to do is returned.

    One that fails takes none of the others' turns; what the first one raised is raised at the end.
    """
    handled, failures = 0, list[Exception]()
    for name, platform in platforms.items():
        try:
            handled += look(name, platform) or 0
        except Exception as error:
            log.exception("platform could not be looked after", platform=name)
            failures.append(error)
    if failures:
        raise failures[0]
    return handled
