"""Setting X up and looking after it: permissions, the webhook, the subscriptions, what was missed.

Sources: https://docs.x.com/x-api/webhooks/introduction and https://docs.x.com/x-api/activity/introduction.
Nothing here posts anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.platforms.http import Answer
from bot.platforms.x.auth import BRAND_SCOPES
from bot.platforms.x.calls import XCalls
from bot.platforms.x.refusals import refusal
from bot.posts import Author

EVENT_TYPES = ("post.mention.create", "post.reply.create", "post.delete", "oauth.revoke")
"""What the brand account is subscribed to. Tagged answers are found by search: see ``search``."""
REPLAY_WINDOW = timedelta(hours=24)
_MINUTE = "%Y%m%d%H%M"


@dataclass(frozen=True, slots=True)
class XWebhook:
    """A webhook as X knows it; an invalid one gets no events until it passes X's check again."""

    id: str
    url: str
    valid: bool


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
        return [_webhook(one) for one in _objects(content.get("data"))]

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

    def ensure_subscriptions(self, brand: Author, webhook: XWebhook) -> list[str]:
        """Subscribe to what is missing for the brand account; the kinds of events that were added."""
        content = self._calls.content(
            self._calls.as_app("GET", "/2/activity/subscriptions", bucket="subscriptions")
        )
        there = {
            one.get("event_type")
            for one in _objects(content.get("data"))
            if (one.get("filter") or {}).get("user_id") == brand.id and one.get("webhook_id") == webhook.id
        }
        missing = [kind for kind in EVENT_TYPES if kind not in there]
        for kind in missing:
            body = {
                "event_type": kind,
                "filter": {"user_id": brand.id},
                "tag": "chorus",
                "webhook_id": webhook.id,
            }
            self._done(
                self._calls.as_app("POST", "/2/activity/subscriptions", bucket="subscriptions", json=body)
            )
        return missing

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

    def _done(self, answer: Answer) -> dict[str, Any]:
        """The content of an answer of success; what is there already (409) is as good as done."""
        if answer.ok or answer.status == HTTPStatus.CONFLICT:
            return answer.mapping()
        raise refusal(self._calls.caller, answer, writes=False)


def _webhook(content: Mapping[str, Any]) -> XWebhook:
    return XWebhook(str(content.get("id", "")), str(content.get("url", "")), content.get("valid") is True)


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
