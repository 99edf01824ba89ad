"""Tagged answers by the linked employees, found account by account.

A tag's timeline is not enough (GoToSocial leaves replies out of it), and neither is the home timeline
(servers hide replies to people the reader does not follow). So each employee's own posts are asked for by
tag, a few accounts a call, round after round. The brand also follows each of them: only then do the posts
of people on other servers reach the brand's server at all.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, is_status, post_from, time_of
from bot.platforms.mastodon.lookups import identify
from bot.platforms.mastodon.notifications import oldest_first
from bot.platforms.mastodon.pace import Pace
from bot.posts import Author, Page, Post, Rejected

ACCOUNTS_A_CALL = 8
PAGE_SIZE = 40
PAGES_AN_ACCOUNT = 5
LATE = timedelta(days=1)
"""How late a post may reach the brand's server and still be noticed: it keeps its own server's time."""
REMEMBERED = 2_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """How far the walk over the employees has come: the whole memory of it, so that any node can go on.

    ``after`` is the account id reached in this round, ``started`` when it began, ``since`` when the one
    before it began; ``seen`` are the posts handed out lately.
    """

    after: str = ""
    started: str | None = None
    since: str | None = None
    seen: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: str | None) -> "Round":
        """The round a cursor stands for; a new one when it cannot be read."""
        try:
            told = orjson.loads(cursor or "{}")
            return cls(**{**told, "seen": tuple(told.get("seen", ()))})
        except (orjson.JSONDecodeError, TypeError, AttributeError):
            return cls()

    def write(self) -> str:
        """The cursor that stands for this round."""
        return orjson.dumps(asdict(self)).decode()


class Answers:
    """Walks over the employees' accounts; remembers only whom the brand follows already."""

    def __init__(self, api: Api, pace: Pace, tag: str) -> None:
        self._api = api
        self._pace = pace
        self._tag = tag.removeprefix("#").casefold()
        self._local_ids: dict[str, str | None] = {}
        self._followed: set[str] = set()

    def after(self, employees: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of the next few employees; ``more`` while the round is not over.

        Raises:
            Retry: when the server does not answer, or was asked often enough for now.
            Reconnect: when the brand's token is not accepted any more.
        """
        now = self._api.clock()
        turn = Round.read(cursor)
        turn = replace(turn, started=turn.started or now.isoformat())
        waiting = sorted((one for one in employees if one.id > turn.after), key=lambda one: one.id)
        batch = waiting[: max(1, min(ACCOUNTS_A_CALL, self._pace.left()))]
        known = {one.id: local for one in batch if (local := self._local_id(one))}
        self._follow(list(known.values()))
        found = [post for one in batch if one.id in known for post in self._tagged(known[one.id], turn, now)]
        found.sort(key=lambda post: post.posted_at or now)
        over = len(batch) == len(waiting)
        turn = replace(turn, seen=(*turn.seen, *(post.external_id for post in found))[-REMEMBERED:])
        following = Round(since=turn.started, seen=turn.seen) if over else replace(turn, after=batch[-1].id)
        return Page(tuple(found), following.write(), more=not over and self._pace.left() > 0)

    def _tagged(self, account: str, turn: Round, now: datetime) -> Iterator[Post]:
        """An account's tagged posts that were not handed out before and are not older than the last round."""
        horizon = (time_of(turn.since) or now) - LATE
        for status in self._statuses(account, horizon):
            post = post_from(status, self._api.server)
            recent = post.posted_at is None or post.posted_at >= horizon
            if recent and post.external_id not in turn.seen and self._carries_tag(post):
                yield post

    def _statuses(self, account: str, horizon: datetime) -> Iterator[Json]:
        """An account's statuses back to ``horizon``. A server that knows no ``tagged`` simply sends all."""
        oldest: str | None = None
        for _ in range(PAGES_AN_ACCOUNT):
            self._pace.take()
            query = {"tagged": self._tag, "exclude_reblogs": "true", "limit": str(PAGE_SIZE)}
            if oldest:
                query["max_id"] = oldest
            try:
                page = oldest_first(self._api.read_list(f"/api/v1/accounts/{account}/statuses", query))
            except Rejected as error:
                _log.info("The posts of account %s cannot be read: %s", account, error)
                return
            yield from filter(is_status, page)
            if len(page) < PAGE_SIZE or (time_of(page[0].get("created_at")) or horizon) <= horizon:
                return
            oldest = str(page[0]["id"])

    def _carries_tag(self, post: Post) -> bool:
        return any(tag.casefold() == self._tag for tag in post.tags)

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
        """Follow whom the brand does not follow yet, once; boosts stay out of the brand's way."""
        new = [one for one in accounts if one not in self._followed]
        if not new:
            return
        for told in self._api.read_list("/api/v1/accounts/relationships", {"id[]": new}):
            if not (told.get("following") or told.get("requested")):
                self._ask_to_follow(str(told["id"]))
        self._followed.update(new)

    def _ask_to_follow(self, account: str) -> None:
        try:
            self._api.write("POST", f"/api/v1/accounts/{account}/follow", {"reblogs": False})
        except Rejected as error:
            _log.warning("The brand cannot follow account %s: %s", account, error)
