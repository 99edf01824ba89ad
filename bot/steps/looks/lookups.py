"""Asking a platform for posts so that one that it, or we, cannot cope with hides none of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot.platforms.base import Platform
from bot.posts import Ambiguous, KnownPost, Lookup, Reconnect, Retry

log = structlog.get_logger(__name__)

_FOR_NOW = (Retry, Reconnect, Ambiguous)
"""What a platform says of the whole call, and not of one of the posts it was asked for."""


@dataclass(slots=True)
class LookupResults:
    """What was found out, why about some posts nothing was (by their ids), and which were not asked for."""

    found: list[Lookup] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)
    left: Sequence[str] = ()


def ask(
    platform: Platform, external_ids: Sequence[str], known: Mapping[str, KnownPost] | None = None
) -> LookupResults:
    """Look posts up, together where that goes and one by one where it does not.

    Raises Retry, Reconnect or Ambiguous where the platform cannot be asked now at all.
    """
    try:
        return LookupResults(list(platform.fetch(external_ids, known)))
    except _FOR_NOW:
        raise
    except Exception as error:
        log.exception(
            "posts could not be looked up together", platform=platform.name, posts=len(external_ids)
        )
        if len(external_ids) == 1:
            return LookupResults(failed={external_ids[0]: error})
    told = LookupResults()
    for place, external_id in enumerate(external_ids):
        try:
            told.found += platform.fetch([external_id], known)
        except _FOR_NOW:
            told.left = external_ids[place:]  # they are asked for next time
            break
        except Exception as error:  # noqa: BLE001 - noted by whoever asked
            told.failed[external_id] = error
    return told
