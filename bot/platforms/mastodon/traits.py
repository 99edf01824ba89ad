"""What others must know of servers that speak Mastodon's API."""

import re
from datetime import timedelta
from urllib.parse import quote

from bot.platforms.planner import Budget, Window
from bot.platforms.traits import Traits, profile_address

_ACCOUNT = re.compile(r"@?([\w.-]+)@([a-z\d.-]+\.[a-z\d-]+)", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]+", re.ASCII)
_NAME = re.compile(r"@?([\w.-]+)", re.ASCII)


def _handle_of(text: str) -> str:
    """Of ``@jane@mastodon.example`` or ``https://mastodon.example/@jane``.

    A server's page of another server's account proves nothing: any host can show any name there.
    """
    host, pieces = profile_address(text)
    name = _NAME.fullmatch(pieces[-1]) if pieces else None
    if host and name and ((len(pieces) == 1 and pieces[0].startswith("@")) or pieces[:-1] == ("users",)):
        text = f"{name[1]}@{host}"
    found = _ACCOUNT.fullmatch(text)
    return f"{found[1]}@{found[2]}".lower() if found else ""


def _profile(_account_id: str, handle: str) -> str:
    name, _, host = handle.partition("@")
    return f"https://{host}/@{name}" if host else ""


def _composer(text: str, server: str) -> str:
    """A server's own page for sharing, by its address or by an account on it."""
    host = re.sub(r"^https?://", "", server.strip().lower()).rstrip("/").rpartition("@")[2]
    return f"https://{host}/share?text={quote(text, safe='')}" if _HOST.fullmatch(host) else ""


TRAITS = Traits(
    label="Mastodon",
    example="mastodon:@jane@mastodon.example",
    poll_interval=15.0,
    streams=True,
    search_interval=60.0,
    tells_deletions=False,
    greets_asker=True,
    connects=True,
    # 300 requests in 5 minutes, of which reading needs the larger part; 300 posts in 3 hours on Mastodon.
    budget=Budget((Window(60, timedelta(minutes=5)), Window(290, timedelta(hours=3)))),
    edits=True,
    deletions=Window(25, timedelta(minutes=30)),  # Mastodon lets 30 through
    handle_of=_handle_of,
    profile=_profile,
    composer=_composer,
    many_servers=True,
)
