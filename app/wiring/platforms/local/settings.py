"""The settings of the feed that is built in."""

from app.wiring.platforms.group import PlatformGroup
from app.wiring.setting_values import HandleValue, SwitchValue


class LocalSettings(PlatformGroup):
    """The feed that is built in."""

    enabled: SwitchValue | None = None
    """On by default unless another platform is configured."""
    handle: HandleValue = "brand"
    """The brand's name on the local feed, without @."""
    open_to_network: SwitchValue = False
    """Anyone can post as anyone there; by default only people on this machine may."""

    @property
    def on(self) -> bool | None:
        """Whether a setting says so; None where nothing does."""
        return self.enabled
