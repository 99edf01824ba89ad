"""Keeping the C library (glibc) from holding on to memory that nobody uses."""

import ctypes
from contextlib import suppress

_ARENA_MAX = -8
"""``M_ARENA_MAX`` of malloc.h."""
_ARENAS = 2


def share_arenas() -> None:
    """Let all threads allocate from the same two heaps, instead of one or more for each; before they start.

    Most of a process's threads rest most of the time, each with freed memory in its own heap.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return freed memory to the system where the C library can; takes some milliseconds.

    For the moment after something large was made from parts that are freed again: loading the embedding
    model leaves 60 MB behind.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
