"""Posts looked up by their addresses: still there, or gone?

A deleted post is missing from what ``getPosts`` answers. An account that was taken down or closed may still
be shown for a while, so its own server is asked as well; that ``getRecord`` still finds a post proves
nothing (seen).
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import Json, post_from_view, split_uri
from bot.platforms.bluesky.identity import Directory
from bot.platforms.bluesky.tid import time_of_tid
from bot.posts import Lookup, Rejected, Retry

BATCH = 25
"""The most posts ``app.bsky.feed.getPosts`` takes."""
INDEXING = timedelta(minutes=1)
"""A post this young may not be shown yet (0.1 to 0.7 s, seen): its absence says nothing."""


def look_up(api: Api, directory: Directory, uris: Sequence[str]) -> list[Lookup]:
    """What became of these posts. One too young to be missed, or with a wrong address, is left out.

    Raises:
        Retry: when the server does not answer.
        Reconnect: when the brand's session has ended for good.
    """
    wanted = [uri for uri in dict.fromkeys(uris) if _is_uri(uri)]
    found: list[Lookup] = []
    inactive: dict[str, bool] = {}
    for start in range(0, len(wanted), BATCH):
        chunk = wanted[start : start + BATCH]
        shown = _shown(api, chunk)
        for uri in chunk:
            did = split_uri(uri)[0]
            if uri not in shown:
                found += [] if _is_young(uri, api) else [Lookup(uri, gone=True)]
                continue
            if did not in inactive:
                inactive[did] = _is_inactive(directory, did)
            gone = inactive[did]
            found.append(Lookup(uri, gone, None if gone else post_from_view(shown[uri])))
    return found


def _shown(api: Api, uris: Sequence[str]) -> dict[str, Json]:
    views = api.query("app.bsky.feed.getPosts", {"uris": list(uris)}).get("posts") or ()
    return {str(view["uri"]): view for view in views if isinstance(view, dict) and view.get("uri")}


def _is_inactive(directory: Directory, did: str) -> bool:
    """Whether an account is closed or taken down, as its own server says; silence means no."""
    try:
        return directory.ask_home(did, "com.atproto.sync.getRepoStatus", {"did": did}).get("active") is False
    except Rejected as error:
        return error.code == "not_found"
    except Retry:
        return False


def _is_young(uri: str, api: Api) -> bool:
    made = time_of_tid(split_uri(uri)[2])
    return made is not None and timedelta() <= api.clock() - made < INDEXING


def _is_uri(uri: str) -> bool:
    try:
        split_uri(uri)
    except ValueError:
        return False
    return True
