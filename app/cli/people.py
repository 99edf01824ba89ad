"""The people, from the command line: an operator's act counts as opted in."""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.cli.opening import clock, open_database, say
from app.cli.topics import ensure_topics
from app.environment import UnusableSettings
from app.settings import Settings, load_settings
from bot.linking import Account, UnknownAccount, find_account
from bot.platforms.base import Platform
from bot.states import Role
from bot.store import audit, staff
from bot.store.engine import Database, Session
from bot.store.people import EmployeeRow

Result = TypeVar("Result")

app = typer.Typer(help="The employees who answer, and the people who run Chorus.", no_args_is_help=True)

Email = Annotated[str, typer.Option(help="Their e-mail address.")]
_COLUMNS = ("name", "email", "identities", "topics", "languages", "timezone", "hours", "title", "role")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Their full name.")],
    email: Email,
    identity: Annotated[
        list[str] | None, typer.Option(help="An account, like local:jane or mastodon:jane@example.social.")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="What they know, like tv or wifi:3.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Languages they answer in, like en.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Like Europe/Berlin.")] = None,
    hours: Annotated[str, typer.Option(help="Like “mon-fri 09:00-17:30”; empty: always on duty.")] = "",
    title: Annotated[str, typer.Option(help="Their job title.")] = "",
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.EMPLOYEE,
) -> None:
    """Add somebody who answers customers, or who runs Chorus."""
    settings = load_settings()
    details = staff.Details(
        name=name,
        email=email,
        title=title,
        role=role,
        timezone=timezone or settings.timezone,
        hours=hours,
        languages=tuple(language or ()),
        topics=_or_say_why(lambda: staff.parse_topics(topic or [])),
    )
    database = open_database(settings)
    found = _platforms(settings, database, identity or [])
    accounts = _or_say_why(lambda: [find_account(text, found) for text in identity or []])
    with database.write() as session:
        row = _or_say_why(lambda: _add(database, session, details, accounts))
    say(f"{row.name} is in, with number {row.id}.")


def _add(
    database: Database, session: Session, details: staff.Details, accounts: Sequence[Account]
) -> EmployeeRow:
    now = clock(database, session)
    ensure_topics(session, list(details.topics), now)
    row = staff.add_employee(session, details, accounts=accounts, now=now)
    audit.append(session, "operator", "employee.add", f"employee {row.id}", {"name": row.name}, now)
    return row


def _platforms(settings: Settings, database: Database, texts: list[str]) -> dict[str, Platform]:
    """The adapters that the accounts' handles are looked up with; none for the built-in feed alone."""
    if all(text.strip().lower().startswith("local:") for text in texts):
        return {}
    from app.platforms import connect_platforms

    def now() -> datetime:
        with database.read() as session:
            return database.now(session)

    return connect_platforms(settings, database, None, now)


def _or_say_why(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except (staff.Invalid, UnknownAccount) as error:
        raise UnusableSettings(str(error)) from error


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file whose first line names its columns.", exists=True)],
) -> None:
    """Add many people at once, all of them or none. Columns: name, email, identities, topics and more."""
    database = open_database()
    settings = load_settings()
    with file.open(newline="", encoding="utf-8-sig") as lines, database.write() as session:
        reader = csv.DictReader(lines)
        unknown = set(reader.fieldnames or ()) - set(_COLUMNS)
        if unknown or not {"name", "email"} <= set(reader.fieldnames or ()):
            raise UnusableSettings(f"The first line should name columns of: {', '.join(_COLUMNS)}.")
        count, found = 0, _platforms(settings, database, ["any:"])
        for number, line in enumerate(reader, start=2):
            try:
                accounts = [find_account(text, found) for text in _words(line.get("identities"))]
                _add(database, session, _details(line, settings.timezone), accounts)
            except (staff.Invalid, UnknownAccount) as error:
                raise UnusableSettings(f"Line {number}: {error} Nobody was added.") from error
            count += 1
    say(f"{count} people are in.")


def _words(text: str | None) -> list[str]:
    return (text or "").replace(";", " ").split()


def _details(line: dict[str, str], zone: str) -> staff.Details:
    return staff.Details(
        name=line["name"],
        email=line["email"],
        title=line.get("title") or "",
        role=line.get("role") or Role.EMPLOYEE,
        timezone=line.get("timezone") or zone,
        hours=line.get("hours") or "",
        languages=tuple(_words(line.get("languages"))),
        topics=staff.parse_topics(_words(line.get("topics"))),
    )


@app.command("list")
def list_() -> None:
    """Who is there, in which state, and what they know."""
    database = open_database()
    from rich.console import Console
    from rich.table import Table

    table = Table("No.", "Name", "E-mail", "Role", "State", "Knows", "Accounts", box=None)
    with database.read() as session:
        for row in staff.everybody(session):
            knows = staff.details_of(session, row).topics
            accounts = staff.accounts_of(session, row.id or 0)
            table.add_row(
                str(row.id),
                row.name,
                row.email,
                row.role,
                row.state,
                " ".join(f"{slug}:{level}" for slug, level in knows.items()),
                " ".join(f"{one.platform}:{one.handle}" for one in accounts),
            )
    Console().print(table)


def _act(email: str, what: str) -> None:
    database = open_database()
    with database.write() as session:
        now = clock(database, session)
        row = _person(session, email)
        staff.pause(session, row, now) if what == "pause" else staff.leave(session, row, now)
        audit.append(session, "operator", f"employee.{what}", f"employee {row.id}", {}, now)
        name = row.name
    say(
        f"{name} is paused."
        if what == "pause"
        else f"{name} has left: signed out, unlinked, answers withdrawn."
    )


def _person(session: Session, email: str) -> EmployeeRow:
    row = staff.by_email(session, email)
    if row is None:
        raise UnusableSettings(f"Nobody here has the address {email}. chorus employee list shows everybody.")
    return row


@app.command()
def pause(email: Annotated[str, typer.Argument(help="Their e-mail address.")]) -> None:
    """Offer somebody no more questions until they resume at their desk."""
    _act(email, "pause")


@app.command()
def leave(email: Annotated[str, typer.Argument(help="Their e-mail address.")]) -> None:
    """Somebody leaves: sessions, links, offers and queued answers end at once."""
    _act(email, "leave")


def login_link(email: Annotated[str, typer.Argument(help="Their e-mail address.")]) -> None:
    """Print a one-time link with which somebody signs in."""
    from app.auth import create_login_link

    settings = load_settings()
    database = open_database(settings)
    with database.read() as session:
        row = _person(session, email)
    typer.echo(create_login_link(database, settings, row))
