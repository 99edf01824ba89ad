"""Keys for different purposes, all derived from the one secret key."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings
from bot.actions.announce.tell_first import stop_token
from bot.actions.survey.tokens import token_of
from bot.store.sealing import Sealer


def secret_key(settings: Settings) -> str:
    """The secret key. Raises UnusableSettings when there is none."""
    if settings.secret_key is None:
        raise UnusableSettings(
            "CHORUS_SECRET_KEY is not set. Make one with "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`, "
            "keep it outside of the repository, and set it (or CHORUS_SECRET_KEY_FILE)."
        )
    return settings.secret_key.get_secret_value()


def derive(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose (HMAC-SHA256 keyed with the secret)."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def proof_key(settings: Settings) -> bytes:
    """The key of the codes that prove who has opened a private page."""
    return derive(secret_key(settings), "proofs of customers")


def survey_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys that sign the addresses of surveys, the current one first."""
    secrets = [secret_key(settings), *(old.get_secret_value() for old in settings.old_secret_keys)]
    return tuple(derive(secret, "surveys of customers") for secret in secrets)


def survey_address(settings: Settings, survey_id: int, expires_at: datetime) -> str:
    """Where a customer says how it went."""
    return f"{settings.base_url}/s/{token_of(survey_keys(settings)[0], survey_id, expires_at)}"


def stop_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys that sign where subscribers end their mails, the current one first."""
    secrets = [secret_key(settings), *(old.get_secret_value() for old in settings.old_secret_keys)]
    return tuple(derive(secret, "subscribers of announcements") for secret in secrets)


def stop_address(settings: Settings, subscriber_id: int) -> str:
    """Where a subscriber ends the mails with announcements."""
    return f"{settings.base_url}/announcements/stop/{stop_token(stop_keys(settings)[0], subscriber_id)}"


def sealing_keys(settings: Settings) -> Sequence[bytes]:
    """The keys that encrypt tokens at rest, the current one first, in URL-safe base64."""
    secrets = [secret_key(settings), *(old.get_secret_value() for old in settings.old_secret_keys)]
    return [base64.urlsafe_b64encode(derive(secret, "tokens at rest")) for secret in secrets]


def sealer_of(settings: Settings) -> Sealer:
    """What encrypts secrets at rest. Raises UnusableSettings without a secret key."""
    return Sealer(sealing_keys(settings))
