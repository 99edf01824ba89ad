"""Lists on standard output: whole, as they are, and as JSON where that is asked for.

At a terminal a table is fitted to the window; anywhere else no value is cut, so that it can be searched. What
people typed is never taken for markup or for a command to the terminal.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ENDLESS = 100_000


def printable(text: str) -> str:
    """The text with control characters made visible: a name must not move the cursor or change colours."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def print_json(value: Any) -> None:
    """One JSON document."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Rows by key; ``columns`` gives each key its heading. A list's items have blanks between them."""
    if as_json:
        print_json([{key: row[key] for key in columns} for row in rows])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(_shown(row[key]))) for key in columns))
    Console(width=None if Console().is_terminal else _ENDLESS).print(table)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
