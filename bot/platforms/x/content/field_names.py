"""X's two vocabularies: what it calls a post's fields, and how they are asked for.

Until August 2026 they were named after tweets (``tweet.fields``, ``referenced_tweets``, OpenAPI 2.159); since
then (2.167) after posts (``post.fields``, ``referenced_posts``), where ids of other things are expansions and
no fields. X was seen to answer in either: both are read wherever they occur, and asked for one after the
other.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class RequestedFields(StrEnum):
    """How much of a post is asked for: each thing that comes along is charged for."""

    WHOLE = "whole"
    """Everything that a post says, its author, and the first version of what it refers to."""
    OWN = "own"
    """A post of the brand's own: its words and what it replies to."""
    HISTORY = "history"
    """Whether it is there and for whom, and in which version."""


class FieldNames(StrEnum):
    """One of X's vocabularies for the fields of a post."""

    TWEETS = "tweets"
    POSTS = "posts"

    @property
    def other(self) -> "FieldNames":
        """The one to try where X does not understand this one."""
        return FieldNames.POSTS if self is FieldNames.TWEETS else FieldNames.TWEETS

    def query(self, wanted: RequestedFields) -> dict[str, str]:
        """The parameters that ask for so much."""
        return dict(_QUERIES[self][wanted])


USER_FIELDS = "id,name,username,protected,public_metrics"
_BESIDE = {
    "user.fields": USER_FIELDS,
    "media.fields": "alt_text,media_key,type",
    "poll.fields": "id,options",
}
_FIELDS = "attachments,card_uri,conversation_id,created_at,display_text_range,entities,lang,scopes,text"
_ATTACHED = "attachments.media_keys,attachments.poll_ids"
_QUERIES: Mapping[FieldNames, Mapping[RequestedFields, Mapping[str, str]]] = {
    FieldNames.TWEETS: {
        RequestedFields.WHOLE: {
            "tweet.fields": f"{_FIELDS},author_id,edit_history_tweet_ids,note_tweet,referenced_tweets",
            "expansions": f"author_id,referenced_tweets.id,{_ATTACHED}",
            **_BESIDE,
        },
        RequestedFields.OWN: {
            "tweet.fields": "created_at,edit_history_tweet_ids,entities,note_tweet,referenced_tweets,text"
        },
        RequestedFields.HISTORY: {"tweet.fields": "edit_history_tweet_ids,scopes"},
    },
    FieldNames.POSTS: {
        RequestedFields.WHOLE: {
            "post.fields": f"{_FIELDS},note_post",
            "expansions": f"author_id,edit_history_post_ids,referenced_posts,{_ATTACHED}",
            **_BESIDE,
        },
        RequestedFields.OWN: {
            "post.fields": "created_at,entities,note_post,text",
            "expansions": "edit_history_post_ids,referenced_posts",
        },
        RequestedFields.HISTORY: {"post.fields": "scopes", "expansions": "edit_history_post_ids"},
    },
}
_TELLS = {RequestedFields.WHOLE: "author_id", RequestedFields.OWN: "text", RequestedFields.HISTORY: "id"}


def is_answered(content: Json, wanted: RequestedFields) -> bool:
    """Whether the posts of an answer carry what was asked for: X may pass over a name it does not know."""
    data = content.get("data")
    posts = data if isinstance(data, list) else []
    return not posts or any(_TELLS[wanted] in one for one in posts if isinstance(one, dict))


def history(post: Json) -> list[str]:
    """The ids of a post's versions, the first one in front; empty where X does not tell."""
    ids = post.get("edit_history_post_ids") or post.get("edit_history_tweet_ids")
    return [str(one) for one in ids] if isinstance(ids, list) else []


def note(post: Json) -> Json:
    """The whole of a long post, of which ``text`` is the beginning; empty where it is none."""
    long = post.get("note_post") or post.get("note_tweet")
    return long if isinstance(long, dict) else {}


def references(post: Json) -> dict[str, str]:
    """What a post refers to: ``replied_to``, ``quoted``, ``retweeted`` or ``reposted`` and the post's id."""
    told = objects(post.get("referenced_posts") or post.get("referenced_tweets"))
    found = {str(one["type"]): str(one["id"]) for one in told}
    parent = post.get("in_reply_to_post_id") or post.get("in_reply_to_tweet_id")
    return {"replied_to": str(parent), **found} if parent else found


def included_posts(includes: Json) -> list[Json]:
    """The posts that came along."""
    return [*objects(includes.get("posts")), *objects(includes.get("tweets"))]


def objects(value: Any) -> list[Json]:
    """The JSON objects of a list; empty where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A JSON string, empty where it is none."""
    return value if isinstance(value, str) else ""
