"""All commands by name; what each does is in the module it comes from."""

from importlib.metadata import version
from typing import Annotated

import typer

from app.cli import archive, operate, people, serve
from app.cli.auditing import commands as auditing
from app.cli.checkup.doctor import doctor
from app.cli.connect import connect
from app.cli.demo.command import demo
from app.cli.evaluate import commands as evaluate
from app.cli.figures import commands as figures
from app.cli.replay import replay
from app.cli.topics import commands as topics
from app.wiring.telemetry import set_up_command_logging

app = typer.Typer(
    name="chorus",
    help="Chorus: many voices, one account. Customers ask, employees answer, everyone can search.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chorus {version('chorus-support')}")
        raise typer.Exit


@app.callback()
def log_to_standard_error(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """Chorus: many voices, one account. Customers ask, employees answer, everyone can search."""
    set_up_command_logging()  # serve and work set up their own


app.command()(serve.serve)
app.command()(serve.work)
app.command()(serve.migrate)
app.command()(demo)
app.command()(replay)
app.command()(doctor)
app.command()(connect)
app.command("rotate-keys")(operate.rotate_keys)
app.command()(operate.backup)
app.command()(operate.restore)
app.command()(operate.export)
app.command()(operate.erase)
app.command("pause-publishing")(operate.pause_publishing)
app.command("resume-publishing")(operate.resume_publishing)
app.command("login-link")(people.login_link)
app.command("setup-link")(people.setup_link)
app.add_typer(people.app, name="employee")
app.add_typer(topics.app, name="topic")
app.add_typer(archive.app, name="archive")
app.add_typer(auditing.app, name="audit")
app.add_typer(figures.app, name="figures")
app.add_typer(evaluate.app, name="evaluate")
