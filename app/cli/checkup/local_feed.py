"""Looking at the built-in feed, where anyone can post as anyone."""

from app.wiring.findings import Finding, Level
from app.wiring.settings import Settings


def local_feed_findings(settings: Settings) -> list[Finding]:
    """Who may post there, where it is on."""
    if not settings.local_on:
        return []
    if settings.local.open_to_network:
        return [
            Finding(
                Level.WARNING,
                "local feed",
                "It is open to the network: anyone who reaches this server can post there as anyone, as an "
                "employee too.",
                "Unset CHORUS_LOCAL__OPEN_TO_NETWORK, except on a network where you trust everybody.",
            )
        ]
    if len(settings.platforms_on) > 1:
        return [
            Finding(
                Level.NOTE,
                "local feed",
                "It is on beside a real platform. People on this machine can post there as anyone.",
                "Unset CHORUS_LOCAL__ENABLED if you do not need it any more.",
            )
        ]
    return [Finding(Level.OK, "local feed", "On, for this machine only.")]
