"""The brand accounts' tokens, encrypted at rest with keys that can be rotated."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from time import monotonic, sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
from sqlmodel import select

from bot.posts import Retry
from bot.states import ConnectionState
from bot.store.conversations import deliveries
from bot.store.engine import Database
from bot.store.running import leases
from bot.store.tables.house import ConnectionRow

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Tokens = Mapping[str, str]

_LEASE = timedelta(seconds=45)
_PATIENCE_SECONDS = 40.0
_LOOK_EVERY_SECONDS = 0.1


class Unreadable(Exception):
    """Stored tokens cannot be decrypted with the secret keys that are set."""


class Sealer:
    """Encrypts with the first key and decrypts with any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take keys of 32 bytes in URL-safe base64, the current one first."""
        self._keys = tuple(keys)

    @cached_property
    def _fernet(self) -> "MultiFernet":
        """Made when first needed: a house with only its own feed does without the library."""
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(key) for key in self._keys])

    def seal(self, tokens: Tokens) -> bytes:
        """Tokens as ciphertext."""
        return self._fernet.encrypt(orjson.dumps(dict(tokens)))

    def open(self, sealed: bytes) -> dict[str, str]:
        """The tokens in a ciphertext. Raises Unreadable."""
        from cryptography.fernet import InvalidToken

        try:
            opened: dict[str, str] = orjson.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise Unreadable(
                "The stored tokens were encrypted with another secret key. Put the former one into "
                "CHORUS_OLD_SECRET_KEYS and run chorus rotate-keys, or connect the platform again."
            ) from error
        return opened

    def reseal(self, sealed: bytes) -> bytes:
        """The same tokens under the current key. Raises Unreadable."""
        return self.seal(self.open(sealed))


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
            row = session.get(ConnectionRow, self._platform)
            row = row or ConnectionRow(platform=self._platform, changed_at=now)
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
