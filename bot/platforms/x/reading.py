"""What X is asked for: mentions, tagged answers, posts by id, accounts, the brand's own posts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog

from bot.platforms.wire.http import HttpResponse
from bot.platforms.x.access.auth import me
from bot.platforms.x.access.calls import XCalls
from bot.platforms.x.access.refusals import refusal
from bot.platforms.x.content import field_names, tweets
from bot.platforms.x.content.field_names import FieldNames, Json, RequestedFields, objects
from bot.platforms.x.search import Walk, queries
from bot.posts import Absence, Author, KnownPost, Lookup, Page, Post, Read, Refusal, Rejected

_log = structlog.get_logger(__name__)

PAGE = "100"
MOST_PAGES = 40
"""X keeps the latest 800 mentions within reach; this only bounds an answer that never ends."""
BATCH = 100
_SEARCH = "/2/tweets/search/recent"
FEWEST = 10
"""Recent search hands out no fewer posts at once."""
_CHARGED = {
    "mentions": Read.OWN,
    "own": Read.OWN,
    "search": Read.POST,
    "listening": Read.LISTENED,
    "lookup": Read.POST,
}
_ABSENCES = {
    "resource-not-found": Absence.DELETED,
    # Protected, or its author has blocked the brand: X does not tell which.
    "not-authorized-for-resource": Absence.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class FoundPosts:
    """What a search brought, each post with its place in time; ``cut`` where there was more."""

    posts: tuple[tuple[int, Post], ...]
    cut: bool


class XReading:
    """Reads X in the name of the brand account."""

    def __init__(self, calls: XCalls) -> None:
        self._calls = calls
        self._brand: Author | None = None
        self._naming = FieldNames.TWEETS

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
            self._charge_user(self._brand.id)
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
        newest = max([place for place, _ in found] + [int(since or 0)])
        return Page(_oldest_first(found), str(newest) if newest else cursor)

    def answers(self, employees: Sequence[Author], cursor: str | None) -> Page:
        """Tagged posts of these accounts, some queries at a time; ``more`` until the round is over."""
        account = self._calls.account
        now = self._calls.clock()
        every = queries(account.tags(), employees, account.query_length)
        walk = Walk.resume(cursor, now, account.first_look_back).along(every, now)
        to = min(walk.at + account.batches_per_poll, len(every))
        found: list[tuple[int, Post]] = []
        for query in every[walk.at : to]:
            params = {"query": query, "since_id": str(walk.since)}
            found += self._pages(_SEARCH, params, "search")
        later = walk.on(to, len(every))
        return Page(_oldest_first(found), later.cursor(), more=later.at > 0)

    def now(self) -> datetime:
        """The time, as everything here is told it."""
        return self._calls.clock()

    def found(self, query: str, since: int, most: int) -> FoundPosts:
        """At most ``most`` posts of recent search after the post id ``since``, the newest ones."""
        found: list[tuple[int, Post]] = []
        params = {"query": query, "since_id": str(since)}
        while (size := min(most - len(found), int(PAGE))) >= FEWEST:
            content = self._ask(
                _SEARCH, "listening", {**params, "max_results": str(size)}, RequestedFields.WHOLE
            )
            brought = tweets.included(content.get("includes"))
            found += [
                (_place(tweet.get("id")), tweets.read(tweet, brought))
                for tweet in objects(content.get("data"))
            ]
            token = (content.get("meta") or {}).get("next_token")
            if not token:
                return FoundPosts(tuple(found), cut=False)
            params["pagination_token"] = token
        return FoundPosts(tuple(found), cut=True)

    def own(self, since: datetime) -> Iterator[Json]:
        """The brand's own posts since then, newest first, as X tells them."""
        path = f"/2/users/{self.brand().id}/tweets"
        for content in self._raw_pages(path, {"start_time": _stamp(since)}, "own", RequestedFields.OWN):
            yield from objects(content.get("data"))

    def fetch(self, external_ids: Sequence[str], known: Mapping[str, KnownPost]) -> list[Lookup]:
        """Which of these posts are there, edited ones in their latest version.

        Of ``known`` ones X is asked neither for author nor parent, which it charges for besides; ``post`` is
        told only where one has changed. Ids that are none of X's (a repost's) are left out: one of them would
        cost the whole batch.
        """
        found: list[Lookup] = []
        every = [post_id for post_id in external_ids if post_id.isdecimal()]
        for batch in _batches([one for one in every if one not in known]):
            found += self._fetch_batch(batch)
        for batch in _batches([one for one in every if one in known]):
            found += self._look_again(batch, known)
        return found

    def identify(self, handle: str) -> Author:
        """The account behind a handle. Raises Rejected("unknown_account")."""
        name = handle.strip().lstrip("@")
        if not name.replace("_", "").isalnum() or not name.isascii():
            raise Rejected(f"“{handle}” is no handle on X.", Refusal.UNKNOWN_ACCOUNT)
        content = self._calls.read(
            f"/2/users/by/username/{name}", bucket="users", params={"user.fields": field_names.USER_FIELDS}
        )
        user = content.get("data")
        if not isinstance(user, dict) or "id" not in user:
            raise Rejected(f"There is no account @{name} on X.", Refusal.UNKNOWN_ACCOUNT)
        self._charge_user(str(user["id"]))
        return tweets.author(str(user["id"]), {str(user["id"]): user})

    def _charge_user(self, user_id: str) -> None:
        self._calls.bill.count(Read.USER, [user_id])
        self._calls.bill.hand_over()

    def _fetch_batch(self, ids: Sequence[str]) -> list[Lookup]:
        """One look-up of at most 100 ids: X answers 200 and lists what is not there under ``errors``."""
        content = self._look_up(ids, RequestedFields.WHOLE)
        brought = tweets.included(content.get("includes"))
        data = {str(tweet.get("id")): tweet for tweet in objects(content.get("data"))}
        posts = {one: tweets.read(tweet, brought) for one, tweet in data.items()}
        posts |= self._versions(_newest(data, {}))
        return [Lookup(one, gone=False, post=post) for one, post in posts.items()] + _missing(ids, content)

    def _look_again(self, ids: Sequence[str], known: Mapping[str, KnownPost]) -> list[Lookup]:
        """One look-up of known posts; what was edited, or is for followers only now, is read whole."""
        content = self._look_up(ids, RequestedFields.HISTORY)
        data = {str(tweet.get("id")): tweet for tweet in objects(content.get("data"))}
        hidden = {one: one for one, tweet in data.items() if tweets.is_hidden(tweet)}
        changed = self._versions(hidden | _newest(data, known))
        return [Lookup(one, gone=False, post=changed.get(one)) for one in data] + _missing(ids, content)

    def _versions(self, versions: Mapping[str, str]) -> dict[str, Post]:
        """Posts by their identity, each read in this version of it."""
        found: dict[str, Post] = {}
        identities = {version: one for one, version in versions.items()}
        for batch in _batches(list(identities)):
            content = self._look_up(batch, RequestedFields.WHOLE)
            brought = tweets.included(content.get("includes"))
            told = {str(tweet.get("id")): tweet for tweet in objects(content.get("data"))}
            found |= {identities[one]: tweets.read(told[one], brought) for one in batch if one in told}
        return found

    def _look_up(self, ids: Sequence[str], wanted: RequestedFields) -> dict[str, Any]:
        return self._ask("/2/tweets", "lookup", {"ids": ",".join(ids)}, wanted)

    def _ask(
        self, path: str, bucket: str, params: Mapping[str, str], wanted: RequestedFields
    ) -> dict[str, Any]:
        """Ask for posts in the vocabulary that X understood last; where it does not, in the other.

        The one that works is kept from then on. Raises Retry, Reconnect or Rejected.
        """
        answer = self._get(self._naming, path, bucket, params, wanted)
        content = self._understood(answer, wanted)
        if content is None:
            other = self._naming.other
            content = self._understood(self._get(other, path, bucket, params, wanted), wanted)
            if content is None:  # it was not for the names: what X said at first counts
                content = self._calls.content(answer)
            else:
                _log.info("x_changed_its_names", names=other.value)
                self._naming = other
        self._calls.bill.answer(
            content, Read.AGAIN if wanted is RequestedFields.HISTORY else _CHARGED[bucket]
        )
        return content

    def _get(
        self, names: FieldNames, path: str, bucket: str, params: Mapping[str, str], wanted: RequestedFields
    ) -> HttpResponse:
        return self._calls.as_brand("GET", path, bucket=bucket, params={**params, **names.query(wanted)})

    def _understood(self, answer: HttpResponse, wanted: RequestedFields) -> dict[str, Any] | None:
        """What X answered; None where it refuses the request as such, or passed over what was asked for."""
        if answer.status == HTTPStatus.BAD_REQUEST:
            return None
        content = self._calls.content(answer)
        return content if field_names.is_answered(content, wanted) else None

    def _pages(self, path: str, window: Mapping[str, str], bucket: str) -> Iterator[tuple[int, Post]]:
        """The posts of all pages, each with its place in time: the id of its version."""
        for content in self._raw_pages(path, window, bucket, RequestedFields.WHOLE):
            brought = tweets.included(content.get("includes"))
            for tweet in objects(content.get("data")):
                yield _place(tweet.get("id")), tweets.read(tweet, brought)

    def _raw_pages(
        self, path: str, window: Mapping[str, str], bucket: str, wanted: RequestedFields
    ) -> Iterator[dict[str, Any]]:
        token: str | None = None
        for _ in range(MOST_PAGES):
            params = {**window, "max_results": PAGE}
            if token:
                params["pagination_token"] = token
            content = self._ask(path, bucket, params, wanted)
            yield content
            token = (content.get("meta") or {}).get("next_token")
            if not token:
                return
        _log.warning("x_pages_cut", bucket=bucket, pages=MOST_PAGES)


def _place(post_id: object) -> int:
    return int(post_id) if isinstance(post_id, str) and post_id.isdecimal() else 0


def _oldest_first(found: Iterable[tuple[int, Post]]) -> tuple[Post, ...]:
    return tuple(post for _, post in sorted(found, key=lambda one: one[0]))


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def _newest(data: Mapping[str, Json], known: Mapping[str, KnownPost]) -> dict[str, str]:
    """The newest version of each post of which we have another one."""
    found: dict[str, str] = {}
    for one, tweet in data.items():
        versions = field_names.history(tweet)
        ours = known[one].refs.get("version", one) if one in known else one
        if versions and versions[-1] != ours:
            found[one] = versions[-1]
    return found


def _missing(ids: Sequence[str], content: Json) -> list[Lookup]:
    """What X says of posts that it does not show: deleted, or of an account that hides it from the brand."""
    why = {
        str(error.get("resource_id") or error.get("value")): _ABSENCES.get(_kind(error))
        for error in objects(content.get("errors"))
    }
    return [Lookup.missing(one, absence) for one in ids if (absence := why.get(one)) is not None]


def _kind(error: Json) -> str:
    return str(error.get("type", "")).rpartition("/")[2]


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
