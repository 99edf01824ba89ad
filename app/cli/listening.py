"""Before a server is built: is its port free, and do the links that it sends out lead to it?"""

import errno
import socket
from typing import Any
from urllib.parse import urlsplit

from app.wiring.environment import UnusableSettings
from app.wiring.setting_values import is_loopback
from app.wiring.settings import Settings


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0, once it is certain that it can be listened on.

    Raises UnusableSettings with what stands in the way.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UnusableSettings(
            f"--host {host} is no address: write one of this machine's, like 127.0.0.1, or 0.0.0.0 for all."
        ) from None
    problem: OSError | None = None
    for family, kind, _, _, address in found:
        try:
            return _tried(family, kind, address)
        except OSError as error:
            problem = error
            if error.errno != errno.EADDRNOTAVAIL:
                break
    raise UnusableSettings(_in_words(problem, host, port)) from None


def _tried(family: int, kind: int, address: Any) -> int:
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
        return int(probe.getsockname()[1])


def _in_words(error: OSError | None, host: str, port: int) -> str:
    if error is not None and error.errno == errno.EADDRINUSE:
        return (
            f"On {host}, port {port} is in use: perhaps another Chorus is running there. Stop it, or choose "
            "another port with --port."
        )
    if error is not None and error.errno == errno.EACCES:
        return f"Port {port} is for the administrator alone: choose one above 1023 with --port."
    if error is not None and error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: choose another with --host, like 127.0.0.1."
    return f"Nothing can listen on {host} port {port}: {error.strerror if error else 'no address'}."


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens there."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only compared with
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def mismatch(settings: Settings, host: str, port: int) -> str | None:
    """Why links lead elsewhere, where the public address is this machine's but another port; else None."""
    parts = urlsplit(settings.base_url)
    if parts.scheme == "https" or not is_loopback(settings.base_url) or (parts.port or 80) == port:
        return None
    return (
        f"CHORUS_BASE_URL is {settings.base_url}, and this server listens on port {port}: links lead "
        f"elsewhere, and nobody can sign in. Set CHORUS_BASE_URL={address_of(host, port)}"
    )
