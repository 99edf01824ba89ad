"""The built-in feed at the front."""

from app.wiring.platforms.front import Front, House, Ports
from app.wiring.platforms.local.settings import LocalSettings
from bot.platforms.base import Platform
from bot.platforms.local.adapter import Local
from bot.posts import PlatformName


class LocalFront(Front):
    """The feed that is built in."""

    name = PlatformName.LOCAL.value

    def __init__(self, group: LocalSettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def adapter(self, ports: Ports) -> Platform:
        """The adapter over the feed's storage. Raises UnusableSettings without a secret key."""
        if ports.feed is None:
            raise ValueError("The built-in feed needs its storage.")
        key = self.house.key("local webhooks")
        return Local(ports.feed, self._group.handle, [key], self.house.base_url, ports.clock)


front = LocalFront
