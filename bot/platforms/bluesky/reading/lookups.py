"""Posts looked up by their addresses: there, gone for good, or why they are not to be seen.

``getPosts`` leaves out what was deleted, but also what the brand may not see (a block), what was taken down
and what is not indexed yet. The author's own server tells these apart: what its repository does not hold was
deleted. That it has a post proves nothing more (seen), so for the rest the network is asked about the author.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from bot.platforms.bluesky.api import Api
from bot.platforms.bluesky.content import listed, post_from_view, split_uri, uri_of
from bot.platforms.bluesky.embeds import Json
from bot.platforms.bluesky.identity import Directory
from bot.platforms.bluesky.tid import time_of_tid
from bot.platforms.wire.listing import readable, told_in_parts
from bot.posts import Absence, KnownPost, Lookup, Post, PostEvent, Refusal, Rejected, Retry

BATCH = 25
"""The most posts ``app.bsky.feed.getPosts`` takes."""
INDEXING = timedelta(minutes=1)
"""A post this young may not be shown yet (0.1 to 0.7 s, seen), although its author's server has it."""
_STATUSES = {
    "deleted": Absence.ACCOUNT_DELETED,
    "deactivated": Absence.DEACTIVATED,
    "takendown": Absence.TAKEN_DOWN,
    "suspended": Absence.TAKEN_DOWN,
}
_REFUSALS = {str(Refusal.TAKEN_DOWN): Absence.TAKEN_DOWN, str(Refusal.DEACTIVATED): Absence.DEACTIVATED}
_GONE = frozenset({str(Refusal.NOT_FOUND), f"{Refusal.HTTP}_{HTTPStatus.GONE}"})
"""How a server says that it has no such account any more, and the directory that a DID was given up."""


def look_up(
    api: Api, directory: Directory, uris: Sequence[str], known: Mapping[str, KnownPost]
) -> list[Lookup]:
    """What became of these posts. One too young to be missed, or with a wrong address, is left out.

    Raises:
        Retry: when the server does not answer.
        Reconnect: when the brand's session has ended for good.
    """
    wanted = [uri for uri in dict.fromkeys(uris) if _is_uri(uri)]
    people = _People(api, directory)
    found: list[Lookup] = []
    for start in range(0, len(wanted), BATCH):
        chunk = wanted[start : start + BATCH]
        shown = _shown(api, chunk)
        for uri in chunk:
            if uri in shown:
                found += _there(people, shown[uri], known.get(uri))
            elif (why := people.why_unseen(uri, known.get(uri))) is not None:
                found.append(Lookup.missing(uri, why))
    return found


class _People:
    """What servers say of the authors, each asked once."""

    def __init__(self, api: Api, directory: Directory) -> None:
        self._api = api
        self._directory = directory
        self._accounts: dict[str, Absence | None] = {}

    def account(self, did: str) -> Absence | None:
        """Why nothing of an account is to be seen, as its own server says; silence says nothing.

        That it is closed or gone is believed only of the server that the account names this moment: one that
        it has moved away from says so, too.
        """
        if did not in self._accounts:
            why = self._asked(did, fresh=False)
            self._accounts[did] = self._asked(did, fresh=True) if why is not None else None
        return self._accounts[did]

    def why_unseen(self, uri: str, known: KnownPost | None) -> Absence | None:
        """Why a post is not shown; None where it may only not be shown yet."""
        did = split_uri(uri)[0]
        account = self.account(did)
        if account is not None:
            return account
        try:
            removed = self._removed(uri, known)
        except Retry:
            removed = None
        return removed or self._hidden(did) or (None if _is_young(uri, self._api) else Absence.UNKNOWN)

    def _removed(self, uri: str, known: KnownPost | None) -> Absence | None:
        """Whether the author's server has a post no more, or only shows it to nobody. Raises Retry."""
        did, collection, key = split_uri(uri)
        place = {"repo": did, "collection": collection, "rkey": key}
        try:
            self._directory.ask_home(did, "com.atproto.repo.getRecord", place, fresh=True)
        except Rejected as error:
            if error.code != Refusal.NOT_FOUND:
                return _REFUSALS.get(error.code)
            version = known.refs.get("cid") if known else None
            hidden = bool(version) and self._directory.holds(uri, version or "")
            return Absence.TAKEN_DOWN if hidden else Absence.DELETED
        return None

    def _asked(self, did: str, *, fresh: bool) -> Absence | None:
        try:
            told = self._directory.ask_home(did, "com.atproto.sync.getRepoStatus", {"did": did}, fresh=fresh)
        except Rejected as error:
            return Absence.ACCOUNT_DELETED if error.code in _GONE else _REFUSALS.get(error.code)
        except Retry:
            return None
        if told.get("active") is not False:
            return None
        return _STATUSES.get(str(told.get("status")))

    def _hidden(self, did: str) -> Absence | None:
        """Whether the network hides an account from the brand, or from everybody."""
        try:
            profile = self._api.query("app.bsky.actor.getProfile", {"actor": did}, of_others=True)
        except Rejected as error:
            return _REFUSALS.get(error.code)
        viewer = profile.get("viewer")
        told = viewer if isinstance(viewer, dict) else {}
        blocked = any(told.get(name) for name in ("blockedBy", "blocking", "blockingByList"))
        return Absence.BLOCKED if blocked else None


def _there(people: _People, view: Json, known: KnownPost | None) -> list[Lookup]:
    """A post that is shown; that its account is closed may come through a little later."""
    uri = str(view["uri"])
    why = people.account(split_uri(uri)[0])
    if why is not None:
        return [Lookup.missing(uri, why)]
    viewer = view.get("viewer")
    closed = isinstance(viewer, dict) and bool(viewer.get("replyDisabled"))
    posts = readable("bluesky", [view], lambda one: _current(one, known), uri_of)
    return [Lookup(uri, gone=False, post=post, takes_replies=not closed) for post in posts]


def _current(view: Json, known: KnownPost | None) -> Post:
    """What a post says now; edited if it is another version than the one we know."""
    post = post_from_view(view)
    before = known.refs.get("cid") if known else None
    return replace(post, event=PostEvent.EDITED) if before and before != post.refs["cid"] else post


def _shown(api: Api, uris: Sequence[str]) -> dict[str, Json]:
    def ask(some: Sequence[str]) -> dict[str, Json]:
        told = api.query("app.bsky.feed.getPosts", {"uris": list(some)})
        return {str(view["uri"]): view for view in listed(told, "posts") if view.get("uri")}

    return told_in_parts(ask, uris)


def _is_young(uri: str, api: Api) -> bool:
    made = time_of_tid(split_uri(uri)[2])
    return made is not None and timedelta() <= api.clock() - made < INDEXING


def _is_uri(uri: str) -> bool:
    try:
        split_uri(uri)
    except ValueError:
        return False
    return True
