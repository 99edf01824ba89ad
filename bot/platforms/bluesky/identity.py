"""Who is behind a DID, and where their posts are kept: the documents of DIDs.

A handle is only somebody's when it leads to the DID and the DID's document names it back
(https://atproto.com/specs/handle).
"""

from base64 import b32decode
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from bot.platforms.bluesky.api import Api, result_of
from bot.platforms.bluesky.content import author_from, listed, split_uri
from bot.platforms.bluesky.embeds import Json
from bot.platforms.wire.http import Caller, HttpResponse
from bot.posts import Author, Reconnect, Refusal, Rejected, Retry

REMEMBERED = 10_000
LASTS = timedelta(days=1)
_PDS = "#atproto_pds"
_DIGEST = 32


class Directory:
    """DID documents, asked for once a day each; calls to any server of the network."""

    def __init__(self, api: Api, transport: httpx.BaseTransport | None = None) -> None:
        self._api = api
        self._plc = api.settings.plc_directory.rstrip("/")
        self._loopback = api.settings.allow_loopback
        self._caller = Caller(
            self._plc, "Bluesky's network", api.clock, allow_loopback=self._loopback, transport=transport
        )
        self._documents: OrderedDict[str, tuple[datetime, Json]] = OrderedDict()
        self._lock = Lock()

    def document(self, did: str, *, fresh: bool = False) -> Json:
        """A DID's document, by default one of today's. Raises Rejected (``not_found``) or Retry."""
        now = self._api.clock()
        with self._lock:
            known = self._documents.get(did)
        if known and not fresh and now - known[0] < LASTS:
            return known[1]
        document = self._call(self._document_url(did), {})
        with self._lock:
            self._documents[did] = (now, document)
            while len(self._documents) > REMEMBERED:
                self._documents.popitem(last=False)
        return document

    def handles(self, did: str) -> list[str]:
        """The handles a DID names as its own, lower-case. Raises as ``document`` does."""
        named = self.document(did).get("alsoKnownAs")
        names = [str(one) for one in named] if isinstance(named, list) else []
        return [one.removeprefix("at://").lower() for one in names if one.startswith("at://")]

    def ask_home(self, did: str, name: str, params: Mapping[str, str], *, fresh: bool = False) -> Json:
        """Ask the server that keeps a DID's posts; ``fresh``: the one it names this moment.

        Raises Rejected (``deactivated``, ``taken_down``, ``not_found``...) or Retry.
        """
        return self._call(f"{self._home(did, fresh=fresh)}/xrpc/{name}", params)

    def holds(self, uri: str, cid: str) -> bool:
        """Whether a repository still holds this version of a record, shown or not.

        What was only taken down is in the proof that its server gives of the record; the version's digest
        is looked for there. Raises Rejected or Retry.
        """
        did, collection, key = split_uri(uri)
        url = f"{self._home(did, fresh=True)}/xrpc/com.atproto.sync.getRecord"
        answer = self._send(url, {"did": did, "collection": collection, "rkey": key})
        digest = _digest_in(cid)
        return answer.ok and digest is not None and digest in answer.body

    def close(self) -> None:
        self._caller.close()

    def _send(self, url: str, params: Mapping[str, str]) -> HttpResponse:
        return self._caller.call("GET", url, params=params, bucket=urlsplit(url).netloc)

    def _call(self, url: str, params: Mapping[str, str]) -> Json:
        answer = self._send(url, params)
        try:
            return result_of(self._caller, answer, writes=False, of_others=True)
        except Reconnect as error:
            # These servers are asked without a sign-in: it is no matter of the brand's account.
            raise Rejected(str(error), Refusal.NOT_PERMITTED) from error

    def _document_url(self, did: str) -> str:
        if did.startswith("did:plc:"):
            return f"{self._plc}/{did}"
        if did.startswith("did:web:"):
            host = unquote(did.removeprefix("did:web:"))
            scheme = "http" if self._loopback and host.startswith("localhost") else "https"
            return f"{scheme}://{host}/.well-known/did.json"
        raise Rejected(f"{did} is of a kind that Bluesky does not use.", Refusal.NOT_FOUND)

    def _home(self, did: str, *, fresh: bool) -> str:
        for service in listed(self.document(did, fresh=fresh), "service"):
            if str(service.get("id", "")).endswith(_PDS):
                return self._checked(did, service.get("serviceEndpoint"))
        raise Rejected(f"{did} names no server for its posts.", Refusal.NO_HOME)

    def _checked(self, did: str, endpoint: Any) -> str:
        schemes = ("https", "http") if self._loopback else ("https",)
        try:
            url = httpx.URL(str(endpoint))
            if url.scheme in schemes and url.host:
                return f"{url.scheme}://{url.netloc.decode('ascii')}"
        except (httpx.InvalidURL, ValueError):
            pass
        raise Rejected(f"{did} names a server that cannot be called: {endpoint}", Refusal.NO_HOME)


def _digest_in(cid: str) -> bytes | None:
    """The digest of SHA-256 at the end of a version's name (a CID in base 32)."""
    try:
        told = b32decode(cid.removeprefix("b").upper() + "=" * (-(len(cid) - 1) % 8))
    except ValueError:
        return None
    return told[-_DIGEST:] if len(told) > _DIGEST else None


def identify(api: Api, directory: Directory, handle: str) -> Author:
    """The account behind a handle or DID, proved both ways: the handle leads to the DID and is named back.

    Raises:
        Rejected: ``unknown_account`` when the handle leads nowhere, ``handle_mismatch`` when it is not
        named back. Retry: when a server on the way does not answer.
    """
    name = handle.strip().lstrip("@").lower()
    try:
        did = name if name.startswith("did:") else _resolved(api, name)
        handles = directory.handles(did)
    except Rejected as error:
        raise Rejected(
            f"Nobody is known as @{name} on Bluesky. Check the spelling.", Refusal.UNKNOWN_ACCOUNT
        ) from error
    if name not in (did.lower(), *handles):
        raise Rejected(
            f"@{name} leads to {did}, but that account goes by {' '.join(handles) or 'no handle'}.",
            Refusal.HANDLE_MISMATCH,
        )
    shown = name if name != did.lower() else next(iter(handles), "")
    return _with_profile(api, did, shown)


def _resolved(api: Api, handle: str) -> str:
    told = api.query("com.atproto.identity.resolveHandle", {"handle": handle}, of_others=True)
    did = told.get("did")
    if not isinstance(did, str):
        raise api.caller.garbled(writes=False)
    return did


def _with_profile(api: Api, did: str, handle: str) -> Author:
    """The account, with its name and wishes where its profile can be had."""
    try:
        author = author_from(api.query("app.bsky.actor.getProfile", {"actor": did}, of_others=True))
    except (Rejected, Retry):
        return Author(did, handle)
    return Author(did, handle, author.name, author.followers, author.indexable)
