"""How X calls us: the webhook and its subscriptions, registered and examined."""

from urllib.parse import urlsplit

from app.wiring.findings import Finding, Level
from app.wiring.platforms.x.settings import XSettings
from bot.platforms.x.adapter import X
from bot.platforms.x.setup import EVENT_TYPES, XSetup
from bot.posts import Author, PlatformError


def webhook_notes(group: XSettings, address: str, x: X, account: Author) -> tuple[str, ...]:
    """Register the webhook and what it is sent, where that can be; what the operator should know of it."""
    polled = f"Mentions are polled every {group.poll_seconds:g} seconds."
    needs = {
        "CHORUS_X__BEARER_TOKEN": group.bearer_token is not None,
        "CHORUS_X__CONSUMER_SECRETS": bool(group.consumer_secrets),
        "CHORUS_BASE_URL with https": address.startswith("https:"),
    }
    lacking = [name for name, there in needs.items() if not there]
    if lacking:
        return (f"{polled} For X's webhook set {', '.join(lacking)} and run this again.",)
    if urlsplit(address).port is not None:
        note = (
            f"{polled} X calls no webhook whose address has a port: for one, let a reverse proxy answer on "
            "port 443 and set CHORUS_BASE_URL without the port."
        )
        return (note,)
    setup = XSetup(x.calls)
    try:
        webhook = setup.ensure_webhook(address)
        found = setup.ensure_subscriptions(account, webhook)
    except PlatformError as error:
        note = (
            f"{polled} The webhook {address} could not be registered: {error} X calls it at once, so "
            "chorus serve has to run behind that address. Then run this again."
        )
        return (note,)
    works = f"X calls the webhook {address}; mentions are polled as well."
    return (works, *(_refused(kind, error) for kind, error in found.refused.items()))


def unheard(x: X, address: str) -> list[Finding]:
    """The kinds of events that X does not send to the webhook at ``address``. Raises PlatformError."""
    if not x.calls.account.bearer_token:
        return []
    setup = XSetup(x.calls)
    webhook = next((one for one in setup.webhooks() if one.url == address), None)
    if webhook is None:
        return []
    return [
        Finding(
            Level.NOTE,
            x.name,
            f"X does not send {kind} ({EVENT_TYPES[kind]}).",
            "chorus connect x subscribes to what is missing, and says what X refuses and why.",
        )
        for kind in setup.missing_subscriptions(x.brand(), webhook)
    ]


def _refused(kind: str, error: PlatformError) -> str:
    return f"X does not send {kind} ({EVENT_TYPES[kind]}): {error} To try it again, run this again."
