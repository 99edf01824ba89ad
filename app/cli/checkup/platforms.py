"""Looking at the platforms: is the brand's account connected, and may it do what it has to?"""

from time import monotonic
from typing import TYPE_CHECKING

from app.cli.checkup.examined import Examined
from app.wiring.environment import UnusableSettings
from app.wiring.findings import Finding, Level
from bot.platforms.base import Platform
from bot.platforms.health import follows_wait
from bot.platforms.wire.transport import deadline
from bot.posts import PlatformError, Reconnect, Retry
from bot.store.house.feed import StoredFeed
from bot.store.people import identities
from bot.store.queries.troubles import troubles
from bot.store.sealing import Unreadable
from bot.text.times import timestamps

if TYPE_CHECKING:
    from app.wiring.platforms.front import Front

_PATIENCE_SECONDS = 15.0
"""How long one platform may take to answer everything it is asked."""
_GOES_ON = "Chorus tries again by itself. Look at the network and at the platform's own status page."


def platform_findings(examined: Examined, *, offline: bool) -> list[Finding]:
    """Every platform that is on; ``offline`` asks none of them anything."""
    from app.wiring.adapters import connect_platforms, front_of

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
            front = front_of(settings, name)
            findings += front.findings()
            findings += _waiting(name, examined)
            said = [] if offline else asked(front, adapter)
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


def asked(front: "Front", adapter: Platform, *, patience: float = _PATIENCE_SECONDS) -> list[Finding]:
    """What the platform itself says of the account, within ``patience`` seconds."""
    name = front.name
    try:
        with deadline(monotonic() + patience):
            brand = adapter.brand()
            missing = front.missing_permissions(adapter)
            unheard = front.unheard(adapter)
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
        again = f"It can be asked again from {timestamps.told(error.at)} on, and Chorus waits until then."
        return Finding(Level.WARNING, name, f"It refuses for now: {error}", again)
    advice = "Look at the network and at the platform's own status page, then try again."
    return Finding(Level.WARNING, name, f"It does not answer now: {error}", advice)
