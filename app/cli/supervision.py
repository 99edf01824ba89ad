"""Telling the service manager that started this process how it goes: systemd's notification protocol.

A datagram of ``NAME=value`` goes to the socket named in NOTIFY_SOCKET (sd_notify(3), sd_watchdog_enabled(3)).
Where nobody asked to be told, nothing is said.
"""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

_MICROSECONDS = 1e-6
_SIGNS_PER_WATCH = 3
"""Signs of life in the time after which the watchdog bites, so that one may come late."""


class Supervisor:
    """Whoever started this process and wants to hear from it; perhaps nobody."""

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        """Speak to the socket ``address``; without a sign of life for ``watchdog`` seconds it restarts us."""
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._signs: asyncio.Task[None] | None = None
        self.interval = None if watchdog is None or not address else watchdog / _SIGNS_PER_WATCH
        """Seconds from one sign of life to the next; None where nobody waits for any."""

    @classmethod
    def of_this_process(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """What the environment says; a watch that is kept over another process is none over this one."""
        watched = environment.get("WATCHDOG_USEC", "")
        is_ours = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        seconds = int(watched) * _MICROSECONDS if watched.isascii() and watched.isdigit() else 0.0
        return cls(environment.get("NOTIFY_SOCKET", ""), seconds if is_ours and seconds > 0 else None)

    def ready(self) -> None:
        """The start is over: what waits for it may go on."""
        self._say("READY=1")

    def alive(self) -> None:
        self._say("WATCHDOG=1")

    async def serving(self) -> None:
        """Ready, and from now on a sign of life for as long as the event loop turns that answers requests."""
        if self._signs is None:
            self.ready()
            self._signs = asyncio.create_task(self._keep_signing())

    async def _keep_signing(self) -> None:
        while self.interval is not None:
            self.alive()
            await asyncio.sleep(self.interval)

    def _say(self, line: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.sendto(line.encode(), self._address)
