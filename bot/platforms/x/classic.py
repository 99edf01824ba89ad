"""Posts in the shape of the old Account Activity API (v1.1), which X still sends to older subscriptions."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.platforms.x.tweets import deletion, post_url, written
from bot.posts import Author, Mention, PlatformName, Post, PostEvent, Visibility

_TIME = "%a %b %d %H:%M:%S %z %Y"


def classic_post(tweet: Mapping[str, Any]) -> Post:
    """Read one of ``tweet_create_events``. Raises KeyError, TypeError or ValueError when it is none."""
    version = str(tweet["id_str"])
    history = tweet.get("edit_history") or {}
    identity = str(history.get("initial_tweet_id") or version)
    user = tweet["user"]
    long = tweet.get("extended_tweet") or {}
    entities = long.get("entities") or tweet.get("entities") or {}
    at = datetime.strptime(tweet["created_at"], _TIME).astimezone(UTC)
    is_edit = version != identity
    handle = str(user.get("screen_name") or "")
    return Post(
        platform=PlatformName.X.value,
        external_id=identity,
        author=Author(
            id=str(user["id_str"]),
            handle=handle,
            name=html.unescape(str(user.get("name") or "")),
            followers=user.get("followers_count"),
        ),
        text=written(str(long.get("full_text") or tweet["text"]), entities.get("urls") or ()),
        event=PostEvent.EDITED if is_edit else PostEvent.CREATED,
        posted_at=at,
        edited_at=at if is_edit else None,
        in_reply_to=tweet.get("in_reply_to_status_id_str") or None,
        mentions=tuple(
            Mention(str(one["screen_name"]), one.get("id_str")) for one in entities.get("user_mentions") or ()
        ),
        tags=tuple(str(one["text"]) for one in entities.get("hashtags") or ()),
        language=tweet.get("lang") if tweet.get("lang") not in {"und", ""} else None,
        visibility=Visibility.PRIVATE if user.get("protected") is True else Visibility.PUBLIC,
        url=post_url(identity, handle),
        is_repost="retweeted_status" in tweet,
        refs={"version": version} if is_edit else {},
    )


def classic_deletion(event: Mapping[str, Any]) -> Post:
    """Read one of ``tweet_delete_events``. Raises KeyError or TypeError when it is none."""
    return deletion(str(event["status"]["id"]), str(event["status"]["user_id"]))
