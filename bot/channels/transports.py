"""How a notice leaves the house: by SMTP, or to the incoming webhook of a chat.

Both end within the time they are given, and sort what goes wrong: ``Retry`` was surely not accepted,
``Rejected`` is refused for good, ``Ambiguous`` may have been accepted.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from bot.channels.mail_headers import from_header, subject_header
from bot.channels.messages import Message
from bot.platforms.base import Clock
from bot.platforms.wire.http import Caller
from bot.posts import Ambiguous, PlatformError, Reconnect, Refusal, Rejected, Retry
from bot.text.mail_address import Mailbox

_IMPLICIT_TLS = 465
_PERMANENT = 500
_TAKEN = (250, 251)
_SHORTEST = 1.0
_ADAPTIVE_HOSTS = (".logic.azure.com", ".powerplatform.com")


@dataclass(frozen=True, slots=True)
class MailTransport:
    """A mail server. On port 465 the connection is encrypted from the start, elsewhere by STARTTLS.

    ``tls`` says whom to trust; without it the system's certificates count.
    """

    host: str
    port: int
    sender: Mailbox
    user: str | None = None
    password: str | None = None
    starttls: bool = True
    tls: ssl.SSLContext | None = None

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:
        """Hand one mail over within ``timeout`` seconds; ``key`` makes the same mail recognisable.

        Raises Retry, Rejected or Ambiguous.
        """
        mail = self._written(to, message, key)
        deadline = monotonic() + timeout
        has_begun = False
        try:
            with self._connected(timeout) as server:
                _expect(server.mail(self.sender.address), "the sender's address")
                _expect(server.rcpt(to), "the recipient's address")
                if deadline - monotonic() < _SHORTEST:
                    raise Retry("The mail server was too slow; nothing was sent.")
                has_begun = True
                _expect(server.data(mail.as_bytes()), "the mail")
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error, type(error).__name__) from None
        except UnicodeError as error:
            raise Rejected("Its address is not one that this mail server knows.", Refusal.ADDRESS) from error
        except (OSError, smtplib.SMTPException) as error:
            if has_begun:
                why = f"{type(error).__name__} at {self.host}:{self.port}"
                raise Ambiguous(f"The mail server did not say whether it took the mail ({why}).") from None
            raise self._unusable(error) from None

    def check(self, timeout: float) -> None:
        """Sign in, and ask whether mail from the sender is taken; nothing is sent.

        Raises Retry or Rejected with what is wrong.
        """
        try:
            with self._connected(timeout) as server:
                _expect(server.mail(self.sender.address), "the sender's address")
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error, type(error).__name__) from None
        except (OSError, smtplib.SMTPException) as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> Retry:
        return Retry(f"The mail server cannot be used: {type(error).__name__} at {self.host}:{self.port}.")

    def _written(self, to: str, message: Message, key: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        domain = self.sender.address.rpartition("@")[2]
        mail["From"], mail["Subject"] = from_header(self.sender), subject_header(message.subject)
        try:
            mail["To"] = to
            mail["Date"], mail["Message-ID"] = formatdate(), f"<{key}@{domain}>"
        except (ValueError, IndexError) as error:
            raise Rejected("Its address is not one that mail can go to.", Refusal.ADDRESS) from error
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office replies stay at home
        mail.set_content(message.text, cte="quoted-printable")
        return mail

    @contextmanager
    def _connected(self, timeout: float) -> Iterator[smtplib.SMTP]:
        """A signed-in connection that is cut when the time is over, however slowly the server drips."""
        context = self.tls or ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=context)
            if self.port == _IMPLICIT_TLS
            else smtplib.SMTP(self.host, self.port, timeout=timeout)
        )
        guard = Timer(timeout, _cut, (server,))
        guard.daemon = True
        guard.start()
        try:
            if self.starttls and self.port != _IMPLICIT_TLS:
                server.starttls(context=context)
            if self.user is not None:
                server.login(self.user, self.password or "")
            else:
                server.ehlo_or_helo_if_needed()
            yield server
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            guard.cancel()
            server.close()


def _cut(server: smtplib.SMTP) -> None:
    sock = server.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _expect(reply: tuple[int, bytes], what: str) -> None:
    code, words = reply
    if code not in _TAKEN:
        raise _refusal(code, words, what)


def _refusal(code: int, words: bytes | str, what: str) -> PlatformError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    message = f"The mail server answered {code} to {what}: {' '.join(said.split())[:300]}"
    # A wrong password is mended by the operator: the mail goes out then.
    if code >= _PERMANENT and what != smtplib.SMTPAuthenticationError.__name__:
        return Rejected(message, Refusal.SMTP, status=code)
    return Retry(message)


class ChatWebhook:
    """An incoming webhook of Slack, Mattermost, Teams and others; its address is a secret."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._is_adaptive = (urlsplit(url).hostname or "").endswith(_ADAPTIVE_HOSTS)
        self._caller = Caller(url, "The notices' webhook", clock, allow_private=True)

    def send(self, message: Message, *, timeout: float) -> None:
        """Post one message within ``timeout`` seconds. Raises Retry, Rejected or Ambiguous."""
        answer = self._caller.call("POST", "", json=self._body(message), timeout=timeout)
        if answer.ok:
            return
        error = self._caller.refusal(answer, writes=True)
        raise Rejected(str(error), Refusal.UNAUTHORISED) if isinstance(error, Reconnect) else error

    def close(self) -> None:
        self._caller.close()

    def _body(self, message: Message) -> dict[str, Any]:
        text = f"{message.subject}\n\n{message.text}".strip()
        if not self._is_adaptive:
            return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [{"type": "TextBlock", "text": text, "wrap": True}],
        }
        content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [content]}
