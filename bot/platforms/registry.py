"""The traits of every platform by name, for whoever has no adapter: rows outlive the platform's being on."""

from collections.abc import Mapping

from bot.platforms.bluesky.traits import TRAITS as BLUESKY
from bot.platforms.generic.traits import TRAITS as GENERIC
from bot.platforms.local.traits import TRAITS as LOCAL
from bot.platforms.mastodon.traits import TRAITS as MASTODON
from bot.platforms.traits import Traits
from bot.platforms.x.traits import TRAITS as X
from bot.posts import PlatformName

TRAITS: Mapping[str, Traits] = {
    PlatformName.X: X,
    PlatformName.MASTODON: MASTODON,
    PlatformName.BLUESKY: BLUESKY,
    PlatformName.GENERIC: GENERIC,
    PlatformName.LOCAL: LOCAL,
}
"""In the order in which pages show them and examples are taken: what customers use first."""


def traits_of(platform: str) -> Traits:
    """The traits of a platform; of one that is unknown here, as of an older row, the most careful ones."""
    known = TRAITS.get(platform)
    return known or Traits(
        label=platform, example=f"{platform}:jane", tells_deletions=False, hands_on_words=False
    )
