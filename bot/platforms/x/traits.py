"""What others must know of X."""

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

from bot.platforms.planner import Budget, Prices, Window
from bot.platforms.traits import Traits, profile_address
from bot.platforms.x.intent import intent

PRICES = Prices(
    reply=Decimal("0.010"),
    post=Decimal("0.015"),
    with_link=Decimal("0.200"),
    read_own=Decimal("0.001"),
    read_post=Decimal("0.005"),
    read_user=Decimal("0.010"),
)
"""X's list of August 2026 (docs.x.com/x-api/getting-started/pricing)."""
_HOSTS = ("x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com")
_HANDLE = re.compile(r"@?(\w{1,15})", re.ASCII)


def _handle_of(text: str) -> str:
    """Of ``@Jane`` or ``https://x.com/Jane``. The address of a post proves no name: X takes any there."""
    host, pieces = profile_address(text)
    if host in _HOSTS and len(pieces) == 1:
        text = pieces[0]
    found = _HANDLE.fullmatch(text)
    return found[1].lower() if found else ""


TRAITS = Traits(
    label="X",
    example="x:jane",
    poll_interval=60.0,
    streams=True,
    # Ten searches a page: X lets 300 through in 15 minutes, on its small plans 60.
    answers_poll_interval=60.0,
    answer_pages=1,
    search_interval=120.0,
    by_hand=intent,
    one_reply=True,
    takes_words_once=True,
    keeps_unseen=timedelta(0),
    hands_on_words=False,
    connects=True,
    # 50 of 100 posts in 15 minutes (the rest is a person's), below the 300 in 3 hours of an older page.
    budget=Budget((Window(50, timedelta(minutes=15)), Window(290, timedelta(hours=3)))),
    # X lets 50 through for each user (docs.x.com, "X API Rate Limits"); its older Basic plan only 5.
    deletions=Window(45, timedelta(minutes=15)),
    prices=PRICES,
    handle_of=_handle_of,
    profile=lambda account_id, _handle: f"https://x.com/i/user/{account_id}",
    composer=lambda text, _server: f"https://x.com/intent/post?text={quote(text, safe='')}",
)
