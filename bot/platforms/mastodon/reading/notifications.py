"""Mentions of the brand, read forward in time.

``min_id`` returns the page that follows an id and so walks through a backlog; ``since_id`` would return the
newest page and skip what lies between. Ids are opaque: their order is taken from the times, never from the
ids.
"""

from collections.abc import Sequence

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, id_of, is_status, post_from
from bot.platforms.mastodon.reading.token_bucket import TokenBucket
from bot.platforms.wire.listing import page_that_fits, readable
from bot.platforms.wire.timestamps import time_of
from bot.posts import Page, Post, PostEvent

PAGE_SIZE = 40
_PATH = "/api/v1/notifications"


def mentions_after(api: Api, pace: TokenBucket, cursor: str | None) -> Page:
    """Posts that mention the brand after the notification ``cursor``; without one the newest of them.

    Filtered notifications are asked for too: a question from a new account is a question.

    Raises:
        Retry: when the server does not answer, or was asked often enough for now.
        Reconnect: when the brand's token is not accepted any more.
    """
    pace.take()
    query: dict[str, str | Sequence[str]] = {"types[]": ["mention"], "include_filtered": "true"}
    if cursor:
        query["min_id"] = cursor
    size, told = page_that_fits(
        lambda size: (size, api.read_list(_PATH, {**query, "limit": str(size)})), PAGE_SIZE
    )
    notifications = oldest_first(told)
    posts = tuple(readable("mastodon", notifications, lambda told: post_from_notification(told, api), _id_of))
    newest = str(notifications[-1]["id"]) if notifications else cursor
    return Page(posts, newest, more=bool(cursor) and len(notifications) >= size)


def oldest_first(items: Sequence[Json]) -> list[Json]:
    """A page in the order of events: servers give the newest first, a few of them the oldest."""
    ordered = list(items)
    if len(ordered) > 1:
        first, last = time_of(ordered[0].get("created_at")), time_of(ordered[-1].get("created_at"))
        if first is None or last is None or first >= last:
            ordered.reverse()
    return ordered


def _id_of(notification: Json) -> str:
    status = notification.get("status")
    return id_of(status if isinstance(status, dict) else notification)


def post_from_notification(notification: Json, api: Api) -> Post | None:
    """The post a notification is about: a mention, or the edit of one the brand reacted to; else None."""
    status = notification.get("status")
    if not isinstance(status, dict) or not is_status(status):
        return None
    match notification.get("type"):
        case "mention" | "status":
            return post_from(status, api.server)
        case "update":
            return post_from(status, api.server, PostEvent.EDITED)
        case _:
            return None
