"""Giving memory back: the C library keeps what was freed, in case it is wanted again."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system where the C library can (glibc); takes some milliseconds.

    For the moment after something large was made from parts that are freed again: loading the embedding
    model leaves 60 MB behind.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
