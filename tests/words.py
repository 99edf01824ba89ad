"""The words of pages and brand, taken out of templates and code; ``make words`` renews the catalogues.

What a catalogue lacks afterwards is empty in it, and ``tests/app/web/test_catalogues.py`` names it.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "app" / "templates"
CATALOGUES = ROOT / "bot" / "wording" / "languages"
IN_ENGLISH = ("admin",)
"""The folders of the templates that speak English alone; all others speak every language."""
_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "trim_blocks": "true", "silent": "false"}
_IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
_IN_CODE = {"phrase": None, "phrases": (1, 2)}


def templates() -> list[Path]:
    """The templates that speak every language."""
    found = (
        path for path in TEMPLATES.rglob("*.*") if path.relative_to(TEMPLATES).parts[0] not in IN_ENGLISH
    )
    return sorted(found)


@lru_cache(maxsize=1)
def extracted() -> Catalog:
    """Everything that is said in the reader's language, in English."""
    found = Catalog()
    for path in templates():
        _add(found, path, babel_extract, _IN_TEMPLATES)
    for floor in ("app", "bot", "routing"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            _add(found, path, "python", _IN_CODE)
    for text in _public_texts():
        found.add(text, locations=[("app/texts/about.json", 1)])
    return found


def _add(found: Catalog, path: Path, method: Any, keywords: Any) -> None:
    place = str(path.relative_to(ROOT))
    with path.open("rb") as source:
        for _, said, _, _ in extract(method, source, keywords, options=dict(_OPTIONS)):
            words = said if isinstance(said, str) else tuple(part for part in said if part)[:2]
            found.add(words, locations=[(place, 1)])


def _public_texts() -> Iterator[str]:
    for section in json.loads((ROOT / "app" / "texts" / "about.json").read_text("utf-8"))["sections"]:
        yield section["title"]
        yield from section["paragraphs"]


def read(file: Path) -> Catalog:
    """A language's catalogue."""
    with file.open("rb") as written:
        return read_po(written, locale=file.stem)


def renew(file: Path) -> None:
    """Bring a catalogue up to date: what is new is empty, what is not said any more goes."""
    catalogue = (
        read(file) if file.stat().st_size else Catalog(locale=file.stem, project="Chorus", fuzzy=False)
    )
    catalogue.update(extracted(), no_fuzzy_matching=True)
    with file.open("wb") as renewed:
        write_po(renewed, catalogue, width=110, ignore_obsolete=True, include_lineno=False)


if __name__ == "__main__":
    for each in sorted(CATALOGUES.glob("*.po")):
        renew(each)
