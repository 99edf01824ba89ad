"""The addresses of pages, and which addresses of others may be linked to."""

from functools import lru_cache
from urllib.parse import quote, urlsplit

from bot.display import slug


@lru_cache(maxsize=10_000)
def entry_path(entry_id: int, title: str) -> str:
    """The path of an entry's page: ``/q/123-how-do-i``."""
    words = slug(title)
    return f"/q/{entry_id}-{quote(words)}" if words else f"/q/{entry_id}"


def is_web(address: str | None) -> bool:
    """Whether an address that came from outside may become a link: http(s) only."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
