"""The settings of Bluesky."""

from typing import Annotated

from pydantic import AfterValidator

from app.wiring.platforms.group import PlatformGroup, windows_of, written
from app.wiring.setting_values import SecretToken, ServerValue, SwitchValue, WindowsOfPosts, is_host
from bot.platforms.bluesky.content import DID
from bot.platforms.bluesky.traits import TRAITS
from bot.platforms.planner import Budget


def _identifier(text: str) -> str:
    name = text.removeprefix("@")
    if not DID.fullmatch(name) and not ("." in name and name.isascii() and is_host(name)):
        raise ValueError("should be a handle like brand.bsky.social, or a DID like did:plc:abc")
    return name


Identifier = Annotated[str, AfterValidator(_identifier)]


class BlueskySettings(PlatformGroup):
    """Bluesky and other servers of the AT Protocol."""

    identifier: Identifier | None = None
    """The brand account's handle or DID."""
    app_password: SecretToken | None = None
    """An app password; ``chorus connect bluesky`` checks it."""
    service: ServerValue = "https://bsky.social"
    """The account's server, or Bluesky's entry door for accounts that live there."""
    plc_directory: ServerValue = "https://plc.directory"
    """Where the identities of accounts (did:plc) are looked up."""
    most_posts: WindowsOfPosts = written(TRAITS.budget)
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: SwitchValue = False
    """Let the servers be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.identifier is not None

    @property
    def budget(self) -> Budget:
        """Posts in a time."""
        return Budget(windows_of(self.most_posts))
