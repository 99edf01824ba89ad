"""What others must know of X."""

from datetime import timedelta
from decimal import Decimal

from bot.platforms.planner import Budget, Prices, Window
from bot.platforms.traits import Traits

PRICES = Prices(
    reply=Decimal("0.010"),
    post=Decimal("0.015"),
    with_link=Decimal("0.200"),
    read_own=Decimal("0.001"),
    read_post=Decimal("0.005"),
    read_user=Decimal("0.010"),
)
"""X's list of August 2026 (docs.x.com/x-api/getting-started/pricing)."""
TRAITS = Traits(
    label="X",
    example="x:jane",
    poll_interval=60.0,
    streams=True,
    # Ten searches a page: X lets 300 through in 15 minutes, on its small plans 60.
    answers_poll_interval=60.0,
    answer_pages=1,
    hands_on_words=False,
    connects=True,
    # 50 of 100 posts in 15 minutes (the rest is a person's), below the 300 in 3 hours of an older page.
    budget=Budget((Window(50, timedelta(minutes=15)), Window(290, timedelta(hours=3)))),
    prices=PRICES,
)
