"""Who is asking: the client's address behind proxies, and whether it is this machine itself."""

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from app.wiring.settings import Settings

_Address = IPv4Address | IPv6Address
_Networks = tuple[IPv4Network | IPv6Network, ...]
_LONGEST_ADDRESS = 100
"""Characters: an IPv6 address with its brackets, its port and the name of an interface."""
_ADDRESSES = 4_096
"""Addresses that are remembered as they were read: who asks once mostly asks again."""


def client_address(scope: MutableMapping[str, Any], trusted: Iterable[str]) -> str:
    """The address a request comes from; empty where nobody knows (a local socket).

    X-Forwarded-For is believed only as far as trusted proxies wrote it: read from the right, the first
    address that is no trusted proxy is the client. Ports and brackets are left out (RFC 7239, section 6), and
    an IPv4 address is itself in its IPv6 form too (RFC 4291, 2.5.5.2).
    """
    client: tuple[str, int] | None = scope.get("client")
    networks = networks_of(tuple(trusted))
    address = _parsed(client[0]) if client else None
    if address is None:
        return client[0] if client else ""
    if not _is_in(address, networks):
        return str(address)
    for hop in reversed(_hops(scope["headers"])):
        parsed = _parsed(hop)
        if parsed is None:
            break
        address = parsed
        if not _is_in(address, networks):
            break
    return str(address)


def is_from_this_machine(request: Request, settings: Settings) -> bool:
    """Whether the client is this machine itself: not a proxy's client, and not another site's name for us.

    A request that went through a proxy counts only by the address that a trusted one wrote down in
    X-Forwarded-For; a browser has to call us by a name of this machine, or by our own.
    """
    told = "x-forwarded-for" in request.headers
    if (told or "forwarded" in request.headers) and not (told and settings.trusted_proxies):
        return False
    if not _is_loopback(client_address(request.scope, settings.trusted_proxies)):
        return False
    if "sec-fetch-site" not in request.headers:
        return True  # a program: the name it calls us by proves nothing
    host = request.url.hostname or ""
    return host == "localhost" or _is_loopback(host) or host == urlsplit(settings.base_url).hostname


@lru_cache(maxsize=8)
def networks_of(trusted: tuple[str, ...]) -> _Networks:
    """The networks that addresses like ``10.0.0.0/8`` or ``::1`` name. Raises ValueError."""
    return tuple(ip_network(entry, strict=False) for entry in trusted)


def _hops(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """What X-Forwarded-For says, from the client to us."""
    return [
        hop
        for name, value in headers
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]


def _parsed(text: str) -> _Address | None:
    """The address in ``192.0.2.1:443``, ``[2001:db8::1]:443``, ``::ffff:192.0.2.1`` or plain; else None."""
    return _read(text) if len(text) <= _LONGEST_ADDRESS else None


@lru_cache(maxsize=_ADDRESSES)
def _read(text: str) -> _Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_in(address: _Address, networks: _Networks) -> bool:
    return any(address in network for network in networks)


def _is_loopback(text: str) -> bool:
    address = _parsed(text)
    return address is not None and address.is_loopback
