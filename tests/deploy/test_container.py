"""The image and the compose file, as far as can be told without a container engine.

The image's build is gone through step by step: what it copies is copied, what it runs is run, on a root of
the test's own. Only what wants the network is left out: the packages are those of this interpreter.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.wiring.environment import names
from app.wiring.settings import Settings, load_settings
from tests.deploy.installed import (
    DEPLOY,
    ROOT,
    clean_environment,
    free_ports,
    offline,
    running,
    until_answered,
)
from tests.test_docs import problem

pytestmark = pytest.mark.timeout(600)  # real programs, on machines that do other things as well

DOCKERFILE = DEPLOY / "Dockerfile"
OURS = ("migrate", "web", "worker")
WRITABLE = "/var/lib/chorus"
LEARNT_FROM = ROOT / "routing" / "dialogue" / "examples"
"""What weights were learnt from; nothing that runs reads it."""


def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: the word, and what follows it on one line."""
    lines = [
        line for line in DOCKERFILE.read_text().splitlines() if line.strip() and not line.startswith("#")
    ]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in whole)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for step in steps():
        if step[0] == "FROM":
            found.append([])
        found[-1].append(step)
    return found


def last(word: str) -> str:
    return [rest for each, rest in stages()[-1] if each == word][-1]


def in_the_context(path: Path) -> bool:
    """Whether ``.dockerignore``, which lists what is let in, lets a file in."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    return (
        path.parts[0] in {line[1:] for line in lines if line.startswith("!")}
        and "__pycache__" not in path.parts
    )


class Image:
    """What came of the build: a root with /opt/chorus in it, and how it is started."""

    def __init__(self, directory: Path) -> None:
        self.root, self.source = directory / "root", directory / "source"
        self.environment = {**os.environ, **offline(directory)}
        self.python = directory / "bin" / "python"
        self.python.parent.mkdir()
        self.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        self.python.chmod(0o755)
        self.environment["PATH"] = f"{self.python.parent}:{self.environment['PATH']}"
        for word, rest in stages()[0]:
            if word == "COPY":
                self._copy(rest.split())
            elif word == "RUN" and "--requirement" not in rest and " -r " not in rest:
                self._run(rest)

    def here(self, text: str) -> str:
        return re.sub(r"(?<![\w.])/(opt|var)/", rf"{self.root}/\1/", text)

    def _copy(self, words: list[str]) -> None:
        *files, to = words
        for name in files:
            assert in_the_context(Path(name)), f"{name} is not let into the build"
            target = self.source / to
            target.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(ROOT / name, target)

    def _run(self, script: str) -> None:
        self.source.mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", "-euc", self.here(script)],
            cwd=self.source,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image(tmp_path_factory.mktemp("image"))


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_the_package_holds_everything_that_runs(image: Image) -> None:
    [library] = (image.root / "opt/chorus/lib").glob("python*")
    installed = library / "site-packages"
    for floor in ("app", "bot", "routing"):
        files = [
            file
            for file in (ROOT / floor).rglob("*")
            if file.is_file() and "__pycache__" not in file.parts and LEARNT_FROM not in file.parents
        ]
        missing = [file for file in files if not (installed / file.relative_to(ROOT)).is_file()]
        assert missing == []
    scripts = image.root / "opt/chorus/share/chorus-support/alembic"
    versions = {file.name for file in (ROOT / "alembic" / "versions").glob("*.py")}
    assert {file.name for file in (scripts / "versions").glob("*.py")} == versions
    assert (scripts / "env.py").is_file()


def test_the_image_serves_and_its_health_check_sees_whether_it_does(image: Image, tmp_path: Path) -> None:
    start = [*json_words(last("ENTRYPOINT")), *json_words(last("CMD"))]
    assert problem(shlex.join(start[1:])) is None
    [port, unused] = free_ports(2)
    words = [str(image.root / "opt/chorus/bin" / start[0]), *start[1:]]
    words = [word.replace("0.0.0.0", "127.0.0.1").replace("8000", str(port)) for word in words]
    environment = clean_environment(tmp_path, PYTHONPATH=offline(image.source.parent)["PYTHONPATH"])
    with running(words, environment, tmp_path) as process:
        until_answered(f"http://127.0.0.1:{port}/readyz", process)
        page = until_answered(f"http://127.0.0.1:{port}/", process).text
        assert "/static/chorus.css" in page
        style = re.search(r'href="(/static/chorus\.css[^"]*)"', page)
        assert style is not None
        until_answered(f"http://127.0.0.1:{port}{style[1]}", process)
        assert (
            'lang="de"'
            in until_answered(f"http://127.0.0.1:{port}/", process, headers={"Accept-Language": "de"}).text
        )
        assert health(port).returncode == 0
        assert health(unused).returncode != 0


def health(port: int) -> "subprocess.CompletedProcess[bytes]":
    _, _, command = last("HEALTHCHECK").partition("CMD ")
    words = [word.replace("8000", str(port)) for word in json_words(command)]
    return subprocess.run([sys.executable, *words[1:]], capture_output=True, check=False)


def json_words(text: str) -> list[str]:
    found: list[str] = yaml.safe_load(text)
    return found


def test_the_image_runs_as_nobody_of_weight_and_writes_in_one_place() -> None:
    assert last("USER") == "10001:10001"
    told = dict(word.split("=", 1) for word in shlex.split(last("ENV")))
    settings = load_settings(
        {name: value for name, value in told.items() if name.startswith("CHORUS_")}, DEPLOY
    )
    assert str(settings.data_directory) == WRITABLE == last("VOLUME")
    assert settings.database_url.startswith(f"sqlite:///{WRITABLE}/")
    assert {rest.partition(" ")[0] for word, rest in steps() if word == "FROM"} == {
        "python:3.13-slim-bookworm"
    }


def test_the_packages_of_the_image_are_those_that_were_locked() -> None:
    installs = [rest for word, rest in stages()[0] if word == "RUN" and "pip install" in rest]
    assert "--require-hashes -r requirements.txt" in installs[0]
    assert all("--no-deps" in one or "--require-hashes" in one for one in installs)


def test_a_linter_of_dockerfiles_finds_nothing() -> None:
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("by design: hadolint is no package of this project; where it is, it is asked")
    done = subprocess.run([linter, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_part_of_the_compose_file_is_there(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", ())) <= set(compose["secrets"]), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert set(service.get("depends_on", ())) <= set(compose["services"]), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume
    build = compose["services"]["web"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]) == DOCKERFILE


def test_the_containers_may_do_nothing_that_they_need_not(compose: dict[str, Any]) -> None:
    for name in (*OURS, "proxy"):
        service = compose["services"][name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert [name for name, one in compose["services"].items() if one.get("ports")] == ["proxy"]
    on_front = {name for name, one in compose["services"].items() if "front" in one["networks"]}
    assert on_front == {"proxy", "web"}, "whoever is there may say which client it speaks for"


def test_the_containers_run_commands_and_settings_that_exist(compose: dict[str, Any]) -> None:
    known = names(Settings)
    for name in OURS:
        service = compose["services"][name]
        assert problem(shlex.join(service["command"])) is None
        assert {key.removesuffix("_FILE") for key in service["environment"]} <= set(known)
    front = compose["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert compose["services"]["web"]["environment"]["CHORUS_TRUSTED_PROXIES"] == front


def test_secrets_and_ones_own_settings_get_into_no_commit_and_no_image() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/deploy/secrets/", "/deploy/compose.env", ".env"} <= set(ignored)
    for file in ("deploy/secrets/secret_key", ".env", "chorus.db", ".git/config", "tests/conftest.py"):
        assert not in_the_context(Path(file))
