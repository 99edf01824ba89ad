"""The walk over the employees' accounts in search of tagged answers, a few a call, round after round.

A round's whole memory is in its cursor, so that any node can go on where another stopped, and so that a
page that was read but not stored is simply read again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from bot.posts import Author, Page, Post

REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Round:
    """How far the walk has come.

    ``after`` is the account id reached in this round, ``started`` when it began and ``since`` when the one
    before it began (ISO 8601); ``seen`` are the ids of posts handed out lately.
    """

    after: str = ""
    started: str | None = None
    since: str | None = None
    seen: tuple[str, ...] = ()

    @classmethod
    def from_cursor(cls, cursor: str | None, now: datetime) -> "Round":
        """The round a cursor stands for; one that begins now when there is none or it cannot be read."""
        try:
            told = orjson.loads(cursor or "{}")
            found = cls(**{**told, "seen": tuple(told.get("seen", ()))})
        except (orjson.JSONDecodeError, TypeError, AttributeError):
            found = cls()
        return replace(found, started=found.started or now.isoformat())

    def cursor(self) -> str:
        """The cursor that stands for this round."""
        return orjson.dumps(asdict(self)).decode()

    def waiting(self, employees: Iterable[Author]) -> Sequence[Author]:
        """Whose posts are still to be read in this round, in order."""
        return sorted((one for one in employees if one.id > self.after), key=lambda one: one.id)

    def horizon(self, now: datetime, late: timedelta) -> datetime:
        """Posts from before this were handed out in earlier rounds, unless they came later than ``late``."""
        since = datetime.fromisoformat(self.since) if self.since else now
        return since - late

    def page(
        self,
        batch: Sequence[Author],
        posts: Iterable[Post],
        now: datetime,
        *,
        over: bool,
        may_go_on: bool = True,
    ) -> Page:
        """What was found at the accounts of ``batch``, the oldest first and nothing twice.

        Its cursor stands for this round that far, or for the next one when it is ``over``; ``may_go_on``
        says whether the platform may be asked for the rest at once.
        """
        found = [post for post in posts if post.external_id not in self.seen]
        found.sort(key=lambda post: post.posted_at or now)
        turn = self._reached(batch[-1] if batch else None, (post.external_id for post in found), over=over)
        return Page(tuple(found), turn.cursor(), more=not over and may_go_on)

    def _reached(self, last: Author | None, posts: Iterable[str], *, over: bool) -> "Round":
        """The round once accounts up to ``last`` were read and ``posts`` found; the next one when over."""
        seen = (*self.seen, *posts)[-REMEMBERED:]
        if over or last is None:
            return Round(since=self.started, seen=seen)
        return replace(self, after=last.id, seen=seen)
