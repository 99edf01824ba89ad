"""The part of the fake X at which an app sets up its webhook and subscribes to events."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(kw_only=True)
class FakeWebhooks:
    """What an app has set up."""

    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    subscriptions_per_page: int = 1000
    replays: list[dict[str, Any]] = field(default_factory=list)
    refused_events: set[str] = field(default_factory=set)
    """Kinds that nobody may subscribe to here."""
    private_events: set[str] = field(default_factory=set)
    """Kinds that only the account itself may subscribe to."""

    def _list_webhooks(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": list(self.webhooks.values())})

    def _add_webhook(self, request: httpx.Request) -> httpx.Response:
        hook = {"id": f"hook{len(self.webhooks)}", "url": json.loads(request.content)["url"], "valid": True}
        self.webhooks[str(hook["id"])] = hook
        return httpx.Response(200, json={"data": hook})

    def _check_webhook(self, request: httpx.Request, hook: str) -> httpx.Response:
        self.webhooks[hook]["valid"] = True
        return httpx.Response(200, json={"data": {"attempted": True}})

    def _replay(self, request: httpx.Request) -> httpx.Response:
        self.replays.append(json.loads(request.content))
        return httpx.Response(200, json={"data": {"job_id": "1"}})

    def _list_subscriptions(self, request: httpx.Request) -> httpx.Response:
        start, size = int(request.url.params.get("pagination_token", "0")), self.subscriptions_per_page
        page, rest = self.subscriptions[start : start + size], self.subscriptions[start + size :]
        meta = {"next_token": str(start + size)} if rest else {}
        return httpx.Response(200, json={"data": page, "meta": meta})

    def _subscribe(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        kind, is_app = body["event_type"], request.headers["authorization"] == "Bearer app-token"
        if kind in self.refused_events:
            told = f"The value [{kind}] for event_type is not one of [...]"
            return httpx.Response(400, json={"errors": [{"message": told}], "title": "Invalid Request"})
        if kind in self.private_events and is_app:
            return problem(403, "Forbidden", f"{kind} needs the user's own authorization.")
        self.subscriptions.append(body)
        return httpx.Response(200, json={"data": {"subscription": self.subscriptions[-1]}})


def problem(status: int, title: str, detail: str) -> httpx.Response:
    return httpx.Response(
        status, json={"title": title, "detail": detail, "type": "about:blank", "status": status}
    )
