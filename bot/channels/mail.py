"""Notices to one person by mail, over SMTP."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from functools import cache
from threading import Timer
from time import monotonic
from typing import ClassVar

from bot.channels.base import Reach
from bot.channels.mail_headers import from_header, list_headers, subject_header
from bot.channels.messages import Message
from bot.posts import Ambiguous, PlatformError, Refusal, Rejected, Retry
from bot.text.mail_address import Mailbox

_IMPLICIT_TLS = 465
_PERMANENT = 500
_TAKEN = (250, 251)
_SHORTEST = 1.0


@dataclass(frozen=True, slots=True)
class MailChannel:
    """A mail server. On port 465 the connection is encrypted from the start, elsewhere by STARTTLS.

    ``tls`` says whom to trust; without it the system's certificates count.
    """

    name: ClassVar[str] = "mail"
    reaches: ClassVar[Reach] = Reach.PERSON

    host: str
    port: int
    sender: Mailbox
    user: str | None = None
    password: str | None = None
    starttls: bool = True
    tls: ssl.SSLContext | None = None

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:
        """Hand one mail over; by its ``Message-ID``, the ``key``, the same mail is recognisable."""
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

    def close(self) -> None:
        """Nothing is held open between two mails."""

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
        if message.unsubscribe:
            for header in list_headers(message.unsubscribe):
                mail[header.name] = header
        mail.set_content(message.text, cte="quoted-printable")
        if message.html:
            mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        return mail

    @contextmanager
    def _connected(self, timeout: float) -> Iterator[smtplib.SMTP]:
        """A signed-in connection that is cut when the time is over, however slowly the server drips."""
        context = self.tls or system_trust()
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


@cache
def system_trust() -> ssl.SSLContext:
    """The system's certificates, read once in a process: that takes longer than most mails do."""
    return ssl.create_default_context()


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
