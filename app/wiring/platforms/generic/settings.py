"""The settings of any other feed."""

from pydantic import Field

from app.wiring.platforms.group import PlatformGroup, windows_of
from app.wiring.setting_values import NameValue, UrlValue, WebhookSecret, WindowsOfPosts
from bot.platforms.generic.traits import LONGEST_POST
from bot.platforms.planner import Budget


class GenericSettings(PlatformGroup):
    """Any other feed, through signed webhooks both ways."""

    secrets: tuple[WebhookSecret, ...] = ()
    """Standard Webhooks secrets (``whsec_...``); two while you change them. Empty: the feed is off."""
    handle: NameValue = "brand"
    """The brand's handle on that feed, without @."""
    account_id: NameValue = "brand"
    """The id that the brand's own posts carry as their author."""
    publish_url: UrlValue | None = None
    """Where publications are sent; without it answers to this feed wait for a person."""
    longest_post: int = Field(default=LONGEST_POST, ge=50, le=100_000)
    """The most characters a post of that feed may have."""
    most_posts: WindowsOfPosts = ("none",)
    """The most posts in a time of minutes, hours or days (m, h, d), like ``100/1h``; ``none``: no bound."""

    @property
    def on(self) -> bool:
        """Whether a secret is set."""
        return bool(self.secrets)

    @property
    def budget(self) -> Budget:
        """Posts in a time."""
        return Budget(windows_of(self.most_posts))
