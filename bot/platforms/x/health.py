"""Is X's webhook still valid? If not: have X check it again, and send again what it missed meanwhile."""

from datetime import datetime, timedelta

from bot.platforms.health import Health
from bot.platforms.x.access.calls import XCalls
from bot.platforms.x.setup import XSetup, XWebhook
from bot.posts import PlatformError

_OVERLAP = timedelta(minutes=10)
"""How much earlier than needed the replay begins: what comes twice counts once."""


class XHealth:
    """Looks after the app's webhook; keeps ``bot.platforms.health.Checked``."""

    def __init__(self, calls: XCalls, webhook_url: str) -> None:
        """Take the adapter's calls and the public address of our webhook."""
        self._setup = XSetup(calls)
        self._url = webhook_url

    def check(self, since: datetime | None, now: datetime) -> Health:
        """The webhook's state after everything was tried. A webhook nobody registered is no alarm."""
        ours = next((one for one in self._setup.webhooks() if one.url == self._url), None)
        if ours is None:
            return Health("missing")
        if ours.valid:
            return Health("valid")
        return self._mend(ours, since, now)

    def _mend(self, webhook: XWebhook, since: datetime | None, now: datetime) -> Health:
        try:
            self._setup.ensure_webhook(self._url)
            back = next((one for one in self._setup.webhooks() if one.id == webhook.id), webhook)
        except PlatformError as error:
            return Health(
                "invalid", f"X has stopped calling the webhook, and checking it again failed: {error}"
            )
        if not back.valid:
            return Health(
                "invalid",
                f"X has stopped calling the webhook {self._url}: it does not pass X's check. Mentions are "
                "polled meanwhile. Is that address reachable from outside, over HTTPS, without a redirect?",
            )
        if since is None:
            return Health("valid", note="X calls the webhook again.")
        try:
            self._setup.replay(back, since - _OVERLAP, now)
        except PlatformError as error:
            return Health("valid", note=f"X calls the webhook again; what it missed is polled ({error}).")
        return Health("valid", note="X calls the webhook again and sends once more what it missed.")
