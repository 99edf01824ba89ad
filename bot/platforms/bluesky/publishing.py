"""Posts by the brand's account: records put under a key chosen before the first attempt.

``putRecord`` with ``swapRecord: null`` writes only where nothing is: the first call makes the post, the
same record again changes nothing, another record is refused (InvalidSwap). So a record is made from the
outgoing message alone, the same in every attempt, and putting it again is how an unknown outcome is
settled.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import LIKE, POST, REPOST, split_uri
from bot.platforms.bluesky.embeds import Json
from bot.platforms.bluesky.facets import facets_of
from bot.platforms.bluesky.length import BlueskyLength
from bot.posts import Ambiguous, Outgoing, Published, Refusal, Rejected

STALE = timedelta(minutes=5)
"""A message older than this when it is sent is a further attempt, and is looked for first."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)
"""What the network takes for a language; with anything else it refuses the whole record."""

Reference = Mapping[str, str]


def publish(api: Api, outgoing: Outgoing, timeout: float) -> Published:
    """Publish a post, or repost ``repost_of``, within ``timeout`` seconds in all.

    Raises:
        Retry: certainly not accepted.
        Rejected: for good (``too_long``, ``invalid``, ``not_found``; ``conflict`` when the key holds
        another post). Ambiguous: nobody can tell; put it again or read it back. Reconnect: the session has
        ended for good.
    """
    with api.within(timeout):
        if api.clock() - outgoing.created_at > STALE and (earlier := find(api, outgoing)):
            return earlier
        record = record_of(api, outgoing)
        try:
            told = api.procedure(
                "com.atproto.repo.putRecord",
                {**_place(api, outgoing), "record": record, "swapRecord": None},
            )
        except Rejected as error:
            if error.code != Refusal.CONFLICT:
                raise
            return _adopted(api, outgoing, error)
        return _published(told, record)


def find(api: Api, outgoing: Outgoing) -> Published | None:
    """The post that ``outgoing`` became; None when nothing, or something else, is under its key."""
    try:
        told = api.query("com.atproto.repo.getRecord", _place(api, outgoing))
    except Rejected as error:
        if error.code != Refusal.NOT_FOUND:
            raise
        return None
    record = told.get("value")
    return _published(told, record) if isinstance(record, dict) and _is(record, outgoing) else None


def delete(api: Api, published: Published) -> None:
    """Take a post or a repost down; one that is gone already is fine."""
    repo, collection, key = _parts(published.external_id)
    api.procedure("com.atproto.repo.deleteRecord", {"repo": repo, "collection": collection, "rkey": key})


def like(api: Api, uri: str, refs: Mapping[str, str], key: str, at: datetime) -> None:
    """Put a like of a post under ``key``; the same again changes nothing."""
    record = {"$type": LIKE, "subject": _reference(api, uri, refs), "createdAt": time_text(at)}
    place = {"repo": api.session()["did"], "collection": LIKE, "rkey": key}
    try:
        api.procedure("com.atproto.repo.putRecord", {**place, "record": record, "swapRecord": None})
    except Rejected as error:
        if error.code != Refusal.CONFLICT:  # under this key nothing but this like ever is
            raise


def unlike(api: Api, key: str) -> None:
    """Take the like under ``key`` back; one that is gone already is fine."""
    place = {"repo": api.session()["did"], "collection": LIKE, "rkey": key}
    api.procedure("com.atproto.repo.deleteRecord", place)


def record_of(api: Api, outgoing: Outgoing) -> dict[str, Any]:
    """The record of an outgoing message: the same one whenever it is made.

    Only where the message does not say which version of a post it refers to is the server asked for it.
    """
    made = time_text(outgoing.created_at)
    if outgoing.repost_of:
        subject = _reference(api, outgoing.repost_of, outgoing.refs if not outgoing.in_reply_to else {})
        return {"$type": REPOST, "subject": subject, "createdAt": made}
    text, cut = BlueskyLength().shown(outgoing.text)
    record: dict[str, Any] = {"$type": POST, "text": text, "createdAt": made}
    if outgoing.language and _LANGUAGE.fullmatch(outgoing.language):
        record["langs"] = [outgoing.language]
    if facets := facets_of(text, _mentionable(outgoing), cut):
        record["facets"] = facets
    if outgoing.in_reply_to:
        parent = _reference(api, outgoing.in_reply_to, outgoing.refs)
        record["reply"] = {"root": _root(outgoing.refs) or parent, "parent": parent}
    return record


def time_text(time: datetime) -> str:
    """A time as records carry it: UTC, milliseconds, with its zone."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _place(api: Api, outgoing: Outgoing) -> dict[str, str]:
    collection = REPOST if outgoing.repost_of else POST
    return {"repo": api.session()["did"], "collection": collection, "rkey": outgoing.key}


def _mentionable(outgoing: Outgoing) -> dict[str, str]:
    """The DIDs that the text may mention: nobody's but the asker's."""
    handle = outgoing.refs.get("handle", "").lower()
    if not (handle and outgoing.in_reply_to):
        return {}
    return {handle: _parts(outgoing.in_reply_to)[0]}


def _reference(api: Api, uri: str, refs: Mapping[str, str]) -> Reference:
    """Address and version of a post, asked for only if ``refs`` lack the version."""
    repo, collection, key = _parts(uri)
    cid = refs.get("cid")
    if not cid:
        posts = api.query("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts")
        if not posts:
            raise Rejected("The post this refers to is gone.", Refusal.NOT_FOUND)
        cid = str(posts[0]["cid"])
    return {"uri": f"at://{repo}/{collection}/{key}", "cid": cid}


def _root(refs: Mapping[str, str]) -> Reference | None:
    uri, cid = refs.get("root_uri"), refs.get("root_cid")
    return {"uri": uri, "cid": cid} if uri and cid else None


def _adopted(api: Api, outgoing: Outgoing, error: Rejected) -> Published:
    """The post under the key, if it is this one after all."""
    earlier = find(api, outgoing)
    if earlier is None:
        raise Rejected("Another post of the brand's has this message's key.", Refusal.CONFLICT) from error
    return earlier


def _is(record: Json, outgoing: Outgoing) -> bool:
    """Whether a record says the same to the same person; its time and marks may have been made otherwise."""
    if outgoing.repost_of:
        return bool(_uri(record.get("subject")) == outgoing.repost_of)
    reply = record.get("reply")
    parent = _uri(reply.get("parent")) if isinstance(reply, dict) else None
    said = BlueskyLength().shown(outgoing.text)[0]
    return bool(record.get("text") == said and parent == outgoing.in_reply_to)


def _uri(reference: object) -> object:
    return reference.get("uri") if isinstance(reference, dict) else None


def _published(told: Json, record: Mapping[str, Any]) -> Published:
    """What a record became; ``refs`` hold what replies to it will need."""
    try:
        uri, cid = str(told["uri"]), str(told["cid"])
        repo, collection, key = split_uri(uri)
    except (KeyError, ValueError) as error:
        raise Ambiguous("Bluesky accepted the post but did not say which one it became.") from error
    if collection == REPOST:
        return Published(uri, None, {"cid": cid})
    root = record.get("reply", {}).get("root", {"uri": uri, "cid": cid})
    refs = {"cid": cid, "root_uri": str(root["uri"]), "root_cid": str(root["cid"])}
    return Published(uri, f"https://bsky.app/profile/{repo}/post/{key}", refs)


def _parts(uri: str) -> tuple[str, str, str]:
    try:
        return split_uri(uri)
    except ValueError as error:
        raise Rejected(str(error), Refusal.INVALID) from error
