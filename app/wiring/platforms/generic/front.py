"""Any other feed at the front."""

from app.wiring.findings import Finding, Level
from app.wiring.platforms.front import Front, House, Ports
from app.wiring.platforms.generic.settings import GenericSettings
from app.wiring.platforms.group import plain
from bot.platforms.base import Platform
from bot.platforms.generic.adapter import Generic, GenericAccount
from bot.posts import PlatformName


class GenericFront(Front):
    """A feed that a bridge brings."""

    name = PlatformName.GENERIC.value

    def __init__(self, group: GenericSettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def adapter(self, ports: Ports) -> Platform:
        """The adapter to the bridge."""
        group = self._group
        account = GenericAccount(
            secrets=tuple(map(plain, group.secrets)),
            handle=group.handle,
            account_id=group.account_id,
            publish_url=group.publish_url,
            longest_post=group.longest_post,
        )
        return Generic(account, ports.clock)

    def to_do(self, state: str) -> tuple[str, ...]:
        """The secret is all that there is to set."""
        if state == "off":
            return (
                "Set CHORUS_GENERIC__SECRETS to take part in any other feed (docs/platforms/generic.md).",
            )
        return ("Bring the bridge's secret and ours together.",) if state == "reconnect" else ()

    def findings(self) -> list[Finding]:
        """Without an address answers cannot go out."""
        if self._group.publish_url is not None:
            return []
        return [
            Finding(
                Level.WARNING,
                self.name,
                "CHORUS_GENERIC__PUBLISH_URL is not set: answers to this feed cannot be published.",
                "Set it to the address that takes publications; see the guide to the generic feed.",
            )
        ]


front = GenericFront
