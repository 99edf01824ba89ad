"""Where an index lies on disk: a slot per process, a directory per build, nothing trusted unread.

``<directory>/slot-0/<version>-<number>/`` holds one build. A process owns a slot by a lock that the
operating system drops when it dies. A build counts only if its last process sealed it when it stopped, its
files still are what they were then, and it says which database it followed how far; everything else is
deleted and built anew.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from bot.private_files import make_private_directory

_MOST_SLOTS: Final = 256
_BUILD = re.compile(r"([0-9a-f]{12})-(\d{6})")
_SEAL: Final = "seal.json"


class Slot:
    """A directory that belongs to this process alone until ``release``."""

    def __init__(self, path: Path, lock: IO[bytes]) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, directory: Path) -> "Slot":
        """The first slot of ``directory`` that no other process owns.

        Raises:
            OSError: The directory cannot be written to.
        """
        for number in range(_MOST_SLOTS):
            path = directory / f"slot-{number}"
            make_private_directory(path)
            lock = (path / "lock").open("ab")
            if _locked(lock):
                return cls(path, lock)
            lock.close()
        raise OSError(f"All {_MOST_SLOTS} search indexes in {directory} are in use by other processes.")

    def release(self) -> None:
        """Leave the slot to whoever comes next."""
        self._lock.close()

    def builds(self, version: str) -> list[Path]:
        """The builds of this version, the latest first."""
        found = [path for path, each in self._all_builds() if each == version]
        return sorted(found, reverse=True)

    def new_build(self, version: str) -> Path:
        """An empty directory for the next build."""
        numbers = [int(path.name[-6:]) for path, _ in self._all_builds()]
        path = self.path / f"{version}-{max(numbers, default=0) + 1:06d}"
        path.mkdir(parents=True)
        return path

    def keep_only(self, build: Path | None) -> None:
        """Delete every other build, and whatever else lies around."""
        for path in self.path.iterdir():
            if path == build or path.name == "lock":
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _all_builds(self) -> Iterator[tuple[Path, str]]:
        for path in self.path.iterdir() if self.path.is_dir() else ():
            match = _BUILD.fullmatch(path.name)
            if match and path.is_dir():
                yield path, match[1]


def seal(build: Path) -> None:
    """Note what every file of a build holds, now that nobody writes to it any more."""
    if not (build / _SEAL).exists():
        (build / _SEAL).write_text(json.dumps(_digests(build)), encoding="utf-8")


def break_seal(build: Path) -> None:
    """From here on the build may be found half written."""
    (build / _SEAL).unlink(missing_ok=True)


def is_sealed(build: Path) -> bool:
    """Whether a build was left in good order and every file holds what it held then."""
    return (build / _SEAL).exists() and not is_harmed(build)


def is_harmed(build: Path) -> bool:
    """Whether a file has changed under its seal; of a build without one, in use or killed, nobody can say."""
    try:
        return bool(json.loads((build / _SEAL).read_bytes()) != _digests(build))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True


def _digests(build: Path) -> dict[str, str]:
    digests = {}
    for path in build.iterdir():
        if path.name != _SEAL:
            with path.open("rb") as file:
                digests[path.name] = hashlib.file_digest(file, "blake2b").hexdigest()
    return digests


def _locked(file: IO[bytes]) -> bool:
    """Take the operating system's lock on a file, held until it is closed; False if another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
