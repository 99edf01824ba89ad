"""Setting X up and looking after it: permissions, the webhook, the subscriptions, what was missed.

Sources: https://docs.x.com/x-api/webhooks/introduction and https://docs.x.com/x-api/activity/introduction.
Nothing here posts anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.platforms.wire.http import HttpResponse
from bot.platforms.x.access.auth import BRAND_SCOPES
from bot.platforms.x.access.calls import XCalls
from bot.platforms.x.access.refusals import refusal
from bot.platforms.x.content.field_names import objects
from bot.posts import Author, PlatformError, Reconnect, Rejected

EVENT_TYPES: Mapping[str, str] = {
    "post.mention.create": "mentions of the brand: they are polled instead",
    "post.reply.create": "replies to the brand's posts: those that mention it are polled instead",
    "post.quote.create": "posts that quote the brand's: those that mention it are polled instead",
    "post.delete": "deletions of the brand's own posts",
    "oauth.revoke": "the permission's end: the next call tells",
}
"""What the brand account is subscribed to, and what is not heard at once without it.

Tagged answers are found by search: see ``search``.
"""
_OF_THE_APP = "oauth.revoke"
"""The one kind that is not about one account, and takes no filter."""
_MOST_PAGES = 150
REPLAY_WINDOW = timedelta(hours=24)
_MINUTE = "%Y%m%d%H%M"


@dataclass(frozen=True, slots=True)
class XWebhook:
    """A webhook as X knows it; an invalid one gets no events until it passes X's check again."""

    id: str
    url: str
    valid: bool


@dataclass(slots=True)
class XSubscriptions:
    """What became of each kind of event: it is there, or X refuses it and says why."""

    there: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    refused: dict[str, PlatformError] = field(default_factory=dict)


class XSetup:
    """What ``chorus connect x``, ``chorus doctor`` and the admin page do on X."""

    def __init__(self, calls: XCalls) -> None:
        self._calls = calls

    def missing_permissions(self) -> list[str]:
        """The permissions that the brand's token lacks; none for OAuth 1.0a, whose tokens do not tell."""
        tokens = self._calls.tokens.load()
        if "oauth_token" in tokens:
            return []
        granted = set(tokens.get("scope", "").split())
        return [scope for scope in BRAND_SCOPES.split() if scope not in granted]

    def webhooks(self) -> list[XWebhook]:
        """The app's webhooks. Raises Retry, Reconnect or Rejected."""
        content = self._calls.content(self._calls.as_app("GET", "/2/webhooks", bucket="webhooks"))
        return [_webhook(one) for one in objects(content.get("data"))]

    def ensure_webhook(self, url: str) -> XWebhook:
        """Register ``url``, or have X check it again where it is registered and no longer valid.

        X calls the address at once, so the server has to be running. Raises Retry, Reconnect or Rejected.
        """
        for webhook in self.webhooks():
            if webhook.url == url:
                return webhook if webhook.valid else self._revalidate(webhook)
        answer = self._calls.as_app("POST", "/2/webhooks", bucket="webhooks", json={"url": url})
        content = self._done(answer)
        data = content.get("data")
        return _webhook(data if isinstance(data, dict) else content)

    def missing_subscriptions(self, brand: Author, webhook: XWebhook) -> list[str]:
        """The kinds of events that X does not send for the brand. Raises Retry, Reconnect or Rejected."""
        there = {
            str(one.get("event_type"))
            for one in self._subscriptions()
            if one.get("webhook_id") == webhook.id
            and (one.get("event_type") == _OF_THE_APP or (one.get("filter") or {}).get("user_id") == brand.id)
        }
        return [kind for kind in EVENT_TYPES if kind not in there]

    def ensure_subscriptions(self, brand: Author, webhook: XWebhook) -> XSubscriptions:
        """Subscribe to what is missing, one kind after the other: a refused one never ends the others.

        Raises Retry, Reconnect or Rejected where X does not even tell what is there.
        """
        missing = self.missing_subscriptions(brand, webhook)
        found = XSubscriptions(there=[kind for kind in EVENT_TYPES if kind not in missing])
        for kind in missing:
            try:
                self._subscribe(kind, brand, webhook)
                found.added.append(kind)
            except PlatformError as error:
                found.refused[kind] = error
        return found

    def _subscribe(self, kind: str, brand: Author, webhook: XWebhook) -> None:
        """As the app; where X wants the account's own word for it (events it calls private), as the brand."""
        body = {
            "event_type": kind,
            "filter": {} if kind == _OF_THE_APP else {"user_id": brand.id},
            "tag": "chorus",
            "webhook_id": webhook.id,
        }
        path, bucket = "/2/activity/subscriptions", "subscriptions"
        try:
            self._done(self._calls.as_app("POST", path, bucket=bucket, json=body))
        except (Rejected, Reconnect):
            self._done(self._calls.as_brand("POST", path, bucket=bucket, json=body))

    def _subscriptions(self) -> Iterator[Mapping[str, Any]]:
        params = {"max_results": "1000"}
        for _ in range(_MOST_PAGES):
            answer = self._calls.as_app(
                "GET", "/2/activity/subscriptions", bucket="subscriptions", params=params
            )
            content = self._calls.content(answer)
            yield from objects(content.get("data"))
            token = (content.get("meta") or {}).get("next_token")
            if not token:
                return
            params["pagination_token"] = str(token)

    def replay(self, webhook: XWebhook, since: datetime, until: datetime) -> None:
        """Have X send again what the webhook missed; what lies further back than 24 hours is polled."""
        begin = max(since, until - REPLAY_WINDOW)
        body = {
            "webhook_id": webhook.id,
            "from_date": begin.strftime(_MINUTE),
            "to_date": until.strftime(_MINUTE),
        }
        self._done(self._calls.as_app("POST", "/2/webhooks/replay", bucket="replay", json=body))

    def _revalidate(self, webhook: XWebhook) -> XWebhook:
        self._done(self._calls.as_app("PUT", f"/2/webhooks/{webhook.id}", bucket="webhooks"))
        return XWebhook(webhook.id, webhook.url, valid=True)

    def _done(self, answer: HttpResponse) -> dict[str, Any]:
        """The content of an answer of success; what is there already (409) is as good as done."""
        if answer.ok or answer.status == HTTPStatus.CONFLICT:
            return answer.mapping()
        raise refusal(self._calls.caller, answer, writes=False)


def _webhook(content: Mapping[str, Any]) -> XWebhook:
    return XWebhook(str(content.get("id", "")), str(content.get("url", "")), content.get("valid") is True)
