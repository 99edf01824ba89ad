"""The ways to tell people something, as the settings describe them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import structlog

from app.wiring.settings import Settings
from bot.actions.rules import Rules
from bot.channels.messages import BrandProfile, sign_in_message
from bot.channels.transports import ChatWebhook, MailTransport
from bot.platforms.base import Clock
from bot.posts import PlatformError
from bot.steps.notify import Notify
from bot.store.engine import Database
from bot.store.people.access import MAILED_LINK_LASTS
from bot.text.mail_address import parse_sender

log = structlog.get_logger(__name__)

_SIGN_IN_SECONDS = 20.0


def notices_of(
    settings: Settings, database: Database, rules: Rules, owner: str, clock: Clock
) -> Notify | None:
    """The step that tells people, or None where neither mail nor a webhook is set."""
    url = settings.notify_webhook
    mail = mail_of(settings)
    if mail is None and url is None:
        return None
    return Notify(
        database,
        house_of(settings),
        rules,
        owner,
        mail,
        ChatWebhook(url.get_secret_value(), clock) if url is not None else None,
        timedelta(seconds=settings.mail.gather_seconds),
    )


def mail_of(settings: Settings) -> MailTransport | None:
    """The mail server, where there is one."""
    mail = settings.mail
    if mail.host is None:
        return None
    return MailTransport(
        host=mail.host,
        port=mail.port,
        sender=parse_sender(mail.sender),
        user=mail.user,
        password=mail.password.get_secret_value() if mail.password is not None else None,
        starttls=mail.starttls,
    )


def house_of(settings: Settings) -> BrandProfile:
    """The brand's name, address and region, as notices give them."""
    return BrandProfile(settings.brand_name, settings.base_url, settings.publish.region)


def login_links_of(settings: Settings) -> Callable[[str, str], None] | None:
    """What mails a sign-in link to an address, or None without a mail server."""
    mail = mail_of(settings)
    if mail is None:
        return None
    house = house_of(settings)

    def send(email: str, link: str) -> None:
        message = sign_in_message(house, link, MAILED_LINK_LASTS)
        try:
            mail.send(email, message, key=f"chorus-{uuid4().hex}", timeout=_SIGN_IN_SECONDS)
        except PlatformError as error:
            # Without the traceback: a link is a key, and must not get into a log with the frames.
            log.warning("sign-in link not sent", error=str(error))

    return send
