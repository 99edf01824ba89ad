"""What others must know of servers that speak Mastodon's API."""

from datetime import timedelta

from bot.platforms.planner import Budget, Window
from bot.platforms.traits import Traits

TRAITS = Traits(
    label="Mastodon",
    example="mastodon:@jane@mastodon.example",
    poll_interval=15.0,
    streams=True,
    tells_deletions=False,
    greets_asker=True,
    connects=True,
    # 300 requests in 5 minutes, of which reading needs the larger part; 300 posts in 3 hours on Mastodon.
    budget=Budget((Window(60, timedelta(minutes=5)), Window(290, timedelta(hours=3)))),
)
