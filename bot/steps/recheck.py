"""Looking again at the posts we quote: what is gone on its platform goes here too, within a day.

What is only not to be seen for now (its author's account rests, or has blocked the brand) is not quoted for
now either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.platforms.base import Platform
from bot.posts import Author, Lookup, PlatformError, Post, PostEvent
from bot.rules import Rules
from bot.steps import sight
from bot.steps.lookups import ask
from bot.store import posts
from bot.store.engine import Database
from bot.store.ingest import Ingest
from bot.store.queries import rechecks

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=12)
"""How long a quoted post goes without being looked at."""
AGAIN = timedelta(hours=1)
"""How long after a look that failed another one is tried."""
_BATCH = 100
_PAUSE_SECONDS = 30.0


@dataclass
class Recheck:
    """Asks each platform, a batch at a time, which posts are still there.

    A post that cannot be looked at is set aside for a person after ``attempts`` tries; the others go on.
    """

    database: Database
    platforms: Mapping[str, Platform]
    ingest: Ingest
    attempts: int = Rules().attempts
    _not_before: dict[str, float] = field(default_factory=dict)

    def run(self) -> int:
        """Look at up to one batch per platform; deletions and edits found go the way of any post."""
        return sum(self._look(name, platform) for name, platform in self.platforms.items())

    def _look(self, name: str, platform: Platform) -> int:
        if monotonic() < self._not_before.get(name, 0.0):
            return 0
        self._not_before[name] = monotonic() + _PAUSE_SECONDS
        with self.database.read() as session:
            now = self.database.now(session)
            ids = rechecks.due(session, name, now - EVERY, _BATCH)
            known = posts.known(session, name, ids)
        if not ids:
            return 0
        try:
            told = ask(platform, ids, known)
        except PlatformError as error:
            log.info("posts could not be looked at again", platform=name, error=str(error))
            return 0
        self.ingest.write([post for one in told.found if (post := _news(name, one, now)) is not None])
        with self.database.write() as session:
            now = self.database.now(session)
            rechecks.note(session, name, [one for one in ids if one not in told.failed], now)
            for external_id, failure in told.failed.items():
                why = f"It cannot be looked at again on its platform: {type(failure).__name__}: {failure}"
                rechecks.note_failed(session, name, external_id, why, now - EVERY + AGAIN, self.attempts)
            for look in told.found:
                sight.noted(session, name, look, now)
        return len(ids)


def _news(platform: str, look: Lookup, now: datetime) -> Post | None:
    """What happened to a post, if anything did. One that is not public any more counts as edited."""
    if look.gone:
        return Post(platform, look.external_id, Author(""), event=PostEvent.DELETED)
    if look.post is None or look.post.event is not PostEvent.CREATED:
        return look.post
    if look.post.visibility.is_public or look.post.problem:
        return None
    return replace(look.post, event=PostEvent.EDITED, edited_at=now)
