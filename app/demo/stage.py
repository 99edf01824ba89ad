"""``chorus demo``: a server with a database of its own, and personas who post there at a human pace."""

import os
import secrets
import shutil
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from time import monotonic

import httpx

from app.cli.opening import say
from app.demo.player import Player
from app.demo.seed import seed
from app.demo.story import Story, load_story
from app.settings import Settings, load_settings
from bot.store import migrations, staff
from bot.store.engine import Database, open_engine

_READY_WITHIN_SECONDS = 30.0


def run_demo(host: str, port: int, directory: Path, *, keep: bool, pace: float) -> None:
    """Serve the demo until a signal says to stop."""
    began = monotonic()
    directory = directory.resolve()
    if not keep:
        _wipe(directory)
    settings = _settings(host, port, directory)
    database = Database(open_engine(settings.database_url))
    is_new = migrations.current(database.engine) is None
    migrations.upgrade(database.engine)
    story = load_story(settings.local.handle, settings.tag)
    if is_new:
        seed(database, story, settings.publish.credit)
    _announce(settings, database, story)
    database.close()
    _serve(settings, host, port, story, pace, began)


def _wipe(directory: Path) -> None:
    for old in directory.glob("chorus.db*"):
        old.unlink()
    shutil.rmtree(directory / "search", ignore_errors=True)
    (directory / "experts.snapshot").unlink(missing_ok=True)


def _settings(host: str, port: int, directory: Path) -> Settings:
    """The operator's settings with the demo's own brand, database, secret and feed."""
    directory.mkdir(parents=True, exist_ok=True)
    story = load_story()
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared with
    own: Mapping[str, str] = {
        "CHORUS_DATABASE_URL": f"sqlite:///{directory / 'chorus.db'}",
        "CHORUS_DATA_DIRECTORY": str(directory),
        "CHORUS_SECRET_KEY": _secret(directory / "secret_key"),
        "CHORUS_BRAND_NAME": story.brand.name,
        "CHORUS_BASE_URL": f"http://{shown}:{port}",
        "CHORUS_LOCAL__ENABLED": "true",
        "CHORUS_PUBLISH__CREDIT": "first_name",
        "CHORUS_LADDER__PATIENCE": "25",
        "CHORUS_LOG_LEVEL": "warning",
        "CHORUS_LOG_FORMAT": "console",
    }
    given = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("CHORUS_TAG", "CHORUS_LOCAL__HANDLE", "CHORUS_SEARCH__", "CHORUS_LOCAL__OPEN"))
    }
    return load_settings({**own, **given}, directory)


def _secret(file: Path) -> str:
    """The demo's secret key, made once, readable by its owner alone."""
    if not file.is_file():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="utf-8").strip()


def _announce(settings: Settings, database: Database, story: Story) -> None:
    from app.auth import create_login_link

    with database.read() as session:
        lead = staff.by_email(session, story.brand.in_charge.email)
        first = staff.by_email(session, story.employees[0].email)
    lines = [
        "",
        f"  {story.brand.name}: {story.brand.tagline}",
        "",
        f"  The feed      {settings.base_url}/local   watch customers ask and the brand answer",
        f"  The archive   {settings.base_url}/        every answer, for everybody to search",
    ]
    if first is not None:
        lines.append(f"  A desk        {create_login_link(database, settings, first)}   as {first.name}")
    if lead is not None:
        lines.append(f"  In charge     {create_login_link(database, settings, lead)}   as {lead.name}")
    lines += ["", f"  For other commands: export CHORUS_DATABASE_URL={settings.database_url}", ""]
    say("\n".join(lines))


def _serve(settings: Settings, host: str, port: int, story: Story, pace: float, began: float) -> None:
    from app.cli.serve import run_server

    stopping = threading.Event()
    thread = threading.Thread(
        target=_play, args=(settings, port, story, pace, stopping, began), name="demo", daemon=True
    )
    thread.start()
    try:
        run_server(settings, host, port, works=True)
    finally:
        stopping.set()
        thread.join(timeout=5)


def _play(
    settings: Settings, port: int, story: Story, pace: float, stopping: threading.Event, began: float
) -> None:
    """Once the server answers, tell the story."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        end = monotonic() + _READY_WITHIN_SECONDS
        while not stopping.wait(0.05) and monotonic() < end:
            try:
                if client.get("/livez").is_success:
                    break
            except httpx.TransportError:
                continue
        say(f"  Ready after {monotonic() - began:.1f} s. Stop with Ctrl-C.\n")
        database = Database(open_engine(settings.database_url))
        Player(story, client, database, timedelta(seconds=1) / pace).play(stopping)
        database.close()
