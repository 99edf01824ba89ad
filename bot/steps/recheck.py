"""Looking again at the posts we quote: what is gone on its platform goes here too.

So are the posts that employees answered with: what becomes of an edit or a deletion is a rule of the house.

Within a day where looking is free. Where a platform charges for each look, old posts are looked at ever more
rarely, and never for more than the budget has for it: see ``bot.platforms.planner.looks_left``.

What is only not to be seen for now (its author's account rests, or has blocked the brand) is not quoted for
now either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.actions.conversations import visibility
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.platforms.in_turn import in_turn
from bot.posts import Author, Lookup, PlatformError, Post, PostEvent, Read
from bot.steps.looks.lookups import ask
from bot.store.conversations import posts
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database, Session
from bot.store.house import budgets
from bot.store.house.budgets import Terms
from bot.store.listening import tray
from bot.store.queries import rechecks
from bot.store.queries.rechecks import RecheckInterval, Rounds

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=12)
"""How long a young post that we quote goes without being looked at."""
FREE = (RecheckInterval(timedelta(days=7), EVERY), RecheckInterval(None, timedelta(hours=20)))
"""How often posts are looked at where that costs nothing: all of them within a day."""
CHARGED = (
    RecheckInterval(timedelta(days=1), EVERY),
    RecheckInterval(timedelta(days=7), timedelta(days=1)),
    RecheckInterval(timedelta(days=30), timedelta(days=7)),
    RecheckInterval(timedelta(days=180), timedelta(days=30)),
    RecheckInterval(None, timedelta(days=90)),
)
"""How often where each look costs money: who deletes a post mostly does so soon. About 17 times in a year."""
ON_THE_TRAY = timedelta(hours=20)
"""How long a post that nobody asked us goes without being looked at, as far as the money reaches."""
AGAIN = timedelta(hours=1)
"""How long after a look that failed another one is tried."""
_BATCH = 100


@dataclass
class Recheck:
    """Asks each platform, a batch at a time, which posts are still there.

    A post that cannot be looked at is set aside for a person after ``attempts`` tries; the others go on.
    """

    database: Database
    platforms: Mapping[str, Platform]
    ingest: Ingest
    attempts: int = Rules().attempts
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """What platforms with a budget ask for reading."""
    _rounds: Rounds = field(default_factory=Rounds)

    def run(self) -> int:
        """Look at up to one batch per platform; deletions and edits found go the way of any post."""
        return in_turn(self.platforms, self._look)

    def _look(self, name: str, platform: Platform) -> int:
        with self.database.read() as session:
            now = self.database.now(session)
            due = self._due(session, name, now)
            known = posts.known(session, name, list(due))
        if not due:
            return 0
        try:
            told = ask(platform, list(due), known)
        except PlatformError as error:
            log.info("posts could not be looked at again", platform=name, error=str(error))
            return 0
        self.ingest.write([post for one in told.found if (post := _news(name, one, now)) is not None])
        with self.database.write() as session:
            now = self.database.now(session)
            looked_at = [one for one in due if one not in told.failed and one not in told.left]
            rechecks.note(session, name, looked_at, now)
            tray.looked(session, name, looked_at, now)
            for external_id, failure in told.failed.items():
                why = f"It cannot be looked at again on its platform: {type(failure).__name__}: {failure}"
                checked_at = now - due[external_id] + AGAIN
                rechecks.note_failed(session, name, external_id, why, checked_at, self.attempts)
            changed = [look for look in told.found if visibility.changes_what_is_shown(session, name, look)]
        for look in changed:
            with self.database.write() as session:
                visibility.show_or_withhold(session, name, look, self.database.now(session))
        return len(due)

    def _due(self, session: Session, name: str, now: datetime) -> dict[str, timedelta]:
        """What is to be looked at now, within what the budget has left for it; and how often that is."""
        terms = self.terms.get(name)
        is_charged = terms is not None and terms.prices is not None and terms.prices.reading(Read.AGAIN) > 0
        left = budgets.looks(session, name, terms, now) if terms is not None else None
        most = _BATCH if left is None else min(left, _BATCH)
        due = self._rounds.due(session, name, CHARGED if is_charged else FREE, now, most)
        on_the_tray = tray.due_for_a_look(session, name, now - ON_THE_TRAY, most - len(due))
        return due | dict.fromkeys(on_the_tray, ON_THE_TRAY)


def _news(platform: str, look: Lookup, now: datetime) -> Post | None:
    """What happened to a post, if anything did. One that is not public any more counts as edited."""
    if look.gone:
        return Post(platform, look.external_id, Author(""), event=PostEvent.DELETED)
    if look.post is None or look.post.event is not PostEvent.CREATED:
        return look.post
    if look.post.visibility.is_public or look.post.problem:
        return None
    return replace(look.post, event=PostEvent.EDITED, edited_at=now)
