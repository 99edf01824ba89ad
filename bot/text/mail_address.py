"""Mail addresses as people write them, and as RFC 5322 wants them in a header (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address

from bot.text.characters import CONTROL
from bot.text.hosts import LABEL

_LONGEST = 200
_ATEXT = r"[^\s@<>()\[\]\\,:;\"\x00-\x1f\x7f-\x9f]"
_LOCAL = re.compile(rf"(?!\.)(?!.*\.\.)(?!.*\.$){_ATEXT}{{1,64}}")
_WITH_NAME = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>")
_ROUTED = re.compile(r"[%!]")
"""Signs with which a local part names a further host, to which some servers still send mail on."""
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class NotAnAddress(ValueError):
    """This is no mail address; ``str(error)`` tells whoever typed it what one looks like."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's name, which may be empty, and their address."""

    name: str
    address: str

    def __str__(self) -> str:
        """As RFC 5322 (3.4) wants it: a name with special characters in it is quoted."""
        return str(Address(display_name=self.name, addr_spec=self.address))


def parse_address(text: str) -> str:
    """A bare address like ``jane@example.com``, its domain in lower case. Raises NotAnAddress.

    Letters beyond ASCII are let through: whether a mail server takes those is its own affair.
    """
    local, at, domain = text.strip().rpartition("@")
    labels = domain.lower().split(".")
    if (
        not at
        or len(text.strip()) > _LONGEST
        or not _LOCAL.fullmatch(local)
        or not all(LABEL.fullmatch(label) for label in labels)
    ):
        raise NotAnAddress(f"“{text.strip()}” is no e-mail address: write it like jane@example.com.")
    return f"{local}@{domain.lower()}"


def mailbox_among(text: str, domains: Iterable[str]) -> str | None:
    """The mailbox behind an address at one of these domains; None for any other. Raises NotAnAddress.

    However somebody writes theirs, it is the same mailbox: in small letters, without a ``+`` and what stands
    behind it, the domain as it is spelled here. A domain counts by itself: one that merely ends like it is
    another, and so is a subdomain that is not named.
    """
    local, _, domain = parse_address(text).lower().rpartition("@")
    local = _without_tag(local)
    ours = {_in_ascii(one): one for one in domains}.get(_in_ascii(domain))
    if not local or ours is None:
        return None
    return f"{local}@{ours}"


def mailbox_of(text: str) -> str:
    """The mailbox behind an address, as ``mailbox_among``, at whatever domain. Raises NotAnAddress."""
    local, _, domain = parse_address(text).lower().rpartition("@")
    local = _without_tag(local)
    if not local:
        raise NotAnAddress(f"“{text.strip()}” is no e-mail address: write it like jane@example.com.")
    return f"{local}@{_in_ascii(domain)}"


def _without_tag(local: str) -> str:
    """A local part without what stands behind a ``+``; empty where it names a further host."""
    return "" if _ROUTED.search(local) else local.partition("+")[0]


def _in_ascii(domain: str) -> str:
    """As the name servers know a domain; as it is where that cannot be said."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def parse_sender(text: str) -> Mailbox:
    """Whom mail comes from: an address, or a name and an address in ``<>``; the name need not be quoted.

    Raises NotAnAddress, also for letters beyond ASCII in the address: not every mail server takes those.
    """
    found = _WITH_NAME.fullmatch(text.strip())
    name, given = (found["name"], found["address"]) if found else ("", text)
    quoted = _QUOTED.fullmatch(name)
    if quoted:
        name = re.sub(r"\\(.)", r"\1", quoted[1])
    address = parse_address(given)
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        local = ""
    if not local or not local.isascii() or CONTROL.search(name):
        raise NotAnAddress(
            f"“{text.strip()}” is no sender: write it like support@example.com, or like "
            "Support <support@example.com>."
        )
    return Mailbox(name, f"{local}@{domain}")
