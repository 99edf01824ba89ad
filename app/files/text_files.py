"""Reading text that people hand in: settings, lists, archives, conversations; from files, packed or not.

UTF-8, UTF-16 and UTF-32 are read, with or without a byte order mark. Anything else is refused with the number
of the line: read by a guess, somebody's name would come in garbled, and nobody would notice.
"""

import codecs
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = b"\x1f\x8b"
_SAMPLE = 512
_UTF8 = "utf-8-sig"


class UnreadableText(Exception):
    """A file cannot be read; ``str(error)`` is one sentence with its name, the line, and what to do."""


def read_text(file: Path) -> str:
    """The whole text of a file. Raises UnreadableText."""
    with _opened(str(file)) as raw:
        return _decoded(raw.read(), str(file))


def numbered_lines(file: Path | str) -> Iterator[tuple[int, str]]:
    """The lines of a file, or of standard input for ``-``, with their numbers; empty ones are left out.

    Raises UnreadableText, when the line in question is reached.
    """
    with _opened(str(file)) as raw:
        for number, line in enumerate(_lines(raw, str(file)), start=1):
            if line.strip():
                yield number, line


def _lines(raw: gzip.GzipFile, file: str) -> Iterator[str]:
    encoding = _encoding(raw.peek(_SAMPLE))
    if encoding != _UTF8:
        yield from _decoded(raw.read(), file).split("\n")
        return
    for number, line in enumerate(raw, start=1):
        yield _utf8(line, file, number)


def _utf8(line: bytes, file: str, number: int) -> str:
    try:
        return line.decode(_UTF8 if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(file, number, line[error.start]) from None


def _decoded(data: bytes, file: str) -> str:
    encoding = _encoding(data[:_SAMPLE])
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        raise _not_text(file, before.count("\n") + 1, data[error.start]) from None


def _not_text(file: str, number: int, byte: int) -> UnreadableText:
    return UnreadableText(
        f"{file}, line {number} cannot be read: byte 0x{byte:02X} is no UTF-8. Save the file as UTF-8 "
        "(in a spreadsheet: “CSV UTF-8”) and try again."
    )


def _encoding(start: bytes) -> str:
    """What the first bytes speak for; text without a mark whose every other byte is zero is UTF-16."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\x00" in start:
        if start[1::2].count(0) * 2 > len(start) // 2:
            return "utf-16-le"
        if start[0::2].count(0) * 2 > len(start) // 2:
            return "utf-16-be"
    return _UTF8


@contextmanager
def _opened(file: str) -> Iterator[gzip.GzipFile]:
    """The file's bytes, unpacked where it is gzipped; whatever breaks is said in words."""
    name = "Standard input" if file == "-" else file
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as plain:
            # a packed file and a plain one can both be looked into before they are read
            start = cast("gzip.GzipFile", plain).peek(2)
            is_packed = start.startswith(_PACKED) or file.endswith(".gz")
            yield (
                gzip.GzipFile(fileobj=cast("BinaryIO", plain)) if is_packed else cast("gzip.GzipFile", plain)
            )
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableText(f"{name} cannot be read: {why}.") from error
