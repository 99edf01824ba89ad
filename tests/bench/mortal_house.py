"""A whole house in processes that die, between three feeds that keep their ledgers, watched from outside."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.cli.demo.story import load_story
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.roles import Role
from bot.store import migrations
from bot.store.engine import Database, open_engine
from bot.store.people import access, staff
from tests.bench.bench_lives import databases
from tests.bench.killing import Mortal
from tests.bench.outside import SECRET, Outside, OutsideGeneric, OutsideLocal, OutsideMastodon
from tests.bench.served import hire
from tests.bot.platforms.mastodon.mastodon_server import running_mastodon

BUDGETS = {"generic": 1_500, "mastodon": 300}
"""Posts a minute."""
_WORKERS = 2


class MortalHouse:
    """On SQLite one ``chorus serve``; on PostgreSQL one without a worker, and two ``chorus work``."""

    def __init__(self, stack: ExitStack, kind: str, minutes: float) -> None:
        self.ends_at = time.monotonic() + minutes * 60
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chorus-mortal-")))
        url, _ = stack.enter_context(databases(kind, directory))
        self.database = Database(open_engine(url))
        stack.callback(self.database.close)
        migrations.upgrade(self.database.engine)
        self.cookies = self._staff()
        server = stack.enter_context(running_mastodon(directory))
        self.mastodon = OutsideMastodon(server, server.person("brand"))
        self.generic = OutsideGeneric()
        stack.callback(self.generic.close)
        self.given = {
            "DATABASE_URL": url,
            "LOCAL__ENABLED": "true",
            "GENERIC__SECRETS": SECRET,
            "GENERIC__PUBLISH_URL": self.generic.url,
            "GENERIC__MOST_POSTS": f"{BUDGETS['generic']}/1m",
            "MASTODON__BASE_URL": server.base_url,
            "MASTODON__ACCESS_TOKEN": self.mastodon.brand.token,
            "MASTODON__ALLOW_LOOPBACK": "true",
            "MASTODON__MOST_POSTS": f"{BUDGETS['mastodon']}/1m",
        }
        self.directory = directory
        alone = kind == "sqlite"
        serve = Mortal(directory / "serve", self.given, "serve", *([] if alone else ["--no-worker"]))
        names = [] if alone else [f"work-{number}" for number in range(_WORKERS)]
        self.processes = [serve, *(Mortal(directory / name, self.given, "work") for name in names)]
        for process in self.processes:
            stack.callback(process.stop)
        serve.wait_until_ready()
        self.generic.port = self.port = serve.port
        self.feeds: list[Outside] = [OutsideLocal(serve.port), self.generic, self.mastodon]
        self.began = time.monotonic()

    def _staff(self) -> dict[str, dict[str, str]]:
        """Twenty people who would be asked, and two in charge, signed in."""
        hire(self.database, load_story(), 20)
        cookies = {}
        with self.database.write() as session:
            now = self.database.now(session)
            for name in ("mei", "ravi"):
                details = Details(name=name.title(), email=f"{name}@example.com", role=Role.ADMIN)
                employees.add_employee(session, details, accounts=[], now=now)
                person = staff.by_email(session, f"{name}@example.com")
                assert person is not None
                cookies[name] = {"chorus": access.start_session(session, person, now)}
        return cookies

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self.ends_at

    def until(
        self, is_so: Callable[[], Any], meanwhile: Callable[[], None] = lambda: None, every: float = 0.5
    ) -> Any:
        """What ``is_so`` says once it says something, or at the end of the time."""
        while not (found := is_so()) and not self.is_late:
            meanwhile()
            time.sleep(every)
        return found

    def rows(self, statement: str) -> Sequence[Any]:
        with self.database.engine.connect() as connection:
            return list(connection.execute(text(statement)).all())

    def one(self, statement: str) -> Any:
        rows = self.rows(statement)
        return rows[0][0] if rows else None

    def is_quiet(self) -> bool:
        """Nothing is on its way any more."""
        waiting = "state IN ('ready', 'sending', 'unknown') AND kind <> 'notice'"
        return not self.rows(f"SELECT 1 FROM delivery WHERE {waiting} LIMIT 1")

    def processor_seconds(self) -> float:
        """What all its processes have used in all their lives."""
        return sum(one.processor_seconds() for one in self.processes)
