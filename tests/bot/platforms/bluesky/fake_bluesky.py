"""Bluesky's network in memory: accounts (PDS), what is shown of them (AppView), the DID directory (PLC).

It sits behind ``httpx.MockTransport`` and has the traps of the real one: a bare time as the cursor of the
notifications, 400 for a bad token, no trace of a deletion. ``ledger`` is its record of what the brand
published.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount
from bot.platforms.bluesky.tid import Tids
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens

SERVICE = "https://pds.example"
PLC = "https://plc.example"
APP_PASSWORD = "abcd-efgh-ijkl-mnop"
POST = "app.bsky.feed.post"

Json = dict[str, Any]
Reply = httpx.Response | Exception


class FakeBluesky:
    """One server with everybody on it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.handles: dict[str, str] = {}
        self.documents: dict[str, Json] = {}
        self.labels: dict[str, list[Json]] = {}
        self.records: dict[str, Json] = {}
        self.oddities: dict[str, Json] = {}
        """What the AppView says of posts instead of what it should."""
        self.notifications: list[Json] = []
        self.statuses: dict[str, str] = {}
        """What became of accounts: ``deactivated``, ``takendown``, ``suspended``, ``deleted``."""
        self.moved: dict[str, str] = {}
        """The server that accounts live on now; every other says that they are deactivated."""
        self.blocking: set[str] = set()
        """Whoever has blocked the brand."""
        self.closed: set[str] = set()
        """Posts that the brand may not reply to."""
        self.hidden: set[str] = set()
        """Posts that nobody is shown, although their author's server has them."""
        self.taken_down: set[str] = set()
        """Posts that their author's server shows to nobody either."""
        self.commits = 0
        self.requests: list[httpx.Request] = []
        self.access, self.refresh, self._session = "access-0", "refresh-0", 0
        self._faults: list[tuple[str, Reply, bool]] = []
        self._tids = Tids(1)
        self.brand = self.sign_up("brand.example")

    # -- what people and tests do ---------------------------------------------------------------------

    def sign_up(self, handle: str) -> str:
        """A new account's DID."""
        did = "did:plc:" + hashlib.sha256(handle.encode()).hexdigest()[:24]
        self.handles[handle] = did
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": SERVICE}
        self.documents[did] = {"id": did, "alsoKnownAs": [f"at://{handle}"], "service": [service]}
        return did

    def post(
        self,
        author: str,
        text: str,
        *,
        at: datetime | None = None,
        parent: Json | None = None,
        quote: Json | None = None,
    ) -> Json:
        """A post: its ``uri`` and ``cid``. Whom it names by handle is mentioned by facet."""
        record: Json = {"$type": POST, "text": text, "createdAt": _text(at or self.clock()), "langs": ["en"]}
        record["facets"] = [
            _mention(text, handle, did) for handle, did in self.handles.items() if f"@{handle}" in text
        ]
        record["facets"] += [_tag(text, word) for word in text.split() if word.startswith("#")]
        if parent:
            root = self.records[parent["uri"]]["value"].get("reply", {}).get("root", parent)
            record["reply"] = {"root": root, "parent": parent}
        if quote:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": quote}
        uri = f"at://{author}/{POST}/{self._tids.next(self.clock())}"
        reference = self._store(uri, record)
        self._notify(author, reference, record)
        return reference

    def remove(self, reference: Json) -> None:
        self.records.pop(reference["uri"])
        self.notifications = [one for one in self.notifications if one["uri"] != reference["uri"]]

    def rewrite(self, reference: Json, text: str) -> None:
        """Another version of a post under the same address."""
        self._store(reference["uri"], {**self.records[reference["uri"]]["value"], "text": text})

    @property
    def ledger(self) -> list[Json]:
        return [one for uri, one in self.records.items() if uri.startswith(f"at://{self.brand}/")]

    def fail(self, name: str, reply: Reply, *, accepted: bool = False) -> None:
        """Let the next call go wrong; ``accepted``: the server did what was asked all the same."""
        self._faults.append((name, reply, accepted))

    def end_session(self) -> None:
        """The access token has run out."""
        self._session += 1
        self.access = f"access-{self._session}"

    def tokens(self) -> MemoryTokens:
        return MemoryTokens(did=self.brand, handle="brand.example", access=self.access, refresh=self.refresh)

    def adapter(self, tokens: MemoryTokens | None = None, **settings: Any) -> Bluesky:
        account = BlueskyAccount(service=SERVICE, plc_directory=PLC, **settings)
        transport = httpx.MockTransport(self.handle)
        return Bluesky(account, tokens or self.tokens(), self.clock, transport, clock_id=7)

    # -- what the network does ------------------------------------------------------------------------

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name = request.url.path.rpartition("/")[2]
        fault = next((one for one in self._faults if one[0] == name), None)
        if fault is None:
            return self._answer(name, request)
        self._faults.remove(fault)
        if fault[2]:
            self._answer(name, request)
        if isinstance(fault[1], Exception):
            raise fault[1]
        return fault[1]

    def _answer(self, name: str, request: httpx.Request) -> httpx.Response:
        if request.url.host == "plc.example":
            document = self.documents.get(name)
            return _ok(document) if document else httpx.Response(404, json={"message": "DID not registered"})
        answer = self._open().get(name)
        if answer is None:
            answer = self._closed()[name]
            if request.headers.get("authorization") != f"Bearer {self.access}":
                return _refused("ExpiredToken", "Token has expired")
        return answer(request)

    def _open(self) -> dict[str, Callable[[httpx.Request], httpx.Response]]:
        return {
            "com.atproto.server.createSession": self._create_session,
            "com.atproto.server.refreshSession": self._refresh_session,
            "com.atproto.repo.listRecords": self._list_records,
            "com.atproto.repo.getRecord": self._get_record,
            "com.atproto.sync.getRepoStatus": self._repo_status,
            "com.atproto.sync.getRecord": self._proof,
        }

    def _closed(self) -> dict[str, Callable[[httpx.Request], httpx.Response]]:
        return {
            "com.atproto.repo.putRecord": self._put_record,
            "com.atproto.repo.deleteRecord": self._delete_record,
            "com.atproto.identity.resolveHandle": self._resolve,
            "app.bsky.actor.getProfile": self._profile,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.feed.searchPosts": self._search_posts,
            "app.bsky.notification.listNotifications": self._list_notifications,
        }

    def _create_session(self, request: httpx.Request) -> httpx.Response:
        if json.loads(request.content)["password"] != APP_PASSWORD:
            return _refused("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._new_session()

    def _refresh_session(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {self.refresh}":
            return _refused("ExpiredToken", "Token has been revoked")
        return self._new_session()

    def _new_session(self) -> httpx.Response:
        self._session += 1
        self.access, self.refresh = f"access-{self._session}", f"refresh-{self._session}"
        told = {"did": self.brand, "handle": "brand.example"}
        return _ok({**told, "accessJwt": self.access, "refreshJwt": self.refresh})

    def _list_records(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if asked["repo"] in self.statuses:
            return _refused("InvalidRequest", f"Could not find repo: {asked['repo']}")
        start = f"at://{asked['repo']}/{asked['collection']}/"
        own = sorted((uri for uri in self.records if uri.startswith(start)), reverse=True)
        own = [uri for uri in own if not asked.get("cursor") or uri.rpartition("/")[2] < asked["cursor"]]
        page = own[: int(asked["limit"])]
        told: Json = {"records": [self.records[uri] for uri in page]}
        return _ok(told | ({"cursor": page[-1].rpartition("/")[2]} if page else {}))

    def _repo_status(self, request: httpx.Request) -> httpx.Response:
        did = request.url.params["did"]
        if self.moved.get(did, request.url.host) != request.url.host:
            return _ok({"did": did, "active": False, "status": "deactivated"})
        if self.statuses.get(did) == "deleted":
            return _refused("RepoNotFound", f"Could not find repo for DID: {did}")
        status = {"status": self.statuses[did]} if did in self.statuses else {}
        return _ok({"did": did, "active": did not in self.statuses, **status})

    def _get_record(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        uri = f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}"
        known = self.records.get(uri)
        if known is None or uri in self.taken_down:
            return _refused("RecordNotFound", "Could not locate record")
        return _ok(known)

    def _proof(self, request: httpx.Request) -> httpx.Response:
        """The part of the repository that shows whether it holds a record, here: its digest."""
        asked = request.url.params
        known = self.records.get(f"at://{asked['did']}/{asked['collection']}/{asked['rkey']}")
        digest = _digest(known["value"]) if known else b""
        return httpx.Response(200, content=b"\x3a\xa2eroots" + digest)

    def _put_record(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        if len(told["record"].get("text", "")) > 300:
            return _refused("InvalidRequest", "Invalid record: grapheme too big (maximum 300, got 301)")
        uri = f"at://{told['repo']}/{told['collection']}/{told['rkey']}"
        known = self.records.get(uri)
        if known and known["cid"] == _cid(told["record"]):
            return _ok({"uri": uri, "cid": known["cid"]})
        if known and told["swapRecord"] is None:
            return _refused("InvalidSwap", f"Record was at {known['cid']}")
        self.commits += 1
        return _ok(self._store(uri, told["record"]))

    def _delete_record(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        self.records.pop(f"at://{told['repo']}/{told['collection']}/{told['rkey']}", None)
        return _ok({})

    def _resolve(self, request: httpx.Request) -> httpx.Response:
        did = self.handles.get(request.url.params["handle"])
        return _ok({"did": did}) if did else _refused("InvalidRequest", "Unable to resolve handle")

    def _profile(self, request: httpx.Request) -> httpx.Response:
        did = request.url.params["actor"]
        if self.statuses.get(did) in ("takendown", "suspended"):
            return _refused("AccountTakedown", "Account has been suspended")
        viewer = {"viewer": {"muted": False, "blockedBy": did in self.blocking}}
        return _ok(self._author(did) | {"followersCount": 3} | viewer)

    def _posts(self, request: httpx.Request) -> httpx.Response:
        uris = request.url.params.get_list("uris")
        assert len(uris) <= 25
        unseen = self.hidden | self.taken_down
        shown = [uri for uri in uris if uri in self.records and uri not in unseen]
        shown = [uri for uri in shown if uri.split("/")[2] not in self.blocking]
        return _ok({"posts": [self._view(uri) for uri in shown]})

    def _search_posts(self, request: httpx.Request) -> httpx.Response:
        """The newest first; ``since`` by the author's time; a cursor where there is more."""
        asked = request.url.params
        words, limit = asked["q"].strip('"').lower(), int(asked["limit"])
        found = [
            uri
            for uri, one in self.records.items()
            if one["value"].get("$type") == POST
            and words in one["value"]["text"].lower()
            and one["value"]["createdAt"] >= asked["since"]
        ]
        found.sort(key=lambda uri: self.records[uri]["value"]["createdAt"], reverse=True)
        more = {"cursor": str(limit)} if len(found) > limit else {}
        return _ok({"posts": [self._view(uri) for uri in found[:limit]], **more})

    def _list_notifications(self, request: httpx.Request) -> httpx.Response:
        """Sorted by the earlier of both times; the cursor is the last time, and all with it is skipped."""
        asked = request.url.params
        limit, cursor = int(asked["limit"]), asked.get("cursor")
        told = sorted(self.notifications, key=lambda one: (one["indexedAt"], one["uri"]), reverse=True)
        told = [one for one in told if not cursor or one["indexedAt"] < cursor]
        told = [one for one in told if one["reason"] in asked.get_list("reasons")]
        page = told[:limit]
        views = [{**one, **self._view(one["uri"]), "indexedAt": one["indexedAt"]} for one in page]
        return _ok({"notifications": views} | ({"cursor": page[-1]["indexedAt"]} if page else {}))

    def _notify(self, author: str, reference: Json, record: Json) -> None:
        """One notification a post: a mention in a reply is a mention; replies far below count, too."""
        named = [facet["features"][0].get("did") for facet in record["facets"]]
        reply = record.get("reply", {})
        owners = [reply[name]["uri"].split("/")[2] for name in ("parent", "root") if name in reply]
        quoted = record.get("embed", {}).get("record", {}).get("uri", "")
        reasons = {
            "mention": self.brand in named,
            "quote": quoted.startswith(f"at://{self.brand}/"),
            "reply": self.brand in owners,
        }
        reason = next((name for name, holds in reasons.items() if holds), None)
        if reason and author != self.brand:
            shown = min(record["createdAt"], _text(self.clock()))
            self.notifications.append({"uri": reference["uri"], "reason": reason, "indexedAt": shown})

    def _author(self, did: str) -> Json:
        handle = next(handle for handle, known in self.handles.items() if known == did)
        return {"did": did, "handle": handle, "displayName": "", "labels": self.labels.get(did, [])}

    def _view(self, uri: str) -> Json:
        known = self.records[uri]
        author = self._author(uri.split("/")[2])
        shown = known["value"]["createdAt"]
        return {
            "uri": uri,
            "cid": known["cid"],
            "author": author,
            "record": known["value"],
            "indexedAt": shown,
            "viewer": {"replyDisabled": True} if uri in self.closed else {},
            **self.oddities.get(uri, {}),
        }

    def _store(self, uri: str, record: Json) -> Json:
        self.records[uri] = {"uri": uri, "cid": _cid(record), "value": record}
        return {"uri": uri, "cid": _cid(record)}


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _digest(record: Json) -> bytes:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()


def _cid(record: Json) -> str:
    """The name of a record's version: multibase b, version 1, dag-cbor, sha2-256, digest."""
    name = b"\x01\x71\x12\x20" + _digest(record)
    return "b" + base64.b32encode(name).decode().lower().rstrip("=")


def _facet(text: str, word: str, feature: Json) -> Json:
    start = len(text[: text.index(word)].encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(word.encode())}, "features": [feature]}


def _mention(text: str, handle: str, did: str) -> Json:
    return _facet(text, f"@{handle}", {"$type": "app.bsky.richtext.facet#mention", "did": did})


def _tag(text: str, word: str) -> Json:
    return _facet(text, word, {"$type": "app.bsky.richtext.facet#tag", "tag": word[1:]})


def _ok(content: Any) -> httpx.Response:
    return httpx.Response(200, json=content)


def _refused(error: str, message: str, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "message": message})
