"""Header lines that hold words, written so that every mail program reads back what was meant (pure).

Python's own folding loses the blank between two encoded words (RFC 2047, 6.2: it is no part of the text).
Here a text with anything beyond ASCII becomes encoded words as a whole, its blanks inside them.
"""

import base64
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from email.policy import EmailPolicy

from bot.text.mail_address import Mailbox

_BYTES_PER_WORD = 39
"""Of UTF-8: in base64, with what stands around it and the header's name, within the 76 of RFC 2047."""
_LINE = 68


@dataclass(frozen=True, slots=True)
class Written:
    """A header that is folded already; ``name`` and ``fold`` are what the email package asks of a value."""

    name: str
    value: str
    """As it stands in the mail, further lines beginning with a blank."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The whole header."""
        return f"{self.name}: {self.value}\n".replace("\n", policy.linesep)


def subject_header(text: str) -> Written:
    """The subject: plain ASCII as it is, anything else in encoded words."""
    return Written("Subject", _folded(text))


def from_header(sender: Mailbox) -> Written:
    """Whom mail comes from, the name quoted (RFC 5322, 3.4) or encoded."""
    if sender.name.isascii() and "=?" not in sender.name:
        return Written("From", str(sender))
    return Written("From", f"{_encoded(sender.name)}\n <{sender.address}>")


def list_headers(address: str) -> tuple[Written, Written]:
    """Where one click ends the mails of a list (RFC 8058); an address is never folded."""
    return (
        Written("List-Unsubscribe", f"<{address}>"),
        Written("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _folded(text: str) -> str:
    if text.isascii() and "=?" not in text:
        lines = textwrap.wrap(text, _LINE, break_long_words=False, break_on_hyphens=False)
        return "\n ".join(lines)
    return _encoded(text)


def _encoded(text: str) -> str:
    words = (base64.b64encode(piece.encode()).decode() for piece in _pieces(text))
    return "\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _pieces(text: str) -> Iterator[str]:
    """The text in stretches that fit into one encoded word each; no character is cut."""
    piece, size = "", 0
    for character in text:
        length = len(character.encode())
        if size + length > _BYTES_PER_WORD:
            yield piece
            piece, size = "", 0
        piece, size = piece + character, size + length
    if piece:
        yield piece
