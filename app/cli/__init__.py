"""The ``chorus`` command: a module per group of commands, loaded when it is used."""

from app.cli.root import app
from app.files.text_files import UnreadableText
from app.wiring.environment import UnusableSettings


def main() -> None:
    """Run the command line; what went wrong is said in words, without a traceback."""
    from app.cli.opening import say
    from bot.store.engine import DatabaseDown
    from bot.store.migrations import SchemaTooNew

    try:
        app()
    except (UnusableSettings, UnreadableText, DatabaseDown, SchemaTooNew) as error:
        say(str(error))
        raise SystemExit(2) from None
