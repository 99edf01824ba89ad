"""The audit log, from the command line."""

import typer

from app.cli.opening import open_database, say
from app.web.phrasing import so_many
from bot.store.house import audit

app = typer.Typer(help="Who did what, and whether somebody has changed that.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Who did what, and whether somebody has changed that."""


@app.command()
def verify() -> None:
    """Check every line of the audit log against the one before it; ends with 1 where the chain is broken."""
    with open_database().read() as session:
        found = audit.check(session)
    if found.broken is None:
        say(f"The chain is sound: {so_many(found.looked_at, 'line', 'lines')}, from the first to the last.")
        return
    say(
        f"The chain is broken at line {found.broken}: it was changed, removed or put in later. "
        "Compare with the copies in the server's logs."
    )
    raise typer.Exit(1)
