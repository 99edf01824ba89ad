"""Files and directories that hold personal data: nobody but their owner can read them, whatever the umask."""

import os
from pathlib import Path


def make_private_directory(path: Path) -> None:
    """Make a directory and those above it that are missing, mode 0700; what is there stays as it is."""
    for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file, mode 0600, unless it is there already: whoever opens it by name then fills it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
