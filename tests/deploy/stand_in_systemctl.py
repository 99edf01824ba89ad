"""What the guide asks of ``systemctl``, where no systemd runs: units started as they say, and ended.

Environment: STAND_IN_UNITS is where the units are installed, STAND_IN_RUN where it keeps what it knows.
"""

import configparser
import fnmatch
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS, RUN = Path(os.environ["STAND_IN_UNITS"]), Path(os.environ["STAND_IN_RUN"])


def start(name: str) -> None:
    """Start a service as its unit says, and come back when it has told that it is ready."""
    unit = UNITS / f"{name}.service"
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.read([UNITS / "chorus-.service.d" / "common.conf", unit])
    address = str(RUN / f"{name}.socket")
    Path(address).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(address)
        told.settimeout(100)
        process = subprocess.Popen(
            shlex.split(parser["Service"]["ExecStart"]),
            cwd=parser["Service"]["WorkingDirectory"],
            env={**os.environ, "NOTIFY_SOCKET": address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(RUN / f"{name}.log").open("a"),
            start_new_session=True,
        )
        (RUN / f"{name}.pid").write_text(str(process.pid))
        assert told.recv(100) == b"READY=1"


def stop(pattern: str) -> None:
    """End the services of these names, and come back when they are gone."""
    for file in RUN.glob("*.pid"):
        if fnmatch.fnmatch(file.stem, pattern):
            pid = int(file.read_text())
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + 45
            while Path(f"/proc/{pid}/stat").exists() and not is_over(pid):
                assert time.monotonic() < end, f"{file.stem} does not end"
                time.sleep(0.05)
            file.unlink()


def is_over(pid: int) -> bool:
    """Whether nothing of a process is left but its number, which nobody asked for yet."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


verb, *words = [word for word in sys.argv[1:] if word != "--now"]
if verb in ("enable", "start"):
    for one in words:
        start(one)
elif verb == "stop":
    for one in words:
        stop(one)
else:
    assert (verb, words) in (("daemon-reload", []), ("reload", ["caddy"]), ("reload", ["nginx"])), sys.argv
