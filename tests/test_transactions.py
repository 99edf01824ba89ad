"""Only the store asks a database anything: everybody else passes its session on as a transaction."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "bot" / "store"


def outside_the_store() -> list[Path]:
    """Every module that has to do with the store and is none of its own."""
    modules = [*(ROOT / "app").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]
    return [
        one for one in modules if STORE not in one.parents and "bot.store" in one.read_text(encoding="utf-8")
    ]


def sessions_in(tree: ast.AST) -> set[str]:
    """The names that a session goes by: what is annotated so, and what a transaction is opened as."""
    names = {"session"}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.arg)
            and isinstance(node.annotation, ast.Name)
            and node.annotation.id == "Session"
        ):
            names.add(node.arg)
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            opened = node.context_expr
            if isinstance(opened, ast.Call) and isinstance(opened.func, ast.Attribute):
                names |= {node.optional_vars.id} if opened.func.attr in ("read", "write") else set()
    return names


def questions_to_a_session(source: str) -> Iterator[str]:
    """Every use of a session other than handing it on, as it is written."""
    tree = ast.parse(source)
    names = sessions_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = node.value
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            if name in names:
                yield f"line {node.lineno}: {ast.unparse(node)}"


def test_nobody_outside_the_store_asks_a_session_anything() -> None:
    found = {
        str(file.relative_to(ROOT)): asked
        for file in outside_the_store()
        if (asked := list(questions_to_a_session(file.read_text(encoding="utf-8"))))
    }
    assert not found, "These lines belong into bot/store, as a function with a name"


@pytest.mark.parametrize(
    "line",
    [
        "session.get(PostRow, 1)",
        "at.session.add(row)",
        "with database.write() as transaction: transaction.flush()",
        "def deed(within: Session): within.exec(statement)",
        "hand_on(session.connection)",
    ],
)
def test_a_question_to_a_session_is_found(line: str) -> None:
    assert list(questions_to_a_session(line))


def test_a_session_may_be_handed_on() -> None:
    assert not list(questions_to_a_session("with database.write() as session: rows.keep(session, row)"))
