"""The walk through searches for words, a stretch of time after the other, some searches a call.

A round's whole memory is in its cursor, so that any node can go on where another stopped. A round covers
what was posted since the one before it *began*: searches are made one after the other, and what is posted
meanwhile must not fall between them.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

import orjson

LAG = timedelta(seconds=60)
"""How long a platform may take until a post can be found."""
LONGEST = timedelta(days=1)
"""What was said longer ago is not looked for, however long nobody searched."""
FIRST = timedelta(hours=1)
"""How far back the first search for words goes."""
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class SearchRound:
    """How far the searching has come: posts after ``since`` (ISO 8601), next the search number ``at``.

    ``seen`` are short digests of the ids handed out lately.
    """

    since: str
    began: str
    at: int = 0
    seen: tuple[str, ...] = ()

    @classmethod
    def resume(cls, cursor: str | None, now: datetime, searches: int) -> "SearchRound":
        """The round a cursor stands for, of so many searches; a first one where it cannot be read."""
        fresh = cls((now - FIRST).isoformat(), (now - LAG).isoformat())
        try:
            told = orjson.loads(cursor or "")
            known = cls(**{**told, "seen": tuple(told["seen"])})
            since, began = datetime.fromisoformat(known.since), datetime.fromisoformat(known.began)
            if max(since, began) > now:  # our clock was ahead when this was written
                return replace(fresh, seen=known.seen)
        except (orjson.JSONDecodeError, ValueError, TypeError, KeyError, AttributeError):
            return fresh
        known = replace(known, since=max(since, now - LONGEST).isoformat())
        return known if 0 < known.at < searches else replace(known, at=0, began=fresh.began)

    @property
    def after(self) -> datetime:
        """From when on posts are looked for."""
        return datetime.fromisoformat(self.since)

    def is_new(self, external_id: str) -> bool:
        """Whether a post was not handed out lately."""
        return _digest(external_id) not in self.seen

    def on(self, to: int, searches: int, found: Iterable[str]) -> "SearchRound":
        """The round after search number ``to - 1``, with the ids of what was found; or the next one."""
        seen = (*self.seen, *map(_digest, found))[-_REMEMBERED:]
        if to < searches:
            return replace(self, at=to, seen=seen)
        return SearchRound(self.began, self.began, 0, seen)

    def cursor(self) -> str:
        """What to store between calls."""
        return orjson.dumps(asdict(self)).decode()


def _digest(external_id: str) -> str:
    return blake2b(external_id.encode("utf-8", "replace"), digest_size=6).hexdigest()
