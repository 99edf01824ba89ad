"""The documentation holds: its links lead somewhere, and what it tells people to type exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.cli.root import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^(?:\.venv/bin/)?chorus\s+(.*)$")
TARGET = re.compile(r"^make\s+([a-z]+)")
SOURCE = re.compile(r"\b(?:app|bot|routing|alembic|tests)/[\w/.]*\w")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
UNSPEAKABLE = re.compile(r"/work/|/tmp/|pythonhosted|npmjs|pypi\.", re.IGNORECASE)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+\s+(.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def typed(page: Path) -> Iterator[str]:
    """Everything the page shows as code, line by line, without comments."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *SPAN.findall(prose(page))]:
        yield re.split(r"\s#\s", line.strip(), maxsplit=1)[0].strip()


def commands(page: Path) -> Iterator[str]:
    for line in typed(page):
        found = COMMAND.match(line)
        if found is not None and not found[1].startswith(("...", "…")):
            yield found[1]


def problem(command: str) -> str | None:
    """What is wrong with a command line (without ``chorus``), or None."""
    words = re.sub(r"[\[\]]", " ", QUOTED.sub("WORDS", command)).split()
    here: Any = get_command(app)
    while words and hasattr(here, "commands"):
        word = words.pop(0)
        if word.startswith("--"):
            words.insert(0, word)
            break
        if word not in here.commands:
            return f"there is no command {word!r}"
        here = here.commands[word]
    known = {name for option in here.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{here.name} has no option {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_files_of_the_source_exist(page: Path) -> None:
    files = {found for line in typed(page) for found in SOURCE.findall(line)}
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []


def test_docs_decisions_are_listed_by_their_titles() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text(encoding="utf-8").splitlines()
    pages = {
        page.name: page.read_text(encoding="utf-8").partition("\n")[0] for page in folder.glob("[0-9]*.md")
    }
    listed = sorted(line for line in index if line.startswith("- ["))
    assert listed == [f"- [{name[:4]}]({name}) {title[2:]}" for name, title in sorted(pages.items())]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_commands_exist_with_their_options(page: Path) -> None:
    wrong = [f"chorus {one}: {what}" for one in commands(page) if (what := problem(one))]
    assert wrong == []


def test_docs_make_targets_exist() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named_somewhere = {
        found[1] for page in PAGES for line in typed(page) if (found := TARGET.match(line)) is not None
    }
    assert {"run", "test"} <= named_somewhere <= rules


def test_docs_code_of_the_guide_to_new_platforms_is_the_code_of_its_example() -> None:
    platforms = ROOT / "tests" / "bot" / "platforms"
    files = [*(platforms / "example").rglob("*.py"), platforms / "stage_example.py"]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    blocks = re.findall(
        r"^```python\n(.*?)^```",
        (ROOT / "docs" / "new-platform.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert len(blocks) > 3
    assert [block for block in blocks if block not in code] == []


def linked(page: Path) -> set[Path]:
    return {(page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(page))}


def test_docs_index_leads_to_every_page_itself_or_by_the_index_of_its_folder() -> None:
    index = ROOT / "docs" / "index.md"
    told = linked(index)
    below = [page for page in told if page.name == "index.md" and page.parent.parent == index.parent]
    known = {index, *told}.union(*map(linked, below))
    assert [named(page) for page in (ROOT / "docs").rglob("*.md") if page not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_name_no_place_of_one_machine_and_no_package_index(page: Path) -> None:
    assert UNSPEAKABLE.findall(page.read_text(encoding="utf-8")) == []


def test_docs_check_sees_what_is_wrong_with_a_command() -> None:
    assert problem('employee add "Jane Doe" --email jane@example.com --topic tv') is None
    assert problem("serve [--host HOST]") is None
    assert problem("employee sing") == "there is no command 'sing'"
    assert problem("serve --loudly") == "serve has no option --loudly"
