"""Posts by the brand's account: published, read back, edited, reposted and taken down."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, wire_visibility, words_of
from bot.platforms.mastodon.markup import html_to_text
from bot.platforms.wire.timestamps import time_of
from bot.posts import Ambiguous, Outgoing, Published, Refusal, Rejected

STALE = timedelta(minutes=5)
"""A message older than this when it is sent is a further attempt, and is read back first.

Mastodon remembers an Idempotency-Key for an hour, GoToSocial not at all.
"""
CLOCK_SKEW = timedelta(minutes=10)
PAGE_SIZE = 40
PAGES_BACK = 5
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)
"""What servers take for a language; some refuse the whole post for the sake of another."""


def publish(api: Api, outgoing: Outgoing, timeout: float) -> Published:
    """Publish a status, or boost ``repost_of``, within ``timeout`` seconds in all.

    Raises:
        Retry: certainly not accepted.
        Rejected: for good (``gone`` when what it replies to is gone, ``too_long``, ``not_permitted``...).
        Ambiguous: nobody can tell; read it back.
        Reconnect: the token is not accepted any more.
    """
    with api.within(timeout):
        if api.clock() - outgoing.created_at > STALE and (earlier := find(api, outgoing)):
            return earlier
        if outgoing.repost_of:
            return _repost(api, outgoing.repost_of)
        return _published(api.write("POST", "/api/v1/statuses", _body(outgoing), key=outgoing.key))


def find(api: Api, outgoing: Outgoing) -> Published | None:
    """The status that ``outgoing`` became, by the question's context and the brand's own statuses."""
    brand = str(api.account()["id"])
    if outgoing.repost_of:
        return _find_repost(api, brand, outgoing)
    for status in _candidates(api, brand, outgoing):
        if _is(status, brand, outgoing):
            return _published(status)
    return None


def edit(api: Api, published: Published, outgoing: Outgoing, timeout: float) -> Published:
    """Replace a status's text; the same text again changes nothing. Raises as ``publish`` does."""
    changed = ("status", "spoiler_text", "language")  # what is left out counts as empty
    body = {key: value for key, value in _body(outgoing).items() if key in changed}
    with api.within(timeout):
        return _published(api.write("PUT", f"/api/v1/statuses/{published.external_id}", body))


def delete(api: Api, published: Published) -> None:
    """Take a status or a boost down; one that is gone already is fine."""
    boosted = published.refs.get("repost_of")
    try:
        if boosted:
            api.write("POST", f"/api/v1/statuses/{boosted}/unreblog", {})
        else:
            api.write("DELETE", f"/api/v1/statuses/{published.external_id}", None)
    except Rejected as error:
        if error.code != Refusal.NOT_FOUND:
            raise


def like(api: Api, status: str) -> None:
    """Favourite a status; again changes nothing. Needs the scope ``write:favourites``."""
    api.write("POST", f"/api/v1/statuses/{status}/favourite", {})


def unlike(api: Api, status: str) -> None:
    """Take a favourite back; one that is gone already, or whose status is, is fine."""
    try:
        api.write("POST", f"/api/v1/statuses/{status}/unfavourite", {})
    except Rejected as error:
        if error.code != Refusal.NOT_FOUND:
            raise


def _body(outgoing: Outgoing) -> dict[str, str]:
    body = {"status": outgoing.text, "visibility": wire_visibility(outgoing.visibility)}
    if outgoing.warning:
        body["spoiler_text"] = outgoing.warning
    if outgoing.in_reply_to:
        body["in_reply_to_id"] = outgoing.in_reply_to
    if outgoing.language and _LANGUAGE.fullmatch(outgoing.language):
        body["language"] = outgoing.language
    return body


def _repost(api: Api, original: str) -> Published:
    """Boost a status; boosting it again hands out the same boost."""
    return _published(api.write("POST", f"/api/v1/statuses/{original}/reblog", {}))


def _published(status: Json) -> Published:
    boosted = status.get("reblog")
    try:
        refs = {"repost_of": str(boosted["id"])} if boosted else {}
        return Published(str(status["id"]), status.get("url") or status.get("uri"), refs)
    except (KeyError, TypeError) as error:
        raise Ambiguous("The server accepted the post but did not say which one it became.") from error


def _find_repost(api: Api, brand: str, outgoing: Outgoing) -> Published | None:
    for status in _own_statuses(api, brand, outgoing.created_at, boosts=True):
        boosted = status.get("reblog")
        if boosted and str(boosted["id"]) == outgoing.repost_of:
            return _published(status)
    return None


def _candidates(api: Api, brand: str, outgoing: Outgoing) -> Iterator[Json]:
    """What stands below the question, then the brand's own statuses since ``outgoing`` was made."""
    if outgoing.in_reply_to:
        try:
            yield from api.read(f"/api/v1/statuses/{outgoing.in_reply_to}/context").get("descendants") or ()
        except Rejected as error:
            if error.code != Refusal.NOT_FOUND:
                raise
    yield from _own_statuses(api, brand, outgoing.created_at, boosts=False)


def _own_statuses(api: Api, brand: str, since: datetime, *, boosts: bool) -> Iterator[Json]:
    oldest: str | None = None
    for _ in range(PAGES_BACK):
        query = {"limit": str(PAGE_SIZE), "exclude_reblogs": "false" if boosts else "true"}
        if oldest:
            query["max_id"] = oldest
        page = api.read_list(f"/api/v1/accounts/{brand}/statuses", query)
        yield from page
        if len(page) < PAGE_SIZE or (time_of(page[-1].get("created_at")) or since) < since - CLOCK_SKEW:
            return
        oldest = str(page[-1]["id"])


def _is(status: Json, brand: str, outgoing: Outgoing) -> bool:
    """Whether a status is ``outgoing``: the brand's, on the same question, with the same words.

    A reply is known by what it replies to; anything else must also be of the right time, since the same
    words may have been posted long before.
    """
    parent = str(status.get("in_reply_to_id") or "")
    if str(status["account"]["id"]) != brand or parent != (outgoing.in_reply_to or ""):
        return False
    made = time_of(status.get("created_at"))
    if not parent and made and made < outgoing.created_at - CLOCK_SKEW:
        return False
    content, words = str(status.get("content") or ""), words_of(outgoing.text)
    # Links are compared as they were typed, and whole where the server shows them shortened.
    return any(words_of(html_to_text(content, targets=whole)) == words for whole in (True, False))
