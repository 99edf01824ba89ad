"""``chorus demo``: a server with a database of its own, and personas who post there at a human pace."""

import os
import secrets
import shlex
import shutil
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import httpx

from app.cli.demo.backstage import Backstage
from app.cli.demo.director import Director
from app.cli.demo.names import StoryName
from app.cli.demo.player import Player
from app.cli.demo.seed import seed
from app.cli.demo.story import Outage, Story, load_outage, load_story
from app.cli.listening import address_of, free_port
from app.cli.opening import say
from app.cli.serve import import_server, run_server
from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings, load_settings
from bot.private_files import make_private_directory
from bot.store import migrations
from bot.store.engine import Database, DatabaseDown, open_engine

_TOLD, _NEW, _UNUSABLE = 0, 10, 2
"""How the process that sets the stage ends: the story was told before, is to be told, or cannot be."""
_KEY_FILE = "secret_key"
_READY_WITHIN_SECONDS = 30.0
_LADDER_PATIENCE_SECONDS = 140.0
"""How long people are asked before others are: a visitor has that long to answer at the desk."""
_LEAST_PATIENCE_SECONDS = 20.0
_GIVE_UP_SECONDS = 5.0
"""How long a question waits for somebody to come on duty: a visitor should not wait at all."""
_OPERATORS = ("CHORUS_TAG", "CHORUS_LOCAL__HANDLE", "CHORUS_LOCAL__OPEN", "CHORUS_SEARCH__", "CHORUS_LOG_")
"""Beginnings of the settings that the demo takes from the environment; the others are its own."""


@dataclass(frozen=True)
class _Stage:
    """Where and how fast the story is told."""

    settings: Settings
    story: Story
    host: str
    port: int
    pace: float
    began: float
    outage: Outage | None = None
    """The other story, where that is told."""


def run_demo(
    host: str, port: int, directory: Path, *, keep: bool, pace: float, told: StoryName = StoryName.DAY
) -> None:
    """Serve the demo until a signal says to stop. Raises UnusableSettings where it cannot."""
    began = monotonic()
    directory = directory.resolve()
    port = free_port(host, port)
    make_private_directory(directory)
    with (directory / "lock").open("w") as lock:
        _lock(lock.fileno(), directory)
        if not keep:
            _wipe(directory)
        story = load_story()
        settings = _settings(story, host, port, directory, pace)
        story = load_story(settings.local.handle, settings.tag)
        outage = load_outage(settings.local.handle) if told is StoryName.OUTAGE else None
        stage = _Stage(settings, story, host, port, pace, began, outage)
        is_new = _set_up(stage)
        _announce(stage)
        _perform(stage, tells=is_new)


def _lock(file: int, directory: Path) -> None:
    """Keep other demos out of the directory for as long as this process lives."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UnusableSettings(
            f"Another demo is running in {directory}: stop it, or choose another place with --directory."
        ) from None


def _wipe(directory: Path) -> None:
    for old in directory.glob("chorus.db*"):
        old.unlink()
    shutil.rmtree(directory / "search", ignore_errors=True)
    for snapshot in ("experts.snapshot", "matters.snapshot"):
        (directory / snapshot).unlink(missing_ok=True)


def _settings(story: Story, host: str, port: int, directory: Path, pace: float) -> Settings:
    """The demo's own brand, database, secret and feed, with a few of the operator's settings."""
    own: Mapping[str, str] = {
        "CHORUS_DATABASE_URL": f"sqlite:///{directory / 'chorus.db'}",
        "CHORUS_DATA_DIRECTORY": str(directory),
        "CHORUS_SECRET_KEY": _secret(directory / _KEY_FILE),
        "CHORUS_BRAND_NAME": story.brand.name,
        "CHORUS_BASE_URL": address_of(host, port),
        "CHORUS_LOCAL__ENABLED": "true",
        "CHORUS_PUBLISH__CREDIT": "first_name",
        "CHORUS_SURVEY__KIND": "csat",
        "CHORUS_LADDER__PATIENCE": str(max(_LADDER_PATIENCE_SECONDS / pace, _LEAST_PATIENCE_SECONDS)),
        "CHORUS_LADDER__GIVE_UP_AFTER": str(_GIVE_UP_SECONDS),
        "CHORUS_LOG_LEVEL": "warning",
        "CHORUS_LOG_FORMAT": "console",
    }
    given = {name: value for name, value in os.environ.items() if name.startswith(_OPERATORS)}
    return load_settings({**own, **given}, directory)


def _secret(file: Path) -> str:
    """The demo's secret key, made once, readable by its owner alone."""
    if not file.is_file():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="utf-8").strip()


def _set_up(stage: _Stage) -> bool:
    """Bring the database to where the story begins; False if it was told before.

    Another process does it, and all that it takes is given back at its end: 25 MB that the server would
    keep. Meanwhile this one imports the server.
    """
    work = get_context("fork").Process(target=_write_the_past, args=(stage,))
    work.start()
    import_server()
    work.join()
    if work.exitcode not in (_NEW, _TOLD):
        raise SystemExit(work.exitcode)
    return work.exitcode == _NEW


def _write_the_past(stage: _Stage) -> None:
    """Exit with what is there now, or with an error that has been said."""
    try:
        database = Database(open_engine(stage.settings.database_url))
        is_new = migrations.current(database.engine) is None
        migrations.upgrade(database.engine)
        if is_new:
            second = stage.outage.second if stage.outage else None
            seed(database, stage.story, stage.settings.publish.credit, second)
        database.close()
    except (DatabaseDown, migrations.SchemaTooNew) as error:
        say(str(error))
        raise SystemExit(_UNUSABLE) from None
    raise SystemExit(_NEW if is_new else _TOLD)


def for_other_commands(settings: Settings) -> str:
    """What a shell is told so that other commands work on the demo's house, from any directory."""
    needed = {
        "CHORUS_DATABASE_URL": settings.database_url,
        "CHORUS_DATA_DIRECTORY": str(settings.data_directory),
        "CHORUS_SECRET_KEY_FILE": str(settings.data_directory / _KEY_FILE),
        "CHORUS_BRAND_NAME": settings.brand_name,
        "CHORUS_BASE_URL": settings.base_url,
    }
    return " ".join(["export", *(f"{name}={shlex.quote(value)}" for name, value in needed.items())])


def _announce(stage: _Stage) -> None:
    database = Database(open_engine(stage.settings.database_url))
    story, address = stage.story, stage.settings.base_url
    backstage = Backstage(story, stage.settings, database)
    lead, host = story.brand.in_charge, story.host
    rows = [
        ("The feed", f"{address}/local", "watch customers ask and the brand answer"),
        ("The archive", f"{address}/", "every answer, for everybody to search"),
        ("A desk", backstage.sign_in(host.handle), f"as {host.name}; the link works once"),
        ("In charge", backstage.sign_in(lead.handle), f"as {lead.name}; the link works once"),
    ]
    if stage.outage is not None:
        second = story.employee(stage.outage.second)
        rows.append(
            (
                "In charge, too",
                backstage.sign_in(second.handle),
                f"as {second.name}, who approves; works once",
            )
        )
    width = max(len(link) for _, link, _ in rows[:2])
    lines = [f"  {name:<14}  {link:<{width}}  {words}" for name, link, words in rows]
    others = f"  For other commands: {for_other_commands(stage.settings)}"
    database.close()
    say("\n".join(["", f"  {story.brand.name}: {story.brand.tagline}", "", *lines, "", others, ""]))


def _perform(stage: _Stage, *, tells: bool) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=_accompany, args=(stage, stopping, tells), name="demo", daemon=True)
    thread.start()
    try:
        run_server(stage.settings, stage.host, stage.port, works=True)
    finally:
        stopping.set()
        thread.join(timeout=5)


def _accompany(stage: _Stage, stopping: threading.Event, tells: bool) -> None:
    """Once the server answers, say so and tell the story, unless it was told before."""
    address = stage.settings.base_url
    # To this process itself, in plain HTTP: past any proxy, and without 3 MB of certificates.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with httpx.Client(base_url=address, timeout=10, trust_env=False, verify=nobody) as client:
        if not _is_ready(client, stopping):
            return
        say(f"  Ready after {monotonic() - stage.began:.1f} s. Stop with Ctrl-C.\n")
        if not tells or _play(stage, client, stopping):
            say(
                "  The story is told, and now it is your turn: everything stays open, and everybody is still "
                f"there.\n  Ask something at {address}/local, or start the demo again.\n"
            )


def _play(stage: _Stage, client: httpx.Client, stopping: threading.Event) -> bool:
    """Tell the story; False if it was stopped before its end."""
    database = Database(open_engine(stage.settings.database_url))
    try:
        house = Backstage(stage.story, stage.settings, database)
        second = timedelta(seconds=1) / stage.pace
        player: Player | Director = (
            Player(stage.story, client, house, second)
            if stage.outage is None
            else Director(
                stage.outage,
                stage.settings.local.handle,
                stage.story.brand.in_charge.handle,
                client,
                house,
                lambda words: say(f"  {words}"),
                second,
            )
        )
        player.play(stopping)
    finally:
        database.close()
    return player.is_over


def _is_ready(client: httpx.Client, stopping: threading.Event) -> bool:
    end = monotonic() + _READY_WITHIN_SECONDS
    while not stopping.wait(0.05) and monotonic() < end:
        try:
            if client.get("/livez").is_success:
                return True
        except httpx.TransportError:
            continue
    return False
