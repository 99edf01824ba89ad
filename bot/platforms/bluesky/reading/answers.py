"""Tagged answers by the linked employees, read from where their posts are kept.

``searchPosts`` is best effort (``tag=`` finds nothing, seen), and a reply in somebody else's thread
notifies nobody but the people in it. The employees' own repositories leave nothing out and answer without a
sign-in.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.platforms.base import AnswerTags
from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import POST, carries_tag, listed, post_from_record, split_uri, uri_of
from bot.platforms.bluesky.embeds import Json
from bot.platforms.bluesky.identity import Directory
from bot.platforms.bluesky.tid import time_of_tid
from bot.platforms.rounds import Round
from bot.platforms.wire.listing import page_that_fits, readable
from bot.posts import Author, Page, Post, Rejected, Retry

ACCOUNTS_A_CALL = 10
PAGE_SIZE = 50
PAGES_AN_ACCOUNT = 4
LATE = timedelta(hours=1)
"""How much of what was read before is read again: clocks differ, and a write may take its time."""

_log = logging.getLogger(__name__)


class Answers:
    """Walks over the employees' repositories, a few a call."""

    def __init__(self, api: Api, directory: Directory, tags: AnswerTags) -> None:
        self._api = api
        self._directory = directory
        self._tags = tags

    def after(self, employees: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of the next few employees, oldest first; ``more`` while the round is not over.

        An employee whose server does not answer now, or does not know the account any more, is passed over
        until the next round.
        """
        now = self._api.clock()
        turn = Round.from_cursor(cursor, now)
        waiting = turn.waiting(employees)
        batch = waiting[:ACCOUNTS_A_CALL]
        horizon = turn.horizon(now, LATE)
        found = (post for employee in batch for post in self._tagged(employee, horizon))
        return turn.page(batch, found, now, over=len(batch) == len(waiting))

    def _tagged(self, employee: Author, horizon: datetime) -> Iterator[Post]:
        now, tags = self._api.clock(), self._tags()

        def read(record: Json) -> Post | None:
            post = post_from_record(uri_of(record), str(record.get("cid")), record["value"], employee)
            if not carries_tag(post, tags):
                return None
            # The time is its author's claim, and nobody else has shown the post yet.
            return replace(post, posted_at=now) if post.posted_at and post.posted_at > now else post

        try:
            yield from readable("bluesky", self._records(employee.id, horizon), read, uri_of)
        except (Rejected, Retry) as error:
            _log.info("The posts of %s cannot be read now: %s", employee.handle or employee.id, error)

    def _list(self, did: str, params: Mapping[str, str], size: int) -> Json:
        return self._directory.ask_home(did, "com.atproto.repo.listRecords", {**params, "limit": str(size)})

    def _records(self, did: str, horizon: datetime) -> Iterator[Json]:
        """An account's posts since ``horizon`` by the time in their keys, the newest first."""
        cursor = ""
        for _ in range(PAGES_AN_ACCOUNT):
            params = {"repo": did, "collection": POST, **({"cursor": cursor} if cursor else {})}
            told = page_that_fits(partial(self._list, did, params), PAGE_SIZE)
            for record in listed(told, "records"):
                uri = str(record.get("uri"))
                if not isinstance(record.get("value"), dict) or not _is_of(uri, did):
                    continue
                if (time_of_tid(uri.rpartition("/")[2]) or horizon) < horizon:
                    return
                yield record
            cursor = str(told.get("cursor") or "")
            if not cursor:
                return


def _is_of(uri: str, did: str) -> bool:
    """Whether an address is of a post in this account: a server might say anything about others' posts."""
    try:
        repo, collection, _ = split_uri(uri)
    except ValueError:
        return False
    return repo == did and collection == POST
