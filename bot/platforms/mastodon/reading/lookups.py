"""Posts and accounts looked up by name: is it still there, and who is it?

A server says of a post that is gone, of one whose author has blocked the brand and of one by a suspended
account the same: 404. So before anything counts as deleted, strangers' sight of it and its author are asked
about.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, author_from, id_of, is_status, post_from
from bot.platforms.wire.listing import readable, told_in_parts
from bot.posts import Absence, Author, KnownPost, Lookup, Refusal, Rejected, Retry

BATCH = 20
"""The most statuses Mastodon hands out at once (since 4.3)."""


def look_up(api: Api, ids: Sequence[str], known: Mapping[str, KnownPost]) -> list[Lookup]:
    """What became of these statuses. One the server cannot speak of now is left out.

    A batch leaves out what is gone and what may not be seen; a look at the single one tells. Older servers
    and GoToSocial know no batches.

    Raises:
        Retry: when the server answers nothing at all or limits us.
        Reconnect: when the brand's token is not accepted any more.
    """
    found: list[Lookup] = []
    for start in range(0, len(ids), BATCH):
        chunk = list(dict.fromkeys(ids[start : start + BATCH]))
        shown = _batch(api, chunk) if len(chunk) > 1 else {}
        found += [look for one in chunk if one in shown for look in _there(api, shown[one])]
        found += _singly(api, [one for one in chunk if one not in shown], known)
    return found


def identify(api: Api, handle: str) -> Author:
    """The account behind ``user@host`` (or a local ``user``), by the id it has on the brand's server.

    Raises:
        Rejected: ``unknown_account`` when the server knows none of exactly this handle.
    """
    wanted = api.server.handle(handle)
    for account in _candidates(api, wanted):
        author = author_from(account, api.server)
        if author.handle.casefold() == wanted.casefold():
            return author
    raise Rejected(
        f"Nobody is known as @{wanted} on {api.server.host}. Check the spelling.", Refusal.UNKNOWN_ACCOUNT
    )


def _candidates(api: Api, handle: str) -> Iterator[Json]:
    """First whom the server knows, then whom it finds by asking the handle's own host."""
    name, _, host = handle.partition("@")
    local = name if host == api.server.domain else handle
    try:
        yield api.read("/api/v1/accounts/lookup", {"acct": local})
    except Rejected as error:
        if error.code != Refusal.NOT_FOUND:
            raise
    query = {"q": f"@{handle}", "type": "accounts", "resolve": "true", "limit": "5"}
    yield from api.read("/api/v2/search", query).get("accounts") or ()


def _batch(api: Api, ids: Sequence[str]) -> dict[str, Json]:
    if not api.knows_batches:
        return {}

    def ask(some: Sequence[str]) -> dict[str, Json]:
        return {str(status["id"]): status for status in api.read_list("/api/v1/statuses", {"id[]": some})}

    try:
        return told_in_parts(ask, ids)
    except Rejected:
        api.knows_batches = False
        return {}


def _singly(api: Api, ids: Sequence[str], known: Mapping[str, KnownPost]) -> Iterator[Lookup]:
    for one in ids:
        try:
            yield from _there(api, api.read(f"/api/v1/statuses/{one}"))
        except Rejected as error:
            if error.code == Refusal.NOT_FOUND:
                yield Lookup.missing(one, _why_unseen(api, one, known.get(one)))
        except Retry as error:
            if error.at is not None or len(ids) == 1:
                raise


def _there(api: Api, status: Json) -> Iterator[Lookup]:
    if not is_status(status):
        raise api.caller.garbled(writes=False)
    for post in readable("mastodon", [status], lambda one: post_from(one, api.server), id_of):
        yield Lookup(post.external_id, gone=False, post=post)


def _why_unseen(api: Api, status: str, known: KnownPost | None) -> Absence:
    """Why the server says that it has no such status. Raises Retry."""
    if api.is_public(f"/api/v1/statuses/{status}"):
        return Absence.BLOCKED
    author = api.server.local_id(known.author_id) if known else None
    if author is None:
        return Absence.UNKNOWN
    try:
        if api.read(f"/api/v1/accounts/{author}").get("suspended"):
            return Absence.TAKEN_DOWN
    except Rejected as error:
        return Absence.ACCOUNT_DELETED if error.code == Refusal.NOT_FOUND else Absence.UNKNOWN
    relation = api.read_list("/api/v1/accounts/relationships", {"id[]": [author]})
    blocks = ("blocked_by", "blocking", "domain_blocking")
    return Absence.BLOCKED if any(one.get(name) for one in relation for name in blocks) else Absence.DELETED
