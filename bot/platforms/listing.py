"""Reading what a platform lists: a post that cannot be read costs itself alone, never the others."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from bot.posts import Author, PlatformError, Post

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
