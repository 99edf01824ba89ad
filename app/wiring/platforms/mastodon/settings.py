"""The settings of Mastodon."""

from app.wiring.platforms.group import PlatformGroup, windows_of, written
from app.wiring.setting_values import SecretToken, ServerValue, SwitchValue, Token, WindowsOfPosts
from bot.platforms.mastodon.traits import TRAITS
from bot.platforms.planner import Budget


class MastodonSettings(PlatformGroup):
    """Mastodon, GoToSocial and others that speak the same API."""

    base_url: ServerValue | None = None
    """The brand account's server, like https://mastodon.example."""
    client_id: Token | None = None
    """The app's key, if you registered it by hand; ``chorus connect mastodon`` does it for you."""
    client_secret: SecretToken | None = None
    """The app's secret, if you registered it by hand."""
    access_token: SecretToken | None = None
    """The brand account's token; ``chorus connect mastodon`` stores one instead."""
    webhook_secrets: tuple[SecretToken, ...] = ()
    """Secrets of the server admin's webhooks, if you use those; two while one is replaced."""
    most_posts: WindowsOfPosts = written(TRAITS.budget)
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: SwitchValue = False
    """Let the server be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.base_url is not None

    @property
    def budget(self) -> Budget:
        """Posts in a time."""
        return Budget(windows_of(self.most_posts))
