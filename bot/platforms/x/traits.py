"""What others must know of X."""

from datetime import timedelta

from bot.platforms.planner import Budget, Prices, Window
from bot.platforms.traits import Traits

TRAITS = Traits(
    label="X",
    example="x:jane",
    pace=60.0,
    streams=True,
    # Ten searches a page: X lets 300 through in 15 minutes, on its small plans 60.
    answers_pace=60.0,
    answer_pages=1,
    hands_on_words=False,
    connects=True,
    # 50 of 100 posts in 15 minutes (the rest is a person's), below the 300 in 3 hours of an older page.
    budget=Budget((Window(50, timedelta(minutes=15)), Window(290, timedelta(hours=3)))),
    prices=Prices(),
)
