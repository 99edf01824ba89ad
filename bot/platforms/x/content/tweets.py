"""A post of X in the shape of API v2, read into our own words.

Used for what polling, search and look-ups return and for the payloads of X Activity events, which have the
same shape. Unknown fields are ignored: X adds some every month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.platforms.x.content import field_names, words
from bot.platforms.x.content.field_names import Json, objects, text_of
from bot.posts import Author, Mention, PlatformName, Post, PostEvent, Visibility
from bot.text.language import language_code
from bot.text.times.timestamps import in_utc

_NAME = PlatformName.X.value
_SNOWFLAKE_EPOCH = 1_288_834_974_657
"""Milliseconds since 1970 at which X's snowflakes begin."""
_FIRST_SNOWFLAKE = 10**15
"""Ids of accounts below this were counted up, one by one."""
_log = structlog.get_logger(__name__)

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What reading something raises that is not as X describes it."""


@dataclass(frozen=True, slots=True)
class Included:
    """What an answer brings along: authors, pictures, polls, and the first version of posts referred to."""

    users: Mapping[str, Json] = field(default_factory=dict)
    first_ids: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Json] = field(default_factory=dict)
    polls: Mapping[str, Json] = field(default_factory=dict)


def included(content: Any) -> Included:
    """Read ``includes``; users come plain or, with deletions, wrapped in ``data`` (recorded)."""
    if not isinstance(content, dict):
        return Included()
    users = [user.get("data", user) for user in objects(content.get("users"))]
    return Included(
        users={str(user["id"]): user for user in users if isinstance(user, dict) and "id" in user},
        first_ids={
            str(tweet["id"]): first_id(tweet)
            for tweet in field_names.included_posts(content)
            if "id" in tweet
        },
        media={str(one.get("media_key")): one for one in objects(content.get("media"))},
        polls={str(one.get("id")): one for one in objects(content.get("polls"))},
    )


def first_id(tweet: Json) -> str:
    """A post's identity: an edit makes a new id, and the first of its history stays."""
    return (field_names.history(tweet) or [str(tweet["id"])])[0]


def post_url(post_id: str, handle: str = "") -> str:
    """Where people see a post; X redirects from ``/i/`` when the author's handle is not known."""
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def account_made_at(user_id: str) -> datetime | None:
    """When an account was made, as its id tells; None for those of before 2016, which were counted up.

    A later id is a snowflake: 42 bits of milliseconds since 2010-11-04, then 22 bits that make it unique.
    """
    number = int(user_id) if user_id.isascii() and user_id.isdigit() and len(user_id) < 20 else 0
    if number < _FIRST_SNOWFLAKE:
        return None
    return datetime.fromtimestamp(((number >> 22) + _SNOWFLAKE_EPOCH) / 1000, UTC)


def author(user_id: str, users: Mapping[str, Json]) -> Author:
    """The account of this id, with what came along about it."""
    user = users.get(user_id, {})
    followers = (user.get("public_metrics") or {}).get("followers_count")
    return Author(
        id=user_id,
        handle=text_of(user.get("username")),
        name=text_of(user.get("name")),
        followers=followers if isinstance(followers, int) else None,
        since=account_made_at(user_id),
    )


def post(tweet: Json, brought: Included) -> Post:
    """Read one post. Raises KeyError, TypeError or ValueError when it is none."""
    identity, version = first_id(tweet), str(tweet["id"])
    writer = author(str(tweet["author_id"]), brought.users)
    referenced = field_names.references(tweet)
    parent = referenced.get("replied_to")
    at = moment(tweet.get("created_at"))
    is_edit = version != identity
    entities = _entities(tweet)
    choices = words.choices(tweet, brought.polls)
    return Post(
        platform=_NAME,
        external_id=identity,
        author=writer,
        text=words.with_choices(full_text(tweet), choices),
        event=PostEvent.EDITED if is_edit else PostEvent.CREATED,
        posted_at=at,
        edited_at=at if is_edit else None,
        in_reply_to=brought.first_ids.get(parent, parent) if parent else None,
        thread=str(tweet["conversation_id"]) if tweet.get("conversation_id") else None,
        mentions=tuple(
            Mention(text_of(one.get("username")), str(one["id"]) if one.get("id") else None)
            for one in objects(entities.get("mentions"))
        ),
        tags=tuple(text_of(one.get("tag")) for one in objects(entities.get("hashtags"))),
        language=language_code(tweet.get("lang")),
        visibility=_visibility(tweet, brought.users.get(writer.id, {})),
        url=post_url(identity, writer.handle),
        is_repost=bool(referenced.keys() & {"retweeted", "reposted"}),
        refs={"version": version} if is_edit else {},
        choices=choices,
        pictures=words.pictures(tweet, brought.media, _urls(tweet)),
    )


def set_aside(told: object, error: Exception) -> Post:
    """What can be told of a post that is not as X describes its posts: a person has to look at it."""
    _log.warning("x_post_unreadable", reason=f"{type(error).__name__}: {error}")
    tweet = told if isinstance(told, dict) else {}
    user = tweet.get("user")
    writer = tweet.get("author_id") or (user.get("id_str") if isinstance(user, dict) else None)
    identity = str(tweet.get("id_str") or tweet.get("id") or "")
    return Post(
        _NAME,
        identity,
        Author(text_of(writer)),
        text=text_of(tweet.get("text")),
        url=post_url(identity) if identity.isascii() and identity.isdigit() else None,
        problem=f"X told of a post that cannot be read ({type(error).__name__}: {error}).",
    )


def read(told: Json, brought: Included) -> Post:
    """Read one post; one that is none is set aside, so that it costs neither the others nor the cursor."""
    try:
        return post(told, brought)
    except UNREADABLE as error:
        return set_aside(told, error)


def deletion(post_id: str, user_id: str) -> Post:
    """The word that a post is gone."""
    return Post(_NAME, post_id, Author(user_id), event=PostEvent.DELETED)


def full_text(tweet: Json) -> str:
    """The text as its author wrote it: long posts whole, links in full, ``&amp;`` as ``&``."""
    text = text_of(field_names.note(tweet).get("text")) or text_of(tweet.get("text"))
    urls = _urls(tweet)
    own = words.media_links(
        text,
        urls,
        {str(tweet.get("id")), *field_names.history(tweet)},
        tweet.get("display_text_range"),
        has_media=bool(words.pictures(tweet, {}, urls)),
    )
    return words.written(text, urls, own)


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC; None where there is none that the house can reckon with."""
    try:
        return in_utc(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _visibility(tweet: Json, user: Json) -> Visibility:
    """Private where the account is protected, and for followers where the post is."""
    if user.get("protected") is True:
        return Visibility.PRIVATE
    return Visibility.FOLLOWERS if is_hidden(tweet) else Visibility.PUBLIC


def is_hidden(tweet: Json) -> bool:
    """Whether X says that only followers of its author see a post."""
    scopes = tweet.get("scopes")
    return isinstance(scopes, dict) and scopes.get("followers") is True


def _entities(tweet: Json) -> Json:
    for source in (field_names.note(tweet), tweet):
        entities = source.get("entities")
        if isinstance(entities, dict):
            return entities
    return {}


def _urls(tweet: Json) -> list[Json]:
    """The links of the text: of the whole of a long post, and of its beginning, where its pictures are."""
    found = [source.get("entities") for source in (field_names.note(tweet), tweet)]
    return [one for entities in found if isinstance(entities, dict) for one in objects(entities.get("urls"))]
