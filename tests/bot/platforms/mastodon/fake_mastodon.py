"""A server that speaks Mastodon's API, in memory: as Mastodon does, or with GoToSocial's differences.

It sits behind ``httpx.MockTransport``; ``ledger`` is its own record of what the brand has published.
"""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens

BASE = "https://social.example"
DOMAIN = "example.social"
TOKEN = "brand-token"

Reply = httpx.Response | Exception
Status = dict[str, Any]


class FakeMastodon:
    """One server with the brand's account on it."""

    def __init__(self, clock: FakeClock, *, gotosocial: bool = False) -> None:
        self.clock = clock
        self.gotosocial = gotosocial
        self.batches = not gotosocial
        self.accounts: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, Status] = {}
        self.notifications: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.followed: list[str] = []
        self.locked: set[str] = set()
        """Accounts that answer requests to follow them by hand."""
        self.requested: set[str] = set()
        self.blocking: set[str] = set()
        """Accounts that have blocked the brand."""
        self.requests: list[httpx.Request] = []
        self.token = TOKEN
        self._faults: list[tuple[str, str, Reply, bool]] = []
        self._count = 0
        self.brand = self.sign_up("brand")

    # -- what people and tests do ---------------------------------------------------------------------

    def sign_up(self, name: str, host: str = "") -> dict[str, Any]:
        account: dict[str, Any] = {
            "id": self._id(),
            "username": name,
            "acct": f"{name}@{host}" if host else name,
            "display_name": name.title(),
            "followers_count": 7,
            "indexable": True,
        }
        self.accounts[account["id"]] = account
        return account

    def post(self, author: dict[str, Any], text: str, **fields: Any) -> Status:
        everybody = self.accounts.values()
        mentioned = [one for one in everybody if re.search(rf"@{one['username']}\b", text)]
        number = self._id()
        status: Status = {
            "id": number,
            "created_at": self.clock().isoformat().replace("+00:00", "Z"),
            "account": author,
            "content": _as_html(text),
            "visibility": "public",
            "in_reply_to_id": None,
            "mentions": [{name: one[name] for name in ("id", "username", "acct")} for one in mentioned],
            "tags": [{"name": tag.lower()} for tag in re.findall(r"#(\w+)", text)],
            "language": "en",
            "url": f"{BASE}/@{author['acct']}/{number}",
            "edited_at": None,
            **fields,
        }
        self.statuses[status["id"]] = status
        if self.brand in mentioned and author is not self.brand:
            told = {"id": self._id(), "type": "mention", "created_at": status["created_at"], "status": status}
            self.notifications.append(told)
        return status

    def remove(self, status: Status) -> None:
        self.statuses.pop(status["id"])
        self.notifications = [one for one in self.notifications if one["status"] is not status]

    @property
    def ledger(self) -> list[Status]:
        return [one for one in self.statuses.values() if one["account"] is self.brand]

    def fail(self, method: str, path: str, reply: Reply, *, accepted: bool = False) -> None:
        """Let the next call to a path go wrong; ``accepted``: the server did what was asked all the same."""
        self._faults.append((method, path, reply, accepted))

    def adapter(self, **settings: Any) -> Mastodon:
        tokens = MemoryTokens(access_token=TOKEN)
        transport = httpx.MockTransport(self.handle)
        return Mastodon(MastodonAccount(BASE, **settings), tokens, self.clock, transport)

    # -- what the server does -------------------------------------------------------------------------

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        fault = next((one for one in self._faults if self._hits(one, request)), None)
        if fault is None:
            return self._answer(request)
        self._faults.remove(fault)
        _, _, reply, accepted = fault
        if accepted:
            self._answer(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _hits(self, fault: tuple[str, str, Reply, bool], request: httpx.Request) -> bool:
        return fault[0] == request.method and request.url.path.startswith(fault[1])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path)
        if path == "/api/v2/instance":
            return httpx.Response(200, json=self._instance())
        signed_in = request.headers.get("authorization") == f"Bearer {self.token}"
        shown = re.fullmatch(r"/api/v1/statuses/(\w+)", path)
        if not signed_in and "authorization" not in request.headers and shown and not self.gotosocial:
            return self._shown_to_strangers(shown[1])
        if not signed_in:
            return httpx.Response(401, json={"error": "The access token is invalid"})
        for method, pattern, answer in self._routes():
            match = re.fullmatch(pattern, path)
            if method == request.method and match:
                return answer(request, *match.groups())
        return httpx.Response(404, json={"error": "Record not found"})

    def _routes(self) -> list[tuple[str, str, Callable[..., httpx.Response]]]:
        return [
            ("GET", r"/api/v1/accounts/verify_credentials", lambda _: _ok(self.brand)),
            ("GET", r"/api/v1/accounts/lookup", self._look_up_account),
            ("GET", r"/api/v2/search", self._search),
            ("GET", r"/api/v1/timelines/tag/(.+)", self._hashtag),
            ("GET", r"/api/v1/accounts/relationships", self._relationships),
            ("GET", r"/api/v1/accounts/(\w+)/statuses", self._account_statuses),
            ("GET", r"/api/v1/accounts/(\w+)", self._account),
            ("POST", r"/api/v1/accounts/(\w+)/follow", self._follow),
            ("GET", r"/api/v1/notifications", self._read_notifications),
            ("GET", r"/api/v1/statuses", self._read_batch),
            ("POST", r"/api/v1/statuses", self._publish),
            ("GET", r"/api/v1/statuses/(\w+)/context", self._context),
            ("POST", r"/api/v1/statuses/(\w+)/reblog", self._reblog),
            ("POST", r"/api/v1/statuses/(\w+)/unreblog", self._unreblog),
            ("POST", r"/api/v1/statuses/(\w+)/(un)?favourite", self._favourite),
            ("GET", r"/api/v1/statuses/(\w+)", lambda _, one: self._found(one)),
            ("PUT", r"/api/v1/statuses/(\w+)", self._edit),
            ("DELETE", r"/api/v1/statuses/(\w+)", self._delete),
        ]

    def _instance(self) -> dict[str, Any]:
        source = "https://code.example/gotosocial" if self.gotosocial else "https://code.example/mastodon"
        return {
            "domain": DOMAIN,
            "version": "0.17.3" if self.gotosocial else "4.4.0",
            "source_url": source,
            "configuration": {
                "statuses": {"max_characters": 500, "characters_reserved_per_url": 23},
                "urls": {"streaming": "wss://streaming.social.example"},
            },
        }

    def _found(self, status: str) -> httpx.Response:
        known = self.statuses.get(status)
        hidden = known is None or self._is_unseen(known) or known["account"]["id"] in self.blocking
        return httpx.Response(404, json={"error": "Record not found"}) if hidden else _ok(known)

    def _shown_to_strangers(self, status: str) -> httpx.Response:
        known = self.statuses.get(status)
        if known is None or self._is_unseen(known) or known["visibility"] not in ("public", "unlisted"):
            return httpx.Response(404, json={"error": "Record not found"})
        return _ok(known)

    def _is_unseen(self, status: Status) -> bool:
        """Whether nobody is shown a status: its author is suspended, or has closed the account."""
        return bool(status["account"].get("suspended")) or status["account"]["id"] not in self.accounts

    def _account(self, _request: httpx.Request, account: str) -> httpx.Response:
        known = self.accounts.get(account)
        return _ok(known) if known else httpx.Response(404, json={"error": "Record not found"})

    def _look_up_account(self, request: httpx.Request) -> httpx.Response:
        acct = request.url.params["acct"]
        known = next((one for one in self.accounts.values() if one["acct"] == acct), None)
        return _ok(known) if known else httpx.Response(404, json={"error": "Record not found"})

    def _search(self, request: httpx.Request) -> httpx.Response:
        """Words in quotes; GoToSocial finds the brand's own statuses alone."""
        words = request.url.params.get("q", "").strip('"').lower()
        asked = request.url.params.get("type") == "statuses" and not self.gotosocial
        found = [one for one in self.statuses.values() if words in one["content"].lower()] if asked else []
        after = request.url.params.get("min_id", "")
        newest = [one for one in reversed(found) if one["id"] > after]
        told = newest[: int(request.url.params.get("limit", "20"))]
        return _ok({"accounts": [], "statuses": told, "hashtags": []})

    def _hashtag(self, request: httpx.Request, tag: str) -> httpx.Response:
        """A hashtag's timeline; replies are none of it on GoToSocial."""
        found = [
            one
            for one in self.statuses.values()
            if one["visibility"] == "public" and any(t["name"].lower() == tag for t in one["tags"])
        ]
        if self.gotosocial:
            found = [one for one in found if not one.get("in_reply_to_id")]
        return _ok(_paged(found, request))

    def _relationships(self, request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get_list("id[]")
        return _ok(
            [
                {
                    "id": one,
                    "following": one in self.followed,
                    "requested": one in self.requested,
                    "blocked_by": one in self.blocking,
                }
                for one in ids
            ]
        )

    def _follow(self, request: httpx.Request, account: str) -> httpx.Response:
        waits = account in self.locked
        if waits:
            self.requested.add(account)
        else:
            self.followed.append(account)
        return _ok({"id": account, "following": not waits, "requested": waits})

    def _account_statuses(self, request: httpx.Request, account: str) -> httpx.Response:
        own = [one for one in self.statuses.values() if one["account"]["id"] == account]
        if request.url.params.get("exclude_reblogs") == "true":
            own = [one for one in own if not one.get("reblog")]
        tagged = request.url.params.get("tagged")
        if tagged and not self.gotosocial:
            own = [one for one in own if any(tag["name"] == tagged for tag in one["tags"])]
        return _ok(_paged(own, request))

    def _read_notifications(self, request: httpx.Request) -> httpx.Response:
        return _ok(_paged(self.notifications, request))

    def _read_batch(self, request: httpx.Request) -> httpx.Response:
        if not self.batches:
            return httpx.Response(404, json={"error": "Not Found"})
        ids = request.url.params.get_list("id[]")
        found = [self._found(one) for one in ids]
        return _ok([one.json() for one in found if one.is_success])

    def _context(self, request: httpx.Request, status: str) -> httpx.Response:
        if status not in self.statuses:
            return httpx.Response(404, json={"error": "Record not found"})
        below = [one for one in self.statuses.values() if one["in_reply_to_id"] == status]
        return _ok({"ancestors": [], "descendants": below})

    def _publish(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        key = request.headers.get("idempotency-key", "")
        if key in self.keys and not self.gotosocial:
            return _ok(self.statuses[self.keys[key]])
        warning = told.get("spoiler_text", "")
        if len(warning + told["status"]) > 500:
            return httpx.Response(400 if self.gotosocial else 422, json={"error": _TOO_LONG[self.gotosocial]})
        parent = told.get("in_reply_to_id")
        if parent and parent not in self.statuses:
            return httpx.Response(404, json={"error": "Record not found"})
        status = self.post(
            self.brand,
            told["status"],
            in_reply_to_id=parent,
            visibility=told["visibility"],
            spoiler_text=warning,
        )
        self.keys[key] = status["id"]
        return _ok(status)

    def _edit(self, request: httpx.Request, status: str) -> httpx.Response:
        known = self.statuses.get(status)
        if known is None:
            return httpx.Response(404, json={"error": "Record not found"})
        told = json.loads(request.content)
        known["content"] = _as_html(told["status"])
        known["spoiler_text"] = told.get("spoiler_text", "")
        known["edited_at"] = self.clock().isoformat()
        return _ok(known)

    def _delete(self, request: httpx.Request, status: str) -> httpx.Response:
        known = self.statuses.pop(status, None)
        return _ok(known) if known else httpx.Response(404, json={"error": "Record not found"})

    def _reblog(self, request: httpx.Request, status: str) -> httpx.Response:
        original = self.statuses.get(status)
        if original is None:
            return httpx.Response(404, json={"error": "Record not found"})
        earlier = next((one for one in self.ledger if one.get("reblog") is original), None)
        return _ok(earlier or self.post(self.brand, "", reblog=original))

    def _favourite(self, request: httpx.Request, status: str, undo: str | None) -> httpx.Response:
        del request
        if status not in self.statuses:
            return httpx.Response(404, json={"error": "Record not found"})
        self.statuses[status]["favourited"] = undo is None
        return _ok(self.statuses[status])

    def _unreblog(self, request: httpx.Request, status: str) -> httpx.Response:
        for one in self.ledger:
            if one.get("reblog") and one["reblog"]["id"] == status:
                del self.statuses[one["id"]]
        return self._found(status)

    def _id(self) -> str:
        """Numbers as Mastodon's, or ULIDs as GoToSocial's."""
        self._count += 1
        return (
            f"01JZ0000000000000000{self._count:06d}"
            if self.gotosocial
            else str(114000000000000000 + self._count)
        )


_TOO_LONG = {
    False: "Validation failed: Text character limit of 500 exceeded",
    True: "Bad Request: status too long, 501 characters provided but limit is 500",
}


def _as_html(text: str) -> str:
    """As Mastodon renders it: mentions are shortened to ``@user``."""
    escaped = re.sub(r"@(\w+)@[\w.]+", r'<a href="#">@<span>\1</span></a>', html.escape(text))
    return "<p>" + escaped.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"


def _paged(items: list[dict[str, Any]], request: httpx.Request) -> list[dict[str, Any]]:
    """The newest first; ``min_id`` gives the page right after an id, ``since_id`` the newest page."""
    params = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
    limit = int(params.get("limit", 20))
    if "min_id" in params:
        return list(reversed([one for one in items if one["id"] > params["min_id"]][:limit]))
    if "max_id" in params:
        items = [one for one in items if one["id"] < params["max_id"]]
    return list(reversed(items))[:limit]


def _ok(content: Any) -> httpx.Response:
    return httpx.Response(200, json=content)
