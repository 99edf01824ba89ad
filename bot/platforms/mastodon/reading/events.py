"""What a server announces, live or by the admin's webhooks, as posts."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress

import orjson

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, deletion_of, id_of, is_status, post_from
from bot.platforms.mastodon.reading.notifications import post_from_notification
from bot.posts import Forged, Malformed, Post, PostEvent

SIGNATURE = "x-hub-signature"


def post_from_event(event: Json, api: Api, tags: Sequence[str]) -> Post | None:
    """The post a stream's event is about; None where it does not concern us.

    Of the posts of followed accounts only those that mention the brand or carry a tag of ours are taken:
    nobody's everyday posts are ours to keep. Edits and deletions always pass, since they may undo one.
    """
    name, payload = event.get("event"), event.get("payload")
    if name == "delete" and isinstance(payload, str) and payload:
        return deletion_of(payload)
    told = _payload(payload)
    match name:
        case "notification":
            return post_from_notification(told, api)
        case "update":
            return _relevant(told, api, tags, PostEvent.CREATED)
        case "status.update" | "status_update" if is_status(told):
            return post_from(told, api.server, PostEvent.EDITED)
        case _:
            return None


def id_in(event: Json) -> str:
    """The id of the status that an event is about."""
    told = _payload(event.get("payload"))
    status = told.get("status")
    return id_of(status if isinstance(status, dict) else told)


def verify_webhook(body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...]) -> None:
    """Check ``X-Hub-Signature: sha256=<hex>``, the body's HMAC under one of ``secrets``. Raises Forged."""
    if not secrets:
        raise Forged("No secret is set for Mastodon's webhooks, so none can be trusted.")
    told = headers.get(SIGNATURE, "").removeprefix("sha256=").strip().lower().encode("utf-8", "replace")
    genuine = [
        hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), told)
        for secret in secrets
    ]
    if not any(genuine):
        raise Forged("The webhook's signature does not match its body.")


def posts_from_webhook(body: bytes, api: Api, tags: Sequence[str]) -> list[Post]:
    """The posts in an admin webhook: of everything written on the server, only what concerns the brand.

    Raises:
        Malformed: when the body is not what Mastodon sends.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}") from error
    if not isinstance(told, dict) or not isinstance(told.get("event"), str):
        raise Malformed("The body has no event.")
    event = {"status.created": PostEvent.CREATED, "status.updated": PostEvent.EDITED}.get(told["event"])
    if event is None:
        return []
    status = told.get("object")
    if not isinstance(status, dict) or not is_status(status):
        raise Malformed("The event has no status with an id and an account.")
    try:
        post = _relevant(status, api, tags, event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"The status cannot be read: {error!r}") from error
    return [post] if post else []


def _relevant(status: Json, api: Api, tags: Sequence[str], event: PostEvent) -> Post | None:
    """A status as a post if it mentions the brand or carries one of the tags, and is not the brand's own."""
    if not is_status(status):
        return None
    post = post_from(status, api.server, event)
    brand = api.server.account_id(str(api.account()["id"]))
    wanted = {tag.removeprefix("#").casefold() for tag in tags}
    addressed = any(mention.id == brand for mention in post.mentions)
    tagged = any(one.casefold() in wanted for one in post.tags)
    return post if post.author.id != brand and (addressed or tagged) else None


def _payload(payload: object) -> Json:
    """An event's payload: WebSocket frames carry it as a string of JSON."""
    if isinstance(payload, str):
        with suppress(orjson.JSONDecodeError):
            payload = orjson.loads(payload)
    return payload if isinstance(payload, dict) else {}
