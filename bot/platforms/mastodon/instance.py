"""What a server says of itself: its limits, where it streams, and which domain its handles carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.mastodon.length import MASTODON_LIMIT, MASTODON_URL_LENGTH


@dataclass(frozen=True, slots=True)
class Instance:
    """A server's description. ``url_characters`` is None where links count in full."""

    domain: str
    max_characters: int = MASTODON_LIMIT
    url_characters: int | None = MASTODON_URL_LENGTH
    streaming: str | None = None
    software: str = ""


def instance_from(body: Mapping[str, Any], host: str) -> Instance:
    """An instance from the answer of ``/api/v2/instance``, or of ``/api/v1/instance`` on older servers.

    GoToSocial announces a length per link, yet counts links in full (seen on a running server).
    """
    configuration = _mapping(body.get("configuration"))
    statuses = _mapping(configuration.get("statuses"))
    streaming = _mapping(configuration.get("urls")).get("streaming") or _mapping(body.get("urls")).get(
        "streaming_api"
    )
    software = f"{body.get('source_url') or ''} {body.get('version') or ''}".strip()
    per_url = _positive(statuses.get("characters_reserved_per_url"), MASTODON_URL_LENGTH)
    return Instance(
        domain=_domain(body, host),
        max_characters=_positive(
            statuses.get("max_characters") or body.get("max_toot_chars"), MASTODON_LIMIT
        ),
        url_characters=None if "gotosocial" in software.casefold() else per_url,
        streaming=streaming if isinstance(streaming, str) and streaming else None,
        software=software,
    )


def _domain(body: Mapping[str, Any], host: str) -> str:
    """The domain of local handles; version 1 calls it ``uri``, and some servers put a whole address there."""
    told = str(body.get("account_domain") or body.get("domain") or body.get("uri") or host)
    return told.removeprefix("https://").removeprefix("http://").rstrip("/").lower()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _positive(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and value > 0 else otherwise
