"""Where an index lies on disk: a slot per process, a directory per build, nothing trusted unread.

``<directory>/slot-0/<version>-<number>/`` holds one build. A process owns a slot by a lock that the
operating system drops when it dies. A build counts only if its files carry the checksums that Tantivy
wrote and it says which database it followed how far; everything else is deleted.
"""

import json
import os
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from bot.private_files import make_private_directory

_MOST_SLOTS: Final = 256
_BUILD = re.compile(r"([0-9a-f]{12})-(\d{6})")
_FOOTER_MAGIC: Final = 1337
_CHUNK: Final = 1 << 20


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


def is_sound(build: Path) -> bool:
    """Whether every file that the build's last commit names is there and carries its checksum."""
    try:
        meta = json.loads((build / "meta.json").read_bytes())
        return all(_carries_checksum(path) for path in _files(build, meta))
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False


def _files(build: Path, meta: dict[str, list[dict[str, object]]]) -> list[Path]:
    """The files of a commit's segments; leftovers of a merge that was never committed are not its own."""
    paths: list[Path] = []
    for segment in meta["segments"]:
        name = str(segment["segment_id"]).replace("-", "")
        paths += [build / f"{name}.{kind}" for kind in ("fast", "fieldnorm", "idx", "pos", "store", "term")]
        deletes = segment["deletes"]
        if isinstance(deletes, dict):
            paths.append(build / f"{name}.{deletes['opstamp']}.del")
    return paths


def _carries_checksum(path: Path) -> bool:
    """A file of Tantivy's ends with JSON (``crc`` of what precedes it), its length and a magic number."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size - 8)
        length, magic = struct.unpack("<II", file.read(8))
        file.seek(size - 8 - length)
        expected = json.loads(file.read(length))["crc"]
        file.seek(0)
        left, crc = size - 8 - length, 0
        while left > 0 and (chunk := file.read(min(left, _CHUNK))):
            crc = zlib.crc32(chunk, crc)
            left -= len(chunk)
    return bool(magic == _FOOTER_MAGIC and left == 0 and crc == expected)


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
