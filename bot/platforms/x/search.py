"""The walk through the employees' accounts in search of tagged answers (pure).

X watches 1,500 accounts by subscription, so thousands of employees are found by recent search instead:
``#tag (from:a OR from:b ...)``, as many accounts a query as its length allows, some queries a poll. After a
change of the tag it is ``(#tag OR #former)`` for a while. A round
begins where the one before it *began*, not at the newest post it saw: batches are asked one after the
other, and what is posted meanwhile must not fall between them.
"""

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from bot.posts import Author

EPOCH_MS = 1288834974657
"""Post ids hold their time: milliseconds since this, shifted by 22 bits (X's snowflake scheme)."""
LAG = timedelta(seconds=60)
"""How long X may take until a post can be found."""
CLOCK_DOUBT = timedelta(days=2)
"""How far back to look when a cursor lies in the future."""
WINDOW = timedelta(days=6, hours=23)
"""Recent search covers seven days and refuses to look further back."""


def id_at(moment: datetime) -> int:
    """The id that a post of this time would have at least."""
    return max(int(moment.timestamp() * 1000) - EPOCH_MS, 0) << 22


def time_of(post_id: int) -> datetime:
    """When a post was written, from its id."""
    return datetime.fromtimestamp(((post_id >> 22) + EPOCH_MS) / 1000, tz=UTC)


def queries(tags: Sequence[str], accounts: Sequence[Author], longest: int) -> list[str]:
    """Queries that together find the tagged posts of all these accounts, each at most ``longest`` long.

    Accounts are named by their id, which outlives a change of handle, in a stable order.
    """
    marked = " OR ".join(f"#{tag.lstrip('#')}" for tag in tags)
    head = f"({marked}) -is:retweet " if len(tags) > 1 else f"{marked} -is:retweet "
    found: list[str] = []
    batch: list[str] = []
    for name in sorted({f"from:{account.id}" for account in accounts}):
        if batch and len(_query(head, [*batch, name])) > longest:
            found.append(_query(head, batch))
            batch = []
        batch.append(name)
    if batch:
        found.append(_query(head, batch))
    return found


def _query(head: str, names: Sequence[str]) -> str:
    return f"{head}({' OR '.join(names)})"


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the round has come: posts after ``since``, next the query number ``at``."""

    since: int
    began: int
    at: int = 0
    of: int = 0
    """Which queries the round asks, as one number: of others, another."""

    @classmethod
    def resume(cls, cursor: str | None, now: datetime, look_back: timedelta) -> "Walk":
        """Go on from a cursor; without a readable one, begin ``look_back`` ago."""
        fresh = cls(since=id_at(now - look_back), began=id_at(now - LAG))
        try:
            told = orjson.loads(cursor or "")
            walk = cls(int(told["since"]), int(told["began"]), int(told["at"]), int(told.get("of", 0)))
        except (ValueError, TypeError, KeyError):
            return fresh
        if max(walk.since, walk.began) > id_at(now):
            # Our clock was ahead when this was written: what it skipped is looked for again.
            return cls(since=id_at(now - CLOCK_DOUBT), began=fresh.began)
        began = fresh.began if walk.at == 0 else walk.began
        return cls(since=max(walk.since, id_at(now - WINDOW)), began=began, at=walk.at, of=walk.of)

    def along(self, queries: Sequence[str], now: datetime) -> "Walk":
        """This walk; with other queries than its round began with the round begins again: none is missed."""
        of = zlib.crc32("\n".join(queries).encode())
        if self.at and self.of != of:
            return Walk(self.since, id_at(now - LAG), 0, of)
        return replace(self, of=of)

    def on(self, to: int, last: int) -> "Walk":
        """The walk after query number ``to - 1`` of ``last``: further on, or at the start of a new round."""
        if to < last:
            return Walk(self.since, self.began, to, self.of)
        return Walk(since=self.began, began=self.began, at=0)

    def cursor(self) -> str:
        """What to store between polls."""
        return orjson.dumps(asdict(self)).decode()
