"""X (API v2): X Activity events, mentions, search, replies. docs/platforms/x.md tells what it costs."""

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X

__all__ = ["X", "XAccount"]
