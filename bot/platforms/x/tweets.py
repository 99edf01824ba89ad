"""A post of X in the shape of API v2, read into our own words.

Used for what polling, search and look-ups return and for the payloads of X Activity events, which have the
same shape. Unknown fields are ignored: X adds some every month.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.posts import Author, Mention, PlatformName, Post, PostEvent, Visibility

TWEET_FIELDS = (
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,"
    "note_tweet,referenced_tweets"
)
USER_FIELDS = "id,name,username,protected,public_metrics"
EXPANSIONS = "author_id,referenced_tweets.id"
FIELDS: dict[str, str] = {
    "tweet.fields": TWEET_FIELDS,
    "user.fields": USER_FIELDS,
    "expansions": EXPANSIONS,
}
_NAME = PlatformName.X.value


@dataclass(frozen=True, slots=True)
class Included:
    """What an answer brings along: its posts' authors, and the first version of posts they refer to."""

    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first_ids: Mapping[str, str] = field(default_factory=dict)


def included(content: Any) -> Included:
    """Read ``includes``; users come plain or, with deletions, wrapped in ``data`` (recorded)."""
    if not isinstance(content, dict):
        return Included()
    users = [user.get("data", user) for user in _objects(content.get("users"))]
    return Included(
        users={str(user["id"]): user for user in users if isinstance(user, dict) and "id" in user},
        first_ids={
            str(tweet["id"]): first_id(tweet) for tweet in _objects(content.get("tweets")) if "id" in tweet
        },
    )


def first_id(tweet: Mapping[str, Any]) -> str:
    """A post's identity: an edit makes a new id, and the first of its history stays."""
    history = tweet.get("edit_history_tweet_ids")
    return str(history[0]) if isinstance(history, list) and history else str(tweet["id"])


def post_url(post_id: str, handle: str = "") -> str:
    """Where people see a post; X redirects from ``/i/`` when the author's handle is not known."""
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def author(user_id: str, users: Mapping[str, Mapping[str, Any]]) -> Author:
    """The account of this id, with what came along about it."""
    user = users.get(user_id, {})
    followers = (user.get("public_metrics") or {}).get("followers_count")
    return Author(
        id=user_id,
        handle=_text(user.get("username")),
        name=_text(user.get("name")),
        followers=followers if isinstance(followers, int) else None,
    )


def post(tweet: Mapping[str, Any], brought: Included) -> Post:
    """Read one post. Raises KeyError, TypeError or ValueError when it is none."""
    identity, version = first_id(tweet), str(tweet["id"])
    writer = author(str(tweet["author_id"]), brought.users)
    referenced = {str(one["type"]): str(one["id"]) for one in _objects(tweet.get("referenced_tweets"))}
    parent = referenced.get("replied_to") or tweet.get("in_reply_to_tweet_id")
    at = moment(tweet.get("created_at"))
    is_edit = version != identity
    entities = _entities(tweet)
    is_protected = brought.users.get(writer.id, {}).get("protected") is True
    return Post(
        platform=_NAME,
        external_id=identity,
        author=writer,
        text=full_text(tweet),
        event=PostEvent.EDITED if is_edit else PostEvent.CREATED,
        posted_at=at,
        edited_at=at if is_edit else None,
        in_reply_to=brought.first_ids.get(str(parent), str(parent)) if parent else None,
        thread=str(tweet["conversation_id"]) if tweet.get("conversation_id") else None,
        mentions=tuple(
            Mention(_text(one.get("username")), str(one["id"]) if one.get("id") else None)
            for one in _objects(entities.get("mentions"))
        ),
        tags=tuple(_text(one.get("tag")) for one in _objects(entities.get("hashtags"))),
        language=_language(tweet.get("lang")),
        visibility=Visibility.PRIVATE if is_protected else Visibility.PUBLIC,
        url=post_url(identity, writer.handle),
        is_repost="retweeted" in referenced,
        refs={"version": version} if is_edit else {},
    )


def deletion(post_id: str, user_id: str) -> Post:
    """The word that a post is gone."""
    return Post(_NAME, post_id, Author(user_id), event=PostEvent.DELETED)


def full_text(tweet: Mapping[str, Any]) -> str:
    """The text as its author wrote it: long posts whole, links in full, ``&amp;`` as ``&``."""
    note = tweet.get("note_tweet")
    text = note.get("text") if isinstance(note, dict) else None
    return written(_text(text) or _text(tweet.get("text")), _objects(_entities(tweet).get("urls")))


def written(text: str, urls: Iterable[Mapping[str, Any]]) -> str:
    """Undo what X does to a text: its short links and its escapes. NUL cannot be stored and is dropped."""
    for one in urls:
        if one.get("url") and one.get("expanded_url"):
            text = text.replace(str(one["url"]), str(one["expanded_url"]))
    return html.unescape(text).replace("\0", "")


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time with zone, or None."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _entities(tweet: Mapping[str, Any]) -> Mapping[str, Any]:
    note = tweet.get("note_tweet")
    for source in (note if isinstance(note, dict) else {}, tweet):
        entities = source.get("entities")
        if isinstance(entities, dict):
            return entities
    return {}


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _language(value: Any) -> str | None:
    """X's own codes ``und``, ``qme``, ``zxx`` and the like say that it does not know."""
    unknown = (
        not isinstance(value, str) or not value or value in {"und", "zxx", "art"} or value.startswith("q")
    )
    return None if unknown else str(value)
