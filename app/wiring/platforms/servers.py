"""Servers that somebody names: how their addresses are written, and that they are not this machine."""

from app.wiring.environment import UnusableSettings
from app.wiring.setting_values import is_loopback, server_address


def typed_address(text: str) -> str:
    """A server's address as it was typed, tidied. Raises UnusableSettings."""
    address = server_address(text)
    if address is None:
        raise UnusableSettings(f"“{text}” is no server's address. Write it like https://mastodon.example.")
    return address


def check_reachable(platform: str, address: str | None, *, allowed: bool) -> None:
    """A server on this machine is called where a setting allows it, and nowhere else.

    Raises UnusableSettings.
    """
    if not address or not is_loopback(address) or allowed:
        return
    raise UnusableSettings(
        f"{address} is this machine, and only public servers are called. To try things out, set "
        f"CHORUS_{platform.upper()}__ALLOW_LOOPBACK=true."
    )
