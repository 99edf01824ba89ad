"""``docs/install.md``: what it tells people to type is typed here, on a machine's root of the test's own.

Directories, the port and the names of users are put in the places of those that only root has; ``systemctl``
is a stand-in that starts what the unit says. What wants a network, a container engine or another user's
database is in ``LOOKED_AT``: of that only the files and the words of Chorus are known to exist.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from app.wiring.settings import load_settings
from tests.deploy.installed import DEPLOY, ROOT, free_ports, offline, program
from tests.test_docs import problem

pytestmark = pytest.mark.timeout(600)  # real programs, on machines that do other things as well

GUIDE = ROOT / "docs" / "install.md"
LOOKED_AT = {
    "pipx install": "gives the package an environment, and fetches what it needs from the package index",
    "uv tool install": "the same",
    "sudo -u postgres": "wants a PostgreSQL of the machine, and its administrator",
    "systemd-sysusers": "makes a user of the machine",
    "chgrp chorus": "names the user that the line above makes",
    "journalctl": "reads the machine's log",
    "docker": "wants a container engine; tests/deploy/test_container.py goes through the same files",
    "nginx -t": "wants nginx to be at home in /etc; tests/deploy/test_proxies.py starts it with this file",
}
TYPED = {
    "The command alone",
    "On a machine with systemd",
    "In containers",
    "Caddy",
    "nginx",
    "The first person in charge",
    "Updating",
}
SOURCE = (
    "app",
    "bot",
    "routing",
    "alembic",
    "deploy",
    "pyproject.toml",
    "requirements.txt",
    "README.md",
    "LICENSE",
)


def blocks() -> Iterator[tuple[str, str]]:
    """What is to be typed, block by block, each with the heading above it."""
    heading = ""
    for title, block in re.findall(
        r"^#+ ([^\n]*)$|^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL
    ):
        heading = title or heading
        if block:
            yield heading, block


def looked_at(line: str) -> bool:
    return any(line.startswith(start) for start in LOOKED_AT)


class Machine:
    """A machine's directories, beneath one of the test's own, with the source beside them."""

    def __init__(self, directory: Path) -> None:
        self.root, self.source = directory / "root", directory / "source"
        self.port = free_ports(1)[0]
        self.packages = offline(directory)
        run, bin_directory = directory / "run", directory / "bin"
        for made in (self.root / "etc/systemd/system", run, bin_directory):
            made.mkdir(parents=True)
        for name in SOURCE:
            self._copy(name)
        for file in (self.source / "deploy").rglob("*"):
            if file.is_file():
                file.write_text(self.here(file.read_text()))
        self._stand_in(bin_directory / "python3", f'exec "{sys.executable}" "$@"')
        self._stand_in(bin_directory / "sudo", 'shift 2; exec "$@"')
        stand_in = Path(__file__).with_name("stand_in_systemctl.py")
        self._stand_in(bin_directory / "systemctl", f'exec "{sys.executable}" "{stand_in}" "$@"')
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
        self.environment = {
            **kept,
            **self.packages,
            "HOME": str(directory),
            "PATH": f"{bin_directory}:{self.root}/opt/chorus/bin:{os.environ['PATH']}:/usr/sbin",
            "STAND_IN_UNITS": str(self.root / "etc/systemd/system"),
            "STAND_IN_RUN": str(run),
            "CHORUS_SEARCH__MEANING": "false",
        }

    def _copy(self, name: str) -> None:
        self.source.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, self.source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, self.source / name)

    @staticmethod
    def _stand_in(file: Path, does: str) -> None:
        file.write_text(f"#!/bin/sh\n{does}\n")
        file.chmod(0o755)

    def here(self, text: str) -> str:
        """The places, the port and the users of a text, as they are on this machine."""
        text = re.sub(r"(?<![\w.])/(opt|etc|var)/", rf"{self.root}/\1/", text)
        text = text.replace(f"{self.root}/etc/letsencrypt", "/etc/letsencrypt")
        return re.sub(r" -[og] chorus\b", "", text).replace("8000", str(self.port))

    def types(self, heading: str, *, where: Path | None = None, only: str = "") -> str:
        """Type what stands under a heading (``only`` the blocks with these words); what was answered."""
        answered = ""
        for above, block in blocks():
            if above == heading and only in block:
                lines = [line for line in block.splitlines() if not looked_at(line)]
                answered += self.run("\n".join(map(self.here, lines)), where or self.source)
        return answered

    def run(self, script: str, where: Path) -> str:
        # It ends with 1 where there is something to warn of, as of a house without people.
        script = re.sub(r"(chorus doctor)$", r"\1 || test $? -eq 1", script, flags=re.MULTILINE)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=where,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.run("systemctl stop '*'", tmp_path)


def test_every_command_is_typed_or_says_why_not() -> None:
    assert {heading for heading, _ in blocks()} == TYPED
    written = [line for _, block in blocks() for line in block.splitlines()]
    assert [
        start for start in LOOKED_AT if not any(map(str.startswith, written, [start] * len(written)))
    ] == []


def test_what_is_only_looked_at_names_files_and_commands_that_exist() -> None:
    lines = [line for _, block in blocks() for line in block.splitlines() if looked_at(line)]
    assert [
        file for line in lines for file in re.findall(r"deploy/[\w./-]+", line) if not (ROOT / file).exists()
    ] == []
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for line in lines:
        asked = re.search(r"run --rm (\w+) (.*)$|logs (\w+)$", line)
        if asked is not None and line.startswith("docker compose"):
            assert (asked[1] or asked[3]) in services
            assert asked[2] is None or problem(asked[2]) is None


def test_a_machine_is_set_up_used_and_updated(machine: Machine) -> None:
    machine.types("On a machine with systemd", only="/opt/chorus/bin/pip")
    machine.types("On a machine with systemd", only="deploy/chorus.env")
    for name, mode in {
        "etc/chorus/.env": 0o640,
        "etc/chorus/secret-key": 0o640,
        "var/lib/chorus": 0o700,
    }.items():
        assert (machine.root / name).stat().st_mode & 0o777 == mode
    machine.types("On a machine with systemd", only="chorus-single")
    examined = machine.types("On a machine with systemd", only="chorus doctor")
    assert "Nobody is in charge" in examined or "There are no employees yet" in examined
    assert '"ready":true' in examined
    made = machine.types("The first person in charge", where=machine.root / "etc/chorus")
    assert "https://answers.example.com/setup/" in made
    assert "https://answers.example.com/sign-in/" in made
    machine.types("Updating")
    assert (machine.root / "var/lib/chorus/before-update.db").stat().st_size > 0
    assert httpx.get(f"http://127.0.0.1:{machine.port}/readyz", timeout=30).json()["ready"] is True


def test_web_and_work_are_services_of_their_own_on_postgresql(
    machine: Machine, fresh_postgresql_url: str
) -> None:
    for words in ("/opt/chorus/bin/pip", "deploy/chorus.env"):
        machine.types("On a machine with systemd", only=words)
    settings = machine.root / "etc/chorus/.env"
    lines = [line for line in settings.read_text().splitlines() if "CHORUS_DATABASE_URL" not in line]
    settings.write_text("\n".join([*lines, f"CHORUS_DATABASE_URL='{fresh_postgresql_url}'", ""]))
    machine.run("cp -r deploy/systemd/* " + machine.environment["STAND_IN_UNITS"], machine.source)
    machine.types("On a machine with systemd", only="chorus-web chorus-worker")
    end, ready = time.monotonic() + 60, {"working_nodes": 0}
    with httpx.Client(timeout=30) as client:
        while ready["working_nodes"] == 0 and time.monotonic() < end:  # it says so from a thread of its own
            ready = client.get(f"http://127.0.0.1:{machine.port}/readyz").json()
    assert (ready["ready"], ready["working_nodes"]) == (True, 1)


def test_the_command_alone_runs_in_any_directory(machine: Machine, tmp_path: Path) -> None:
    machine.types("The command alone", only="pip wheel")
    machine.run(f"python3 -m venv {tmp_path}/tool", tmp_path)
    machine.run(f"{tmp_path}/tool/bin/pip install --no-deps {machine.source}/dist/*.whl", tmp_path)
    machine.environment["PATH"] = f"{tmp_path}/tool/bin:{machine.environment['PATH']}"
    [block] = [
        block for heading, block in blocks() if heading == "The command alone" and "chorus serve" in block
    ]
    served = block.replace("chorus serve", f"chorus serve --port {machine.port} & trap 'kill $!' EXIT")
    asked = f"curl -fsS --retry 40 --retry-delay 1 --retry-connrefused http://127.0.0.1:{machine.port}/readyz"
    assert '"ready":true' in machine.run(served + asked, tmp_path)
    assert (tmp_path / "chorus" / "chorus.db").exists()


def test_the_files_that_containers_want_are_made(machine: Machine) -> None:
    machine.types("In containers", only="deploy/secrets")
    compose = yaml.safe_load((machine.source / "deploy/compose.yaml").read_text())
    secrets = {name: machine.source / "deploy" / one["file"] for name, one in compose["secrets"].items()}
    given = {
        name: value.replace("/run/secrets/", f"{machine.source}/deploy/secrets/")
        for name, value in compose["services"]["web"]["environment"].items()
    }
    settings = load_settings({**given, "CHORUS_BASE_URL": "https://answers.example.com"}, machine.root)
    password = secrets["database_password"].read_text()
    assert settings.database_url == f"postgresql+psycopg://chorus:{password}@database/chorus"
    assert settings.secret_key is not None
    assert settings.trusted_proxies
    assert {one.stat().st_mode & 0o777 for one in secrets.values()} == {0o444}
    assert (machine.source / "deploy" / "secrets").stat().st_mode & 0o777 == 0o700
    [file] = compose["services"]["web"]["env_file"]
    named = dict(line.split("=", 1) for line in (machine.source / "deploy" / file).read_text().splitlines())
    assert load_settings(named, machine.root).brand_name == "Our brand"


@pytest.mark.parametrize(
    ("heading", "file"), [("Caddy", "caddy/Caddyfile"), ("nginx", "nginx/sites-enabled/chorus.conf")]
)
def test_a_proxy_is_set_up_with_ones_own_name(machine: Machine, heading: str, file: str) -> None:
    program(heading.lower())
    for made in ("caddy", "nginx/sites-available", "nginx/sites-enabled"):
        (machine.root / "etc" / made).mkdir(parents=True)
    machine.types(heading)
    text = (machine.root / "etc" / file).read_text()
    assert "support.example.net" in text
    assert "answers.example.com" not in text
