"""Encrypting what is secret even from whoever reads the database, with keys that can be rotated."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Tokens = Mapping[str, str]


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
        """Tokens as ciphertext under the first key."""
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
