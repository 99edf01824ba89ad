"""The systemd units: systemd itself finds them in order and well locked up, and what they start exists."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.installed import DEPLOY, program
from tests.test_docs import problem

SYSTEMD = DEPLOY / "systemd"
COMMON = SYSTEMD / "chorus-.service.d" / "common.conf"
UNITS = sorted(SYSTEMD.glob("*.service"))
MOST_EXPOSED = 2.0
"""On systemd's scale from 0 to 10; its own word for less than 2 is OK, for 9 UNSAFE."""


def said(unit: Path) -> dict[str, str]:
    """The last value of every name of a unit, with what all have in common beneath."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read([COMMON, unit])
    return {name: value for section in parser.sections() for name, value in parser[section].items()}


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A copy of the units whose program is there."""
    copied = tmp_path / "units"
    shutil.copytree(SYSTEMD, copied)
    for unit in copied.glob("*.service"):
        unit.write_text(unit.read_text().replace("/opt/chorus/bin/chorus", "/bin/true"))
    return copied


def analyze(units: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}
    return subprocess.run(
        [program("systemd-analyze"), *words], env=environment, capture_output=True, text=True, check=False
    )


def test_systemd_understands_every_line(units: Path) -> None:
    found = analyze(units, "verify", *map(str, sorted(units.glob("*.service"))))
    assert found.returncode == 0, found.stderr
    assert "chorus" not in found.stderr


def test_systemd_sees_what_it_does_not_understand(units: Path) -> None:
    common = units / COMMON.relative_to(SYSTEMD)
    common.write_text(common.read_text().replace("NoNewPrivileges=", "NoNewPrivilege="))
    assert "'NoNewPrivilege'" in analyze(units, "verify", str(units / "chorus-web.service")).stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_exposed_to_little(units: Path, unit: Path) -> None:
    found = analyze(units, "security", "--offline=true", str(units / unit.name))
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)
    assert level is not None, found.stderr
    assert float(level[1]) < MOST_EXPOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists_as_nobody_of_weight(unit: Path) -> None:
    told = said(unit)
    assert problem(told["ExecStart"].removeprefix("/opt/chorus/bin/chorus ")) is None
    assert told["User"] == "chorus"
    assert f"u {told['User']} " in (SYSTEMD / "chorus.sysusers").read_text()
    assert told["Type"] == "notify"
    assert "--host 127.0.0.1" in told["ExecStart"] or told["ExecStart"].endswith(" work")


def test_the_units_are_those_that_are_meant() -> None:
    assert [unit.stem for unit in UNITS] == ["chorus-single", "chorus-web", "chorus-worker"]
