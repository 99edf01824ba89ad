"""The brand's account on each platform: its tokens, whether it can be used, and how receiving goes there."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic, sleep
from uuid import uuid4

from sqlmodel import Session, select

from bot.posts import Retry
from bot.states import ChangeKind, ConnectionState
from bot.store import changes
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.running import leases
from bot.store.sealing import Sealer, Tokens
from bot.store.tables.house import ConnectionRow

_LEASE = timedelta(seconds=45)
_PATIENCE_SECONDS = 40.0
_LOOK_EVERY_SECONDS = 0.1


def mark(session: Session, platform: str, state: ConnectionState, problem: str | None, now: datetime) -> None:
    """Note that a platform's account works, or that a person has to connect it again and why."""
    row = _row(session, platform, now)
    if row.state == state and row.problem == problem:
        return
    if row.state == ConnectionState.RECONNECT and state == ConnectionState.CONNECTED and problem is None:
        deliveries.account_is_back(session, platform, now)  # permission or credit is there again by itself
    row.state, row.problem, row.changed_at = state, problem, now
    session.add(row)
    changes.append(session, ChangeKind.WORK, 0, now)


def reading(session: Session, platform: str, problem: str | None, now: datetime) -> None:
    """Note what goes wrong with reading a platform (None: nothing).

    It does not say that an account works which has to be connected again.
    """
    row = _row(session, platform, now)
    if row.state == ConnectionState.RECONNECT or row.problem == problem:
        return
    row.problem, row.changed_at = problem, now
    session.add(row)
    changes.append(session, ChangeKind.WORK, 0, now)


def looked(session: Session, platform: str, now: datetime) -> None:
    """Note that the platform was read without a failure."""
    row = _row(session, platform, now)
    row.looked_at = now
    session.add(row)


def checked(
    session: Session, platform: str, now: datetime, *, webhook: str | None, alarm: str | None
) -> None:
    """Note how the platform's webhook is, and what is wrong with receiving (None: nothing)."""
    row = _row(session, platform, now)
    if (row.webhook, row.alarm) != (webhook, alarm):
        changes.append(session, ChangeKind.WORK, 0, now)
    row.webhook, row.alarm = webhook, alarm
    if webhook == "valid":
        row.webhook_at = now
    session.add(row)


def of(session: Session, platform: str) -> ConnectionRow | None:
    """What is known of a platform's connection; None before anything is."""
    return session.get(ConnectionRow, platform)


def all_of_them(session: Session) -> list[ConnectionRow]:
    """Every platform that was ever connected."""
    return list(session.exec(select(ConnectionRow)).all())


def _row(session: Session, platform: str, now: datetime) -> ConnectionRow:
    return session.get(ConnectionRow, platform) or ConnectionRow(platform=platform, changed_at=now)


class StoredTokens:
    """One platform's tokens in the database; keeps ``bot.platforms.base.TokenStore``.

    ``given`` are tokens from the settings, used as long as nothing is stored. A refresh happens once across
    threads and nodes: whoever holds the lease asks the platform, the others wait for what it stores.
    """

    def __init__(
        self,
        database: Database,
        platform: str,
        sealer: Sealer,
        given: Tokens | None = None,
        *,
        rest: Callable[[float], object] = sleep,
    ) -> None:
        """Keep one platform's tokens; ``rest`` lets so many seconds pass while another node renews them."""
        self._database = database
        self._platform = platform
        self._sealer = sealer
        self._given = dict(given or {})
        self._owner = uuid4().hex
        self._in_process = threading.Lock()
        self._rest = rest

    def load(self) -> Tokens:
        """The stored tokens, else those of the settings; empty when the platform is not connected."""
        with self._database.read() as session:
            row = session.get(ConnectionRow, self._platform)
            return self._sealer.open(row.sealed) if row is not None and row.sealed else dict(self._given)

    def save(self, tokens: Tokens) -> None:
        """Store new tokens; the platform counts as connected again, and what waited for it is due at once."""
        with self._database.write() as session:
            now = self._database.now(session)
            row = _row(session, self._platform, now)
            row.sealed, row.state = self._sealer.seal(tokens), ConnectionState.CONNECTED
            row.problem, row.changed_at = None, now
            session.add(row)
            deliveries.account_is_back(session, self._platform, now)

    def refresh(self, seen: Tokens, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        """Replace the tokens by what ``exchange`` makes of them, unless somebody did since ``seen`` was read.

        Raises what ``exchange`` raises, and Retry when another node takes too long over it.
        """
        with self._in_process:
            end = monotonic() + _PATIENCE_SECONDS
            while not self._take_lease():
                current = self.load()
                if dict(current) != dict(seen):
                    return current
                if monotonic() > end:
                    raise Retry("Another node is renewing the account's tokens and takes very long.")
                self._rest(_LOOK_EVERY_SECONDS)
            try:
                current = self.load()
                if dict(current) != dict(seen):
                    return current
                fresh = dict(exchange(current))
                self.save(fresh)
                return fresh
            finally:
                self._release()

    def _take_lease(self) -> bool:
        with self._database.write() as session:
            now = self._database.now(session)
            return leases.take(session, f"token:{self._platform}", self._owner, now, _LEASE)

    def _release(self) -> None:
        with self._database.write() as session:
            now = self._database.now(session)
            leases.give_back(session, f"token:{self._platform}", self._owner, now)


def rotate(database: Database, sealer: Sealer) -> int:
    """Encrypt all stored tokens under the current key; how many is returned. Raises Unreadable."""
    with database.write() as session:
        rows = [row for row in session.exec(select(ConnectionRow)).all() if row.sealed]
        for row in rows:
            row.sealed = sealer.reseal(row.sealed)
            session.add(row)
        return len(rows)
