"""The service manager hears that Chorus is ready, and that it lives, from the processes themselves."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.supervision import Supervisor
from tests.deploy.installed import CHORUS, clean_environment, free_ports, running

pytestmark = pytest.mark.timeout(600)  # real programs, on machines that do other things as well


class ServiceManager:
    """A socket as systemd opens it, and what was said there."""

    def __init__(self, directory: Path) -> None:
        self.address = str(directory / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)

    def hears(self, seconds: float = 60.0) -> str:
        """The next word; raises TimeoutError where none comes."""
        self._socket.settimeout(seconds)
        return self._socket.recv(100).decode()

    def forget(self) -> None:
        """What was said so far is not asked for any more."""
        self._socket.setblocking(False)
        try:
            while self._socket.recv(100):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    made = ServiceManager(tmp_path)
    yield made
    made.close()


def test_nothing_is_said_where_nobody_asked() -> None:
    supervisor = Supervisor.of_this_process({})
    supervisor.ready()
    assert supervisor.interval is None


def test_a_manager_that_went_away_disturbs_nobody(tmp_path: Path) -> None:
    Supervisor.of_this_process({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


def test_signs_of_life_come_well_within_the_time(manager: ServiceManager) -> None:
    asked = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000"}
    assert Supervisor.of_this_process(asked).interval == pytest.approx(20.0)
    assert Supervisor.of_this_process({**asked, "WATCHDOG_PID": str(os.getpid())}).interval is not None
    assert Supervisor.of_this_process({**asked, "WATCHDOG_PID": "1"}).interval is None
    assert Supervisor.of_this_process({**asked, "WATCHDOG_USEC": "soon"}).interval is None


def test_an_abstract_socket_is_found() -> None:
    name = f"chorus-test-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind(f"\0{name}")
        there.settimeout(5)
        Supervisor.of_this_process({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert there.recv(100) == b"READY=1"


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_process_says_when_it_is_ready_and_then_that_it_lives(
    manager: ServiceManager, tmp_path: Path, command: str
) -> None:
    environment = clean_environment(
        tmp_path, NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="300000", CHORUS_TIMEZONE="UTC"
    )
    subprocess.run([CHORUS, "migrate"], env=environment, check=True, capture_output=True, cwd=tmp_path)
    words = ["serve", "--no-worker", "--port", str(free_ports(1)[0])] if command == "serve" else ["work"]
    with running([CHORUS, *words], environment, tmp_path) as process:
        assert manager.hears() == "READY=1"
        assert [manager.hears(), manager.hears()] == ["WATCHDOG=1"] * 2
        process.send_signal(signal.SIGSTOP)  # it hangs: nothing speaks for it any more
        manager.forget()
        with pytest.raises(TimeoutError):
            manager.hears(0.5)
        process.send_signal(signal.SIGCONT)
        assert manager.hears() == "WATCHDOG=1"
