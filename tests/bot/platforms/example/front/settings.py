"""The settings of the notice board: ``CHORUS_BOARD__ADDRESS`` and so on."""

from app.wiring.platforms.group import PlatformGroup, windows_of, written
from app.wiring.setting_values import SecretToken, ServerValue, WindowsOfPosts
from bot.platforms.planner import Budget
from tests.bot.platforms.example.traits import TRAITS


class BoardSettings(PlatformGroup):
    """The notice board."""

    address: ServerValue | None = None
    """Where the board is, like https://board.example."""
    token: SecretToken | None = None
    """The brand's token; ``chorus connect board`` stores one instead."""
    most_posts: WindowsOfPosts = written(TRAITS.budget)
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.address is not None

    @property
    def budget(self) -> Budget:
        """Posts in a time."""
        return Budget(windows_of(self.most_posts))
