"""The import rules catch what they are there for: a wrong import in any folder is found and named."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("app", "bot", "routing")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = SETTINGS["tool"]["importlinter"]["contracts"]


def layers(contract: Mapping[str, list[str]]) -> list[list[str]]:
    """The contract's rooms by name, layer by layer, the highest first."""
    (floor,) = contract["containers"]
    return [
        [f"{floor}.{room.strip()}" for room in layer.replace("|", ":").split(":")]
        for layer in contract["layers"]
    ]


def in_wrong_direction() -> list[tuple[str, str]]:
    """For each room of each floor: it, and a room from the layer right above it."""
    found = [("routing.model", "bot.posts"), ("bot.text", "app.main")]
    for contract in CONTRACTS:
        if "containers" in contract:
            floor = layers(contract)
            found += [(room, above[-1]) for above, layer in pairwise(floor) for room in layer]
    return found


def forbidden() -> list[tuple[str, str]]:
    """What a contract forbids a room altogether: the first and the last on its list."""
    found = []
    for contract in CONTRACTS:
        if contract["type"] == "forbidden":
            banned = contract["forbidden_modules"]
            found += [
                (room, target) for room in contract["source_modules"] for target in (banned[0], banned[-1])
            ]
        if contract["type"] == "independence":
            rooms = contract["modules"]
            found += list(zip(rooms, [*rooms[1:], rooms[0]], strict=True))
    return found


def circles() -> dict[str, tuple[str, str]]:
    """For each folder inside a room: two of its files, of which the second is imported by the first."""
    found = {}
    for folder in sorted(
        folder for floor in FLOORS for folder in (ROOT / floor).glob("*/**") if folder.is_dir()
    ):
        package = ".".join(folder.relative_to(ROOT).parts)
        for file in sorted(folder.glob("*.py")):
            inside = re.search(
                rf"^from {re.escape(package)}(?:\.(\w+))? import (\w+)", file.read_text("utf-8"), re.MULTILINE
            )
            if inside and file.stem != "__init__":
                found[package] = (f"{package}.{file.stem}", f"{package}.{inside[1] or inside[2]}")
                break
    return found


PROBES = sorted({*in_wrong_direction(), *forbidden()})
CIRCLES = circles()


def module_of(room: str) -> Path:
    """A room's file, or its folder's first."""
    path = Path(*room.split("."))
    return path.with_suffix(".py") if (ROOT / path).with_suffix(".py").exists() else path / "__init__.py"


def judged(probes: Iterable[tuple[str, str]], directory: Path) -> str:
    """What the rules say of the source with these imports in it: pairs of who imports and what."""
    for floor in FLOORS:
        for file in (ROOT / floor).rglob("*.py"):
            copy = directory / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    shutil.copy(ROOT / "pyproject.toml", directory)
    for room, target in probes:
        file = directory / module_of(room)
        file.write_text(f"{file.read_text(encoding='utf-8')}\nimport {target}\n", encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        "pyproject.toml",
    ]
    run = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    return judged(PROBES, tmp_path_factory.mktemp("probed"))


@pytest.fixture(scope="module")
def circular(tmp_path_factory: pytest.TempPathFactory) -> str:
    return judged(
        [(second, first) for first, second in CIRCLES.values()], tmp_path_factory.mktemp("circular")
    )


@pytest.mark.parametrize(("room", "target"), PROBES)
def test_a_wrong_import_in_any_folder_is_named(report: str, room: str, target: str) -> None:
    assert f"{room} -> {target} (l." in report


@pytest.mark.parametrize("folder", CIRCLES)
def test_a_circle_in_any_folder_is_named(circular: str, folder: str) -> None:
    assert f"No cycles are allowed in {folder}." in circular


def test_a_folder_that_has_no_place_in_the_rules_fails_them() -> None:
    assert [one["id"] for one in CONTRACTS if "containers" in one and not one["exhaustive"]] == []
