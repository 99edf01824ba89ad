"""No platform is told by its name outside its own folders: what others must know of it are its traits.

Adding a comparison anywhere else fails here, whether in Python, in a template or in a script.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.posts import PlatformName

ROOT = Path(__file__).resolve().parents[3]
NAMES = frozenset(str(name) for name in PlatformName)
OF_THE_BUILT_IN_FEED = (
    "app/cli/checkup/local_feed.py",
    "app/local/",
    "app/cli/demo/",
    "app/cli/replay.py",
    "app/templates/local/",
    "bot/store/queries/pages/local.py",
    "bot/store/queries/pages/trial.py",
    "bot/store/queries/performers.py",
    "bot/store/queries/replays.py",
)
"""Its pages, its demonstration and the queries over its own posts: rooms that it alone has."""
OWN = (
    *(f"{floor}/{name}/" for floor in ("bot/platforms", "app/wiring/platforms") for name in NAMES),
    *OF_THE_BUILT_IN_FEED,
    "bot/platforms/registry.py",
)
KEPT_BY_PLATFORM = re.compile(r"platform|adapter|traits|groups", re.IGNORECASE)
IN_A_TEMPLATE = re.compile(
    r"""(?:[=!]==?|\bin)\s*[(\[]?(?:[^()\[\]%{}]*,\s*)?["'](?:NAMES)["']|["'](?:NAMES)["']\s*(?:[=!]=|in\b)""".replace(
        "NAMES", "|".join(sorted(NAMES))
    )
)


def is_name(node: ast.AST) -> bool:
    """Whether this is a platform's name: a text, or a member of the enumeration."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(is_name, node.elts))
    if isinstance(node, ast.Attribute):
        is_member = node.attr in PlatformName.__members__ and ast.unparse(node.value).endswith("PlatformName")
        return is_member or (node.attr == "value" and is_name(node.value))
    return isinstance(node, ast.Constant) and (
        node.value in NAMES or (isinstance(node.value, str) and node.value.removesuffix(":") in NAMES)
    )


def told_by_name(source: str) -> Iterator[int]:
    """The lines on which a platform is told by its name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare():
                found = any(map(is_name, [node.left, *node.comparators]))
            case ast.MatchValue():
                found = is_name(node.value)
            case ast.Dict():
                found = any(isinstance(key, ast.Attribute) and is_name(key) for key in node.keys)
                found = found or sum(key is not None and is_name(key) for key in node.keys) > 1
            case ast.Subscript():
                found = is_name(node.slice) and _is_kept_by_platform(node.value)
            case ast.Call(func=ast.Attribute(attr="get" | "pop", value=kept), args=[key, *_]):
                found = is_name(key) and _is_kept_by_platform(kept)
            case ast.Call(func=ast.Attribute(attr="startswith" | "removeprefix"), args=[prefix, *_]):
                found = is_name(prefix)
            case ast.Attribute(attr=attr, value=ast.Name(id="settings") | ast.Attribute(attr="settings")):
                found = attr in NAMES
            case _:
                found = False
        if found:
            yield node.lineno  # type: ignore[attr-defined]


def _is_kept_by_platform(node: ast.AST) -> bool:
    return bool(KEPT_BY_PLATFORM.search(ast.unparse(node)))


def findings(path: Path) -> list[str]:
    """Where a file tells a platform by its name."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        lines = sorted(set(told_by_name(text)))
    else:
        lines = [text.count("\n", 0, found.start()) + 1 for found in IN_A_TEMPLATE.finditer(text)]
    return [f"{path.relative_to(ROOT).as_posix()}:{line}" for line in lines]


def sources() -> Iterator[Path]:
    for floor in ("app", "bot", "routing"):
        for path in sorted((ROOT / floor).rglob("*")):
            if path.suffix in (".py", ".html", ".atom", ".xml", ".js"):
                yield path


def test_no_platform_is_told_by_its_name_outside_its_own_folders() -> None:
    elsewhere = [path for path in sources() if not path.relative_to(ROOT).as_posix().startswith(OWN)]
    assert [line for path in elsewhere for line in findings(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        'if row.platform == "x": pass',
        "shown = record.platform != PlatformName.X",
        'if name in ("mastodon", "x"): pass',
        "SILENT = name in {PlatformName.MASTODON.value}",
        "match name:\n    case PlatformName.BLUESKY: pass",
        'paces = {"local": 0.5, "x": 60.0}',
        "budgets = {PlatformName.X: 3}",
        'adapter = chorus.platforms["x"]',
        "adapter = platforms.get(PlatformName.X)",
        'if text.startswith("local:"): pass',
        "limit = chorus.settings.mastodon.most_posts",
    ],
)
def test_a_name_that_decides_something_is_seen(line: str) -> None:
    assert list(told_by_name(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        'masked = "x" * 8',
        'match["local"]',
        "platform: str = 'local'",
        'Account("local", "jane", "Jane")',
        "if grid.X == 3: pass",
    ],
)
def test_a_letter_or_a_value_is_no_comparison(line: str) -> None:
    assert list(told_by_name(line)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{% if name == "mastodon" %}', True),
        ('{{ "on" if name in ("local", "generic") else "off" }}', True),
        ("{% if 'x' == platform %}", True),
        ('if (platform === "bluesky") {', True),
        ('{{ name | platform }} {% include "local/feed.html" %}', False),
    ],
)
def test_templates_and_scripts_are_read_too(text: str, told: bool) -> None:
    assert bool(IN_A_TEMPLATE.search(text)) is told


def named_in(source: str, platform: str) -> bool:
    """Whether code (no text for people) names a platform: an import, a name, or the name itself."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str() as module):
                words = [module, *(one.name for one in node.names)]
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.ClassDef(name=word):
                words = [word]
            case ast.Constant(value=str() as word) if word == platform:
                words = [word]
            case _:
                words = []
        if any(platform in word.lower() for word in words):
            return True
    return False


def test_adding_a_platform_touches_three_files_of_the_source_beside_its_folders() -> None:
    platform = str(PlatformName.BLUESKY)
    own = tuple(f"{floor}/{platform}/" for floor in ("bot/platforms", "app/wiring/platforms"))
    files = {path.relative_to(ROOT).as_posix(): path for path in sources() if path.suffix == ".py"}
    elsewhere = [
        name
        for name, path in files.items()
        if not name.startswith(own) and named_in(path.read_text("utf-8"), platform)
    ]
    assert elsewhere == ["app/wiring/settings.py", "bot/platforms/registry.py", "bot/posts.py"]
