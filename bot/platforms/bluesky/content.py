"""What Bluesky says, in our words: post views, notifications and records as posts, profiles as authors.

Pure. The shapes are those of ``app.bsky.feed.defs#postView``, ``app.bsky.notification.listNotifications``
and the record ``app.bsky.feed.post``; of people's records only what the lexicon demands is taken for
granted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bot.platforms.bluesky.embeds import Json, features_of, pictures_of, warning_of, whole_text
from bot.platforms.bluesky.tid import time_of_tid
from bot.platforms.wire.timestamps import time_of
from bot.posts import Author, Mention, Post, Visibility
from bot.text.language import language_code
from bot.wording.attachments import whole

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
LIKE = "app.bsky.feed.like"
_HIDDEN = frozenset({"!no-unauthenticated", "!hide"})
DID = re.compile(r"did:[a-z]+:[\w.:%-]+", re.ASCII)
"""An account's immutable id."""
_KEY = re.compile(r"[\w.:~-]{1,512}", re.ASCII)
_MENTION = "app.bsky.richtext.facet#mention"
_TAG = "app.bsky.richtext.facet#tag"


def split_uri(uri: str) -> tuple[str, str, str]:
    """Repository (a DID), collection and key of ``at://repo/collection/key``. Raises ValueError."""
    scheme, _, rest = uri.partition("://")
    repo, collection, key = rest.split("/")
    if scheme != "at" or not (DID.fullmatch(repo) and collection and _KEY.fullmatch(key)):
        raise ValueError(f"{uri} is no address of a Bluesky record.")
    return repo, collection, key


def uri_of(view: Json) -> str:
    """The address that a record or a view of one goes by."""
    return str(view.get("uri"))


def listed(told: Json, name: str) -> list[Json]:
    """The objects in one of an answer's lists; what is none is left out."""
    items = told.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def author_from(profile: Json) -> Author:
    """A profile as an author; not indexable if it is not to be shown to people who are not signed in."""
    followers = profile.get("followersCount")
    return Author(
        id=str(profile["did"]),
        handle=str(profile.get("handle") or ""),
        name=_clean(profile.get("displayName")),
        followers=followers if isinstance(followers, int) else None,
        indexable=not _is_hidden(profile),
        since=time_of(profile.get("createdAt")),
    )


def post_from_view(view: Json) -> Post:
    """A post view, or a notification about a post, as a post. Raises KeyError, TypeError or ValueError."""
    author = author_from(view["author"])
    if _is_hidden(view):
        author = replace(author, indexable=False)
    post = post_from_record(str(view["uri"]), str(view["cid"]), view["record"], author)
    # The network's own order: a post whose author's clock runs ahead was posted when it was first shown.
    times = [time for time in (post.posted_at, time_of(view.get("indexedAt"))) if time is not None]
    return replace(post, posted_at=min(times, default=None))


def post_from_record(uri: str, cid: str, record: Json, author: Author) -> Post:
    """A record as a post. Raises ValueError when ``uri`` is not the address of a post."""
    repo, collection, key = split_uri(uri)
    if collection != POST:
        raise ValueError(f"{uri} is not a post.")
    written = str(record.get("text") or "")
    warning, text = warning_of(record), _clean(whole_text(written, record))
    parent, root = _references(record)
    return Post(
        platform="bluesky",
        external_id=uri,
        author=author,
        text=whole(text, warning=warning),
        posted_at=time_of(record.get("createdAt")) or time_of_tid(key),
        in_reply_to=parent.get("uri"),
        thread=root.get("uri") or uri,
        mentions=tuple(_mentions(written, record)),
        tags=tuple(_tags(record)),
        language=_language(record),
        visibility=Visibility.PUBLIC,
        url=f"https://bsky.app/profile/{repo}/post/{key}",
        refs={
            "cid": cid,
            "root_uri": root.get("uri") or uri,
            "root_cid": root.get("cid") or cid,
            "handle": author.handle,
        },
        warning=warning,
        pictures=tuple(map(_clean, pictures_of(record))),
    )


def carries_tag(post: Post, tags: Iterable[str]) -> bool:
    """Whether a post carries one of these, marked by the app or only written, whatever the case."""
    words = [tag.removeprefix("#") for tag in tags]
    marked = {one.casefold() for one in post.tags}
    return any(
        word.casefold() in marked
        or re.search(rf"[#＃]{re.escape(word)}(?!\w)", post.text, re.IGNORECASE) is not None
        for word in words
    )


def _is_hidden(view: Json) -> bool:
    """Whether a profile or a post carries a label that takes it out of the public's sight."""
    labels = view.get("labels")
    given = [one for one in labels if isinstance(one, dict)] if isinstance(labels, list) else []
    return any(one.get("val") in _HIDDEN and not one.get("neg") for one in given)


def _language(record: Json) -> str | None:
    languages = record.get("langs")
    named = languages if isinstance(languages, list) else []
    return next((code for one in named if (code := language_code(one))), None)


def _references(record: Json) -> tuple[Mapping[str, str], Mapping[str, str]]:
    reply = record.get("reply")
    if not isinstance(reply, dict):
        return {}, {}
    return _reference(reply.get("parent")), _reference(reply.get("root"))


def _reference(told: object) -> Mapping[str, str]:
    """A strong reference (address and version); empty where it is none."""
    named = told if isinstance(told, dict) else {}
    return {name: one for name in ("uri", "cid") if isinstance(one := named.get(name), str) and one}


def _mentions(text: str, record: Json) -> Iterator[Mention]:
    """Whom a post mentions: the DID counts; the handle is what the text shows, if the offsets are right."""
    encoded = text.encode("utf-8", "replace")
    for index, feature in features_of(record):
        if feature.get("$type") != _MENTION or not feature.get("did"):
            continue
        start, end = index.get("byteStart"), index.get("byteEnd")
        inside = isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(encoded)
        shown = encoded[start:end].decode("utf-8", "ignore") if inside else ""
        yield Mention(shown.strip().lstrip("@"), str(feature["did"]))


def _tags(record: Json) -> Iterator[str]:
    """A post's tags, those in the text first, then those beside it, each once."""
    inside = [feature.get("tag") for _, feature in features_of(record) if feature.get("$type") == _TAG]
    beside = record.get("tags")
    named = [*inside, *(beside if isinstance(beside, list) else ())]
    yield from dict.fromkeys(tag.lstrip("#＃") for tag in named if isinstance(tag, str) and tag)


def _clean(value: object) -> str:
    """A text without NUL, which databases refuse."""
    return value.replace("\0", "") if isinstance(value, str) else ""
