"""What the recipes of ``deploy/`` make, and the real programs beside it, each ended by who began it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHORUS = Path(sys.executable).with_name("chorus")
START_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.05


def clean_environment(directory: Path, **settings: str) -> dict[str, str]:
    """An environment without anybody's settings: a database and files in ``directory``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHORUS_", "PYTHON"))}
    return {
        **kept,
        "HOME": str(directory),
        "CHORUS_SECRET_KEY": "k" * 40,
        "CHORUS_DATABASE_URL": f"sqlite:///{directory}/chorus.db",
        "CHORUS_DATA_DIRECTORY": str(directory / "data"),
        "CHORUS_SEARCH__MEANING": "false",
        "CHORUS_LOG_LEVEL": "warning",
        **settings,
    }


def offline(directory: Path) -> dict[str, str]:
    """What lets ``pip`` do without the network: the packages of this interpreter, without Chorus itself.

    They lie beside the new environment by links, for what pip finds installed already it leaves out.
    """
    packages = directory / "packages"
    if not packages.exists():
        packages.mkdir(parents=True)
        for one in Path(sysconfig.get_path("purelib")).iterdir():
            if not one.name.lstrip("_").startswith(("chorus_support", "editable___chorus", "pip")):
                (packages / one.name).symlink_to(one)
    return {
        "PYTHONPATH": str(packages),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }


def free_ports(how_many: int) -> list[int]:
    """Ports on which nobody listens now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(how_many)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def program(name: str) -> str:
    """A program of the system; the test is skipped where it is not installed."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"needs {name} (apt install {'systemd' if name.startswith('systemd') else name})")
    return found


@contextmanager
def running(
    words: Sequence[str | Path], environment: Mapping[str, str], directory: Path
) -> Iterator[subprocess.Popen[str]]:
    """A process and what it says, on standard output and in a file that a failure quotes."""
    log = directory / f"{Path(words[0]).name}-{len(list(directory.iterdir()))}.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [str(word) for word in words],
            env=dict(environment),
            cwd=directory,
            stdout=said,
            stderr=said,
            text=True,
        )
    process.said = log  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until_answered(url: str, process: "subprocess.Popen[str]", **how: object) -> httpx.Response:
    """The first answer with which the server that ``process`` is says that all is well."""
    end = time.monotonic() + START_SECONDS
    trouble: object = None
    with httpx.Client(timeout=5.0, **how) as client:  # type: ignore[arg-type]
        while time.monotonic() < end:
            assert process.poll() is None, process.said.read_text()  # type: ignore[attr-defined]
            try:
                answer = client.get(url)
            except httpx.TransportError as error:
                trouble = error
            else:
                if answer.is_success:
                    return answer
                trouble = answer.text
            time.sleep(_LOOK_EVERY_SECONDS)
    raise AssertionError(f"{url}: {trouble}\n{process.said.read_text()}")  # type: ignore[attr-defined]


@contextmanager
def serving(
    directory: Path, port: int, *words: str, chorus: Path = CHORUS, **settings: str
) -> Iterator["subprocess.Popen[str]"]:
    """``chorus serve`` on a port of this machine, once it is ready."""
    environment = clean_environment(directory, **settings)
    with running([chorus, "serve", "--port", str(port), *words], environment, directory) as process:
        until_answered(f"http://127.0.0.1:{port}/readyz", process)
        yield process
