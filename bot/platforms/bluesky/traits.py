"""What others must know of Bluesky."""

import re
from datetime import timedelta
from urllib.parse import quote

from bot.platforms.planner import Budget, Window
from bot.platforms.traits import Traits, last_piece, profile_address

_WEB = "bsky.app"
_HANDLE = re.compile(r"@?((?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z][a-z\d-]*)", re.IGNORECASE | re.ASCII)


def _handle_of(text: str) -> str:
    """Of ``@jane.example.com`` or ``https://bsky.app/profile/jane.example.com``."""
    host, pieces = profile_address(text)
    if host == _WEB and len(pieces) == 2 and pieces[0] == "profile":
        text = pieces[1]
    found = _HANDLE.fullmatch(text)
    return found[1].lower() if found else ""


def _post_id(path: str, fragment: str) -> str:
    """The AT URI behind ``/profile/{did}/post/{rkey}``."""
    pieces = [piece for piece in path.split("/") if piece]
    if len(pieces) == 4 and pieces[0] == "profile":
        return f"at://{pieces[1]}/app.bsky.feed.post/{pieces[3]}"
    return last_piece(path, fragment)


TRAITS = Traits(
    label="Bluesky",
    example="bluesky:jane.example.com",
    poll_interval=10.0,
    search_interval=60.0,
    repeats_safely=True,
    tells_deletions=False,
    connects=True,
    # 5,000 points an hour and 35,000 a day at 2 points a post, with room for deletions and retries.
    budget=Budget((Window(1500, timedelta(hours=1)), Window(12_000, timedelta(days=1)))),
    post_id=_post_id,
    handle_of=_handle_of,
    profile=lambda account_id, _handle: f"https://{_WEB}/profile/{account_id}",
    composer=lambda text, _server: f"https://{_WEB}/intent/compose?text={quote(text, safe='')}",
)
