"""What Bluesky says, in our words: post views, notifications and records as posts, profiles as authors.

Pure. The shapes are those of ``app.bsky.feed.defs#postView``, ``app.bsky.notification.listNotifications``
and the record ``app.bsky.feed.post``; of people's records only what the lexicon demands is taken for
granted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.language import language_code
from bot.platforms.bluesky.tid import time_of_tid
from bot.posts import Author, Mention, Post, Visibility

Json = Mapping[str, Any]

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
_HIDDEN = frozenset({"!no-unauthenticated", "!hide"})
_MENTION = "app.bsky.richtext.facet#mention"
_TAG = "app.bsky.richtext.facet#tag"


def split_uri(uri: str) -> tuple[str, str, str]:
    """Repository (a DID), collection and key of ``at://repo/collection/key``. Raises ValueError."""
    scheme, _, rest = uri.partition("://")
    repo, collection, key = rest.split("/")
    if scheme != "at" or not (repo.startswith("did:") and collection and key):
        raise ValueError(f"{uri} is no address of a Bluesky record.")
    return repo, collection, key


def time_of(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, None where there is none or it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def author_from(profile: Json) -> Author:
    """A profile as an author; not indexable if it is not to be shown to people who are not signed in."""
    followers = profile.get("followersCount")
    labels = [
        label for label in profile.get("labels") or () if isinstance(label, dict) and not label.get("neg")
    ]
    return Author(
        id=str(profile["did"]),
        handle=str(profile.get("handle") or ""),
        name=_clean(profile.get("displayName")),
        followers=followers if isinstance(followers, int) else None,
        indexable=not any(label.get("val") in _HIDDEN for label in labels),
    )


def post_from_view(view: Json) -> Post:
    """A post view, or a notification about a post, as a post. Raises KeyError or ValueError."""
    post = post_from_record(str(view["uri"]), str(view["cid"]), view["record"], author_from(view["author"]))
    shown = time_of(view.get("indexedAt"))
    if shown and (post.posted_at is None or shown < post.posted_at):
        return _with_time(post, shown)
    return post


def post_from_record(uri: str, cid: str, record: Json, author: Author) -> Post:
    """A record as a post. Raises ValueError when ``uri`` is not the address of a post."""
    repo, collection, key = split_uri(uri)
    if collection != POST:
        raise ValueError(f"{uri} is not a post.")
    text = str(record.get("text") or "")
    parent, root = _references(record)
    languages = record.get("langs")
    return Post(
        platform="bluesky",
        external_id=uri,
        author=author,
        text=_clean(text),
        posted_at=time_of(record.get("createdAt")) or time_of_tid(key),
        in_reply_to=parent.get("uri"),
        thread=root.get("uri") or uri,
        mentions=tuple(_mentions(text, record)),
        tags=tuple(_tags(record)),
        language=language_code(languages[0]) if isinstance(languages, list) and languages else None,
        visibility=Visibility.PUBLIC,
        url=f"https://bsky.app/profile/{repo}/post/{key}",
        refs={
            "cid": cid,
            "root_uri": root.get("uri") or uri,
            "root_cid": root.get("cid") or cid,
            "handle": author.handle,
        },
    )


def carries_tag(post: Post, tag: str) -> bool:
    """Whether a post carries ``tag``, marked by the app or only written, whatever the case."""
    wanted = tag.removeprefix("#")
    marked = any(one.casefold() == wanted.casefold() for one in post.tags)
    return marked or re.search(rf"[#＃]{re.escape(wanted)}(?!\w)", post.text, re.IGNORECASE) is not None


def _with_time(post: Post, time: datetime) -> Post:
    """A post whose author's clock runs ahead was posted when the network first showed it."""
    return replace(post, posted_at=time)


def _references(record: Json) -> tuple[Mapping[str, str], Mapping[str, str]]:
    reply = record.get("reply")
    if not isinstance(reply, dict):
        return {}, {}
    parent, root = reply.get("parent"), reply.get("root")
    return (parent if isinstance(parent, dict) else {}), (root if isinstance(root, dict) else {})


def _features(record: Json) -> Iterator[tuple[Json, Json]]:
    """Every feature of a record's facets, with its place in the text."""
    for facet in record.get("facets") or ():
        if not isinstance(facet, dict):
            continue
        index = facet.get("index")
        for feature in facet.get("features") or ():
            if isinstance(feature, dict):
                yield (index if isinstance(index, dict) else {}), feature


def _mentions(text: str, record: Json) -> Iterator[Mention]:
    """Whom a post mentions: the DID counts; the handle is what the text shows, if the offsets are right."""
    encoded = text.encode("utf-8", "replace")
    for index, feature in _features(record):
        if feature.get("$type") != _MENTION or not feature.get("did"):
            continue
        start, end = index.get("byteStart"), index.get("byteEnd")
        inside = isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(encoded)
        shown = encoded[start:end].decode("utf-8", "ignore") if inside else ""
        yield Mention(shown.strip().lstrip("@"), str(feature["did"]))


def _tags(record: Json) -> Iterator[str]:
    """A post's tags, those in the text first, then those beside it, each once."""
    inside = [feature.get("tag") for _, feature in _features(record) if feature.get("$type") == _TAG]
    beside = record.get("tags")
    named = [*inside, *(beside if isinstance(beside, list) else ())]
    yield from dict.fromkeys(tag.lstrip("#＃") for tag in named if isinstance(tag, str) and tag)


def _clean(value: object) -> str:
    """A text without NUL, which databases refuse."""
    return value.replace("\0", "") if isinstance(value, str) else ""
