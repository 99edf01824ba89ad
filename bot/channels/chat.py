"""Notices to the team's chat: to the incoming webhook of Slack, Mattermost, Teams and others."""

from typing import Any
from urllib.parse import urlsplit

from bot.channels.base import Reach
from bot.channels.messages import Message
from bot.platforms.base import Clock
from bot.platforms.wire.http import Caller
from bot.posts import Reconnect, Refusal, Rejected

_ADAPTIVE_HOSTS = (".logic.azure.com", ".powerplatform.com")


class ChatChannel:
    """An incoming webhook; its address is a secret."""

    name = "webhook"
    reaches = Reach.TEAM

    def __init__(self, url: str, clock: Clock) -> None:
        self._is_adaptive = (urlsplit(url).hostname or "").endswith(_ADAPTIVE_HOSTS)
        self._caller = Caller(url, "The notices' webhook", clock, allow_private=True)

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:  # noqa: ARG002
        """Post one message; a webhook has no use for ``to`` and ``key``."""
        answer = self._caller.call("POST", "", json=self._body(message), timeout=timeout)
        if answer.ok:
            return
        error = self._caller.refusal(answer, writes=True)
        raise Rejected(str(error), Refusal.UNAUTHORISED) if isinstance(error, Reconnect) else error

    def close(self) -> None:
        self._caller.close()

    def _body(self, message: Message) -> dict[str, Any]:
        text = f"{message.subject}\n\n{message.text}".strip()
        if not self._is_adaptive:
            return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [{"type": "TextBlock", "text": text, "wrap": True}],
        }
        content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [content]}
