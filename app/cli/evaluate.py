"""Quality figures as JSON on standard output: routing, search, and the ladder."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

app = typer.Typer(help="Measure routing, search and the ladder on data of your own.", no_args_is_help=True)


class Tags(StrEnum):
    """Whether a question's own tags may be used."""

    HIDDEN = "hidden"
    GIVEN = "given"


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


Rankings = Annotated[Path | None, typer.Option(help="Write each ranking as a line of JSON to this file.")]
Meaning = Annotated[Switch, typer.Option(help="Use the embedding model, where it is installed.")]


@app.command()
def routing(
    file: Annotated[Path, typer.Argument(help="Questions and answers as JSON lines, sorted by t; .gz too.")],
    tags: Annotated[Tags, typer.Option(help="Whether topics have to be predicted.")] = Tags.HIDDEN,
    meaning: Meaning = Switch.ON,
    rankings: Rankings = None,
) -> None:
    """Replay history and tell how often the router would have found who answered."""
    from app.cli.evaluate_routing import evaluate_routing

    _print(evaluate_routing(file, tags.value, meaning is Switch.ON, rankings))


@app.command()
def search(
    docs: Annotated[Path, typer.Argument(help="Entries as JSON lines: id, question, answer; .gz too.")],
    queries: Annotated[Path, typer.Argument(help="Queries as JSON lines: q, rel (ids); .gz too.")],
    meaning: Meaning = Switch.ON,
    rankings: Rankings = None,
) -> None:
    """Tell how well the archive's search finds labelled entries."""
    from app.cli.evaluate_search import evaluate_search

    _print(evaluate_search(docs, queries, meaning is Switch.ON, rankings))


def _print(figures: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() + "\n")
