"""Reading what a platform lists: a post that cannot be read costs itself alone, never the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.posts import Author, PlatformError, Post, TooLong

T = TypeVar("T")

_log = logging.getLogger(__name__)


def readable(
    platform: str, items: Iterable[T], read: Callable[[T], Post | None], id_of: Callable[[T], str]
) -> Iterator[Post]:
    """What ``read`` makes of each item, without those of which it makes nothing.

    One that it fails on is handed on with its id (``id_of``) and its ``problem``, so that a person sees it
    and whatever the platform lists behind it is read all the same. What the platform refuses meanwhile
    (``PlatformError``) ends the reading.
    """
    for item in items:
        try:
            found = read(item)
        except PlatformError:
            raise
        except Exception as error:  # noqa: BLE001 - people's posts can hold anything at all
            name = id_of(item)
            _log.warning("Post %a of %s cannot be read and is set aside.", name, platform, exc_info=True)
            found = Post(platform, name, Author(""), problem=f"{type(error).__name__}: {error}")
        if found is not None:
            yield found


def page_that_fits(ask: Callable[[int], T], size: int) -> T:
    """What ``ask`` brings for ``size`` things at once, or for as many fewer as fit one answer.

    A few posts made as large as they can be would keep everything behind them from being read. Raises
    TooLong where one alone does not fit.
    """
    while True:
        try:
            return ask(size)
        except TooLong:
            if size <= 1:
                raise
            size = max(1, size // 5)


def told_in_parts(ask: Callable[[Sequence[str]], Mapping[str, T]], names: Sequence[str]) -> dict[str, T]:
    """What ``ask`` knows of all these, asked for in halves where it does not fit one answer.

    What does not even fit alone is left out: nothing is said of it.
    """
    try:
        return dict(ask(names))
    except TooLong as error:
        if len(names) <= 1:
            _log.warning("%a is too long to be looked up: %s", list(names), error)
            return {}
        middle = len(names) // 2
        return {**told_in_parts(ask, names[:middle]), **told_in_parts(ask, names[middle:])}
