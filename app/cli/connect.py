"""``chorus connect``: walk through a platform's keys, check them, keep them encrypted. Posts nothing."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.opening import clock, open_database, say
from app.files.text_files import read_text
from app.wiring.adapters import front_of, stored_tokens
from app.wiring.environment import UnusableSettings
from app.wiring.keys import secret_key
from app.wiring.platforms.front import Connected, Given, NotConnected
from app.wiring.settings import Settings, load_settings
from bot.platforms.accounts import example_account
from bot.platforms.base import Clock
from bot.platforms.registry import TRAITS
from bot.posts import PlatformError
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction

_CONNECTABLE = [str(name) for name, traits in TRAITS.items() if traits.connects]


def _connectable(text: str) -> str:
    """A platform that can be connected, by its name."""
    if text not in _CONNECTABLE:
        raise typer.BadParameter(f"“{text}” is none of {', '.join(_CONNECTABLE)}.")
    return text


class _AtTerminal:
    """Keeps ``app.wiring.platforms.front.Terminal``."""

    def say(self, text: str) -> None:
        """A line on standard error."""
        say(text)

    def ask(self, question: str) -> str:
        return str(typer.prompt(question, err=True))

    def ask_secret(self, question: str) -> str:
        """What is typed unseen at a terminal, or comes in by a pipe as it is."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().strip()
        suffix = ": " if question else ""
        return str(typer.prompt(question, prompt_suffix=suffix, hide_input=True, err=True)).strip()


def connect(
    platform: Annotated[
        str,
        typer.Argument(parser=_connectable, metavar="|".join(_CONNECTABLE), help="Which platform."),
    ],
    server: Annotated[
        str | None,
        typer.Option(help="Mastodon: the brand's server. Bluesky: the account's, if not Bluesky's."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Mastodon: a token you made, instead of signing in. - reads it.")
    ] = None,
    handle: Annotated[str | None, typer.Option(help="Bluesky: the brand's handle.")] = None,
    app_password: Annotated[
        str | None, typer.Option(help="Bluesky: an app password. - reads it; asked for when left out.")
    ] = None,
) -> None:
    """Connect the brand's account on a platform: check the keys, keep them encrypted. Posts nothing."""
    given = Given(server or "", _read(token), handle or "", _read(app_password))
    settings, new = _with(platform, given)
    secret_key(settings)
    database = open_database(settings)
    try:
        store = stored_tokens(settings, database, platform)
        connected = front_of(settings, platform).connect(given, _AtTerminal(), store, _time(database))
    except (NotConnected, PlatformError) as error:
        raise UnusableSettings(f"Not connected: {error}") from error
    with database.write() as session:
        detail = {"account": connected.account.handle}
        audit.append(session, "operator", AuditAction.CONNECT, platform, detail, clock(database, session))
    database.close()
    _tell(platform, connected, new)


def _with(platform: str, given: Given) -> tuple[Settings, Mapping[str, str]]:
    """The settings together with what was given or asked here, and which of them are new."""
    new = front_of(load_settings(), platform).missing_settings(given, _AtTerminal())
    return load_settings({**os.environ, **new}), new


def _tell(platform: str, connected: Connected, new: Mapping[str, str]) -> None:
    say(f"Connected as @{connected.account.handle}. Nothing was posted.")
    for note in connected.notes:
        say(f"- {note}")
    if new:
        _remember(new)
        say(f"- {' and '.join(new)} {'was' if len(new) == 1 else 'were'} added to .env here.")
    example = example_account([platform])
    say("\nNext: add who answers, then start (or restart) Chorus:")
    say(f'   chorus employee add "Jane Doe" --email jane@example.com --identity {example} --topic tv')
    say("   chorus serve")


def _remember(new: Mapping[str, str]) -> None:
    """Put settings that were given here where the next command finds them; the last line of a name wins."""
    path = Path.cwd() / ".env"
    there = read_text(path) if path.is_file() else ""
    kept = [line for line in there.splitlines() if line.partition("=")[0].strip() not in new]
    path.touch(mode=0o600)
    path.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in new.items())]) + "\n", "utf-8")


def _read(text: str | None) -> str:
    """An option's value; ``-`` reads one line, so that a secret needs not be on the command line."""
    return _AtTerminal().ask_secret("") if text == "-" else (text or "").strip()


def _time(database: Database) -> Clock:
    def now() -> datetime:
        with database.read() as session:
            return clock(database, session)

    return now
