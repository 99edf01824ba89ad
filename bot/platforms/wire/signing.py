"""Signed webhooks by the Standard Webhooks scheme (https://www.standardwebhooks.com), version ``v1``.

Headers ``webhook-id``, ``webhook-timestamp`` (epoch seconds) and ``webhook-signature``: HMAC-SHA256 over
``id.timestamp.body``. Several secrets may be active, so that one can be replaced without a gap.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from bot.posts import Forged

TOLERANCE = timedelta(minutes=5)
"""How far a signature's time may be from ours, both ways: what is older may be a replay."""
_MOST_SIGNATURES = 10


class Signer:
    """Signs and verifies with one or more active secrets."""

    def __init__(self, secrets: Sequence[str | bytes]) -> None:
        """Take the active secrets: raw bytes, or text as the scheme writes it (``whsec_`` and base64).

        Raises ValueError when there is none, one is empty or no base64: nothing is ever accepted unsigned.
        """
        if not secrets:
            raise ValueError("A webhook needs a secret.")
        self._keys = tuple(read_secret(secret) for secret in secrets)
        self._webhooks = tuple(Webhook(key) for key in self._keys)

    def sign(self, body: bytes, message_id: str, at: datetime) -> dict[str, str]:
        """The three headers that prove ``body``; ``message_id`` stays the same in every repetition."""
        text = body.decode()
        signatures = [webhook.sign(message_id, at.astimezone(UTC), text) for webhook in self._webhooks]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> str:
        """The id of a message that was signed with an active secret at most five minutes ago.

        Raises Forged. Header names are lower-case.
        """
        message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
        if not message_id or not stamp or not any(given):
            raise Forged("The webhook is not signed: webhook-id, webhook-timestamp or -signature is missing.")
        at = _seconds(stamp)
        if abs(now.timestamp() - at) > TOLERANCE.total_seconds():
            raise Forged("The webhook's timestamp is more than five minutes away from the time here.")
        # The library's own check takes several times as long, and this is on the hottest way.
        signed = b"%b.%d.%b" % (message_id.encode(), at, body)
        expected = [b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256")) for key in self._keys]
        matches = [hmac.compare_digest(one, other.encode()) for one in expected for other in given]
        if not any(matches):
            raise Forged("The webhook's signature does not fit any active secret.")
        return message_id


def read_secret(secret: str | bytes) -> bytes:
    """The bytes of a secret as the scheme writes it: ``whsec_`` and base64. Raises ValueError."""
    if isinstance(secret, bytes):
        key = secret
    else:
        text = secret.removeprefix("whsec_").rstrip("=")
        try:
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError as error:
            raise ValueError("should be `whsec_` and base64, as webhooks' secrets are") from error
    if not key:
        raise ValueError("should be a secret: `whsec_` and base64, and nothing follows it")
    return key


def _seconds(stamp: str) -> int:
    try:
        return int(stamp)
    except ValueError as error:
        raise Forged("The webhook's timestamp is no number of seconds.") from error
