"""A fake X: its posts are the ledger, and it enforces what the real one does to an app.

The summon rule, duplicates, limits with headers, single-use refresh tokens, the longest search, edits
under new ids. ``faults`` lets it accept and then fail to answer.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import respx

from bot.platforms.x.length import XLength
from bot.platforms.x.search import id_at, time_of
from tests.bot.platforms.x.fake_webhooks import FakeWebhooks, problem
from tests.bot.platforms.x.x_names import POSTS, TWEETS, Names

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://api.x.com"
BRAND, CUSTOMER, EMPLOYEE, STRANGER = "100", "200", "300", "400"
USERS = {BRAND: "ExampleBrand", CUSTOMER: "Sam_Asks", EMPLOYEE: "JaneKnows", STRANGER: "Passerby"}
_ADDRESS = re.compile(r"https?://\S+")
_PROBLEM = "https://api.x.com/2/problems/"
Fault = Callable[[httpx.Request, httpx.Response], httpx.Response]


@dataclass
class Tweet:
    id: str
    author: str
    text: str
    parent: str | None = None
    repost_of: str | None = None
    history: list[str] = field(default_factory=list)
    at: datetime = NOW
    pictures: list[str] = field(default_factory=list)
    """One description for each picture."""
    choices: list[str] = field(default_factory=list)
    """A poll's."""

    @property
    def media_keys(self) -> list[str]:
        return [f"3_{self.id}{number}" for number in range(len(self.pictures))]


@dataclass
class FakeX(FakeWebhooks):
    """One X with four accounts, as the brand's app meets it."""

    now: datetime = NOW
    query_length: int = 512
    posts_per_window: int = 100
    names: Names = TWEETS
    posts: dict[str, Tweet] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[httpx.Request] = field(default_factory=list)
    access: set[str] = field(default_factory=lambda: {"access-1"})
    refresh: str = "refresh-1"
    renewals: int = 0
    published_in_window: int = 0
    hidden_from_timeline: bool = False
    _serial: int = 0

    def __post_init__(self) -> None:
        self.router = respx.MockRouter(base_url=URL, assert_all_called=False)
        routes: list[tuple[str, str, Callable[..., httpx.Response]]] = [
            ("POST", r"/2/oauth2/token", self._token),
            ("POST", r"/2/tweets", self._publish),
            ("DELETE", r"/2/tweets/(?P<post_id>\d+)", self._delete),
            ("GET", r"/2/tweets", self._look_up),
            ("GET", r"/2/tweets/search/recent", self._search),
            ("GET", r"/2/users/me", self._me),
            ("GET", r"/2/users/by/username/(?P<name>\w+)", self._by_name),
            ("GET", r"/2/users/(?P<user>\d+)/mentions", self._mentions),
            ("GET", r"/2/users/(?P<user>\d+)/tweets", self._timeline),
            ("POST", r"/2/users/(?P<user>\d+)/retweets", self._repost),
            ("DELETE", r"/2/users/(?P<user>\d+)/retweets/(?P<post_id>\d+)", self._undo_repost),
            ("GET", r"/2/webhooks", self._list_webhooks),
            ("POST", r"/2/webhooks", self._add_webhook),
            ("PUT", r"/2/webhooks/(?P<hook>\w+)", self._check_webhook),
            ("POST", r"/2/webhooks/replay", self._replay),
            ("GET", r"/2/activity/subscriptions", self._list_subscriptions),
            ("POST", r"/2/activity/subscriptions", self._subscribe),
        ]
        for method, path, handle in routes:
            self.router.route(method=method, path__regex=f"^{path}$").mock(side_effect=handle)

    def transport(self) -> httpx.MockTransport:
        """What to hand to the adapter in the network's place."""
        return httpx.MockTransport(self._handle)

    def post(self, author: str, text: str, parent: str | None = None, *, at: datetime | None = None) -> str:
        """Somebody posts; the id is returned."""
        when = at or self.now
        self._serial += 1
        post_id = str(id_at(when) + self._serial)
        self.posts[post_id] = Tweet(post_id, author, text, parent, history=[post_id], at=when)
        return post_id

    def edit(self, post_id: str, text: str) -> str:
        """Somebody edits their post: it gets a new id and keeps its history."""
        old = self.posts[post_id]
        new_id = self.post(old.author, text, old.parent)
        history = [*old.history, new_id]
        self.posts[new_id].history = history
        old.history = history
        return new_id

    def by_brand(self) -> list[Tweet]:
        """The ledger: what the brand has published."""
        return [post for post in self.posts.values() if post.author == BRAND]

    def expire_token(self) -> None:
        """The access token runs out before its time."""
        self.access.clear()

    def tell(self, post: Tweet, **extra: Any) -> dict[str, Any]:
        """A post as API v2 tells it: handles in front of replies, links shortened."""
        text, urls = post.text, []
        for number, address in enumerate(_ADDRESS.findall(text)):
            short = f"https://t.co/{post.id[-6:]}{number}"
            urls.append({"url": short, "expanded_url": address})
            text = text.replace(address, short)
        if post.pictures:
            page = f"https://twitter.com/{USERS[post.author]}/status/{post.id}/photo/1"
            short = f"https://t.co/{post.id[-6:]}m"
            urls += [{"url": short, "expanded_url": page, "media_key": key} for key in post.media_keys]
            text = f"{text} {short}"
        if post.parent in self.posts and post.author == BRAND:
            text = f"@{USERS[self.posts[post.parent].author]} {text}"
        mentions = [
            {"username": name, "id": user}
            for user, name in USERS.items()
            if f"@{name}".lower() in text.lower()
        ]
        tags = [{"tag": tag} for tag in re.findall(r"#(\w+)", text)]
        referenced = []
        if post.parent:
            referenced.append({"type": "replied_to", "id": post.parent})
        if post.repost_of:
            referenced.append({"type": "retweeted", "id": post.repost_of})
        return {
            "id": post.id,
            "text": text.replace("&", "&amp;").replace("<", "&lt;"),
            "author_id": post.author,
            "created_at": post.at.isoformat().replace("+00:00", ".000Z"),
            "edit_history_tweet_ids": post.history,
            "conversation_id": post.parent or post.id,
            "entities": {"mentions": mentions, "urls": urls, "hashtags": tags},
            "lang": "en",
            **({"referenced_tweets": referenced} if referenced else {}),
            **self._attached(post),
            **extra,
        }

    @staticmethod
    def _attached(post: Tweet) -> dict[str, Any]:
        keys = {"media_keys": post.media_keys} if post.pictures else {}
        polls = {"poll_ids": [f"poll{post.id}"]} if post.choices else {}
        return {"attachments": {**keys, **polls}} if keys or polls else {}

    def activity(self, kind: str, post_id: str) -> bytes:
        """An X Activity event about a post, as the webhook gets it."""
        post = self.posts[post_id]
        payload = self.tell(post) if kind != "post.delete" else {"id": post_id, "author_id": post.author}
        users = [self._user(post.author)]
        event = {"event_uuid": "-1", "filter": {"user_id": BRAND}, "event_type": kind, "tag": "chorus"}
        return json.dumps({"data": {**event, "payload": payload, "includes": {"users": users}}}).encode()

    # -- what the app calls --

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        authorization = request.headers.get("authorization", "")
        token = authorization.removeprefix("Bearer ")
        is_known = token in self.access or token == "app-token" or authorization.startswith("OAuth ")
        if request.url.path != "/2/oauth2/token" and not is_known:
            return problem(401, "Unauthorized", "Unauthorized")
        wrong = self.names.refusal(request.url.params) if request.method == "GET" else None
        response = wrong or self.router.handler(request)
        if self.faults and request.method == "POST" and request.url.path != "/2/oauth2/token":
            return self.faults.popleft()(request, response)
        return response

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form["grant_type"] == "authorization_code":
            if form.get("code") != "good-code" or not form.get("code_verifier"):
                return httpx.Response(400, json={"error": "invalid_grant", "error_description": "bad code"})
        elif form.get("refresh_token") != self.refresh:
            self.access.clear()
            return httpx.Response(400, json={"error": "invalid_request", "error_description": "bad token"})
        self.renewals += 1
        access, self.refresh = f"access-{self.renewals + 1}", f"refresh-{self.renewals + 1}"
        self.access = {access}
        scope = "tweet.read tweet.write users.read offline.access"
        told = {"token_type": "bearer", "expires_in": 7200, "access_token": access, "scope": scope}
        response = httpx.Response(200, json={**told, "refresh_token": self.refresh})
        return self.faults.popleft()(request, response) if self.faults else response

    def _publish(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        reply = body.get("reply", {})
        if set(body) - {"text", "reply"} or set(reply) - {"in_reply_to_tweet_id", "exclude_reply_user_ids"}:
            return problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        if self.published_in_window >= self.posts_per_window:
            return httpx.Response(429, json={"title": "Too Many Requests"}, headers=self._limits())
        text, parent = body["text"], reply.get("in_reply_to_tweet_id")
        refused = self._refuses(text, parent)
        if refused is not None:
            return refused
        self.published_in_window += 1
        post_id = self.post(BRAND, text, parent)
        return httpx.Response(201, json={"data": {"id": post_id, "text": text}}, headers=self._limits())

    def _refuses(self, text: str, parent: str | None) -> httpx.Response | None:
        if not XLength().fits(text):
            return problem(400, "Invalid Request", "Your Tweet text is too long.")
        if parent is not None and parent not in self.posts:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return problem(403, "Forbidden", detail)
        if any(post.text == text for post in self.by_brand()):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return problem(403, "Forbidden", detail)
        if parent is not None:
            asked = self.posts[parent]
            if asked.author != BRAND and f"@{USERS[BRAND]}".lower() not in asked.text.lower():
                detail = (
                    "Reply to this conversation is not allowed because you have not been mentioned or "
                    "otherwise engaged by the author of the post you are replying to."
                )
                return problem(403, "Forbidden", detail)
        return None

    def _limits(self) -> dict[str, str]:
        reset = int((self.now + timedelta(minutes=15)).timestamp())
        left = max(self.posts_per_window - self.published_in_window, 0)
        return {
            "x-rate-limit-limit": str(self.posts_per_window),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(reset),
        }

    def _delete(self, request: httpx.Request, post_id: str) -> httpx.Response:
        if self.posts.pop(post_id, None) is None:
            return problem(404, "Not Found Error", "Could not find tweet.")
        return httpx.Response(200, json={"data": {"deleted": True}})

    def _look_up(self, request: httpx.Request) -> httpx.Response:
        ids = request.url.params["ids"].split(",")
        assert len(ids) <= 100
        data = [self._told(self.posts[one], request) for one in ids if one in self.posts]
        errors = [
            {
                "resource_id": one,
                "value": one,
                "type": _PROBLEM + "resource-not-found",
                "title": "Not Found Error",
            }
            for one in ids
            if one not in self.posts
        ]
        includes = self._includes(request)
        return httpx.Response(200, json={"data": data, "errors": errors, "includes": includes})

    def _told(self, post: Tweet, request: httpx.Request) -> dict[str, Any]:
        return self.names.tell(self.tell(post), request.url.params)

    def _search(self, request: httpx.Request) -> httpx.Response:
        query, since = request.url.params["query"], int(request.url.params.get("since_id", "0"))
        if len(query) > self.query_length:
            return problem(400, "Invalid Request", "The query is too long.")
        if since and self.now - time_of(since) > timedelta(days=7):
            return problem(400, "Invalid Request", "'since_id' must be within the last seven days.")
        tags = [f"#{one}".lower() for one in re.findall(r"#(\w+)", query.partition(" -is:retweet")[0])]
        if " (from:" not in query:
            return self._search_words(query, since, request)
        accounts = set(re.findall(r"from:(\w+)", query))
        found = [
            post
            for post in self.posts.values()
            if post.author in accounts
            and int(post.id) > since
            and any(tag in post.text.lower() for tag in tags)
            and post.repost_of is None
        ]
        return self._newest_first(found, request)

    def _search_words(self, query: str, since: int, request: httpx.Request) -> httpx.Response:
        """As X reads ``((a OR "b c" -d (lang:en)) OR e) -is:retweet -from:100 -@Brand``; any language."""
        if not 10 <= int(request.url.params["max_results"]) <= 100:
            return problem(400, "Invalid Request", "'max_results' must be between 10 and 100.")
        if query.count("(") != query.count(")") or query.count('"') % 2:
            return problem(400, "Invalid Request", "The query cannot be read.")
        wanted, _, beside = query.partition(" -is:retweet")
        positive = re.sub(r'\s-(?:"[^"]*"|\w+)|lang:\w+', " ", wanted)
        words = [one.strip('"#').lower() for one in re.findall(r'"[^"]+"|#?\w+', positive) if one != "OR"]
        found = [
            post
            for post in self.posts.values()
            if int(post.id) > since
            and any(word in post.text.lower() for word in words)
            and post.repost_of is None
            and post.author not in re.findall(r"-from:(\d+)", beside)
            and not any(f"@{name}".lower() in post.text.lower() for name in re.findall(r"-@(\w+)", beside))
        ]
        return self._newest_first(found, request)

    def _mentions(self, request: httpx.Request, user: str) -> httpx.Response:
        found = [
            post
            for post in self.posts.values()
            if f"@{USERS[user]}".lower() in post.text.lower() and post.author != user
        ]
        return self._newest_first(self._since(found, request), request)

    def _timeline(self, request: httpx.Request, user: str) -> httpx.Response:
        found = [] if self.hidden_from_timeline else [p for p in self.posts.values() if p.author == user]
        return self._newest_first(self._since(found, request), request)

    def _since(self, posts: list[Tweet], request: httpx.Request) -> list[Tweet]:
        params = request.url.params
        after = int(params.get("since_id", "0"))
        start = datetime.fromisoformat(params["start_time"]) if "start_time" in params else None
        return [p for p in posts if int(p.id) > after and (start is None or p.at >= start)]

    def _newest_first(self, posts: list[Tweet], request: httpx.Request) -> httpx.Response:
        size = int(request.url.params["max_results"])
        start = int(request.url.params.get("pagination_token", "0"))
        ordered = sorted(posts, key=lambda post: -int(post.id))
        page = ordered[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(ordered):
            meta["next_token"] = str(start + size)
        data = {"data": [self._told(post, request) for post in page]} if page else {}
        includes = self._includes(request)
        return httpx.Response(200, json={**data, "meta": meta, "includes": includes})

    def _includes(self, request: httpx.Request) -> dict[str, Any]:
        asked = set(request.url.params.get("expansions", "").split(","))
        every = list(self.posts.values())
        media = [
            {"media_key": key, "type": "photo", **({"alt_text": alt} if alt else {})}
            for post in every
            for key, alt in zip(post.media_keys, post.pictures, strict=True)
        ]
        polls = [
            {
                "id": f"poll{post.id}",
                "options": [{"position": at, "label": label} for at, label in enumerate(post.choices, 1)],
            }
            for post in every
        ]
        posts = "posts" if self.names is POSTS else "tweets"
        told = [self._told(post, request) for post in every]
        return {
            **({"users": [self._user(user) for user in USERS]} if "author_id" in asked else {}),
            **({posts: told} if asked & {"referenced_tweets.id", "referenced_posts"} else {}),
            **({"media": media} if "attachments.media_keys" in asked else {}),
            **({"polls": polls} if "attachments.poll_ids" in asked else {}),
        }

    def _user(self, user: str) -> dict[str, Any]:
        metrics = {"followers_count": 97}
        return {"id": user, "username": USERS[user], "name": USERS[user], "public_metrics": metrics}

    def _me(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": self._user(BRAND)})

    def _by_name(self, request: httpx.Request, name: str) -> httpx.Response:
        for user, handle in USERS.items():
            if handle.lower() == name.lower():
                return httpx.Response(200, json={"data": self._user(user)})
        return httpx.Response(200, json={"errors": [{"type": _PROBLEM + "resource-not-found"}]})

    def _repost(self, request: httpx.Request, user: str) -> httpx.Response:
        source = json.loads(request.content)["tweet_id"]
        if source not in self.posts:
            return problem(404, "Not Found Error", "Could not find tweet.")
        if not any(post.repost_of == source for post in self.by_brand()):
            self.posts[self.post(user, f"RT {self.posts[source].text}")].repost_of = source
        return httpx.Response(200, json={"data": {"retweeted": True}})

    def _undo_repost(self, request: httpx.Request, user: str, post_id: str) -> httpx.Response:
        for post in self.by_brand():
            if post.repost_of == post_id:
                del self.posts[post.id]
        return httpx.Response(200, json={"data": {"retweeted": False}})


def lost(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Accepted, and then the answer never comes."""
    raise httpx.ReadTimeout("the answer got lost", request=request)


def server_error(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Accepted, and then a 503."""
    return httpx.Response(503, json={"title": "Service Unavailable"})


def truncated(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Accepted, and then half an answer."""
    return httpx.Response(response.status_code, content=response.content[:9])
