"""What X is asked for: mentions, tagged answers, posts by id, accounts, the brand's own posts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.platforms.x import tweets
from bot.platforms.x.auth import me
from bot.platforms.x.calls import XCalls
from bot.platforms.x.refusals import refusal
from bot.platforms.x.search import Walk, queries
from bot.posts import Author, Lookup, Page, Post, Rejected

_log = structlog.get_logger(__name__)

PAGE = "100"
MOST_PAGES = 40
"""X keeps the latest 800 mentions within reach; this only bounds an answer that never ends."""
BATCH = 100
_GONE = ("resource-not-found", "not-authorized-for-resource")
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class XReading:
    """Reads X in the name of the brand account."""

    def __init__(self, calls: XCalls) -> None:
        self._calls = calls
        self._brand: Author | None = None

    def brand(self) -> Author:
        """The brand's own account: what the settings say, else what X says, asked once."""
        account = self._calls.account
        if self._brand is None and account.user_id and account.handle:
            self._brand = Author(id=account.user_id, handle=account.handle.lstrip("@"))
        if self._brand is None:
            answer = self._calls.as_brand("GET", "/2/users/me", bucket="users/me")
            if not answer.ok:
                raise refusal(self._calls.caller, answer, writes=False)
            self._brand = me(self._calls.caller, answer)
        return self._brand

    @property
    def known_id(self) -> str:
        """The brand's id as far as it is known without asking X; empty when it is not."""
        return self._brand.id if self._brand else self._calls.account.user_id

    def mentions(self, cursor: str | None) -> Page:
        """Mentions after the post id ``cursor``, oldest first. X gives the newest first: all are fetched."""
        now, brand = self._calls.clock(), self.brand()
        since = cursor if cursor and cursor.isdecimal() else None
        window = (
            {"since_id": since}
            if since
            else {"start_time": _stamp(now - self._calls.account.first_look_back)}
        )
        found = list(self._pages(f"/2/users/{brand.id}/mentions", window, "mentions"))
        newest = max([int(version) for version, _ in found] + [int(since or 0)])
        posts = sorted(found, key=lambda one: int(one[0]))
        return Page(tuple(post for _, post in posts), str(newest) if newest else cursor)

    def answers(self, employees: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of these accounts, some queries at a time; ``more`` until the round is over."""
        account = self._calls.account
        walk = Walk.resume(cursor, self._calls.clock(), account.first_look_back)
        every = queries(account.tag, employees, account.query_length)
        to = min(walk.at + account.batches_per_poll, len(every))
        found: list[tuple[str, Post]] = []
        for query in every[walk.at : to]:
            params = {"query": query, "since_id": str(walk.since)}
            found += self._pages("/2/tweets/search/recent", params, "search")
        posts = sorted(found, key=lambda one: int(one[0]))
        later = walk.on(to, len(every))
        return Page(tuple(post for _, post in posts), later.cursor(), more=later.at > 0)

    def own(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """The brand's own posts since then, newest first, as X tells them."""
        path = f"/2/users/{self.brand().id}/tweets"
        for content in self._raw_pages(path, {"start_time": _stamp(since)}, "own"):
            yield from _objects(content.get("data"))

    def fetch(self, external_ids: Sequence[str]) -> list[Lookup]:
        """Which of these posts are still there, edited ones in their latest version.

        Ids that are none of X's (a repost's) are left out: one of them would cost the whole batch.
        """
        found: list[Lookup] = []
        known = [post_id for post_id in external_ids if post_id.isdecimal()]
        for start in range(0, len(known), BATCH):
            found += self._fetch_batch(known[start : start + BATCH])
        return found

    def identify(self, handle: str) -> Author:
        """The account behind a handle. Raises Rejected("unknown")."""
        name = handle.strip().lstrip("@")
        if not name.replace("_", "").isalnum() or not name.isascii():
            raise Rejected(f"“{handle}” is no handle on X.", "unknown")
        content = self._calls.read(
            f"/2/users/by/username/{name}", bucket="users", params={"user.fields": tweets.USER_FIELDS}
        )
        user = content.get("data")
        if not isinstance(user, dict) or "id" not in user:
            raise Rejected(f"There is no account @{name} on X.", "unknown")
        return tweets.author(str(user["id"]), {str(user["id"]): user})

    def _fetch_batch(self, ids: Sequence[str]) -> list[Lookup]:
        """One look-up of at most 100 ids: X answers 200 and lists what is gone under ``errors``."""
        content = self._look_up(ids)
        brought = tweets.included(content.get("includes"))
        data = {str(tweet.get("id")): tweet for tweet in _objects(content.get("data"))}
        latest = {
            str(tweet["edit_history_tweet_ids"][-1]): post_id
            for post_id, tweet in data.items()
            if len(tweet.get("edit_history_tweet_ids") or ()) > 1
        }
        newer = [version for version, post_id in latest.items() if version != post_id]
        if newer:
            again = self._look_up(newer)
            data |= {latest[str(one["id"])]: one for one in _objects(again.get("data")) if "id" in one}
        found = [
            Lookup(post_id, gone=False, post=post)
            for post_id, tweet in data.items()
            if (post := _readable(tweet, brought)) is not None
        ]
        gone = {
            str(error.get("resource_id") or error.get("value"))
            for error in _objects(content.get("errors"))
            if str(error.get("type", "")).rpartition("/")[2] in _GONE
        }
        return found + [Lookup(post_id, gone=True) for post_id in ids if post_id in gone]

    def _look_up(self, ids: Sequence[str]) -> dict[str, Any]:
        params = {"ids": ",".join(ids), **tweets.FIELDS}
        return self._calls.read("/2/tweets", bucket="lookup", params=params)

    def _pages(self, path: str, window: Mapping[str, str], bucket: str) -> Iterator[tuple[str, Post]]:
        """The readable posts of all pages, each with the id of its version."""
        for content in self._raw_pages(path, window, bucket):
            brought = tweets.included(content.get("includes"))
            for tweet in _objects(content.get("data")):
                post = _readable(tweet, brought)
                if post is not None:
                    yield str(tweet["id"]), post

    def _raw_pages(self, path: str, window: Mapping[str, str], bucket: str) -> Iterator[dict[str, Any]]:
        token: str | None = None
        for _ in range(MOST_PAGES):
            params = {**window, **tweets.FIELDS, "max_results": PAGE}
            if token:
                params["pagination_token"] = token
            content = self._calls.read(path, bucket=bucket, params=params)
            yield content
            token = (content.get("meta") or {}).get("next_token")
            if not token:
                return
        _log.warning("x_pages_cut", bucket=bucket, pages=MOST_PAGES)


def _readable(tweet: Mapping[str, Any], brought: tweets.Included) -> Post | None:
    try:
        return tweets.post(tweet, brought)
    except _UNREADABLE as error:
        _log.warning("x_post_unreadable", reason=f"{type(error).__name__}: {error}")
        return None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
