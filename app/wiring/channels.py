"""The channels on which people are told something, as the settings describe them."""

from collections.abc import Callable
from uuid import uuid4

import structlog

from app.wiring.settings import Settings
from bot.actions.announce.tell_first import ConfirmMail
from bot.actions.people.joining import JoinMail, JoinMailKind
from bot.channels.base import Channel
from bot.channels.chat import ChatChannel
from bot.channels.customers.announced import confirm_message
from bot.channels.mail import MailChannel
from bot.channels.messages import (
    BrandProfile,
    Message,
    ask_a_person_message,
    declined_message,
    join_message,
    known_message,
    let_in_message,
    sign_in_message,
    waits_message,
)
from bot.platforms.base import Clock
from bot.posts import PlatformError
from bot.store.house import subscribers
from bot.store.people import joining
from bot.store.people.access import LINK_LASTS, MAILED_LINK_LASTS
from bot.text.mail_address import parse_sender

log = structlog.get_logger(__name__)

_SIGN_IN_SECONDS = 20.0


def channels_of(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """The channels that are set up, by name; nothing is sent yet."""
    made: tuple[Channel | None, ...] = (mail_of(settings), _chat(settings, clock))
    return {channel.name: channel for channel in made if channel is not None}


def mail_of(settings: Settings) -> MailChannel | None:
    """The mail server, where there is one."""
    mail = settings.mail
    if mail.host is None:
        return None
    return MailChannel(
        host=mail.host,
        port=mail.port,
        sender=parse_sender(mail.sender),
        user=mail.user,
        password=mail.password.get_secret_value() if mail.password is not None else None,
        starttls=mail.starttls,
    )


def _chat(settings: Settings, clock: Clock) -> ChatChannel | None:
    url = settings.notify_webhook
    return ChatChannel(url.get_secret_value(), clock) if url is not None else None


def house_of(settings: Settings) -> BrandProfile:
    """The brand's name, address and region, as notices give them."""
    return BrandProfile(
        settings.brand_name,
        settings.base_url,
        settings.publish.region,
        settings.figures.currency,
        settings.timezone,
    )


def login_links_of(
    settings: Settings, house: Callable[[], BrandProfile]
) -> Callable[[str, str, str | None], None] | None:
    """What mails a sign-in link to an address, in a language (None: English); None without a mail server."""
    send_now = _sender(settings, "sign-in link not sent")
    if send_now is None:
        return None

    def send(email: str, link: str, language: str | None) -> None:
        send_now(email, sign_in_message(house(), link, MAILED_LINK_LASTS, language))

    return send


def join_mails_of(settings: Settings, house: Callable[[], BrandProfile]) -> Callable[[JoinMail], None] | None:
    """What mails those who want to take part what became of it; None without a mail server."""
    send_now = _sender(settings, "mail to a newcomer not sent")
    if send_now is None:
        return None

    def send(mail: JoinMail) -> None:
        send_now(mail.to, _join_message(house(), mail))

    return send


def tells_first(settings: Settings) -> bool:
    """Whether customers can have announcements mailed to them."""
    return settings.mail.host is not None and settings.mail.announcements


def confirm_mails_of(
    settings: Settings, house: Callable[[], BrandProfile]
) -> Callable[[ConfirmMail], None] | None:
    """What mails a customer the link that proves their mailbox; None without a mail server."""
    send_now = _sender(settings, "link to confirm not sent")
    if send_now is None:
        return None

    def send(mail: ConfirmMail) -> None:
        link = f"{house().base_url}/announcements/confirm/{mail.secret}"
        send_now(mail.to, confirm_message(house(), link, subscribers.LINK_LASTS, mail.language))

    return send


def _join_message(house: BrandProfile, mail: JoinMail) -> Message:
    to, site = mail.language, house.base_url
    if mail.kind is JoinMailKind.LINK:
        return join_message(house, f"{site}/join/{mail.secret}", joining.LINK_LASTS, to)
    if mail.kind is JoinMailKind.LET_IN:
        return let_in_message(house, f"{site}/sign-in/{mail.secret}", LINK_LASTS, to)
    if mail.kind is JoinMailKind.DECLINED:
        return declined_message(house, mail.why, to)
    told = {
        JoinMailKind.KNOWN: known_message,
        JoinMailKind.WAITS: waits_message,
        JoinMailKind.ASK_A_PERSON: ask_a_person_message,
    }
    return told[mail.kind](house, to)


def _sender(settings: Settings, failure: str) -> Callable[[str, Message], None] | None:
    mail = mail_of(settings)
    if mail is None:
        return None

    def send(to: str, message: Message) -> None:
        try:
            mail.send(to, message, key=f"chorus-{uuid4().hex}", timeout=_SIGN_IN_SECONDS)
        except PlatformError as error:
            # Without the traceback: a link is a key, and must not get into a log with the frames.
            log.warning(failure, error=str(error))

    return send
