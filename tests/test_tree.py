"""The tree stays one in which things are found: folders of about a dozen rooms, rooms of one purpose."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = [file for floor in ("app", "bot", "routing") for file in sorted((ROOT / floor).rglob("*.py"))]
FOLDERS = sorted({file.parent for file in MODULES})
ABOUT_A_DOZEN = 13
MOST_LINES = 400
LOOSE = 7
"""Files beside the folders of the voice: what every room there needs, and the loops."""
SAYS_NOTHING = {"base_class", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_a_folder_holds_about_a_dozen_files(folder: Path) -> None:
    assert len([file for file in folder.glob("*.py") if file.stem != "__init__"]) <= ABOUT_A_DOZEN


def test_beside_the_voices_folders_lie_few_files() -> None:
    assert len([file for file in (ROOT / "bot").glob("*.py") if file.stem != "__init__"]) <= LOOSE


def test_no_module_has_become_two_rooms() -> None:
    long = {named(file): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}
    assert {file: lines for file, lines in long.items() if lines > MOST_LINES} == {}


def test_every_name_says_something() -> None:
    assert [named(file) for file in MODULES if file.stem in SAYS_NOTHING] == []
