"""Running Chorus: the web server, workers, migrations, and the demo."""

import gc
import resource
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import open_database, say
from app.wiring.settings import Settings, load_settings

if TYPE_CHECKING:  # what only serving needs is imported there, so that other commands start at once
    from starlette.types import ASGIApp
    from uvicorn import Server

    from app.cli.supervision import Supervisor
    from bot.store.engine import Database

_DID_NOT_START = 3
"""The exit code of a web server that never came up, as uvicorn has it."""
_SWITCH_SECONDS = 0.0005
"""How long a working thread may keep the web server from the interpreter; Python's default is 0.005."""
_COLLECT_AFTER = (5_000, 20, 50)
"""New objects until the youngest are searched for cycles, and so on; Python's default is 700, 10, 10."""

HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)]


def serve(
    host: HostOption = "127.0.0.1",
    port: Port = 8000,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only serve pages and webhooks; chorus work does the rest.")
    ] = False,
) -> None:
    """Serve the pages, the API and the webhooks, and (unless told otherwise) do the work."""
    settings = load_settings()
    from app.cli.listening import address_of, free_port, mismatch
    from app.wiring.keys import secret_key

    secret_key(settings)
    port = free_port(host, port)
    problem, address = mismatch(settings, host, port), settings.base_url
    if problem is not None:
        say(problem)
        address = address_of(host, port)
    database = open_database(settings, create=True)
    say(_welcome(address, database, at_terminal=sys.stderr.isatty()))
    database.close()
    run_server(settings, host, port, works=not no_worker)


def _welcome(address: str, database: "Database", *, at_terminal: bool) -> str:
    """Where to go, and for a house in which nobody is in charge, how to become the first who is.

    The set-up link is a key: it is shown to a person at a terminal, and never written where a log is kept.
    """
    from app.identity.auth import address_of_setup
    from bot.actions.people import first_person

    with database.read() as session:
        nobody = first_person.nobody_in_charge(session)
    if not nobody:
        return f"Chorus is starting at {address} (the people in charge: {address}/admin)."
    start = f"Chorus is starting at {address}, and nobody is in charge yet."
    by_command = (
        '   chorus employee add "Ada Admin" --email ada@example.com --role admin\n'
        "   chorus login-link ada@example.com"
    )
    if not at_terminal:
        return (
            f"{start} To be the first, run this with the same settings; it prints a link that leads through "
            f"everything in the browser:\n   chorus setup-link\nOr without it:\n{by_command}"
        )
    with database.write() as session:
        secret = first_person.offer_link(session, database.now(session))
    link = address_of_setup(address, secret or "")
    return (
        f"{start} Open this link to be the first; it works once, within a day, until the next start:\n"
        f"   {link}\nOr run these in another terminal, with the same settings:\n{by_command}"
    )


def run_server(settings: Settings, host: str, port: int, *, works: bool) -> None:
    """Serve until a signal says to stop; what is under way is finished first."""
    import_server()

    from app.cli.supervision import Supervisor
    from app.main import create_app
    from app.wiring.composition import build
    from app.wiring.telemetry import set_up_logging

    set_up_logging(settings.log_level, settings.log_format)
    start_paused(settings)
    raise_file_limit()
    supervisor = Supervisor.of_this_process()
    server = web_server(create_app(build(settings, works=works)), host, port, supervisor)
    _settle()
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(_DID_NOT_START)


def import_server() -> None:
    """Import what ``run_server`` needs, and no more: half a second that can pass while others work."""
    import uvicorn  # noqa: F401

    import app.main  # noqa: F401


def raise_file_limit() -> None:
    """Let the process hold as many files and connections as the system lets it: every open page is one.

    Many systems start a service with a soft limit of 1,024, which a program may raise up to the hard one.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some systems have a hard limit that nobody may reach: then it stays
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def web_server(
    application: "ASGIApp", host: str, port: int, supervisor: "Supervisor | None" = None
) -> "Server":
    """The web server around ``application``, with all that is particular to ours.

    ``supervisor`` hears that it takes requests, and then that it still does.
    """
    import uvicorn

    from app.web.guard.slow_clients import TimeoutProtocol

    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            http=TimeoutProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=15,
            ws="none",
            callback_notify=supervisor.serving if supervisor is not None else None,
        )
    )


def _settle() -> None:
    """Set the interpreter up for long running, once everything is imported.

    What is there now stays for good, so the garbage collector need not walk over it again: a full walk would
    hold everybody up for a tenth of a second and more.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def start_paused(settings: Settings) -> None:
    """Where the settings say so, nothing is published until a person resumes it."""
    if not settings.publish.start_paused:
        return
    from bot.store.running import switches

    database = open_database(settings)
    with database.write() as session:
        now = database.now(session)
        switches.put(session, switches.PAUSED, value=True, by="settings", now=now, reason="start_paused")
    database.close()


def work() -> None:
    """Do the work without serving pages: any number of these may run on one PostgreSQL."""
    from app.cli.supervision import Supervisor
    from app.wiring.composition import build
    from app.wiring.telemetry import set_up_logging

    settings = load_settings()
    open_database(settings).close()
    set_up_logging(settings.log_level, settings.log_format)
    start_paused(settings)
    chorus = build(settings, serves=False)
    _settle()
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    chorus.start()
    say("Working. Stop with Ctrl-C.")
    supervisor = Supervisor.of_this_process()
    supervisor.ready()
    while not stopping.wait(supervisor.interval):
        if chorus.worker is not None and chorus.worker.is_whole:
            supervisor.alive()
    chorus.stop()


def migrate() -> None:
    """Create the database or bring it to this version's schema."""
    from bot.store import migrations

    database = open_database(create=True)
    say(f"The database is at revision {migrations.current(database.engine)}.")
    database.close()
