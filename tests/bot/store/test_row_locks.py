"""R21: no row that others may have is changed on the word of an old reading, anywhere in the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3]
COUNTERS = {"fence", "revision", "asked_count", "round"}
"""Columns that two at once must raise twice."""
HELD = {
    "bot/actions/conversations/decide.py: round",  # ask_again holds the question
    "bot/actions/conversations/follow_up.py: round",  # so does _follow_up
    "bot/actions/announce/propose.py: revision",  # change holds the announcement
    "bot/actions/regroup.py: round",  # join and part hold the questions
    "bot/actions/regroup.py: asked_count",  # and the entries
}


def counters(node: ast.AST) -> Iterator[str]:
    """The counters of rows that an expression names."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and one.attr in COUNTERS:
            yield one.attr


def raised_in_python(tree: ast.AST) -> Iterator[str]:
    """The counters that are assigned what Python has worked out from their old values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign):
            yield from counters(node.target)
        if isinstance(node, ast.Assign):
            old = {
                name for one in ast.walk(node.value) if isinstance(one, ast.BinOp) for name in counters(one)
            }
            yield from (name for target in node.targets for name in counters(target) if name in old)


@pytest.mark.parametrize(
    "line", ["row.fence += 1", "row.fence = row.fence + 1", "a, b.fence = 1, c.fence + 1"]
)
def test_r21_such_a_line_would_be_found(line: str) -> None:
    assert list(raised_in_python(ast.parse(line))) == ["fence"]


def test_r21_no_counter_of_a_row_is_raised_in_python() -> None:
    files = [path for floor in ("bot", "app") for path in sorted((SOURCE / floor).rglob("*.py"))]
    assert len(files) > 200
    found = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in files
        for name in raised_in_python(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == HELD
