"""Tagged answers by the linked employees, found account by account.

A tag's timeline is not enough (GoToSocial leaves replies out of it), and neither is the home timeline
(servers hide replies to people the reader does not follow). So each employee's own posts are asked for by
tag. The brand also follows each of them: only then do the posts of people on other servers reach the
brand's server at all.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.platforms.base import AnswerTags
from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, id_of, is_status, post_from
from bot.platforms.mastodon.reading.lookups import identify
from bot.platforms.mastodon.reading.notifications import oldest_first
from bot.platforms.mastodon.reading.token_bucket import TokenBucket
from bot.platforms.rounds import Round
from bot.platforms.wire.listing import page_that_fits, readable
from bot.platforms.wire.timestamps import time_of
from bot.posts import Author, Page, Post, Rejected

ACCOUNTS_A_CALL = 8
PAGE_SIZE = 40
PAGES_AN_ACCOUNT = 5
LATE = timedelta(days=1)
"""How late a post may reach the brand's server and still be noticed: it keeps its own server's time."""

_log = logging.getLogger(__name__)


class Answers:
    """Walks over the employees' accounts; remembers only whom the brand follows already."""

    def __init__(self, api: Api, pace: TokenBucket, tags: AnswerTags) -> None:
        self._api = api
        self._pace = pace
        self._tags = tags
        self._local_ids: dict[str, str | None] = {}
        self._followed: set[str] = set()
        self._let_in: set[str] = set()

    def after(self, employees: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of the next few employees; ``more`` while the round is not over and more may be asked.

        Where the server was asked often enough for now, the round simply stands still.

        Raises:
            Retry: when the server does not answer.
            Reconnect: when the brand's token is not accepted any more.
        """
        now = self._api.clock()
        turn = Round.from_cursor(cursor, now)
        waiting = turn.waiting(employees)
        batch = waiting[: min(ACCOUNTS_A_CALL, self._pace.left())]
        if waiting and not batch:
            return Page((), turn.cursor())
        accounts = [local for one in batch if (local := self._local_id(one))]
        self._follow(accounts)
        horizon = turn.horizon(now, LATE)
        found = [post for account in accounts for post in self._tagged(account, horizon)]
        over = len(batch) == len(waiting)
        return turn.page(batch, found, now, over=over, may_go_on=self._pace.left() > 0)

    def follow(self, employees: Sequence[Author]) -> None:
        """Let the brand follow these accounts, where it does not yet. Raises Retry or Reconnect."""
        accounts = [local for one in employees if (local := self._local_id(one))]
        for start in range(0, len(accounts), PAGE_SIZE):
            self._follow(accounts[start : start + PAGE_SIZE])

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        """The ids of those whom the brand has asked to follow in vain so far. Raises Retry or Reconnect.

        Who has let it in once is not asked about again.
        """
        asked = {local: one.id for one in employees if (local := self._local_id(one))}
        accounts = [one for one in asked if one not in self._let_in]
        waiting: set[str] = set()
        for start in range(0, len(accounts), PAGE_SIZE):
            for told in self._relationships(accounts[start : start + PAGE_SIZE]):
                if told.get("following"):
                    self._let_in.add(str(told["id"]))
                elif told.get("requested") and str(told["id"]) in asked:
                    waiting.add(asked[str(told["id"])])
        return waiting

    def _tagged(self, account: str, horizon: datetime) -> Iterator[Post]:
        """An account's tagged posts since ``horizon``; a server that knows no ``tagged`` sends all."""
        wanted = [tag.removeprefix("#").casefold() for tag in self._tags()]
        seen: set[str] = set()

        def read(status: Json) -> Post | None:
            post = post_from(status, self._api.server)
            recent = post.posted_at is None or post.posted_at >= horizon
            if post.external_id in seen or not recent:
                return None
            seen.add(post.external_id)
            return post if any(tag.casefold() in wanted for tag in post.tags) else None

        found = (status for tag in wanted for status in self._statuses(account, tag, horizon))
        return readable("mastodon", found, read, id_of)

    def _list(self, account: str, query: Mapping[str, str], size: int) -> tuple[int, list[Json]]:
        path = f"/api/v1/accounts/{account}/statuses"
        return size, self._api.read_list(path, {**query, "limit": str(size)})

    def _statuses(self, account: str, tag: str, horizon: datetime) -> Iterator[Json]:
        oldest: str | None = None
        self._pace.take()
        for _ in range(PAGES_AN_ACCOUNT):
            query = {"tagged": tag, "exclude_reblogs": "true", **({"max_id": oldest} if oldest else {})}
            try:
                size, told = page_that_fits(partial(self._list, account, query), PAGE_SIZE)
            except Rejected as error:
                _log.info("The posts of account %s cannot be read: %s", account, error)
                return
            page = oldest_first(told)
            yield from filter(is_status, page)
            if len(page) < size or (time_of(page[0].get("created_at")) or horizon) <= horizon:
                return
            oldest = str(page[0]["id"])

    def _local_id(self, employee: Author) -> str | None:
        """The account's id on the brand's server, looked up by handle when another server's is known."""
        if employee.id not in self._local_ids:
            self._local_ids[employee.id] = self._api.server.local_id(employee.id) or self._look_up(employee)
        return self._local_ids[employee.id]

    def _look_up(self, employee: Author) -> str | None:
        try:
            return self._api.server.local_id(identify(self._api, employee.handle).id)
        except Rejected as error:
            _log.warning("The posts of @%s cannot be followed: %s", employee.handle, error)
            return None

    def _follow(self, accounts: Sequence[str]) -> None:
        """Follow whom the brand does not follow yet, once; their boosts stay out of the brand's way."""
        new = [one for one in accounts if one not in self._followed]
        if not new:
            return
        for told in self._relationships(new):
            if not (told.get("following") or told.get("requested")):
                self._ask_to_follow(str(told["id"]))
        self._followed.update(new)

    def _relationships(self, accounts: Sequence[str]) -> list[Json]:
        return self._api.read_list("/api/v1/accounts/relationships", {"id[]": accounts})

    def _ask_to_follow(self, account: str) -> None:
        try:
            self._api.write("POST", f"/api/v1/accounts/{account}/follow", {"reblogs": False})
        except Rejected as error:
            _log.warning("The brand cannot follow account %s: %s", account, error)
