"""Lists as spreadsheets save them: a first line that names the columns, and a row for each thing."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.files.text_files import UnreadableText, read_text

_SEPARATORS = (",", ";", "\t")
_TOLD = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""What some spreadsheets write in front: which separator they use."""
_SEPARATED_BY = "separated by commas, semicolons or tabs"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row's values by column, empty where it has none, and the number of the line on which it begins."""

    number: int
    values: Mapping[str, str]


def read_rows(file: Path, columns: Sequence[str], required: Sequence[str]) -> list[CsvRow]:
    """The rows of a file, as ``rows_of`` reads them. Raises UnreadableText."""
    return rows_of(read_text(file), str(file), columns, required)


def rows_of(text: str, source: str, columns: Sequence[str], required: Sequence[str]) -> list[CsvRow]:
    """The rows of a list with some of ``columns``, in any order and case, ``required`` among them.

    Empty rows are left out. Raises UnreadableText with ``source`` and the number of the line that is wrong.
    """
    told = _TOLD.match(text)
    skipped = 1 if told else 0
    text = text[told.end() :] if told else text
    separator = told[1] if told else _separator(text, columns)
    numbered = iter(_Numbered(text, separator, source, skipped))
    number, head = next(numbered, (1, []))
    names = _names(head, f"Line {number} of {source}", columns, required)
    nothing = dict.fromkeys(columns, "")
    return [
        CsvRow(number, nothing | _values(fields, names, f"Line {number} of {source}"))
        for number, fields in numbered
    ]


class _Numbered:
    """Rows that hold something, each with the number of its first line."""

    def __init__(self, text: str, separator: str, source: str, skipped: int) -> None:
        self._rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self._source = source
        self._skipped = skipped

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            number = self._rows.line_num + self._skipped + 1
            try:
                fields = next(self._rows, None)
            except csv.Error as error:
                raise UnreadableText(
                    f"Line {number} of {self._source}: {error}. A value with a quotation mark in it is "
                    'written like "Jane ""JJ"" Doe".'
                ) from None
            if fields is None:
                return
            if any(field.strip() for field in fields):
                yield number, fields


def _separator(text: str, columns: Sequence[str]) -> str:
    """The separator by which the first line names the most columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    known = set(columns)

    def named(separator: str) -> int:
        return sum(_plain(one) in known for one in first.replace('"', "").split(separator))

    return max(_SEPARATORS, key=named)


def _names(head: Sequence[str], place: str, columns: Sequence[str], required: Sequence[str]) -> list[str]:
    names = [_plain(one) for one in head]
    while names and not names[-1]:
        names.pop()
    wanted = f"The first line names columns of: {', '.join(columns)}; {_SEPARATED_BY}."
    for shown, name in zip(head, names, strict=False):
        if name not in columns:
            raise UnreadableText(f"{place}: there is no column “{shown.strip()}”. {wanted}")
        if names.count(name) > 1:
            raise UnreadableText(f"{place}: the column {name} is there twice.")
    for name in required:
        if name not in names:
            raise UnreadableText(f"{place}: the column {name} is missing. {wanted}")
    return names


def _values(fields: Sequence[str], names: Sequence[str], place: str) -> dict[str, str]:
    beyond = [one for one in fields[len(names) :] if one.strip()]
    if beyond:
        raise UnreadableText(
            f"{place}: it has {len(fields)} values, and the first line names {len(names)} columns: put a "
            f"value that holds a separator between quotation marks (“{beyond[0].strip()}” is left over)."
        )
    padded = [*fields, *[""] * len(names)]
    return {name: value.strip() for name, value in zip(names, padded, strict=False)}


def _plain(name: str) -> str:
    """``E-mail``, ``EMAIL`` and ``email`` are one column."""
    return re.sub(r"[\s_-]", "", name).casefold()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula may begin with; the last four are the signs' full-width forms."""


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A list as spreadsheets open it; no cell is taken for a formula, whoever wrote it.

    A text that begins like one gets an apostrophe in front, as OWASP advises ("CSV Injection").
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
