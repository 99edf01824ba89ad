"""``chorus demo``: what it can be told."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.demo.names import StoryName
from app.cli.serve import HostOption, Port


def demo(
    host: HostOption = "127.0.0.1",
    port: Port = 8000,
    directory: Annotated[Path, typer.Option(help="Where the demo keeps its own database.")] = Path(
        "var/demo"
    ),
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the last demo's data.")] = False,
    pace: Annotated[
        float, typer.Option(help="How many times faster than life the story runs.", min=0.1)
    ] = 1.0,
    story: Annotated[
        StoryName,
        typer.Option(help="What happens: a day of questions, or an outage and a campaign in minutes."),
    ] = StoryName.DAY,
) -> None:
    """Show Chorus at work: a made-up shop, its employees and customers, live on the built-in feed."""
    from app.cli.demo.stage import run_demo

    run_demo(host, port, directory, keep=keep, pace=pace, told=story)
