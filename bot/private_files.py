"""Files and directories that hold personal data: nobody but their owner can read them, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path


def make_private_directory(path: Path) -> None:
    """Make a directory and those above it that are missing, mode 0700; what is there stays as it is."""
    for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file, mode 0600, unless it is there already: whoever opens it by name then fills it.

    One that is there is not even opened: closing it again would end the locks that this process holds on it,
    and a database without its locks is corrupted by the next process that opens it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
