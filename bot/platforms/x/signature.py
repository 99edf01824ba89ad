"""How X proves itself to our webhook, and we to X.

Source: https://docs.x.com/x-api/webhooks/introduction (challenge-response checks, signature header). The
signature has no timestamp: a replay is caught by the post's id, which the store remembers for good.

Both directions use the same key and the same HMAC, and anybody may ask us for the answer to a challenge. So
what is signed as a challenge must never pass as an event: only tokens of X's opaque shape are answered, and
a body of that shape is no event, however well it is signed.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from bot.posts import Forged, Refusal, Rejected

HEADER = "x-twitter-webhooks-signature"
_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]{1,254}={0,2}")
"""X's challenge tokens: base64 or base64url, of bounded length; no event's JSON can look like that."""


def signature(secret: str, content: bytes) -> str:
    """``sha256=`` and the base64 of the HMAC-SHA256 of ``content``."""
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Check the raw body against every active consumer secret, in constant time. Raises Forged."""
    given = headers.get(HEADER, "").encode()
    if _TOKEN.fullmatch(body):
        raise Forged("The webhook's body looks like a challenge, whose signature proves nothing.")
    if not given:
        raise Forged(f"The webhook is not signed: {HEADER} is missing.")
    if not secrets:
        raise Forged("No consumer secret is set, so that no webhook of X can be checked.")
    fits = [hmac.compare_digest(signature(secret, body).encode(), given) for secret in secrets]
    if not any(fits):
        raise Forged("The webhook's signature does not fit the app's consumer secret.")


def crc_response(token: str, secret: str) -> dict[str, str]:
    """The answer to ``GET /webhooks/x?crc_token=...``, with which X checks that the webhook is ours.

    While two secrets are active, X checks with the one of its console: the first. Raises Rejected for
    anything but a token of X's shape.
    """
    if not _TOKEN.fullmatch(token.encode("utf-8", "replace")):
        raise Rejected(
            "crc_token is no challenge of X: only base64 of at most 256 characters is.", Refusal.NO_CHALLENGE
        )
    return {"response_token": signature(secret, token.encode())}
