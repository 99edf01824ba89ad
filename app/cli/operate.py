"""What operators do now and then: keys, backups, people's data, and the switch that stops publishing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.cli.opening import clock, forget_snapshots, open_database, say
from app.cli.printing import print_json
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.keys import sealing_keys
from app.wiring.settings import Settings, load_settings
from bot.actions.erase import FORMER, Removed, erase_again, erase_customer, erase_employee
from bot.actions.people.details import Invalid
from bot.store.backup import backup as backups
from bot.store.dialects import overwrite_pages
from bot.store.engine import Database, Session, open_engine, sqlite_file
from bot.store.hooks import endpoints
from bot.store.house import audit, subscribers
from bot.store.house.audit_actions import AuditAction
from bot.store.house.connections import rotate
from bot.store.migrations import SchemaTooNew
from bot.store.people import staff
from bot.store.privacy import erasure, erasure_log, handoffs, personal_record
from bot.store.running import switches
from bot.store.sealing import Sealer, Unreadable
from bot.store.tables.people import EmployeeRow
from bot.text.mail_address import NotAnAddress, mailbox_of
from bot.text.times import timestamps

Stored = TypeVar("Stored")
CustomerOption = Annotated[
    str | None, typer.Option(help="A customer's account: the platform, a colon, and the id or handle.")
]
EmployeeOption = Annotated[str | None, typer.Option(help="An employee's e-mail address.")]
SubscriberOption = Annotated[
    str | None, typer.Option(help="An address to which announcements are mailed, or were to be.")
]


def pause_publishing(
    reason: Annotated[str, typer.Option(help="Why, for your colleagues.")] = "Paused by an operator.",
) -> None:
    """Let nothing more go out, on any node and over restarts, until chorus resume-publishing."""
    _switch(paused=True, reason=reason)
    say("Publishing is paused on all nodes: nothing goes out from now on. Questions keep coming in.")


def resume_publishing() -> None:
    """Let publications go out again."""
    _switch(paused=False, reason="")
    say("Publishing goes on.")


def _switch(*, paused: bool, reason: str) -> None:
    database = open_database()
    with database.write() as session:
        now = clock(database, session)
        switches.put(session, switches.PAUSED, value=paused, by="operator", now=now, reason=reason)
        action = AuditAction.PUBLISHING_PAUSE if paused else AuditAction.PUBLISHING_RESUME
        audit.append(session, "operator", action, "publishing", {"reason": reason}, now)


def rotate_keys() -> None:
    """Encrypt everything that is stored encrypted with the present secret key."""
    settings = load_settings()
    sealer = _sealer(settings)
    database = open_database(settings)
    file = _erasures(settings)
    try:
        count = rotate(database, sealer)
        with database.write() as session:
            erasure_log.add_lines(session, erasure_log.read_from(file))
            erasure_log.reseal(session, sealer)
            handoffs.reseal(session, sealer)
            endpoints.reseal(session, sealer)
            audit.append(session, "operator", AuditAction.KEYS_ROTATE, "", {}, clock(database, session))
            log = erasure_log.lines(session)
    except Unreadable as error:
        raise UnusableSettings(str(error)) from error
    if log:
        erasure_log.write_to(file, log)
    say(
        f"The tokens of {so_many(count, 'platform', 'platforms')}, the erasure log, the secrets of outgoing "
        "hooks and what customers left privately are encrypted with the present secret key."
    )
    say("You can take the former one out of CHORUS_OLD_SECRET_KEYS.")


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it. An earlier backup there is replaced.")],
    portable: Annotated[
        bool,
        typer.Option("--portable", help="As JSON lines, to move from SQLite to PostgreSQL."),
    ] = False,
) -> None:
    """Back up the database while Chorus works."""
    settings = load_settings()
    database = open_database(settings)
    if file.resolve() == sqlite_file(settings.database_url):
        raise UnusableSettings("That is the database itself. Name another file for the backup.")
    is_new = not file.parent.exists()
    try:
        size = backups.back_up(database, file, datetime.now(UTC), portable=portable)
    except backups.BadBackup as error:
        raise UnusableSettings(str(error)) from error
    except OSError as error:
        raise UnusableSettings(f"{file} cannot be written: {error.strerror}.") from error
    say(f"Backup: {file} ({size / 1e6:.1f} MB), checked.")
    if is_new:
        say(f"The directory {file.parent} was not there and has been made.")
    say("It holds personal data and encrypted tokens. Keep the secret key somewhere else.")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a database that is there.")
    ] = False,
    erasures: Annotated[
        Path | None, typer.Option(help="An erasure log from another machine, to be applied as well.")
    ] = None,
) -> None:
    """Make the configured database what a backup holds; publishing stays paused until you resume it."""
    settings = load_settings()
    again = 0

    def adjust(session: Session, now: datetime) -> None:
        nonlocal again
        overwrite_pages(session)
        erasure_log.add_lines(session, log)
        again = _erase_again(settings, session, now)
        audit.append(session, "operator", AuditAction.RESTORE, file.name, {"erased_again": again}, now)

    try:
        log = _all_erasures(settings, erasures)
        done = backups.restore(file, settings.database_url, datetime.now(UTC), adjust, replace=replace)
    except (backups.BadBackup, backups.Refused, SchemaTooNew) as error:
        raise UnusableSettings(str(error)) from error
    except OSError as error:
        raise UnusableSettings(f"The backup cannot be put in place: {error}.") from error
    forget_snapshots(settings.data_directory)
    say(f"Restored as of {timestamps.told(done.made_at)}.")
    if done.kept is not None:
        say(f"The former database is kept as {done.kept}; delete it when you are sure.")
    if again:
        say(f"Erased again: {so_many(again, 'person', 'people')} who had asked to be forgotten.")
    say(
        "Publishing is paused, and "
        f"{so_many(done.held, 'message that was on its way is', 'messages that were on their way are')} "
        "held. Somebody who left since the backup has to leave again. Start Chorus, look at /admin, then "
        "run chorus resume-publishing: held messages are looked up on their platforms first."
    )


def export(
    customer: CustomerOption = None, employee: EmployeeOption = None, subscriber: SubscriberOption = None
) -> None:
    """Print everything that is stored about a person, as JSON."""
    settings = load_settings()
    _one_of(customer, employee, subscriber)
    database = open_database(settings)
    record: dict[str, Any]
    with database.read() as session:
        if customer is not None:
            record = personal_record.of_customer(session, _customer(session, customer))
        elif subscriber is not None:
            record = _subscribed(personal_record.of_subscriber(session, _mailbox(subscriber)))
        else:
            record = personal_record.of_employee(session, _employee(session, employee or ""))
    with database.write() as session:
        whose = f"employee {record['profile']['id']}" if "profile" in record else _kind_of(customer)
        audit.append(
            session, "operator", AuditAction.PERSONAL_DATA_EXPORT, whose, {}, clock(database, session)
        )
    print_json(record)


def erase(
    customer: CustomerOption = None,
    employee: EmployeeOption = None,
    credit: Annotated[
        str, typer.Option(help="How a former employee's answers are credited from now on.")
    ] = FORMER,
    subscriber: SubscriberOption = None,
) -> None:
    """Remove everything that is stored about a customer or a former employee, for good."""
    settings = load_settings()
    sealer = _sealer(settings)
    _one_of(customer, employee, subscriber)
    database = open_database(settings)
    with database.write() as session:
        overwrite_pages(session)
        now = clock(database, session)
        if subscriber is not None:
            row = _subscribed(subscribers.by_address(session, _mailbox(subscriber)))
            line = erasure_log.note(session, erasure_log.SUBSCRIBER, "", row.address, sealer, now)
            mails = subscribers.forget(session, row.id) or 0
            detail, said = {}, f"the address, and what was kept of {so_many(mails, 'mail', 'mails')} to it."
        else:
            if customer is not None:
                person = _customer(session, customer)
                removed = erase_customer(session, person, now)
                line = erasure_log.note(
                    session, erasure_log.CUSTOMER, person.platform, person.account_id, sealer, now
                )
            else:
                former = _employee(session, employee or "")
                line = erasure_log.note(
                    session, erasure_log.EMPLOYEE, "", former.email, sealer, now, credit=credit
                )
                removed = _erase_employee(session, former, now, credit)
            detail, said = {"posts": removed.posts, "questions": removed.questions}, _removed(removed)
        audit.append(session, "operator", AuditAction.PERSONAL_DATA_ERASE, line.kind, detail, now)
        # Before the commit: an erasure that no log remembers would come back with a backup.
        erasure_log.append_to(_erasures(settings), line)
    erasure.empty_log(database)
    forget_snapshots(settings.data_directory)
    say(f"Erased: {said}")
    say(f"{_erasures(settings)} remembers it for the day a backup is restored: keep a copy elsewhere.")
    if subscriber is None:
        say(
            "What is public on the platforms themselves has to be deleted there. Restart Chorus, so that "
            "nothing of it is left in memory."
        )


def _one_of(*whose: str | None) -> None:
    if sum(one is not None for one in whose) != 1:
        raise UnusableSettings(
            "Say whose data: --customer mastodon:jane@example.social, --employee EMAIL, or "
            "--subscriber EMAIL."
        )


def _kind_of(customer: str | None) -> str:
    return erasure_log.CUSTOMER if customer is not None else erasure_log.SUBSCRIBER


def _mailbox(address: str) -> str:
    try:
        return mailbox_of(address)
    except NotAnAddress as error:
        raise UnusableSettings(str(error)) from error


def _subscribed(found: Stored | None) -> Stored:
    if found is None:
        raise UnusableSettings("Announcements are not mailed to this address.")
    return found


def _customer(session: Session, who: str) -> erasure.Customer:
    platform, colon, name = who.partition(":")
    if not colon or not name.strip():
        raise UnusableSettings(f"“{who}” names no account. Write it like local:sam or x:12345.")
    try:
        return erasure.customer(session, platform.strip().lower(), name)
    except erasure.NobodyThere as error:
        raise UnusableSettings(str(error)) from error


def _employee(session: Session, email: str) -> EmployeeRow:
    row = staff.by_email(session, email)
    if row is None:
        raise UnusableSettings(f"Nobody here has the address {email}. chorus employee list shows everybody.")
    return row


def _erase_employee(session: Session, former: EmployeeRow, now: datetime, credit: str) -> Removed:
    try:
        return erase_employee(session, former, now, credit)
    except Invalid as error:
        raise UnusableSettings(str(error)) from error


def _removed(removed: Removed) -> str:
    return (
        f"{so_many(removed.posts, 'post', 'posts')}, "
        f"{so_many(removed.questions, 'question', 'questions')}, "
        f"{so_many(removed.entries_gone, 'archive page', 'archive pages')}, "
        f"{so_many(removed.mentions, 'mention in another text', 'mentions in other texts')}."
    )


def _erase_again(settings: Settings, session: Session, now: datetime) -> int:
    if not erasure_log.lines(session):
        return 0
    try:
        return erase_again(session, _sealer(settings), now)
    except Unreadable as error:
        raise UnusableSettings(
            "The log of erased people was encrypted with another secret key. Put that one into "
            "CHORUS_OLD_SECRET_KEYS and restore again. Nothing was changed."
        ) from error


def _all_erasures(settings: Settings, given: Path | None) -> list[erasure_log.ErasureRecord]:
    """The erasures known here: in the file beside, in the one that was named, in the present database."""
    if given is not None and not given.is_file():
        raise UnusableSettings(f"There is no file {given}.")
    found: list[erasure_log.ErasureRecord] = []
    for path in (_erasures(settings), given):
        try:
            found += erasure_log.read_from(path) if path is not None else []
        except ValueError as error:
            raise UnusableSettings(f"{path} cannot be read: {error}.") from error
    if backups.is_inhabited(settings.database_url):
        database = Database(open_engine(settings.database_url))
        with database.read() as session:
            found += erasure_log.lines(session)
        database.close()
    return found


def _erasures(settings: Settings) -> Path:
    return settings.data_directory / "erasures.jsonl"


def _sealer(settings: Settings) -> Sealer:
    return Sealer(sealing_keys(settings))
