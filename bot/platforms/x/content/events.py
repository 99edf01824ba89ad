"""The envelopes in which X sends what happened: X Activity API events and the older Account Activity ones.

Sources: https://docs.x.com/x-api/activity/introduction and .../account-activity/introduction. One event
that cannot be read never costs the others of the same body; a post that cannot be read is set aside.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from bot.platforms.x.content import tweets
from bot.platforms.x.content.classic import classic_deletion, read_classic
from bot.posts import Malformed, Post

_log = structlog.get_logger(__name__)

_CREATIONS = frozenset(
    {"post.create", "post.mention.create", "post.reply.create", "post.quote.create", "post.repost.create"}
)


@dataclass(slots=True)
class Happenings:
    """What a body holds: posts and deletions, and the accounts that withdrew their permission."""

    posts: list[Post] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    charged: list[str] = field(default_factory=list)
    """The posts whose events X charges for: all but deletions of X Activity."""


def read(body: bytes) -> Happenings:
    """Read a webhook's body or a line of the stream.

    Raises Malformed when it is no JSON object of either kind. Kinds of events that do not concern us
    (direct messages, likes, follows) give nothing.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"X's webhook is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise Malformed("X's webhook is no JSON object.")
    found = Happenings()
    if "data" in content:
        _each(_as_list(content["data"]), lambda event: _activity(event, found))
        return found
    if not any(name in content for name in ("for_user_id", "user_event")):
        raise Malformed("X's webhook holds neither an X Activity nor an Account Activity event.")
    found.posts += [read_classic(one) for one in _as_list(content.get("tweet_create_events"))]
    _each(_as_list(content.get("tweet_delete_events")), lambda one: found.posts.append(classic_deletion(one)))
    _each(_as_list(content.get("user_event")), lambda one: _user_event(one, found))
    return found


def _each(events: Iterable[Any], read_one: Callable[[Any], None]) -> None:
    for place, event in enumerate(events):
        try:
            read_one(event)
        except tweets.UNREADABLE as error:
            _log.warning("x_event_unreadable", place=place, reason=f"{type(error).__name__}: {error}")


def _activity(event: Mapping[str, Any], found: Happenings) -> None:
    kind, payload = event["event_type"], event["payload"]
    if kind in _CREATIONS and payload["id"]:  # without even an id there is nothing to set aside
        found.posts.append(tweets.read(payload, tweets.included(event.get("includes"))))
        found.charged.append(str(payload["id"]))
    elif kind == "post.delete":
        found.posts.append(tweets.deletion(str(payload["id"]), str(payload["author_id"])))
    elif kind == "oauth.revoke":
        found.revoked.append(str(payload["user_id"]))


def _user_event(event: Mapping[str, Any], found: Happenings) -> None:
    if "revoke" in event:
        found.revoked.append(str(event["revoke"]["source"]["user_id"]))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
