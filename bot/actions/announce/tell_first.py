"""Hearing of announcements first, by mail: asked for, proved by a link, ended by one click.

Nobody learns whether a mailbox is known: what is answered is the same, and only its owner reads what is
mailed.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.store import changes
from bot.store.engine import Session
from bot.store.house import subscribers
from bot.text.mail_address import NotAnAddress, mailbox_of
from routing.model.phrases import phrase

_TOKEN = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{40})")
_SIGNATURE = 40
_OVER = phrase("This link does not work any more: ask for a new one.")


@dataclass(frozen=True, slots=True)
class ConfirmMail:
    """A link for a mailbox, in a language (None: English)."""

    to: str
    language: str | None
    secret: str


def mailbox_typed(address: str) -> str:
    """The mailbox of an address that somebody typed. Raises Invalid."""
    try:
        return mailbox_of(address)
    except NotAnAddress as error:
        raise Invalid("email", str(error)) from None


def ask(session: Session, mailbox: str, language: str | None, now: datetime) -> ConfirmMail | None:
    """What is to be mailed to a mailbox for which somebody asks; None: nothing."""
    changes.serialise(session, "subscribers")
    secret = subscribers.asked(session, mailbox, language, now)
    return ConfirmMail(mailbox, language, secret) if secret is not None else None


def confirm(session: Session, secret: str, now: datetime) -> None:
    """They hear from now on. Raises Undecidable where the link does not work (any more)."""
    if not subscribers.confirm(session, secret, now):
        raise Undecidable(_OVER)


def stop_token(key: bytes, subscriber_id: int) -> str:
    """What the address ends in at which a subscriber ends these mails: signed, and nowhere stored."""
    return f"{subscriber_id}-{_signature(key, subscriber_id)}"


def subscriber_named(keys: tuple[bytes, ...], token: str) -> int | None:
    """Whose address this is; None for one that we never gave."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    number = int(found[1])
    ours = any(hmac.compare_digest(_signature(key, number), found[2]) for key in keys)
    return number if ours else None


def _signature(key: bytes, subscriber_id: int) -> str:
    return hmac.new(key, str(subscriber_id).encode(), hashlib.sha256).hexdigest()[:_SIGNATURE]
