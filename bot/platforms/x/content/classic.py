"""Posts in the shape of the old Account Activity API (v1.1), which X still sends to older subscriptions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.platforms.x.content import words
from bot.platforms.x.content.field_names import Json, objects, text_of
from bot.platforms.x.content.tweets import UNREADABLE, account_made_at, deletion, post_url, set_aside
from bot.posts import Author, Mention, PlatformName, Post, PostEvent, Visibility
from bot.text.language import language_code
from bot.text.times.timestamps import in_utc

_TIME = "%a %b %d %H:%M:%S %z %Y"


def classic_post(tweet: Mapping[str, Any]) -> Post:
    """Read one of ``tweet_create_events``. Raises KeyError, TypeError or ValueError when it is none."""
    version = str(tweet["id_str"])
    history = tweet.get("edit_history") or {}
    identity = str(history.get("initial_tweet_id") or version)
    user = tweet["user"]
    long = tweet.get("extended_tweet") or {}
    entities = long.get("entities") or tweet.get("entities") or {}
    at = _moment(tweet.get("created_at"))
    is_edit = version != identity
    handle = str(user.get("screen_name") or "")
    media = _media(tweet, long)
    return Post(
        platform=PlatformName.X.value,
        external_id=identity,
        author=Author(
            id=str(user["id_str"]),
            handle=handle,
            name=words.unescaped(str(user.get("name") or "")),
            followers=user.get("followers_count"),
            since=account_made_at(str(user["id_str"])),
        ),
        text=_text(tweet, long, objects(entities.get("urls")), media),
        event=PostEvent.EDITED if is_edit else PostEvent.CREATED,
        posted_at=at,
        edited_at=at if is_edit else None,
        in_reply_to=tweet.get("in_reply_to_status_id_str") or None,
        mentions=tuple(
            Mention(str(one["screen_name"]), one.get("id_str")) for one in entities.get("user_mentions") or ()
        ),
        tags=tuple(str(one["text"]) for one in entities.get("hashtags") or ()),
        language=language_code(tweet.get("lang")),
        visibility=Visibility.PRIVATE if user.get("protected") is True else Visibility.PUBLIC,
        url=post_url(identity, handle),
        is_repost="retweeted_status" in tweet,
        refs={"version": version} if is_edit else {},
        pictures=tuple(text_of(one.get("ext_alt_text")) for one in media),
    )


def read_classic(told: Any) -> Post:
    """Read one of ``tweet_create_events``; what is none is set aside."""
    try:
        return classic_post(told)
    except UNREADABLE as error:
        return set_aside(told, error)


def _moment(value: Any) -> datetime | None:
    try:
        return in_utc(datetime.strptime(value, _TIME)) if isinstance(value, str) else None  # noqa: DTZ007 - in _TIME
    except ValueError:
        return None


def _media(tweet: Json, long: Json) -> list[Json]:
    """What is attached: all of it stands in ``extended_entities``, one thing at least in ``entities``."""
    for source in (long, tweet):
        for name in ("extended_entities", "entities"):
            found = objects((source.get(name) or {}).get("media"))
            if found:
                return found
    return []


def _text(tweet: Json, long: Json, urls: list[Json], media: list[Json]) -> str:
    text = str(long.get("full_text") or tweet["text"])
    shown = (long or tweet).get("display_text_range")
    ids = {str(tweet["id_str"])}
    found = words.media_links(text, [*urls, *media], ids, shown, has_media=bool(media))
    own = found | {str(one["url"]) for one in media if one.get("url")}
    return words.written(text, urls, own)


def classic_deletion(event: Mapping[str, Any]) -> Post:
    """Read one of ``tweet_delete_events``. Raises KeyError or TypeError when it is none."""
    return deletion(str(event["status"]["id"]), str(event["status"]["user_id"]))
