"""Connections to public addresses only, whatever a host name says.

An operator types an instance's address, and instances name further ones (streaming, issuers). A name is
resolved once, every address it has must be public, and the connection goes to exactly the address that was
checked: a second look-up cannot slip another one in. TLS still verifies the name.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence

import httpcore

SocketOptions = Iterable[httpcore.SOCKET_OPTION]
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to the IP addresses it has."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible: deprecated, and some systems still send it to the IPv4 address within
        "64:ff9b:1::/48",  # NAT64 of a local network, RFC 8215
        "192.88.99.0/24",  # relays from 6to4, RFC 7526
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segments of a network, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
    )
)
"""What no site on the internet has, though the library takes it for globally routable."""
_LAST_32_BITS = 0xFFFFFFFF


class NotPublic(Exception):
    """A host that leads into a private network. ``str(error)`` is written for the operator."""


def is_public(address: str, *, allow_loopback: bool = False) -> bool:
    """Whether an IP address may be called: globally routable, or loopback where a setting allows it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(ip)
    if inner is not None:
        return is_public(str(inner), allow_loopback=allow_loopback)
    if ip.is_loopback:
        return allow_loopback
    if any(ip in network for network in _REFUSED):
        return False
    return ip.is_global and not ip.is_multicast


def _embedded(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & _LAST_32_BITS)
    return ip.ipv4_mapped or ip.sixtofour


def resolve(host: str, port: int) -> list[str]:
    """All IP addresses of ``host``, in the system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(
    host: str, port: int, *, allow_loopback: bool = False, resolve: Resolve = resolve
) -> Sequence[str]:
    """The addresses of ``host``, all of them checked. Raises NotPublic, OSError or UnicodeError."""
    addresses = resolve(host, port)
    refused = [address for address in addresses if not is_public(address, allow_loopback=allow_loopback)]
    if refused or not addresses:
        raise NotPublic(
            f"{host} leads to {refused[0] if refused else 'no address'}, which is not on the public "
            "internet; Chorus does not call addresses inside a private network."
        )
    return addresses


class PublicBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, *, allow_loopback: bool = False, resolve: Resolve = resolve) -> None:
        self._inner = httpcore.SyncBackend()
        self._allow_loopback = allow_loopback
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers. Raises httpcore.ConnectError, ConnectTimeout."""
        try:
            addresses = public_addresses(
                host, port, allow_loopback=self._allow_loopback, resolve=self._resolve
            )
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved: {error}") from error
        except NotPublic as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception | None = None
        for address in addresses:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")
