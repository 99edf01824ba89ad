"""A name means one thing: a class or a type is called like no other one in the source."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ("app", "bot", "routing")

OF_EACH_PLATFORM = {
    "Api": "each platform's own client of its web API",
    "Answers": "each platform's own way to find the employees' tagged answers",
    "Json": "an object as a platform's own API sends it",
}
"""Names that are a platform's own version of one part: adapters know nothing of each other."""


def test_no_public_class_or_type_has_a_name_with_two_meanings():
    places = defaultdict(list)
    for path in sources():
        for name in public_types(ast.parse(path.read_text(encoding="utf-8"))):
            places[name].append(path.relative_to(ROOT).as_posix())
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in OF_EACH_PLATFORM} == {}
    assert twice.keys() == OF_EACH_PLATFORM.keys(), "an exception that is none any more goes"
    for name in OF_EACH_PLATFORM:
        folders = {Path(found).parts[:3] for found in twice[name]}
        assert all(folder[:2] == ("bot", "platforms") for folder in folders)
        assert len(folders) == len(twice[name]), f"{name} stands twice in one platform's folder"


def test_a_second_meaning_is_seen():
    tree = ast.parse("class Line: ...\nLines = tuple[Line, ...]\nT = TypeVar('T')\n_Own = int\nMOST = 3\n")
    assert list(public_types(tree)) == ["Line", "Lines"]


def sources() -> Iterator[Path]:
    return (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))


def public_types(tree: ast.Module) -> Iterator[str]:
    """Classes and aliases of types at a module's top; a type variable means something in its place only."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign) and not _makes_type_variable(node.value):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            continue
        yield from (name for name in names if name[0].isupper() and not name.isupper())


def _makes_type_variable(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
