"""Installs the Bluesky network for the tests, once per lock file, in a cache outside of the clone.

Run it before the tests (``python tests/bluesky_network/install.py``, with ``appview`` for the live tests'
network), or let the tests do it. Prints where it is.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PDS = Path(__file__).parent
"""A PDS and a DID directory."""
APPVIEW = PDS / "appview"
"""The same with everything that people see: notifications, threads, search. Needs a PostgreSQL."""
FILES = ("package.json", "package-lock.json", "start.mjs")
NODE_MAJORS = ("20", "22")
SECONDS = 900


class Unavailable(Exception):
    """The network cannot be installed here; ``str(error)`` says why."""


def install(source: Path = PDS) -> Path:
    """The directory with one of the networks, installed. Raises Unavailable."""
    node = _node()
    version = _run([node, "--version"]).strip()
    if version.lstrip("v").partition(".")[0] not in NODE_MAJORS:
        raise Unavailable(f"Node {' or '.join(NODE_MAJORS)} is needed, this is {version}.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chorus" / "bluesky-network"
    place = cache / _digest(source, version)
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place / "lock"):
        if not (place / "installed").exists():
            for name in FILES:
                shutil.copyfile(source / name, place / name)
            _install_packages(place, node)
            (place / "installed").touch()
    return place


def _install_packages(place: Path, node: str) -> None:
    """Take the packages as locked, and compile the only one that needs it."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is needed to install the Bluesky network.")
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], place)
    environment = dict(os.environ)
    headers = _headers(node)
    if headers is not None:
        environment |= {"npm_config_nodedir": str(headers), "npm_config_build_from_source": "true"}
    _run([npm, "rebuild", "better-sqlite3"], place, environment)
    _run([node, "-e", "require('better-sqlite3')(':memory:').prepare('select 1').get()"], place)


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise Unavailable(f"Node {' or '.join(NODE_MAJORS)} is needed to run the Bluesky network.")
    return node


def _headers(node: str) -> Path | None:
    """Where Node's headers are, so that nothing has to be fetched for compiling."""
    for root in (Path(node).resolve().parent.parent, Path("/usr"), Path("/usr/local")):
        if (root / "include" / "node" / "node.h").exists():
            return root
    return None


def _digest(source: Path, version: str) -> str:
    content = b"\0".join((source / name).read_bytes() for name in FILES)
    return hashlib.sha256(content + version.encode()).hexdigest()[:16]


def _run(command: list[str], place: Path | None = None, environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{' '.join(command[:3])} failed: {error}") from error
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:3])} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time install."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        print(install(APPVIEW if "appview" in sys.argv[1:] else PDS))
    except Unavailable as error:
        sys.exit(str(error))
