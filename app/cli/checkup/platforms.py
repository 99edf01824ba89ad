"""Looking at the platforms: is the brand's account connected, and may it do what it has to?"""

from time import monotonic

from app.cli.checkup.findings import Examined, Finding, Level
from app.wiring.environment import UnusableSettings
from app.wiring.setting_values import is_loopback
from app.wiring.settings import Settings
from bot.platforms.base import Platform
from bot.platforms.health import follows_wait
from bot.platforms.wire.transport import deadline
from bot.posts import PlatformError, Reconnect, Retry
from bot.store.house.feed import StoredFeed
from bot.store.house.tokens import Unreadable
from bot.store.people import identities
from bot.store.queries.troubles import troubles

_PATIENCE_SECONDS = 15.0
"""How long one platform may take to answer everything it is asked."""
_GOES_ON = "Chorus tries again by itself. Look at the network and at the platform's own status page."


def platform_findings(examined: Examined, *, offline: bool) -> list[Finding]:
    """Every platform that is on; ``offline`` asks none of them anything."""
    from app.wiring.platforms import connect_platforms, webhook_address

    settings = examined.settings
    if settings.secret_key is None:
        return []
    feed = StoredFeed(examined.database) if settings.local_on else None
    try:
        adapters = connect_platforms(settings, examined.database, feed, examined.now)
    except UnusableSettings as error:
        return [Finding(Level.ERROR, "platforms", str(error), "Correct the settings of this platform.")]
    if not adapters:
        return [
            Finding(
                Level.ERROR,
                "platforms",
                "No platform is on: nothing comes in, and nothing goes out.",
                "chorus connect sets one up; CHORUS_LOCAL__ENABLED=true turns the built-in feed on.",
            )
        ]
    noted = _noted(examined)
    findings = []
    for name, adapter in adapters.items():
        try:
            findings += _settings_of(name, settings)
            findings += _waiting(name, examined)
            said = [] if offline else asked(name, adapter, webhook_address(settings, name))
            findings += _together(noted.pop(name, []), said)
        finally:
            adapter.close()
    return findings + [one for rest in noted.values() for one in rest]


def _waiting(name: str, examined: Examined) -> list[Finding]:
    """Employees who have not let the brand follow them yet."""
    with examined.database.read() as session:
        handles = identities.waiting_follows(session, name)
    advice = "Ask them to accept it: their answers come in at once then."
    return [Finding(Level.NOTE, name, follows_wait(handles), advice)] if handles else []


def _noted(examined: Examined) -> dict[str, list[Finding]]:
    """What the steps found out while they used an account, by platform."""
    with examined.database.read() as session:
        found = troubles(session, examined.database.now(session))
    findings: dict[str, list[Finding]] = {}
    for one in found:
        finding = Finding(Level.WARNING, one.platform, one.words, _GOES_ON)
        if one.needs_person:
            advice = f"chorus connect {one.platform}. Meanwhile publications to it wait."
            finding = Finding(Level.ERROR, one.platform, one.words, advice)
        findings.setdefault(one.platform, []).append(finding)
    return findings


def _together(noted: list[Finding], said: list[Finding]) -> list[Finding]:
    """Both, without saying one thing twice: what a platform refuses now, it refused the steps before."""
    refused = [one for one in said if one.level is Level.ERROR]
    if refused:
        return said + [one for one in noted if one.level is not Level.ERROR]
    return noted + said


def asked(
    name: str, adapter: Platform, address: str, *, patience: float = _PATIENCE_SECONDS
) -> list[Finding]:
    """What the platform itself says of the account, within ``patience`` seconds."""
    try:
        with deadline(monotonic() + patience):
            brand = adapter.brand()
            missing = _missing_permissions(name, adapter)
            unheard = _unheard(name, adapter, address)
    except Unreadable as error:
        return [Finding(Level.ERROR, name, str(error), "")]
    except Reconnect as error:
        return [Finding(Level.ERROR, name, str(error), f"chorus connect {name}")]
    except Retry as error:
        return [_not_now(name, error)]
    except PlatformError as error:
        return [Finding(Level.ERROR, name, str(error), f"chorus connect {name}")]
    if missing:
        return [
            Finding(
                Level.ERROR,
                name,
                f"The account {brand.handle or brand.id} lacks permissions: {', '.join(missing)}.",
                f"chorus connect {name}, and grant them.",
            )
        ]
    return [Finding(Level.OK, name, f"Connected as {brand.handle or brand.id}."), *unheard]


def _not_now(name: str, error: Retry) -> Finding:
    if error.at is not None:
        again = f"It can be asked again from {error.at:%Y-%m-%d %H:%M} UTC on, and Chorus waits until then."
        return Finding(Level.WARNING, name, f"It refuses for now: {error}", again)
    advice = "Look at the network and at the platform's own status page, then try again."
    return Finding(Level.WARNING, name, f"It does not answer now: {error}", advice)


def _unheard(name: str, adapter: Platform, address: str) -> list[Finding]:
    """The kinds of events that X does not send to the webhook that is registered."""
    if name != "x":
        return []
    from bot.platforms.x.adapter import X
    from bot.platforms.x.setup import EVENT_TYPES, XSetup

    if not isinstance(adapter, X) or not adapter.calls.account.bearer_token:
        return []
    setup = XSetup(adapter.calls)
    webhook = next((one for one in setup.webhooks() if one.url == address), None)
    if webhook is None:
        return []
    return [
        Finding(
            Level.NOTE,
            name,
            f"X does not send {kind} ({EVENT_TYPES[kind]}).",
            "chorus connect x subscribes to what is missing, and says what X refuses and why.",
        )
        for kind in setup.missing_subscriptions(adapter.brand(), webhook)
    ]


def _missing_permissions(name: str, adapter: Platform) -> list[str]:
    if name != "x":
        return []
    from bot.platforms.x.adapter import X
    from bot.platforms.x.setup import XSetup

    return XSetup(adapter.calls).missing_permissions() if isinstance(adapter, X) else []


def _settings_of(name: str, settings: Settings) -> list[Finding]:
    """What the settings leave out, or put in the platform's place."""
    if name == "x" and is_loopback(settings.x.base_url):
        return [
            Finding(
                Level.NOTE,
                name,
                f"X is a stand-in at {settings.x.base_url}: nothing reaches X itself.",
                "Leave out CHORUS_X__BASE_URL and CHORUS_X__ALLOW_LOOPBACK when you have tried it.",
            )
        ]
    if name == "x" and not settings.x.consumer_secrets:
        return [
            Finding(
                Level.NOTE,
                name,
                f"Without a consumer secret X's webhooks are refused; mentions are polled every "
                f"{settings.x.poll_seconds:.0f} seconds.",
                "Set CHORUS_X__CONSUMER_SECRETS for webhooks.",
            )
        ]
    if name == "generic" and settings.generic.publish_url is None:
        return [
            Finding(
                Level.WARNING,
                name,
                "CHORUS_GENERIC__PUBLISH_URL is not set: answers to this feed cannot be published.",
                "Set it to the address that takes publications; see the guide to the generic feed.",
            )
        ]
    return []
