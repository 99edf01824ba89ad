"""How X proves itself to our webhook, and we to X.

Source: https://docs.x.com/x-api/webhooks/introduction (challenge-response checks, signature header). The
signature has no timestamp: a replay is caught by the post's id, which the store remembers for good.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from bot.posts import Forged

HEADER = "x-twitter-webhooks-signature"


def signature(secret: str, content: bytes) -> str:
    """``sha256=`` and the base64 of the HMAC-SHA256 of ``content``."""
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Check the raw body against every active consumer secret, in constant time. Raises Forged."""
    given = headers.get(HEADER, "").encode()
    if not given:
        raise Forged(f"The webhook is not signed: {HEADER} is missing.")
    if not secrets:
        raise Forged("No consumer secret is set, so that no webhook of X can be checked.")
    fits = [hmac.compare_digest(signature(secret, body).encode(), given) for secret in secrets]
    if not any(fits):
        raise Forged("The webhook's signature does not fit the app's consumer secret.")


def crc_response(token: str, secret: str) -> dict[str, str]:
    """The answer to ``GET /webhooks/x?crc_token=...``, with which X checks that the webhook is ours.

    While two secrets are active, X checks with the one of its console: the first.
    """
    return {"response_token": signature(secret, token.encode())}
