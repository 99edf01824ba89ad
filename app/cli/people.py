"""The people, from the command line: an operator's act counts as opted in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.cli.opening import clock, open_database, say
from app.cli.printing import AsJson, print_table
from app.cli.topics import ensure_topics
from app.files.csv_files import CsvRow, read_rows
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings, load_settings
from bot.actions import leaving
from bot.actions.people import employees
from bot.actions.people.details import Details, Invalid, details_of, parse_topics
from bot.platforms.accounts import Account, UnknownAccount, find_account
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.roles import Role
from bot.store import rows
from bot.store.engine import Database, Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.people import staff
from bot.store.tables.people import EmployeeRow

Result = TypeVar("Result")

app = typer.Typer(help="The employees who answer, and the people who run Chorus.", no_args_is_help=True)

Email = Annotated[str, typer.Option(help="Their e-mail address.")]
_COLUMNS = ("name", "email", "identities", "topics", "languages", "timezone", "hours", "title", "role")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Their full name.")],
    email: Email,
    identity: Annotated[
        list[str] | None,
        typer.Option(help="An account, like x:jane, mastodon:jane@example.social or local:jane."),
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
    details = Details(
        name=name,
        email=email,
        title=title,
        role=role,
        timezone=timezone or settings.timezone,
        hours=hours,
        languages=tuple(language or ()),
        topics=_or_say_why(lambda: parse_topics(topic or [])),
    )
    database = open_database(settings)
    found = _platforms(settings, database, identity or [])
    accounts = _or_say_why(lambda: [find_account(text, found) for text in identity or []])
    with database.write() as session:
        row = _or_say_why(lambda: _add(database, session, details, accounts, topic or []))
    say(f"{row.name} is in, with number {row.id}.")


def _add(
    database: Database,
    session: Session,
    details: Details,
    accounts: Sequence[Account],
    topics: Sequence[str],
) -> EmployeeRow:
    """``topics`` as they were typed: what is new keeps its capitals."""
    now = clock(database, session)
    ensure_topics(session, [text.partition(":")[0].strip() for text in topics], now)
    row = employees.add_employee(session, details, accounts=accounts, now=now)
    audit.append(session, "operator", AuditAction.EMPLOYEE_ADD, f"employee {row.id}", {"name": row.name}, now)
    return row


def _platforms(settings: Settings, database: Database, texts: list[str]) -> dict[str, Platform]:
    """The adapters that the accounts' handles are looked up with; none for the built-in feed alone."""
    if all(traits_of(text.partition(":")[0].strip().lower()).own_record for text in texts):
        return {}
    from app.wiring.adapters import connect_platforms

    def now() -> datetime:
        with database.read() as session:
            return database.now(session)

    return connect_platforms(settings, database, None, now)


def _or_say_why(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except (Invalid, UnknownAccount) as error:
        raise UnusableSettings(str(error)) from error


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file whose first line names its columns.")],
) -> None:
    """Add many people at once, all of them or none. Columns: name, email, identities, topics and more."""
    settings = load_settings()
    rows = read_rows(file, _COLUMNS, required=("name", "email"))
    database = open_database(settings)
    found = _platforms(settings, database, [one for row in rows for one in _words(row.values["identities"])])
    people = [_newcomer(row, settings.timezone, found) for row in rows]
    with database.write() as session:
        problems = [told for one in people if (told := _problem_with(database, session, one))]
        if problems:
            raise UnusableSettings("\n".join([*problems, f"Nobody was added: mend {file} and try again."]))
    say(f"{so_many(len(people), 'person is', 'people are')} in.")


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Somebody of a file: what can be stored of them, or what is wrong with their line."""

    number: int
    details: Details | None = None
    accounts: tuple[Account, ...] = ()
    topics: Sequence[str] = ()
    problem: str = ""


def _newcomer(row: CsvRow, zone: str, found: Mapping[str, Platform]) -> _Newcomer:
    """Platforms are asked here, before anything is written: the database waits for nobody's network."""
    try:
        accounts = tuple(find_account(text, found) for text in _words(row.values["identities"]))
        topics = _words(row.values["topics"])
        return _Newcomer(row.number, _details(row.values, zone), accounts, topics)
    except (Invalid, UnknownAccount) as error:
        return _Newcomer(row.number, problem=str(error))


def _problem_with(database: Database, session: Session, one: _Newcomer) -> str:
    """Add somebody; what is wrong with their line is returned, and then they are not in."""
    if one.details is None:
        return f"Line {one.number}: {one.problem}"
    try:
        with rows.savepoint(session):
            _add(database, session, one.details, one.accounts, one.topics)
    except Invalid as error:
        return f"Line {one.number}: {error}"
    return ""


def _words(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.strip()) if text.strip() else []


def _details(values: Mapping[str, str], zone: str) -> Details:
    return Details(
        name=values["name"],
        email=values["email"],
        title=values["title"],
        role=values["role"].lower() or Role.EMPLOYEE,
        timezone=values["timezone"] or zone,
        hours=values["hours"],
        languages=tuple(_words(values["languages"])),
        topics=parse_topics(_words(values["topics"])),
    )


_LISTED = {
    "id": "No.",
    "name": "Name",
    "email": "E-mail",
    "role": "Role",
    "state": "State",
    "topics": "Knows",
    "identities": "Accounts",
}


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Who is there, in which state, and what they know."""
    database = open_database()
    with database.read() as session:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "email": row.email,
                "role": row.role,
                "state": row.state,
                "topics": [f"{slug}:{level}" for slug, level in details_of(session, row).topics.items()],
                "identities": [f"{one.platform}:{one.handle}" for one in staff.accounts_of(session, row.id)],
            }
            for row in staff.everybody(session)
        ]
    print_table(_LISTED, rows, as_json=as_json)


def _act(email: str, what: str) -> None:
    database = open_database()
    with database.write() as session:
        now = clock(database, session)
        row = _person(session, email)
        act = leaving.pause if what == "pause" else leaving.leave
        _or_say_why(lambda: act(session, row, now))
        audit.append(
            session,
            "operator",
            AuditAction.EMPLOYEE_PAUSE if what == "pause" else AuditAction.EMPLOYEE_LEAVE,
            f"employee {row.id}",
            {},
            now,
        )
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
    from app.identity.auth import create_login_link

    settings = load_settings()
    database = open_database(settings)
    with database.read() as session:
        row = _person(session, email)
    typer.echo(create_login_link(database, settings, row))
