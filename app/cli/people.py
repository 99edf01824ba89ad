"""The people, from the command line: an operator's act counts as opted in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.cli.opening import clock, open_database, say
from app.cli.printing import AsJson, print_table
from app.cli.topics.commands import say_new
from app.files.csv_files import read_rows
from app.identity.newcomers import COLUMNS, REQUIRED, NewcomerLine, add_one, admit, read_newcomer, words_of
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings, load_settings
from app.wiring.steering.in_force import in_force_now
from bot.actions import leaving
from bot.actions.people import first_person
from bot.actions.people.details import Details, Invalid, details_of, parse_topics
from bot.platforms.accounts import UnknownAccount, find_account
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.roles import Role
from bot.store.engine import Database, Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.people import staff
from bot.store.tables.people import EmployeeRow

Result = TypeVar("Result")

app = typer.Typer(help="The employees who answer, and the people who run Chorus.", no_args_is_help=True)

Email = Annotated[str, typer.Option(help="Their e-mail address.")]


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
    database = open_database(settings)
    details = Details(
        name=name,
        email=email,
        title=title,
        role=role,
        timezone=timezone or in_force_now(settings, database).settings.timezone,
        hours=hours,
        languages=tuple(language or ()),
        topics=_or_say_why(lambda: parse_topics(topic or [])),
    )
    found = _platforms(settings, database, identity or [])
    accounts = _or_say_why(lambda: tuple(find_account(text, found) for text in identity or []))
    somebody = NewcomerLine(0, {}, details, accounts, topic or [])
    with database.write() as session:
        now = clock(database, session)
        nobody_before = first_person.nobody_in_charge(session)
        row, made = _or_say_why(lambda: add_one(session, somebody, now))
        if nobody_before and not first_person.nobody_in_charge(session):
            first_person.open_checklist(session, now)
        _note(session, row, now)
    say_new(made)
    say(f"{row.name} is in, with number {row.id}.")


def _note(session: Session, row: EmployeeRow, now: datetime) -> None:
    audit.append(session, "operator", AuditAction.EMPLOYEE_ADD, f"employee {row.id}", {"name": row.name}, now)


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
    rows = read_rows(file, COLUMNS, REQUIRED)
    database = open_database(settings)
    named = [one for row in rows for one in words_of(row.values["identities"])]
    found = _platforms(settings, database, named)
    zone = in_force_now(settings, database).settings.timezone
    people = [read_newcomer(row, zone, found) for row in rows]
    with database.write() as session:
        now = clock(database, session)
        admitted = admit(session, people, now)
        problems = [f"Line {one.newcomer.number}: {one.problem}" for one in admitted if one.problem]
        if problems:
            raise UnusableSettings("\n".join([*problems, f"Nobody was added: mend {file} and try again."]))
        for one in admitted:
            if one.employee is not None:
                _note(session, one.employee, now)
    for one in admitted:
        say_new(one.new_topics)
    say(f"{so_many(len(people), 'person is', 'people are')} in.")


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


def setup_link() -> None:
    """Print a one-time link with which the first person in charge sets Chorus up in the browser."""
    from app.identity.auth import address_of_setup

    settings = load_settings()
    database = open_database(settings)
    with database.write() as session:
        secret = first_person.offer_link(session, clock(database, session))
    if secret is None:
        raise UnusableSettings("Somebody is in charge already: chorus login-link EMAIL lets them in.")
    typer.echo(address_of_setup(settings.base_url, secret))
