"""The local feed's storage in memory: what the real one promises, in thirty lines."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.platforms.local.adapter import FeedPost

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class MemoryFeed:
    """Keeps ``bot.platforms.local.adapter.LocalFeed``; its list of posts is the ledger tests look at."""

    def __init__(self, clock: Callable[[], datetime] = lambda: NOW) -> None:
        self._clock = clock
        self.posts: dict[str, FeedPost] = {}
        self.keys: dict[str, str] = {}
        self._last = 0
        self._lock = threading.Lock()

    def append(
        self,
        author: str,
        text: str,
        *,
        in_reply_to: str | None = None,
        repost_of: str | None = None,
        key: str | None = None,
    ) -> FeedPost:
        with self._lock:
            if key in self.keys:
                return self.posts[self.keys[key]]
            for parent in (in_reply_to, repost_of):
                if parent is not None and parent not in self.posts:
                    raise LookupError(parent)
            self._last += 1
            post = FeedPost(str(self._last), author, text, self._clock(), in_reply_to, repost_of)
            self.posts[post.id] = post
            if key:
                self.keys[key] = post.id
            return post

    def read(self, after: str | None, limit: int) -> Sequence[FeedPost]:
        later = [post for post in self.posts.values() if int(post.id) > int(after or 0)]
        return later[:limit]

    def find(self, key: str) -> FeedPost | None:
        return self.posts.get(self.keys.get(key, ""))

    def get(self, ids: Sequence[str]) -> Sequence[FeedPost]:
        return [self.posts[post_id] for post_id in ids if post_id in self.posts]

    def edit(self, post_id: str, text: str) -> FeedPost | None:
        if post_id not in self.posts:
            return None
        self.posts[post_id] = replace(self.posts[post_id], text=text, edited_at=self._clock())
        return self.posts[post_id]

    def remove(self, post_id: str) -> bool:
        return self.posts.pop(post_id, None) is not None
