"""The figures, from the command line."""

import typer

from app.cli.opening import clock, open_database, say
from app.web.phrasing import so_many
from app.wiring.settings import load_settings
from app.wiring.steering.in_force import in_force_now
from app.wiring.steering.rules import working_hours_of
from bot.actions.figures.roll_up import begin_anew, roll_up
from bot.store.figures.due import progress
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction

app = typer.Typer(help="What was asked and answered, counted day by day.", no_args_is_help=True)


@app.command()
def rebuild() -> None:
    """Count everything anew from what is stored, while Chorus works."""
    settings = load_settings()
    database = open_database(settings)
    hours = working_hours_of(in_force_now(settings, database).settings)
    with database.write() as session:
        now = clock(database, session)
        begin_anew(session, hours, now)
        audit.append(session, "operator", AuditAction.FIGURES_REBUILD, "figures", {}, now)
    looked_at = 0
    while True:
        with database.write() as session:
            looked_at += roll_up(session, hours, clock(database, session))
            if progress(session).counted_to is None:
                break
    say(f"Counted anew: {so_many(looked_at, 'question or change', 'questions and changes')} looked at.")
