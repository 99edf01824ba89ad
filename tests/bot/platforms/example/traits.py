"""What others must know of the notice board."""

from datetime import timedelta

from bot.platforms.planner import Budget, Window
from bot.platforms.traits import Traits

TRAITS = Traits(
    label="the notice board",
    example="board:jane",
    poll_interval=5.0,
    repeats_safely=True,
    tells_deletions=False,
    connects=True,
    budget=Budget((Window(100, timedelta(hours=1)),)),
)
